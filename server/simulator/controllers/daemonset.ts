/** One pod on every node that fits (pkg/controller/daemon). */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { Controller, Requeue } from './controller.ts';
import { scaled } from './deployment/arithmetic.ts';
import { recordEvent } from './events.ts';
import { createPod, deletePod, podFromTemplate } from './shared/create-pod.ts';
import { type Revision, syncRevision, truncateHistory } from './shared/history.ts';
import { claimObjects } from './shared/indexes.ts';
import {
	type Condition,
	controllerRef,
	type IntOrString,
	isDeleting,
	keyOf,
	type LabelSelector,
	type Node,
	type Pod,
	type PodSpec,
	type PodTemplate,
	sameData,
	splitKey,
	type Toleration,
} from './shared/objects.ts';
import { isPodReady, podAvailability } from './shared/pods.ts';
import { labelsMatch, nodeSelectorMatches, selectorMatches, untolerated } from './shared/selectors.ts';
import { itself, itsOwner, podChanges, type Watch } from './shared/watching.ts';

interface DaemonSet extends KubeObject {
	readonly spec: {
		readonly selector: LabelSelector;
		readonly template: PodTemplate;
		readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxUnavailable?: IntOrString; readonly maxSurge?: IntOrString } };
		readonly minReadySeconds?: number;
		readonly revisionHistoryLimit?: number;
	};
	readonly status?: { readonly collisionCount?: number; readonly conditions?: readonly Condition[]; readonly [field: string]: unknown };
}

const SETS = 'apps/v1/daemonsets';
const COMPONENT = 'daemonset-controller';
const HASH = 'controller-revision-hash';
const GENERATION = 'deprecated.daemonset.template.generation';
/** Sets on more nodes than this are given time to gather changes, as large replica sets are. */
const LARGE = 100;
const MS_PER_NODE = 0.5;
const LONGEST_MS = 1000;
/** A failed daemon pod is killed at most so often on one node (failedPodsBackoff's first step). */
const RETRY_MS = 1000;

/** What every daemon tolerates (AddOrUpdateDaemonPodTolerations). */
const TOLERATIONS: readonly Toleration[] = [
	{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
	{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
	{ key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
	{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
	{ key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
	{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const ON_HOST_NETWORK: Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' };

/** Nodes concern all daemon sets, but only where something about placement has changed. */
const ofNode: Watch = (world, change, client) => {
	const node = change.object as Node;
	const before = change.previous as Node | undefined;
	if (change.type === 'MODIFIED' && before !== undefined && before.spec === node.spec && before.metadata.labels === node.metadata.labels) return [];
	return client.list(world, SETS).map(keyOf);
};

export const daemonSetController: Controller = {
	name: 'daemon-set',
	watches: { 'apps/daemonsets': itself, '/pods': podChanges(itsOwner('DaemonSet')), '/nodes': ofNode },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const set = client.get(world, SETS, namespace, name) as DaemonSet | undefined;
		if (set === undefined) return;
		const pods = claimObjects(world, client, 'v1/pods', '/pods', set, controllerRef(set), (o) =>
			selectorMatches(set.spec.selector, o.metadata.labels),
		) as readonly Pod[];
		const synced = syncRevision(world, client, set, set.spec.template, set.status?.collisionCount);
		if (synced === undefined) {
			queue.failed(key);
			return;
		}
		const nodes = client.list(world, 'v1/nodes') as readonly Node[];
		if (nodes.length > LARGE) queue.busy(Math.min(LONGEST_MS, nodes.length * MS_PER_NODE));
		const desired = nodes.filter((n) => fits(set, n).run).length;
		const surge = scaled(set.spec.updateStrategy?.rollingUpdate?.maxSurge, desired, true);
		const s: Sync = { world, client, queue, key, set, revision: synced.revision, nodes, desired, surge };
		if (!isDeleting(set)) manage(s, pods);
		writeStatus(s);
		const live = new Set(pods.map((p) => `${name}-${p.metadata.labels?.[HASH] ?? ''}`).concat(synced.revision.metadata.name));
		truncateHistory(world, client, synced.all, live, set.spec.revisionHistoryLimit ?? 10);
	},
};

interface Sync {
	readonly world: World;
	readonly client: ApiClient;
	readonly queue: Requeue;
	readonly key: string;
	readonly set: DaemonSet;
	readonly revision: Revision;
	readonly nodes: readonly Node[];
	/** How many nodes should run the daemon, and how many may run two during an update. */
	readonly desired: number;
	readonly surge: number;
}

const hashOf = (r: Revision): string => r.metadata.labels?.[HASH] ?? '';

function tolerationsOf(spec: PodSpec): readonly Toleration[] {
	return [...(spec.tolerations ?? []), ...TOLERATIONS, ...(spec.hostNetwork === true ? [ON_HOST_NETWORK] : [])];
}

/** NodeShouldRunDaemonPod: may a new pod go there, and may one that is there stay. */
function fits(set: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } {
	const { spec } = set.spec.template;
	const { name, labels } = node.metadata;
	if (spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== name) return { run: false, stay: false };
	if (spec.nodeSelector !== undefined && !labelsMatch(spec.nodeSelector, labels)) return { run: false, stay: false };
	const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
	if (required !== undefined && !nodeSelectorMatches(required, name, labels)) return { run: false, stay: false };
	const tolerations = tolerationsOf(spec);
	const stay = untolerated(node.spec?.taints, tolerations, ['NoExecute']) === undefined;
	return { run: untolerated(node.spec?.taints, tolerations, ['NoSchedule', 'NoExecute']) === undefined, stay };
}

/** The node a daemon pod is meant for: bound already, or named by its affinity. */
function targetNode(pod: Pod): string {
	if ((pod.spec.nodeName ?? '') !== '') return pod.spec.nodeName ?? '';
	for (const t of pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) {
		const field = t.matchFields?.find((f) => f.key === 'metadata.name');
		if (field !== undefined) return field.values?.[0] ?? '';
	}
	return '';
}

/** The template with tolerations, and an affinity that replaces the template's terms by the one node (ReplaceDaemonSetPodNodeNameNodeAffinity). */
function podFor(s: Sync, node: string): { readonly [k: string]: unknown } {
	const { template } = s.set.spec;
	const { spec } = template;
	const byName = { key: 'metadata.name', operator: 'In', values: [node] };
	const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
	const nodeSelectorTerms = terms === undefined ? [{ matchFields: [byName] }] : terms.map((t) => ({ ...t, matchFields: [byName] }));
	const affinity = {
		...spec.affinity,
		nodeAffinity: { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
	};
	const generation = s.set.metadata.annotations?.[GENERATION] ?? String(s.set.metadata.generation ?? 1);
	const labels = { [HASH]: hashOf(s.revision), 'pod-template-generation': generation };
	return { ...podFromTemplate(s.set, template, { labels }), spec: { ...spec, affinity, tolerations: tolerationsOf(spec) } };
}

function manage(s: Sync, pods: readonly Pod[]): void {
	const maker = { world: s.world, client: s.client, owner: s.set, component: COMPONENT };
	const byNode = new Map<string, Pod[]>();
	for (const p of pods) byNode.set(targetNode(p), [...(byNode.get(targetNode(p)) ?? []), p]);
	const names = new Set(s.nodes.map((n) => n.metadata.name));
	const missing: string[] = [];
	const doomed: Pod[] = [];
	const ready = new Map<string, Pod>();
	for (const node of s.nodes) {
		const here = byNode.get(node.metadata.name) ?? [];
		const { run, stay } = fits(s.set, node);
		if (run && here.length === 0) missing.push(node.metadata.name);
		else if (!stay) doomed.push(...here);
		else {
			const alive = here.filter((p) => !isDeleting(p));
			for (const p of alive.filter((x) => x.status?.phase === 'Failed')) {
				const message = `Found failed daemon pod ${keyOf(p)} on node ${node.metadata.name}, will try to kill it`;
				recordEvent(s.world, s.client, { object: s.set, type: 'Warning', reason: 'FailedDaemonPod', message, component: COMPONENT });
				doomed.push(p);
				s.queue.after(s.key, RETRY_MS);
			}
			const [oldest, ...others] = alive
				.filter((x) => x.status?.phase !== 'Failed')
				.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
			if (s.surge === 0) doomed.push(...others);
			if (oldest !== undefined) ready.set(node.metadata.name, oldest);
		}
	}
	// Pods meant for nodes that are gone and never got there.
	for (const [node, here] of byNode) if (!names.has(node)) doomed.push(...here.filter((p) => (p.spec.nodeName ?? '') === ''));
	for (const p of doomed) if (!isDeleting(p) && !deletePod(maker, p)) s.queue.failed(s.key);
	for (const node of missing) if (!createPod(maker, podFor(s, node)).ok) s.queue.failed(s.key);
	if (s.set.spec.updateStrategy?.type !== 'OnDelete') update(s, byNode, maker);
}

function isAvailable(s: Sync, pod: Pod): boolean {
	const a = podAvailability(pod, s.set.spec.minReadySeconds ?? 0, s.world.now);
	if (a.inMs !== undefined) s.queue.after(s.key, a.inMs);
	return a.available;
}

/** rollingUpdate: replaces old pods, as many at a time as may be unavailable; with surge a new one starts first. */
function update(s: Sync, byNode: ReadonlyMap<string, readonly Pod[]>, maker: Parameters<typeof deletePod>[0]): void {
	const hash = hashOf(s.revision);
	const isNew = (p: Pod): boolean => p.metadata.labels?.[HASH] === hash;
	let room = s.surge > 0 ? s.surge : Math.max(1, scaled(s.set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, s.desired, true));
	const candidates: { readonly node: string; readonly pod: Pod }[] = [];
	for (const node of s.nodes) {
		const here = (byNode.get(node.metadata.name) ?? []).filter((p) => !isDeleting(p));
		const old = here.find((p) => !isNew(p));
		const fresh = here.find(isNew);
		if (!fits(s.set, node).run) continue;
		if (s.surge > 0) {
			if (old !== undefined && fresh !== undefined) {
				if (isAvailable(s, fresh)) deletePod(maker, old);
				else room--;
			} else if (old !== undefined) candidates.push({ node: node.metadata.name, pod: old });
		} else if (old === undefined) {
			if (fresh === undefined || !isAvailable(s, fresh)) room--;
		} else if (!isAvailable(s, old)) {
			// An old pod that isn't available anyway goes at once.
			deletePod(maker, old);
			room--;
		} else candidates.push({ node: node.metadata.name, pod: old });
	}
	for (const { node, pod } of candidates.slice(0, Math.max(0, room))) {
		if (s.surge === 0) deletePod(maker, pod);
		else if (!createPod(maker, podFor(s, node)).ok) s.queue.failed(s.key);
	}
}

function writeStatus(s: Sync): void {
	const { world, client } = s;
	const set = client.get(world, SETS, s.set.metadata.namespace, s.set.metadata.name) as DaemonSet | undefined;
	if (set === undefined) return;
	const pods = (client.byIndex(world, 'v1/pods', 'byOwner', set.metadata.uid) as readonly Pod[]).filter((p) => !isDeleting(p));
	const byNode = new Map<string, Pod>();
	for (const p of pods) byNode.set(targetNode(p), p);
	let wanted = 0;
	let current = 0;
	let misplaced = 0;
	let ready = 0;
	let available = 0;
	let updated = 0;
	for (const node of s.nodes) {
		const pod = byNode.get(node.metadata.name);
		if (!fits(s.set, node).run) {
			if (pod !== undefined) misplaced++;
			continue;
		}
		wanted++;
		if (pod === undefined) continue;
		current++;
		if (pod.metadata.labels?.[HASH] === hashOf(s.revision)) updated++;
		if (!isPodReady(pod)) continue;
		ready++;
		if (isAvailable(s, pod)) available++;
	}
	const unavailable = wanted - available;
	const status = {
		currentNumberScheduled: current,
		numberMisscheduled: misplaced,
		desiredNumberScheduled: wanted,
		numberReady: ready,
		...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
		...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
		...(available > 0 ? { numberAvailable: available } : {}),
		...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
	};
	if (!sameData(status, set.status) && !client.updateStatus(world, SETS, { ...set, status }).ok) s.queue.failed(s.key);
}
