import { expect, test } from 'vitest';
import { madeSecret } from './secrets.ts';

test.each([
	['quay.io/metallb/controller', ['--port=7472'], { METALLB_ML_SECRET_NAME: 'memberlist' }, { name: 'memberlist', keys: ['secretkey'] }],
	['quay.io/metallb/controller', [], {}, undefined],
	['quay.io/argoproj/argocd', ['argocd', 'admin', 'redis-initial-password'], {}, { name: 'argocd-redis', keys: ['auth'] }],
	['quay.io/argoproj/argocd', ['argocd-server'], {}, undefined],
	['ghcr.io/jkroepke/kube-webhook-certgen', ['create', '--secret-name', 'a', '--cert-name=tls.crt'], {}, { name: 'a', keys: ['ca', 'tls.crt', 'key'] }],
	['ghcr.io/jkroepke/kube-webhook-certgen', ['patch', '--secret-name=a'], {}, undefined],
	['ghcr.io/kedacore/keda', ['--enable-cert-rotation=true'], {}, { name: 'kedaorg-certs', keys: ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'] }],
])('%s %j %j makes %j', (repository, argv, env, secret) => {
	expect(madeSecret(repository, argv, env)).toEqual(secret);
});
