/** What a write of `status` may change besides it: some kinds hold their labels, or all metadata, still. */
import type { World } from '../../kernel/world.ts';
import type { KubeObject, ObjectMeta } from '../types.ts';

type Kept = 'labels' | 'annotations' | 'finalizers';

/** The old object with the new status and what metadata an update through `status` takes; owners never change so. */
export function statusOnly(next: KubeObject, old: KubeObject, keeps: readonly Kept[] = []): KubeObject {
	const metadata: { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] } = {
		...next.metadata,
		uid: old.metadata.uid,
		creationTimestamp: old.metadata.creationTimestamp,
	};
	for (const field of ['ownerReferences', ...keeps] as const) {
		delete metadata[field];
		if (old.metadata[field] !== undefined) Object.assign(metadata, { [field]: old.metadata[field] });
	}
	return { ...old, metadata, status: next['status'] };
}

type Prepare = (world: World, next: KubeObject, old: KubeObject) => KubeObject;

/** deploymentStatusStrategy keeps the labels. */
export const keepsLabels: Prepare = (_world, next, old) => statusOnly(next, old, ['labels']);

/** `metav1.ResetObjectMetaForStatus`. */
export const keepsMetadata: Prepare = (_world, next, old) => statusOnly(next, old, ['labels', 'annotations', 'finalizers']);
