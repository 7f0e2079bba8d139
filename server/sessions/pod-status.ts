/** A pod in one word, as `kubectl get pods` prints it: after kubernetes `pkg/printers/internalversion/printers.go` printPod. */
import type { ApiItem } from './informer.ts';

interface ContainerState {
	readonly waiting?: { readonly reason?: string; readonly message?: string };
	readonly running?: object;
	readonly terminated?: { readonly reason?: string; readonly message?: string; readonly exitCode?: number; readonly signal?: number };
}
interface ContainerStatus {
	readonly name: string;
	readonly ready?: boolean;
	readonly restartCount?: number;
	readonly started?: boolean;
	readonly state?: ContainerState;
}
interface PodCondition {
	readonly type: string;
	readonly status: string;
	readonly reason?: string;
	readonly message?: string;
}
export interface PodParts {
	readonly spec?: {
		readonly nodeName?: string;
		readonly containers?: readonly {
			readonly name: string;
			readonly resources?: { readonly requests?: { readonly cpu?: string | number; readonly memory?: string | number } };
		}[];
		readonly initContainers?: readonly { readonly name: string; readonly restartPolicy?: string }[];
	};
	readonly status?: {
		readonly phase?: string;
		readonly reason?: string;
		readonly message?: string;
		readonly podIP?: string;
		readonly conditions?: readonly PodCondition[];
		readonly containerStatuses?: readonly ContainerStatus[];
		readonly initContainerStatuses?: readonly ContainerStatus[];
	};
}

export interface PodLine {
	readonly status: string;
	readonly ready: string;
	readonly restarts: number;
	readonly ok: boolean;
	readonly message: string;
}

export function podLine(pod: ApiItem & PodParts): PodLine {
	const status = pod.status ?? {};
	const containers = status.containerStatuses ?? [];
	const conditions = status.conditions ?? [];
	const total = pod.spec?.containers?.length ?? containers.length;
	const readyCount = containers.filter((c) => c.ready === true && c.state?.running !== undefined).length;
	let restarts = containers.reduce((sum, c) => sum + (c.restartCount ?? 0), 0);
	let word = status.reason || status.phase || 'Unknown';
	if (conditions.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated')) word = 'SchedulingGated';
	const init = initWord(pod);
	if (init !== undefined) {
		word = init.word;
		restarts = init.restarts;
	} else word = mainWord(containers, conditions, word);
	if (pod.metadata.deletionTimestamp !== undefined) word = status.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
	const completed = word === 'Completed' || word === 'Succeeded';
	const ok = completed || (word === 'Running' && readyCount === total);
	return { status: word, ready: `${readyCount}/${total}`, restarts, ok, message: ok ? '' : why(containers, conditions, status) };
}

function initWord(pod: PodParts): { readonly word: string; readonly restarts: number } | undefined {
	const statuses = pod.status?.initContainerStatuses ?? [];
	const specs = pod.spec?.initContainers ?? [];
	const sidecars = new Set(specs.filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
	let restarts = 0;
	for (const [i, status] of statuses.entries()) {
		restarts += status.restartCount ?? 0;
		const { terminated, waiting } = status.state ?? {};
		if (terminated?.exitCode === 0) continue;
		if (sidecars.has(status.name) && status.started === true) continue;
		if (terminated !== undefined) {
			const end = terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`;
			return { word: `Init:${terminated.reason || end}`, restarts };
		}
		if (waiting?.reason && waiting.reason !== 'PodInitializing') return { word: `Init:${waiting.reason}`, restarts };
		return { word: `Init:${i}/${specs.length}`, restarts };
	}
	return undefined;
}

function mainWord(containers: readonly ContainerStatus[], conditions: readonly PodCondition[], phase: string): string {
	let word = phase;
	let running = false;
	for (const status of [...containers].reverse()) {
		const { waiting, terminated } = status.state ?? {};
		if (waiting?.reason) word = waiting.reason;
		else if (terminated?.reason) word = terminated.reason;
		else if (terminated !== undefined) word = terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`;
		else if (status.ready === true && status.state?.running !== undefined) running = true;
	}
	// A pod with one container finished and another still at work is running.
	if (word === 'Completed' && running) return conditions.some((c) => c.type === 'Ready' && c.status === 'True') ? 'Running' : 'NotReady';
	return word;
}

function why(containers: readonly ContainerStatus[], conditions: readonly PodCondition[], status: NonNullable<PodParts['status']>): string {
	for (const c of containers) {
		const text = c.state?.waiting?.message ?? c.state?.terminated?.message;
		if (text) return text;
	}
	if (status.message) return status.message;
	return conditions.find((c) => c.status === 'False' && c.message)?.message ?? '';
}
