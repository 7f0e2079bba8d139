/** Makes pods from a template, as controller.RealPodControl does, with its events. */
import type { ApiClient, Outcome } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import { recordEvent } from '../events.ts';
import { controllerRef, type Pod, type PodTemplate } from './objects.ts';

/** A name's stem that leaves room for the random suffix (podPrefix and names.SimpleNameGenerator: 63 - 5). */
export function namePrefix(name: string): string {
	return `${name}-`;
}

/** The pod that `template` describes, managed by `owner`. */
export function podFromTemplate(
	owner: KubeObject,
	template: PodTemplate,
	extra?: { readonly name?: string; readonly labels?: { readonly [k: string]: string } },
): {
	readonly [k: string]: unknown;
} {
	const meta = template.metadata;
	return {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: {
			...(extra?.name === undefined ? { generateName: namePrefix(owner.metadata.name) } : { name: extra.name }),
			namespace: owner.metadata.namespace,
			labels: extra?.labels === undefined ? meta?.labels : { ...meta?.labels, ...extra.labels },
			annotations: meta?.annotations,
			finalizers: meta?.finalizers,
			ownerReferences: [controllerRef(owner)],
		},
		spec: template.spec,
	};
}

export interface PodMaker {
	readonly world: World;
	readonly client: ApiClient;
	readonly owner: KubeObject;
	readonly component: string;
}

/** Creates a pod; events SuccessfulCreate and FailedCreate. A namespace that is going away gets no event. */
export function createPod(maker: PodMaker, pod: { readonly [k: string]: unknown }): Outcome<KubeObject> {
	const { world, client, owner, component } = maker;
	const made = client.create(world, 'v1/pods', owner.metadata.namespace, pod);
	if (made.ok) {
		recordEvent(world, client, { object: owner, type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${made.value.metadata.name}`, component });
	} else if (!isNamespaceTerminating(made)) {
		recordEvent(world, client, { object: owner, type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${made.status.message}`, component });
	}
	return made;
}

/** Deletes a pod; events SuccessfulDelete and FailedDelete. True where it went well or was gone already. */
export function deletePod(maker: PodMaker, pod: Pod): boolean {
	const { world, client, owner, component } = maker;
	const { namespace, name, uid } = pod.metadata;
	const gone = client.delete(world, 'v1/pods', namespace, name, { preconditions: { uid } });
	if (gone.ok) {
		recordEvent(world, client, { object: owner, type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}`, component });
		return true;
	}
	if (gone.status.reason === 'NotFound') return true;
	recordEvent(world, client, { object: owner, type: 'Warning', reason: 'FailedDelete', message: `Error deleting: ${gone.status.message}`, component });
	return false;
}

export function isNamespaceTerminating(outcome: Outcome<unknown>): boolean {
	return !outcome.ok && (outcome.status.details?.causes ?? []).some((c) => c.reason === 'NamespaceTerminating');
}

/**
 * Makes `count` pods in batches of 1, 2, 4…, and stops after a batch with a failure, so that a quota that is used up
 * costs one refusal, not hundreds (replica_set.go slowStartBatch).
 * @returns how many were made, and the first refusal.
 */
export function slowStart(
	count: number,
	make: (index: number) => Outcome<KubeObject>,
): { readonly made: number; readonly refused?: Outcome<KubeObject> & { readonly ok: false } } {
	let made = 0;
	let tried = 0;
	for (let batch = Math.min(1, count); batch > 0; batch = Math.min(2 * batch, count - tried)) {
		let refused: (Outcome<KubeObject> & { readonly ok: false }) | undefined;
		for (let i = 0; i < batch; i++) {
			const outcome = make(tried + i);
			if (outcome.ok) made++;
			else refused ??= outcome;
		}
		tried += batch;
		if (refused !== undefined) return { made, refused };
	}
	return { made };
}
