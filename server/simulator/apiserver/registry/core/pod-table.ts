/** `kubectl get pods`: printPod of `pkg/printers/internalversion/printers.go`. */
import type { World } from '../../../kernel/world.ts';
import type { Json, KubeObject } from '../../types.ts';
import { arr, type Fields, isRecord, num, rec, recs, specOf, statusOf, str } from '../fields.ts';
import { age, since, table } from '../table.ts';

interface Tally {
	readonly reason: string;
	readonly ready: number;
	readonly restarts: number;
	/** finishedAt of the latest termination among them, '' for none. */
	readonly lastRestart: string;
}

const condition = (status: Fields, type: string): Fields | undefined => recs(status.conditions).find((c) => c.type === type);

/** RFC 3339 times of one zone sort as text. */
const later = (a: string, container: Fields): string => {
	const finished = str(rec(rec(container.lastState).terminated).finishedAt);
	return finished > a ? finished : a;
};

const endText = (terminated: Fields, prefix: string): string => {
	if (str(terminated.reason) !== '') return `${prefix}${str(terminated.reason)}`;
	const signal = num(terminated.signal);
	return signal !== 0 ? `${prefix}Signal:${signal}` : `${prefix}ExitCode:${num(terminated.exitCode)}`;
};

function podStatusText(pod: KubeObject): {
	readonly reason: string;
	readonly ready: number;
	readonly total: number;
	readonly restarts: number;
	readonly lastRestart: string;
} {
	const spec = specOf(pod);
	const status = statusOf(pod);
	const phase = str(status.phase);
	const start = condition(status, 'PodScheduled')?.reason === 'SchedulingGated' ? 'SchedulingGated' : str(status.reason) || phase;
	const sidecars = new Set(
		recs(spec.initContainers)
			.filter((c) => c.restartPolicy === 'Always')
			.map((c) => c.name),
	);
	const init = tallyInit(status, start, sidecars, arr(spec.initContainers).length);
	const initialised = !init.initializing || condition(status, 'Initialized')?.status === 'True';
	const tally = initialised ? tallyMain(status, init.reason, init.sidecars, init.ready) : { ...init.all, reason: init.reason, ready: init.ready };
	return { ...tally, reason: deletionReason(pod, status, phase) ?? tally.reason, total: arr(spec.containers).length + sidecars.size };
}

function deletionReason(pod: KubeObject, status: Fields, phase: string): string | undefined {
	if (pod.metadata.deletionTimestamp === undefined) return undefined;
	if (status.reason === 'NodeLost') return 'Unknown';
	return phase === 'Succeeded' || phase === 'Failed' ? undefined : 'Terminating';
}

type Restarts = Pick<Tally, 'restarts' | 'lastRestart'>;

function tallyInit(status: Fields, start: string, sidecars: ReadonlySet<unknown>, total: number) {
	let all: Restarts = { restarts: 0, lastRestart: '' };
	let ofSidecars: Restarts = all;
	let ready = 0;
	let reason = start;
	let initializing = false;
	for (const [i, container] of recs(status.initContainerStatuses).entries()) {
		all = { restarts: all.restarts + num(container.restartCount), lastRestart: later(all.lastRestart, container) };
		const sidecar = sidecars.has(container.name);
		if (sidecar) ofSidecars = { restarts: ofSidecars.restarts + num(container.restartCount), lastRestart: later(ofSidecars.lastRestart, container) };
		const { terminated, waiting } = rec(container.state);
		if (isRecord(terminated) && num(terminated.exitCode) === 0) continue;
		if (sidecar && container.started === true) {
			if (container.ready === true) ready++;
			continue;
		}
		initializing = true;
		const waits = str(rec(waiting).reason);
		if (isRecord(terminated)) reason = endText(terminated, 'Init:');
		else if (waits !== '' && waits !== 'PodInitializing') reason = `Init:${waits}`;
		else reason = `Init:${i}/${total}`;
		break;
	}
	return { all, sidecars: ofSidecars, ready, reason, initializing };
}

function tallyMain(status: Fields, start: string, from: Restarts, readyBefore: number): Tally {
	let { restarts, lastRestart } = from;
	let reason = start;
	let ready = readyBefore;
	let running = false;
	for (const container of recs(status.containerStatuses).toReversed()) {
		restarts += num(container.restartCount);
		lastRestart = later(lastRestart, container);
		const state = rec(container.state);
		const waits = str(rec(state.waiting).reason);
		if (waits !== '') reason = waits;
		else if (isRecord(state.terminated)) reason = endText(state.terminated, '');
		else if (container.ready === true && isRecord(state.running)) {
			running = true;
			ready++;
		}
	}
	if (reason === 'Completed' && running) reason = condition(status, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
	return { reason, ready, restarts, lastRestart };
}

function readinessGates(spec: Fields, status: Fields): string {
	const gates = recs(spec.readinessGates);
	if (gates.length === 0) return '<none>';
	const met = gates.filter((g) => condition(status, str(g.conditionType))?.status === 'True').length;
	return `${met}/${gates.length}`;
}

function row(world: World, pod: KubeObject): readonly Json[] {
	const spec = specOf(pod);
	const status = statusOf(pod);
	const text = podStatusText(pod);
	const restarts = text.restarts !== 0 && text.lastRestart !== '' ? `${text.restarts} (${since(world, text.lastRestart)} ago)` : String(text.restarts);
	return [
		pod.metadata.name,
		`${text.ready}/${text.total}`,
		text.reason,
		restarts,
		age(world, pod),
		str(rec(arr(status.podIPs)[0]).ip) || '<none>',
		str(spec.nodeName) || '<none>',
		str(status.nominatedNodeName) || '<none>',
		readinessGates(spec, status),
	];
}

export const podTable = table(['Name', 'Ready', 'Status', 'Restarts', 'Age', '*IP', '*Node', '*Nominated Node', '*Readiness Gates'], row);
