/** Which pod and container a command means: `web`, `pod/web`, `deploy/web`, and the default container (polymorphichelpers, podcmd). */
import type { Obj } from './client.ts';
import { type Mapping, resourcePath } from './discovery.ts';
import { CliError, toError } from './errors.ts';
import type { Kube } from './kube.ts';
import { getObject, type Info, targets, typed } from './select.ts';

export interface ContainerSpec {
	readonly name: string;
	readonly [field: string]: unknown;
}

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

export const containersOf = (pod: Obj): ContainerSpec[] => (pod['spec']?.containers ?? []) as ContainerSpec[];
export const initContainersOf = (pod: Obj): ContainerSpec[] => (pod['spec']?.initContainers ?? []) as ContainerSpec[];
export const ephemeralContainersOf = (pod: Obj): ContainerSpec[] => (pod['spec']?.ephemeralContainers ?? []) as ContainerSpec[];

/** `app, side, setup (init)`. */
export function allContainerNames(pod: Obj): string {
	return [
		...containersOf(pod).map((c) => c.name),
		...ephemeralContainersOf(pod).map((c) => `${c.name} (ephem)`),
		...initContainersOf(pod).map((c) => `${c.name} (init)`),
	].join(', ');
}

export const hasContainer = (pod: Obj, name: string): boolean =>
	[...containersOf(pod), ...initContainersOf(pod), ...ephemeralContainersOf(pod)].some((c) => c.name === name);

/** The container to use where none was named; says on stderr when it had to choose. */
export function defaultContainer(kube: Kube, pod: Obj, quiet: boolean): string {
	const name = pod.metadata?.name ?? '';
	const annotated = pod.metadata?.annotations?.[DEFAULT_CONTAINER];
	if (annotated !== undefined && annotated !== '') {
		if (hasContainer(pod, annotated)) return annotated;
		kube.err(`Default container name "${annotated}" not found in pod ${name}\n`);
	}
	const first = containersOf(pod)[0]?.name ?? '';
	const several = containersOf(pod).length > 1 || initContainersOf(pod).length > 0 || ephemeralContainersOf(pod).length > 0;
	if (several && !quiet) kube.err(`Defaulted container "${first}" out of: ${allContainerNames(pod)}\n`);
	return first;
}

export function checkContainer(pod: Obj, container: string): void {
	if (!hasContainer(pod, container)) throw new CliError(`container ${container} is not valid for pod ${pod.metadata?.name}`);
}

interface Requirement {
	readonly key: string;
	readonly operator: string;
	readonly values?: readonly string[];
}

/** A LabelSelector as the `labelSelector` parameter. */
export function selectorText(selector: Obj | undefined): string {
	if (selector === undefined) return '';
	const parts = Object.entries((selector['matchLabels'] ?? {}) as Record<string, string>)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([k, v]) => `${k}=${v}`);
	for (const r of (selector['matchExpressions'] ?? []) as Requirement[]) {
		const values = [...(r.values ?? [])].sort().join(',');
		if (r.operator === 'In') parts.push(`${r.key} in (${values})`);
		else if (r.operator === 'NotIn') parts.push(`${r.key} notin (${values})`);
		else parts.push(r.operator === 'Exists' ? r.key : `!${r.key}`);
	}
	return parts.join(',');
}

/** The selector of the pods behind an object; undefined where it has none. */
export function podSelector(mapping: Pick<Mapping, 'kind'>, object: Obj): string | undefined {
	const spec = object['spec'] as Obj | undefined;
	switch (mapping.kind) {
		case 'Deployment':
		case 'ReplicaSet':
		case 'StatefulSet':
		case 'DaemonSet':
		case 'Job':
			return selectorText(spec?.['selector'] as Obj | undefined);
		case 'ReplicationController':
		case 'Service': {
			const selector = (spec?.['selector'] ?? {}) as Record<string, string>;
			if (Object.keys(selector).length === 0) throw new CliError(`invalid service '${object.metadata?.name}': Service is defined without a selector`);
			return selectorText({ matchLabels: selector });
		}
		default:
			return undefined;
	}
}

export async function podsBySelector(kube: Kube, namespace: string, selector: string): Promise<Obj[]> {
	const mapping = await kube.mapper.byWord('pods');
	const answer = await kube.client.json(resourcePath(mapping, namespace), { query: { labelSelector: selector } });
	return ((answer['items'] ?? []) as Obj[]).map((o) => typed(mapping, o));
}

function readySince(pod: Obj): number {
	const ready = ((pod['status']?.conditions ?? []) as Obj[]).find((c) => c['type'] === 'Ready' && c['status'] === 'True');
	return ready === undefined ? Number.POSITIVE_INFINITY : Date.parse(String(ready['lastTransitionTime'] ?? ''));
}

/** ActivePods' order: running and ready before others. `logging` prefers the longest ready. */
function rank(a: Obj, b: Obj): number {
	const phase = (p: Obj): number => ({ Running: 0, Unknown: 1, Pending: 2 })[String(p['status']?.phase)] ?? 3;
	const assigned = (p: Obj): number => (p['spec']?.nodeName ? 0 : 1);
	const unready = (p: Obj): number => (readySince(p) === Number.POSITIVE_INFINITY ? 1 : 0);
	const restarts = (p: Obj): number => Math.max(0, ...((p['status']?.containerStatuses ?? []) as Obj[]).map((c) => Number(c['restartCount'] ?? 0)));
	const created = (p: Obj): number => Date.parse(p.metadata?.creationTimestamp ?? '') || 0;
	const since = unready(a) === 0 && unready(b) === 0 ? readySince(a) - readySince(b) : 0;
	return assigned(a) - assigned(b) || phase(a) - phase(b) || unready(a) - unready(b) || since || restarts(b) - restarts(a) || created(a) - created(b);
}

/** The one object an argument like `web`, `deploy/web` or (`svc`, `web`) means. */
export async function oneObject(kube: Kube, args: readonly string[]): Promise<Info> {
	const [target] = await targets(kube, args, 'pods');
	const name = target?.names?.[0];
	if (target === undefined || name === undefined) throw new CliError('expected a resource');
	const info = { mapping: target.mapping, namespace: target.mapping.namespaced ? kube.namespace : '', name };
	return { ...info, object: typed(target.mapping, await getObject(kube, info)) };
}

/** All pods behind an object, best first. */
export async function podsOf(kube: Kube, info: Info, doing = 'cannot attach to'): Promise<Obj[]> {
	const object = info.object ?? {};
	if (info.mapping.kind === 'Pod') return [object];
	const type = `*${info.mapping.version}.${info.mapping.kind}`;
	let selector: string | undefined;
	try {
		selector = podSelector(info.mapping, object);
	} catch (err) {
		throw new CliError(`${doing} ${type}: ${toError(err).message}`);
	}
	if (selector === undefined) throw new CliError(`${doing} ${type}: selector for ${type} not implemented`);
	return (await podsBySelector(kube, info.namespace, selector)).sort(rank);
}

/** How long exec, logs and attach wait for a first pod (ms of the sandbox's clock). */
export const POD_TIMEOUT_MS = 60_000;

/** The pod to use for an argument; waits for one to appear as upstream's GetFirstPod does. */
export async function onePod(kube: Kube, args: readonly string[], timeoutMs = POD_TIMEOUT_MS): Promise<Obj> {
	const info = await oneObject(kube, args);
	const until = kube.now + timeoutMs;
	for (;;) {
		const [pod] = await podsOf(kube, info);
		if (pod !== undefined) return pod;
		if (kube.now >= until) throw new CliError('timed out waiting for the condition');
		await kube.context.sleep(500);
	}
}
