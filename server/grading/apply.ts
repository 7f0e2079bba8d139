/** Puts objects into a cluster over its API, as `kubectl apply` would: created, or merged over what is there. */
import { ApiReader, type KubeObject } from './readers.ts';
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';

interface Discovered {
	readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** ms that a new namespace needs until it has its default ServiceAccount; before that, pods are refused in it. */
export const NAMESPACE_SETTLE_MS = 2000;

/** Throws with the server's words where one is refused. `wait` lets that much time pass on the cluster's clock. */
export const applyObjects = (cluster: ClusterEndpoint, objects: readonly unknown[], wait: (ms: number) => Promise<void>): Promise<void> =>
	applyThrough(new ApiReader(cluster), objects, wait);

/** The same with a reader that is there already: a check's copy. */
export async function applyThrough(api: ApiReader, objects: readonly unknown[], wait: (ms: number) => Promise<void>): Promise<void> {
	const known = new Map<string, Discovered>();
	for (const o of objects as readonly KubeObject[]) {
		const version = o.apiVersion ?? '';
		const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
		const found = known.get(root) ?? ((await api.call('GET', root)).body as unknown as Discovered);
		known.set(root, found);
		const resource = found.resources?.find((r) => r.kind === o.kind && !r.name.includes('/'));
		if (resource === undefined) throw new Error(`the cluster serves no ${version} ${o.kind}`);
		const path = `${root}${resource.namespaced ? `/namespaces/${o.metadata.namespace ?? 'default'}` : ''}/${resource.name}`;
		let answer = await api.call('POST', path, o);
		if (answer.status === 409) answer = await api.call('PATCH', `${path}/${o.metadata.name}`, o, 'application/merge-patch+json');
		if (o.kind === 'Namespace' && answer.status === 201) await wait(NAMESPACE_SETTLE_MS);
		if (!answer.ok) throw new Error(`${o.kind} ${o.metadata.name}: ${answer.message}`);
	}
}
