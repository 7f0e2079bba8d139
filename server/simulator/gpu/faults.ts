/** Cards that fail, and are well again after a reset or reboot. They do so on an input's word: nothing in the cluster names the cause. */
import { formatTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import { getRuntime } from '../kubelet/state.ts';
import { queueCall } from '../kubelet/processes.ts';
import { treeValues } from '../kernel/tree.ts';
import type { FaultInput } from '../inputs.ts';
import type { Services } from '../services.ts';
import type { GpuFault } from './contract.ts';
import { syncNode } from './node-sync.ts';
import { klog } from './operator/programs.ts';
import { writePartLog } from './part-log.ts';
import { getGpuNode, type GpuCard, setGpuNode } from './state.ts';
import { settleEnergy } from './telemetry.ts';
import { deviceProcesses } from './use.ts';

/** Errors of applications, which the device plugin leaves to them (k8s-device-plugin's internal/rm/health.go). */
const IGNORED: ReadonlySet<number> = new Set([13, 31, 43, 45, 68, 109]);

/** CUDA's words by Xid, and whether the processes on the card get to hear them. */
const CUDA: { readonly [xid: number]: string } = {
	13: 'CUDA error: an illegal instruction was encountered',
	31: 'CUDA error: an illegal memory access was encountered',
	43: 'CUDA error: unspecified launch failure',
	48: 'CUDA error: uncorrectable ECC error encountered',
	64: 'CUDA error: uncorrectable ECC error encountered',
	74: 'CUDA error: uncorrectable NVLink error detected during the execution',
	79: 'CUDA error: unspecified launch failure',
	94: 'CUDA error: uncorrectable ECC error encountered',
	95: 'CUDA error: uncorrectable ECC error encountered',
	119: 'CUDA error: unknown error',
	120: 'CUDA error: unknown error',
};

/** What the kernel's log says after the number. */
const KERNEL: { readonly [xid: number]: string } = {
	48: 'DBE (double bit error) ECC Error',
	63: 'Row Remapper: New row marked for remapping, reset gpu to activate.',
	64: 'Row Remapper: Error: failed to remap row',
	79: 'GPU has fallen off the bus.',
	94: 'Contained ECC error',
	95: 'Uncontained ECC error',
};

function failed(card: GpuCard, xid: number): GpuCard {
	return { ...card, xid, ...(IGNORED.has(xid) ? {} : { unhealthy: true as const }), ...(xid === 79 ? { lost: true as const } : {}) };
}

/** Everybody with work on the card hears of it; of a contained error only the first. */
function tell(world: World, card: GpuCard, xid: number): void {
	const error = CUDA[xid];
	if (error === undefined) return;
	const hit = [card.uuid, ...card.instances.map((i) => i.uuid)].flatMap((uuid) => deviceProcesses(world, uuid).map((p) => ({ uuid, ...p })));
	const single = xid === 94 || IGNORED.has(xid);
	for (const { uuid, container, pid } of single ? hit.slice(0, 1) : hit) {
		const fault: GpuFault = { device: uuid, xid, error };
		if (treeValues(getRuntime(world, container)?.procs ?? null).some((p) => p.pid === pid)) queueCall(world, container, pid, { on: 'gpu-fault', fault });
	}
}

/** Makes a card fail, or all of a node's cards well. False where there is no such card; nothing happens then. */
export function applyFault(world: World, services: Services, fault: FaultInput): boolean {
	const name = fault.node;
	const node = getGpuNode(world, name);
	if (node === undefined) return false;
	settleEnergy(world, name);
	if (fault.fault === 'gpu-reset') {
		const healed = node.cards.map(({ unhealthy: _u, lost: _l, ...card }): GpuCard => ({ ...card, xid: 0 }));
		setGpuNode(world, { ...node, cards: healed });
		syncNode(world, services, name);
		return true;
	}
	const { xid } = fault;
	const card = node.cards[fault.card];
	if (card === undefined) return false;
	const bus = card.bus.slice(4, 14).toLowerCase();
	writePartLog(
		world,
		services,
		'nvidia-driver-daemonset',
		name,
		`${formatTime(world.now)} kernel: NVRM: Xid (PCI:${bus}): ${xid}, ${KERNEL[xid] ?? "pid='<unknown>', name=<unknown>"}\n`,
	);
	const skipped = `Skipping event {Device:${card.uuid} EventType:8 EventData:${xid}}`;
	const critical = `XidCriticalError: Xid=${xid} on Device=${card.uuid}; marking device as unhealthy.`;
	writePartLog(world, services, 'nvidia-device-plugin-daemonset', name, klog(world.now, 'I', 'health.go:166', IGNORED.has(xid) ? skipped : critical));
	tell(world, card, xid);
	setGpuNode(world, { ...node, cards: node.cards.map((c) => (c.index === card.index ? failed(c, xid) : c)) });
	syncNode(world, services, name);
	return true;
}
