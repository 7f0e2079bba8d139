/** Every namespace has a service account `default` and the cluster's CA (pkg/controller/serviceaccount, root-ca-cert-publisher). */
import { authorityCertificate } from '../apiserver/certificates/authority.ts';
import type { Controller } from './controller.ts';
import { isDeleting } from './shared/objects.ts';
import type { Watch } from './shared/watching.ts';
import { itself } from './shared/watching.ts';

const NAMESPACES = 'v1/namespaces';
const CONFIG_MAP = 'kube-root-ca.crt';

const ofDeleted =
	(name: string): Watch =>
	(_world, change) =>
		change.type !== 'ADDED' && change.object.metadata.name === name ? [change.object.metadata.namespace ?? ''] : [];

export const serviceAccountController: Controller = {
	name: 'service-account',
	watches: { '/namespaces': itself, '/serviceaccounts': ofDeleted('default') },
	reconcile(world, name, client, queue) {
		const ns = client.get(world, NAMESPACES, undefined, name);
		if (ns === undefined || isDeleting(ns) || client.get(world, 'v1/serviceaccounts', name, 'default') !== undefined) return;
		const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } };
		const made = client.create(world, 'v1/serviceaccounts', name, body);
		if (!made.ok && made.status.reason !== 'AlreadyExists') queue.failed(name);
	},
};

export const rootCaPublisher: Controller = {
	name: 'root-ca-cert-publisher',
	watches: { '/namespaces': itself, '/configmaps': ofDeleted(CONFIG_MAP) },
	reconcile(world, name, client, queue) {
		const ns = client.get(world, NAMESPACES, undefined, name);
		if (ns === undefined || isDeleting(ns)) return;
		const data = { 'ca.crt': authorityCertificate(world) };
		const held = client.get(world, 'v1/configmaps', name, CONFIG_MAP);
		if (held === undefined) {
			const annotations = {
				'kubernetes.io/description':
					'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
			};
			const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: CONFIG_MAP, namespace: name, annotations }, data };
			const made = client.create(world, 'v1/configmaps', name, body);
			if (!made.ok && made.status.reason !== 'AlreadyExists') queue.failed(name);
		} else if ((held['data'] as { readonly 'ca.crt'?: string } | undefined)?.['ca.crt'] !== data['ca.crt']) {
			if (!client.update(world, 'v1/configmaps', { ...held, data }).ok) queue.failed(name);
		}
	},
};
