import { expect, test } from 'vitest';
import { pull } from './registry.ts';

test.each([
	['nginx', 'docker.io/library/nginx:latest'],
	['nginx:1.29-alpine', 'docker.io/library/nginx:1.29-alpine'],
	['docker.io/nginxinc/nginx-unprivileged:1.28', 'docker.io/nginxinc/nginx-unprivileged:1.28'],
	['ghcr.io/foothold/notes-api:1.4.2', 'ghcr.io/foothold/notes-api:1.4.2'],
	['public.ecr.aws/docker/library/redis:7-alpine', 'public.ecr.aws/docker/library/redis:7-alpine'],
])('%s is there', (reference, normalised) => {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	expect(found.normalised).toBe(normalised);
	expect(found.imageID).toMatch(/^[a-z./-]+@sha256:[0-9a-f]{64}$/);
	const byDigest = pull(found.imageID);
	expect('image' in byDigest && byDigest.image).toBe(found.image);
});

test('tags of one image share a digest', () => {
	const [a, b] = [pull('nginx:1.29.3'), pull('nginx')];
	expect('imageID' in a && 'imageID' in b && a.imageID === b.imageID).toBe(true);
});

test.each([
	[
		'nosuch',
		'failed to pull and unpack image "docker.io/library/nosuch:latest": failed to resolve reference "docker.io/library/nosuch:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
	],
	[
		'nginx:9.9',
		'failed to pull and unpack image "docker.io/library/nginx:9.9": failed to resolve reference "docker.io/library/nginx:9.9": docker.io/library/nginx:9.9: not found',
	],
	[
		'reg.example.com/a:1',
		'failed to pull and unpack image "reg.example.com/a:1": failed to resolve reference "reg.example.com/a:1": failed to do request: Head "https://reg.example.com/v2/a/manifests/1": dial tcp: lookup reg.example.com on 172.18.0.1:53: no such host',
	],
	[
		'nginx:1.99',
		'failed to pull and unpack image "docker.io/library/nginx:1.99": failed to resolve reference "docker.io/library/nginx:1.99": docker.io/library/nginx:1.99: not found',
	],
	[
		'quay.io/argoproj/argocd:nope',
		'failed to pull and unpack image "quay.io/argoproj/argocd:nope": failed to resolve reference "quay.io/argoproj/argocd:nope": quay.io/argoproj/argocd:nope: not found',
	],
	[
		'quay.io/argoproy/argocd:v3',
		'failed to pull and unpack image "quay.io/argoproy/argocd:v3": failed to resolve reference "quay.io/argoproy/argocd:v3": unexpected status from HEAD request to https://quay.io/v2/argoproy/argocd/manifests/v3: 401 UNAUTHORIZED',
	],
	['Nginx:latest', 'couldn\'t parse image name "Nginx:latest": invalid reference format'],
])('%s fails', (reference, error) => {
	expect(pull(reference)).toEqual({ error });
});

test.each(['quay.io/argoproj/argocd:v3.2.1', 'grafana/grafana', 'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0', 'wordpress:6-apache'])(
	'a stand-in is there for %s',
	(reference) => {
		const found = pull(reference);
		expect('image' in found && found.image.standIn).toBe(true);
	},
);

test('a digest beside a tag is taken for that of the tag; alone it has to be known', () => {
	const digest = `sha256:${'0'.repeat(64)}`;
	expect(pull(`redis:alpine@${digest}`)).toMatchObject({ imageID: `docker.io/library/redis@${digest}` });
	expect(pull(`redis@${digest}`)).toHaveProperty('error');
});
