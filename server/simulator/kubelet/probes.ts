/** Startup, readiness and liveness probes of running containers. Models kubelet/prober/worker.go. */
import { treeValues } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { podEvent } from './events.ts';
import { type HandlerResult, readResult, runHandler } from './handlers.ts';
import type { Host } from './host.ts';
import { type Container, findContainer, type Pod, type Probe } from './pod.ts';
import { endProcess } from './processes.ts';
import { changeContainer, changeProcess, type ContainerRecord, getContainer, getPodRecord, getRuntime, type ProbeRecord } from './state.ts';

export const PROBE_TIMER = 'kubelet.probe';
export const PROBE_DONE_TIMER = 'kubelet.probe-done';
export const PROBE_LIMIT_TIMER = 'kubelet.probe-limit';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';
const KINDS: readonly ProbeKind[] = ['startup', 'readiness', 'liveness'];

const probeKey = (key: string, kind: ProbeKind): string => `${key}|${kind}`;
const split = (key: string): readonly [string, ProbeKind] => {
	const bar = key.lastIndexOf('|');
	return [key.slice(0, bar), key.slice(bar + 1) as ProbeKind];
};

function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
	return kind === 'startup' ? container.startupProbe : kind === 'readiness' ? container.readinessProbe : container.livenessProbe;
}

/** What the probes decide, for the pod's worker to act upon. */
export interface ProbeActions {
	/** Readiness or startup of a container changed: the status is to be written. */
	changed(world: World, podUid: string): void;
	/** A container is to be killed for its probe and started again. */
	kill(world: World, key: string, message: string, graceSeconds: number | undefined): void;
	pod(world: World, podUid: string): Pod | undefined;
}

/** Begins the probes of a container that has just started; those that wait for the startup probe begin after it. */
export function startProbes(world: World, container: Container, key: string, startedAt: number): void {
	const kinds = container.startupProbe === undefined ? (['readiness', 'liveness'] as const) : (['startup'] as const);
	for (const kind of kinds) schedule(world, container, key, kind, startedAt);
}

function schedule(world: World, container: Container, key: string, kind: ProbeKind, startedAt: number): void {
	const probe = probeOf(container, kind);
	if (probe === undefined) return;
	// A worker ticks every period and skips ticks before the initial delay is over; the first tick comes soon after the start.
	const delay = Math.max((probe.initialDelaySeconds ?? 0) * 1000 - (world.now - startedAt), 0);
	world.schedule(PROBE_TIMER, probeKey(key, kind), delay + 10 + world.randomInt(500), undefined, true);
}

export function stopProbes(world: World, key: string): void {
	for (const kind of KINDS) {
		world.cancel(PROBE_TIMER, probeKey(key, kind));
		world.cancel(PROBE_LIMIT_TIMER, probeKey(key, kind));
	}
}

function find(
	world: World,
	actions: ProbeActions,
	key: string,
): { readonly pod: Pod; readonly container: Container; readonly record: ContainerRecord } | undefined {
	const record = getContainer(world, key);
	if (record === undefined || record.state.phase !== 'running') return undefined;
	const pod = actions.pod(world, record.pod);
	const container = pod === undefined ? undefined : findContainer(pod.spec, record.name);
	return pod === undefined || container === undefined ? undefined : { pod, container, record };
}

const FRESH: ProbeRecord = { run: 0, result: 'unknown', attempt: 0, pending: false };

function setProbe(world: World, record: ContainerRecord, kind: ProbeKind, probe: ProbeRecord): void {
	changeContainer(world, record.key, { probes: { ...record.probes, [kind]: probe } });
}

/** A probe's tick: asks, unless the last answer is still out. */
export function tick(world: World, host: Host, actions: ProbeActions, timerKey: string): void {
	const [key, kind] = split(timerKey);
	const found = find(world, actions, key);
	if (found === undefined) return;
	const { pod, container, record } = found;
	const probe = probeOf(container, kind);
	if (probe === undefined) return;
	const state = record.probes[kind] ?? FRESH;
	world.schedule(PROBE_TIMER, timerKey, (probe.periodSeconds ?? 10) * 1000);
	// Terminating pods are not probed for readiness or startup any more (worker.go: DeletionTimestamp).
	if (state.pending || record.stopping !== undefined || (pod.metadata.deletionTimestamp !== undefined && kind !== 'liveness')) return;
	const attempt = state.attempt + 1;
	setProbe(world, record, kind, { ...state, attempt, pending: true });
	const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
	if (probe.exec !== undefined) world.schedule(PROBE_LIMIT_TIMER, timerKey, timeoutMs, { attempt, starts: record.starts }, true);
	runHandler(world, host, pod, container, key, probe, timeoutMs, { timer: PROBE_DONE_TIMER, key: timerKey, data: { attempt, starts: record.starts } });
}

/** A result has come. */
export function done(world: World, host: Host, actions: ProbeActions, timerKey: string, raw: unknown): void {
	const [key, kind] = split(timerKey);
	const found = find(world, actions, key);
	if (found === undefined) return;
	const { data } = raw as { readonly data: { readonly attempt: number; readonly starts: number } };
	if (found.record.starts !== data.starts || found.record.probes[kind]?.attempt !== data.attempt || !found.record.probes[kind]?.pending) return;
	world.cancel(PROBE_LIMIT_TIMER, timerKey);
	const probe = probeOf(found.container, kind) ?? {};
	judge(world, host, actions, found, kind, probe, readResult(raw, probe, getPodRecord(world, found.record.pod)?.ip ?? '', (probe.timeoutSeconds ?? 1) * 1000));
}

/** An exec probe took too long: its process is killed and the probe has failed. */
export function runOut(world: World, host: Host, actions: ProbeActions, timerKey: string, raw: unknown): void {
	const [key, kind] = split(timerKey);
	const found = find(world, actions, key);
	const data = raw as { readonly attempt: number; readonly starts: number };
	if (found === undefined || found.record.starts !== data.starts || found.record.probes[kind]?.attempt !== data.attempt) return;
	for (const process of treeValues(getRuntime(world, key)?.procs ?? null)) {
		if (process.onExit.to !== 'timer' || process.onExit.key !== timerKey) continue;
		changeProcess(world, key, process.pid, (p) => ({ ...p, onExit: { to: 'nobody' } }));
		endProcess(world, host, key, process.pid, 137, 9);
	}
	const probe = probeOf(found.container, kind) ?? {};
	const command = (probe.exec?.command ?? []).join(' ');
	judge(world, host, actions, found, kind, probe, {
		ok: false,
		message: `command timed out: ${JSON.stringify(command)} timed out after ${probe.timeoutSeconds ?? 1}s`,
	});
}

const TITLES: { readonly [kind in ProbeKind]: string } = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' };

function judge(
	world: World,
	host: Host,
	actions: ProbeActions,
	found: { readonly pod: Pod; readonly container: Container; readonly record: ContainerRecord },
	kind: ProbeKind,
	probe: Probe,
	result: HandlerResult,
): void {
	const { pod, record } = found;
	const state = record.probes[kind] ?? FRESH;
	if (result.unknown === true) {
		setProbe(world, record, kind, { ...state, pending: false });
		podEvent(world, host.services, pod, 'Warning', 'Unhealthy', `${TITLES[kind]} probe errored and resulted in unknown state: ${result.message}`, record);
		return;
	}
	const outcome = result.ok ? 'success' : 'failure';
	const run = state.result === outcome ? state.run + 1 : 1;
	setProbe(world, record, kind, { ...state, pending: false, result: outcome, run });
	// worker.go: prober.runProbe reports every failure as an event.
	if (!result.ok) podEvent(world, host.services, pod, 'Warning', 'Unhealthy', `${TITLES[kind]} probe failed: ${result.message}`, record);
	const threshold = result.ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
	if (run < threshold) return;
	if (result.ok) succeeded(world, actions, found, kind);
	else failed(world, actions, found, kind, probe);
}

function succeeded(world: World, actions: ProbeActions, found: { readonly container: Container; readonly record: ContainerRecord }, kind: ProbeKind): void {
	const { container, record } = found;
	if (kind === 'readiness' && !record.ready) {
		changeContainer(world, record.key, { ready: true });
		actions.changed(world, record.pod);
	}
	if (kind === 'startup' && !record.started) {
		world.cancel(PROBE_TIMER, probeKey(record.key, 'startup'));
		changeContainer(world, record.key, { started: true, ready: container.readinessProbe === undefined });
		const startedAt = record.state.phase === 'running' ? record.state.startedAt : world.now;
		schedule(world, container, record.key, 'readiness', startedAt);
		schedule(world, container, record.key, 'liveness', startedAt);
		actions.changed(world, record.pod);
	}
}

function failed(world: World, actions: ProbeActions, found: { readonly pod: Pod; readonly record: ContainerRecord }, kind: ProbeKind, probe: Probe): void {
	const { record } = found;
	if (kind === 'readiness') {
		if (!record.ready) return;
		changeContainer(world, record.key, { ready: false });
		actions.changed(world, record.pod);
		return;
	}
	stopProbes(world, record.key);
	actions.kill(world, record.key, `Container ${record.name} failed ${kind} probe, will be restarted`, probe.terminationGracePeriodSeconds);
}
