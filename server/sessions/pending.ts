/**
 * Why a pod is Pending, in plain sentences with what would help. By node where the scheduler's results say it (annotations of
 * the simulated cluster's scheduler), else from the sentence that every cluster has in the PodScheduled condition.
 */
import { LIMITS } from '../limits.ts';
import { milliOf, quantity } from '../shell/quantity.ts';
import type { ApiItem } from './informer.ts';
import type { PodParts } from './pod-status.ts';

/** `where`: a node's name, or '' for what holds everywhere. */
export interface PendingReason {
	readonly where: string;
	readonly what: string;
	readonly next: string;
}

interface Container {
	readonly resources?: { readonly requests?: { readonly [resource: string]: string | number } };
	readonly ports?: readonly { readonly hostPort?: number }[];
}
interface Toleration {
	readonly key?: string;
	readonly operator?: string;
	readonly value?: string;
	readonly effect?: string;
}
interface Spec {
	readonly nodeName?: string;
	readonly nodeSelector?: { readonly [label: string]: string };
	readonly containers?: readonly Container[];
	readonly tolerations?: readonly Toleration[];
	readonly schedulingGates?: readonly { readonly name: string }[];
	readonly affinity?: { readonly nodeAffinity?: object };
}
interface Taint {
	readonly key: string;
	readonly value?: string;
	readonly effect: string;
}
type Items = ReadonlyMap<string, ApiItem>;

const FILTER = 'scheduler.foothold.dev/filter-result';
const PREFILTER = 'scheduler.foothold.dev/prefilter-result';

const specOf = (item: ApiItem): Spec => (item['spec'] ?? {}) as Spec;

/** Empty for a pod that has a node, or is none the scheduler has looked at. */
export function pendingReasons(pod: ApiItem & PodParts, { nodes, pods }: { readonly nodes: Items; readonly pods: Items }): readonly PendingReason[] {
	const spec = specOf(pod);
	if (pod.status?.phase !== 'Pending' || (spec.nodeName ?? '') !== '' || pod.metadata.deletionTimestamp !== undefined) return [];
	const gates = spec.schedulingGates ?? [];
	if (gates.length > 0) {
		const names = gates.map((g) => g.name).join(', ');
		return [
			{ where: '', what: `It waits for its scheduling ${gates.length === 1 ? 'gate' : 'gates'} ${names}.`, next: 'Whatever set the gates has to remove them.' },
		];
	}
	const condition = pod.status.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
	if (condition === undefined) return [];
	const byNode = parsed(pod.metadata.annotations?.[FILTER]) as { readonly [node: string]: { readonly [plugin: string]: string } };
	const whole = parsed(pod.metadata.annotations?.[PREFILTER]) as { readonly [plugin: string]: string };
	const out: PendingReason[] = Object.values(whole).map((reason) => ({ where: '', ...everywhere(reason, spec, nodes) }));
	for (const [name, plugins] of Object.entries(byNode)) {
		const node = [...nodes.values()].find((n) => n.metadata.name === name);
		for (const reason of Object.values(plugins).flatMap((text) => text.split(', '))) {
			out.push({ where: name, ...(node === undefined ? everywhere(reason, spec, nodes) : onNode(reason, spec, node, pods)) });
		}
	}
	const found = out.length > 0 ? out : fromMessage(condition.message ?? '', spec, nodes);
	return gathered(found).slice(0, LIMITS.viewPending);
}

function parsed(text: string | undefined): object {
	if (text === undefined) return {};
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null ? value : {};
	} catch {
		// Somebody else wrote the annotation: the condition's sentence says it then.
		return {};
	}
}

/** What holds on every node alike is said once. */
function gathered(reasons: readonly PendingReason[]): readonly PendingReason[] {
	const out = new Map<string, PendingReason>();
	for (const reason of reasons) {
		const key = `${reason.what}\u0000${reason.next}`;
		const known = out.get(key);
		out.set(key, known === undefined || known.where === reason.where ? reason : { ...reason, where: `${known.where}, ${reason.where}` });
	}
	return [...out.values()];
}

type Said = Omit<PendingReason, 'where'>;

const INSUFFICIENT = /^Insufficient (.+)$/;

/** A reason of `node`'s, with the node's own figures. */
function onNode(reason: string, spec: Spec, node: ApiItem, pods: Items): Said {
	const name = node.metadata.name;
	const resource = INSUFFICIENT.exec(reason)?.[1];
	if (resource !== undefined) return lacks(resource, spec, node, pods);
	if (reason === 'node(s) had untolerated taint(s)') return tainted(spec, node);
	if (reason === "node(s) didn't match Pod's node affinity/selector") return unlabelled(spec, node);
	if (reason === 'node(s) were unschedulable')
		return { what: 'It is cordoned: it takes no new pods.', next: `Let it take pods again: kubectl uncordon ${name}` };
	if (reason === 'Too many pods') return { what: 'It runs as many pods as it may.', next: 'Delete pods there, or add a node.' };
	return everywhere(reason, spec, new Map([[name, node]]));
}

function lacks(resource: string, spec: Spec, node: ApiItem, pods: Items): Said {
	const amount = (value: unknown): number => (resource === 'cpu' ? milliOf(value) / 1000 : quantity(value));
	const asked = (of: Spec): number => (of.containers ?? []).reduce((sum, c) => sum + amount(c.resources?.requests?.[resource]), 0);
	const allocatable = amount((node['status'] as { allocatable?: { [resource: string]: string } } | undefined)?.allocatable?.[resource]);
	let used = 0;
	for (const p of pods.values()) {
		const phase = (p as ApiItem & PodParts).status?.phase;
		if (specOf(p).nodeName === node.metadata.name && phase !== 'Succeeded' && phase !== 'Failed') used += asked(specOf(p));
	}
	const what = `It asks for ${shown(resource, asked(spec))}; of ${shown(resource, allocatable)} there ${shown(resource, Math.max(0, allocatable - used))} ${free(resource, allocatable - used)}.`;
	const next =
		asked(spec) > allocatable
			? `No ${node.metadata.name} could ever hold it: ask for less in resources.requests.`
			: 'Ask for less in resources.requests, scale down what runs there, or add a node.';
	return { what, next };
}

const free = (resource: string, left: number): string => (resource === 'cpu' && left === 1 ? 'is free' : 'are free');

const UNITS = ['', ' KiB', ' MiB', ' GiB', ' TiB'];

/** `0.9 CPU`, `512 MiB`, `2 nvidia.com/gpu`. */
function shown(resource: string, amount: number): string {
	if (resource === 'cpu') return `${Math.round(amount * 1000) / 1000} CPU`;
	if (resource !== 'memory' && resource !== 'ephemeral-storage') return `${amount} ${resource}`;
	let unit = 0;
	let left = amount;
	while (left >= 1024 && unit < UNITS.length - 1) {
		left /= 1024;
		unit++;
	}
	return `${Math.round(left * 10) / 10}${UNITS[unit]} of ${resource === 'memory' ? 'memory' : 'ephemeral storage'}`;
}

const tolerates = (t: Toleration, taint: Taint): boolean =>
	(t.effect === undefined || t.effect === '' || t.effect === taint.effect) &&
	(t.key === undefined || t.key === '' ? t.operator === 'Exists' : t.key === taint.key && (t.operator === 'Exists' || (t.value ?? '') === (taint.value ?? '')));

function tainted(spec: Spec, node: ApiItem): Said {
	const taints = ((node['spec'] as { taints?: readonly Taint[] } | undefined)?.taints ?? []).filter(
		(taint) => taint.effect !== 'PreferNoSchedule' && !(spec.tolerations ?? []).some((t) => tolerates(t, taint)),
	);
	const [taint] = taints;
	if (taint === undefined) return { what: 'It had a taint that the pod does not tolerate.', next: 'The scheduler will try again.' };
	const text = `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`;
	if (taint.key.startsWith('node-role.kubernetes.io/')) {
		return { what: `Its taint ${text} keeps it for the control plane.`, next: 'That is as it should be: make room on another node.' };
	}
	if (taint.key.startsWith('node.kubernetes.io/')) {
		return { what: `Its taint ${text} says that something is wrong with it.`, next: `Look at its conditions: kubectl describe node ${node.metadata.name}` };
	}
	const value = taint.value ? `operator: Equal, value: ${JSON.stringify(taint.value)}` : 'operator: Exists';
	return {
		what: `It has the taint ${text}, which the pod does not tolerate.`,
		next: `Add to spec.tolerations: {key: ${taint.key}, ${value}, effect: ${taint.effect}} — or take the taint off: kubectl taint node ${node.metadata.name} ${taint.key}-`,
	};
}

/** Labels that the selector asks for and the node lacks, as `key=value`. */
const missing = (spec: Spec, node: ApiItem): readonly string[] =>
	Object.entries(spec.nodeSelector ?? {}).flatMap(([key, value]) => (node.metadata.labels?.[key] === value ? [] : [`${key}=${value}`]));

function unlabelled(spec: Spec, node: ApiItem): Said {
	const [label, ...more] = missing(spec, node);
	if (label === undefined) {
		return {
			what: "It does not match the pod's node affinity.",
			next: `Compare spec.affinity.nodeAffinity with its labels: kubectl get node ${node.metadata.name} --show-labels`,
		};
	}
	return {
		what: `It lacks the ${more.length === 0 ? 'label' : 'labels'} ${[label, ...more].join(', ')} that spec.nodeSelector asks for.`,
		next: `Label it: kubectl label node ${node.metadata.name} ${[label, ...more].join(' ')} — or change the selector.`,
	};
}

const SENTENCES: readonly (readonly [RegExp, (match: RegExpExecArray, spec: Spec) => Said])[] = [
	[
		INSUFFICIENT,
		([, resource = '']) => ({ what: `Not enough ${resource} is free.`, next: 'Ask for less in resources.requests, scale something down, or add a node.' }),
	],
	[/untolerated taint/, () => ({ what: 'A taint there is not tolerated.', next: 'Add a toleration for it; kubectl describe node shows the taints.' })],
	[
		/node affinity\/selector/,
		() => ({ what: 'The labels do not match what the pod asks for.', next: 'Label a node, or change nodeSelector or node affinity.' }),
	],
	[/were unschedulable/, () => ({ what: 'Nodes are cordoned.', next: 'kubectl uncordon NODE lets one take pods again.' })],
	[
		/free ports/,
		(_match, spec) => {
			const ports = (spec.containers ?? []).flatMap((c) => (c.ports ?? []).flatMap((p) => (p.hostPort ? [p.hostPort] : [])));
			return { what: `Its host port ${ports.join(', ')} is taken there.`, next: 'Use a Service in place of hostPort, or another port.' };
		},
	],
	[
		/existing pods anti-affinity/,
		() => ({ what: 'A pod that runs there keeps pods like this one away.', next: 'Look at the anti-affinity of the pods there, or add a node.' }),
	],
	[
		/pod anti-affinity/,
		() => ({ what: 'A pod runs there that this one must not share a place with.', next: 'Ask for fewer replicas, prefer in place of require, or add a node.' }),
	],
	[
		/pod affinity/,
		() => ({ what: 'No pod runs there that this one must be near.', next: 'Check the label selector and topology key of spec.affinity.podAffinity.' }),
	],
	[/topology spread.*missing required label/, () => ({ what: 'It lacks the label of the topology key.', next: 'Label the node, or change topologyKey.' })],
	[
		/topology spread/,
		() => ({ what: 'One more there would make the spread uneven.', next: 'Add a node, raise maxSkew, or set whenUnsatisfiable: ScheduleAnyway.' }),
	],
	[/requested node name/, () => ({ what: 'It is not the node that spec.nodeName names.', next: 'Take spec.nodeName off.' })],
	[
		/persistentvolumeclaim "(.+)" not found/,
		([, claim = '']) => ({ what: `Its PersistentVolumeClaim ${claim} is not there.`, next: `Create the claim ${claim}, or correct claimName.` }),
	],
	[
		/unbound immediate PersistentVolumeClaims/,
		() => ({
			what: 'A PersistentVolumeClaim of it is not bound yet.',
			next: 'See why: kubectl describe pvc. No storage class, or none that can make the volume?',
		}),
	],
	[
		/available persistent volumes to bind/,
		() => ({ what: 'No PersistentVolume there fits its claim.', next: 'Compare size, access mode and storage class: kubectl get pv,pvc' }),
	],
	[
		/PersistentVolume's node affinity/,
		() => ({ what: 'Its volume lies on another node.', next: 'Make room on the node that holds the volume: kubectl describe pv' }),
	],
	[/volume zone/, () => ({ what: 'Its volume lies in another zone.', next: 'Add a node in that zone.' })],
	[
		/allocate all claims|resourceclaim/,
		() => ({ what: 'No device there fits its resource claim.', next: 'kubectl get resourceclaims,resourceslices shows what is asked for and what there is.' }),
	],
	[/no nodes available/, () => ({ what: 'The cluster has no node.', next: 'Add one.' })],
];

function everywhere(reason: string, spec: Spec, nodes: Items): Said {
	if (/node affinity\/selector/.test(reason) && nodes.size > 1) {
		const asked = Object.entries(spec.nodeSelector ?? {}).map(([key, value]) => `${key}=${value}`);
		const nowhere = asked.filter((label) => [...nodes.values()].every((node) => missing(spec, node).includes(label)));
		if (nowhere.length > 0)
			return {
				what: `No node has the label ${nowhere.join(', ')}.`,
				next: `Label one: kubectl label node NODE ${nowhere.join(' ')} — or change spec.nodeSelector.`,
			};
	}
	for (const [pattern, say] of SENTENCES) {
		const match = pattern.exec(reason);
		if (match !== null) return say(match, spec);
	}
	return { what: reason.endsWith('.') ? reason : `${reason}.`, next: 'kubectl describe pod shows the events.' };
}

/** `0/3 nodes are available: 1 node(s) …, 2 Insufficient cpu. preemption: …`: its parts, without saying where. */
function fromMessage(message: string, spec: Spec, nodes: Items): readonly PendingReason[] {
	const listed = /^0\/\d+ nodes are available: (.*?)\.(?: |$)/.exec(message)?.[1];
	if (listed === undefined) return message === '' ? [] : [{ where: '', ...everywhere(message, spec, nodes) }];
	return listed.split(/, (?=\d+ )/).map((part) => {
		const [, count, reason = part] = /^(\d+) (.*)$/.exec(part) ?? [];
		const said = everywhere(reason, spec, nodes);
		return { where: count === undefined ? '' : `${count} of ${nodes.size} nodes`, ...said };
	});
}
