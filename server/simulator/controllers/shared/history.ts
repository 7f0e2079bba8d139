/** Controller revisions: past templates of stateful and daemon sets (pkg/controller/history). */
import type { ApiClient } from '../../apiserver/client.ts';
import { isRecord } from '../../apiserver/equal.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import { computeHash } from './hash.ts';
import { controllerRef, type PodTemplate, sameData } from './objects.ts';

const REVISIONS = 'apps/v1/controllerrevisions';

export interface Revision extends KubeObject {
	readonly revision: number;
	readonly data: { readonly spec: { readonly template: PodTemplate } };
}

/** Revisions of `owner`, oldest first. */
function revisionsOf(world: World, client: ApiClient, owner: KubeObject): readonly Revision[] {
	const all = client.byIndex(world, REVISIONS, 'byOwner', owner.metadata.uid) as readonly Revision[];
	return [...all].sort((a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** Keys in the order of Go's maps on the wire. */
function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.keys(value)
			.sort()
			.map((key) => [key, sorted(value[key])]),
	);
}

/**
 * The data as bytes: clients find the revision of a set by comparing them with the JSON of its template (daemon.Match), so that the
 * order of keys counts, and `creationTimestamp: null`, which Go's types before 1.34 write.
 */
function patchOf(template: PodTemplate): Revision['data'] {
	const metadata = { creationTimestamp: null, ...template.metadata };
	return sorted({ spec: { template: { ...template, metadata, $patch: 'replace' } } }) as Revision['data'];
}

/** A template without what only its JSON has. */
function bare({ $patch: _, metadata, ...template }: PodTemplate & { readonly $patch?: string }): PodTemplate {
	const { creationTimestamp: __, ...rest } = (metadata ?? {}) as { readonly creationTimestamp?: unknown };
	return { ...template, metadata: rest };
}

/** The template of a revision as it was. */
export const templateOf = (revision: Revision): PodTemplate => bare(revision.data.spec.template);

/**
 * The revision of `template`: an equal old one, renumbered as the newest, or a new one. Undefined where a write failed.
 * @param collisions counts up where two templates share a hash.
 */
export function syncRevision(
	world: World,
	client: ApiClient,
	owner: KubeObject,
	template: PodTemplate,
	collisions: number | undefined,
): { readonly revision: Revision; readonly all: readonly Revision[] } | undefined {
	const all = revisionsOf(world, client, owner);
	const last = all.at(-1);
	const now = bare(template);
	const equal = all.findLast((r) => sameData(templateOf(r), now));
	if (equal !== undefined && equal === last) return { revision: equal, all };
	const number = (last?.revision ?? 0) + 1;
	if (equal !== undefined) {
		const outcome = client.update(world, REVISIONS, { ...equal, revision: number });
		return outcome.ok ? { revision: outcome.value as Revision, all: revisionsOf(world, client, owner) } : undefined;
	}
	const hash = computeHash(template, collisions);
	const outcome = client.create(world, REVISIONS, owner.metadata.namespace, {
		apiVersion: 'apps/v1',
		kind: 'ControllerRevision',
		metadata: {
			name: `${owner.metadata.name}-${hash}`,
			namespace: owner.metadata.namespace,
			labels: { ...template.metadata?.labels, 'controller-revision-hash': hash },
			annotations: owner.metadata.annotations,
			ownerReferences: [controllerRef(owner)],
		},
		data: patchOf(template),
		revision: number,
	});
	return outcome.ok ? { revision: outcome.value as Revision, all: revisionsOf(world, client, owner) } : undefined;
}

/** Deletes the oldest revisions beyond `limit` that are not `live`. */
export function truncateHistory(world: World, client: ApiClient, all: readonly Revision[], live: ReadonlySet<string>, limit: number): void {
	const idle = all.filter((r) => !live.has(r.metadata.name));
	for (const r of idle.slice(0, Math.max(0, idle.length - limit))) client.delete(world, REVISIONS, r.metadata.namespace, r.metadata.name);
}
