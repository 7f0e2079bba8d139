/** The page of dcgm-exporter: its default counters, by device, with the pod that holds it. Models dcgm-exporter's etc/default-counters.csv. */
import { treeGet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { getRuntime } from '../../kubelet/state.ts';
import { migProfile } from '../cards.ts';
import { DRIVER_VERSION } from '../driver-files.ts';
import { gpuModel } from '../models.ts';
import { type GpuCard, type GpuInstance, type GpuNode, gpuSlice } from '../state.ts';
import { instanceMemory, telemetry } from '../telemetry.ts';
import { deviceLoad, deviceUsers } from '../use.ts';

/** One row of the page: a whole card, or an instance of one. */
interface Row {
	readonly card: GpuCard;
	readonly instance?: GpuInstance;
}

interface Counter {
	readonly name: string;
	readonly type: 'gauge' | 'counter';
	readonly help: string;
	/** Undefined where DCGM has no value for such a device. */
	readonly value: (world: World, node: GpuNode, row: Row) => number | undefined;
}

const read = (world: World, node: GpuNode, { card }: Row): ReturnType<typeof telemetry> => telemetry(world, node, card);
const load = (world: World, node: GpuNode, { card, instance }: Row): ReturnType<typeof deviceLoad> =>
	instance === undefined ? telemetry(world, node, card) : deviceLoad(world, instance.uuid);
/** Not to be had of instances: DCGM leaves these out. */
const whole =
	(value: (t: ReturnType<typeof telemetry>) => number): Counter['value'] =>
	(world, node, row) =>
		row.card.mig ? undefined : value(read(world, node, row));

function frameBuffer(of: 'used' | 'free' | 'reserved'): Counter['value'] {
	return (world, node, row) => {
		if (row.instance !== undefined) {
			const { usedMiB, totalMiB } = instanceMemory(world, node, { uuid: row.instance.uuid, card: row.card, instance: row.instance });
			return of === 'used' ? usedMiB : of === 'free' ? totalMiB - usedMiB : 0;
		}
		const t = read(world, node, row);
		return of === 'used' ? t.usedMiB : of === 'free' ? t.freeMiB : t.reservedMiB;
	};
}

const zero: Counter['value'] = () => 0;

const COUNTERS: readonly Counter[] = [
	{ name: 'DCGM_FI_DEV_SM_CLOCK', type: 'gauge', help: 'SM clock frequency (in MHz).', value: (w, n, r) => read(w, n, r).smClock },
	{ name: 'DCGM_FI_DEV_MEM_CLOCK', type: 'gauge', help: 'Memory clock frequency (in MHz).', value: (w, n, r) => read(w, n, r).memoryClock },
	{ name: 'DCGM_FI_DEV_MEMORY_TEMP', type: 'gauge', help: 'Memory temperature (in C).', value: (w, n, r) => read(w, n, r).memoryCelsius },
	{ name: 'DCGM_FI_DEV_GPU_TEMP', type: 'gauge', help: 'GPU temperature (in C).', value: (w, n, r) => read(w, n, r).celsius },
	{ name: 'DCGM_FI_DEV_POWER_USAGE', type: 'gauge', help: 'Power draw (in W).', value: (w, n, r) => Number(read(w, n, r).watts.toFixed(3)) },
	{
		name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
		type: 'counter',
		help: 'Total energy consumption since boot (in mJ).',
		value: (w, n, r) => Math.round(r.card.energy + read(w, n, r).watts * (w.now - r.card.energyAt)),
	},
	{ name: 'DCGM_FI_DEV_PCIE_REPLAY_COUNTER', type: 'counter', help: 'Total number of PCIe retries.', value: zero },
	{ name: 'DCGM_FI_DEV_GPU_UTIL', type: 'gauge', help: 'GPU utilization (in %).', value: whole((t) => Math.round(t.util * 100)) },
	{ name: 'DCGM_FI_DEV_MEM_COPY_UTIL', type: 'gauge', help: 'Memory utilization (in %).', value: whole((t) => Math.round(t.dram * 100)) },
	{ name: 'DCGM_FI_DEV_ENC_UTIL', type: 'gauge', help: 'Encoder utilization (in %).', value: whole(() => 0) },
	{ name: 'DCGM_FI_DEV_DEC_UTIL', type: 'gauge', help: 'Decoder utilization (in %).', value: whole(() => 0) },
	{ name: 'DCGM_FI_DEV_XID_ERRORS', type: 'gauge', help: 'Value of the last XID error encountered.', value: (_w, _n, { card }) => card.xid },
	{ name: 'DCGM_FI_DEV_FB_FREE', type: 'gauge', help: 'Framebuffer memory free (in MiB).', value: frameBuffer('free') },
	{ name: 'DCGM_FI_DEV_FB_USED', type: 'gauge', help: 'Framebuffer memory used (in MiB).', value: frameBuffer('used') },
	{ name: 'DCGM_FI_DEV_FB_RESERVED', type: 'gauge', help: 'Framebuffer memory reserved (in MiB).', value: frameBuffer('reserved') },
	{
		name: 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS',
		type: 'counter',
		help: 'Number of remapped rows for uncorrectable errors',
		value: (_w, _n, { card }) => (card.xid === 63 ? 1 : 0),
	},
	{ name: 'DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS', type: 'counter', help: 'Number of remapped rows for correctable errors', value: zero },
	{
		name: 'DCGM_FI_DEV_ROW_REMAP_FAILURE',
		type: 'gauge',
		help: 'Whether remapping of rows has failed',
		value: (_w, _n, { card }) => (card.xid === 64 ? 1 : 0),
	},
	{
		name: 'DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL',
		type: 'counter',
		help: 'Total number of NVLink bandwidth counters for all lanes.',
		value: (_w, n) => (gpuModel(n.model).spec.link.kind === 'nvlink' ? 0 : undefined),
	},
	{ name: 'DCGM_FI_DEV_VGPU_LICENSE_STATUS', type: 'gauge', help: 'vGPU License status', value: zero },
	{
		name: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
		type: 'gauge',
		help: 'Ratio of time the graphics engine is active.',
		value: (w, n, r) => profiled(load(w, n, r).util),
	},
	{
		name: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE',
		type: 'gauge',
		help: 'Ratio of cycles the tensor (HMMA) pipe is active.',
		value: (w, n, r) => profiled(load(w, n, r).tensor),
	},
	{
		name: 'DCGM_FI_PROF_DRAM_ACTIVE',
		type: 'gauge',
		help: 'Ratio of cycles the device memory interface is active sending or receiving data.',
		value: (w, n, r) => profiled(load(w, n, r).dram),
	},
	{
		name: 'DCGM_FI_PROF_PCIE_TX_BYTES',
		type: 'gauge',
		help: 'The rate of data transmitted over the PCIe bus - including both protocol headers and data payloads - in bytes per second.',
		value: (w, n, r) => (r.card.mig ? undefined : Math.round(load(w, n, r).util * 4e6)),
	},
	{
		name: 'DCGM_FI_PROF_PCIE_RX_BYTES',
		type: 'gauge',
		help: 'The rate of data received over the PCIe bus - including both protocol headers and data payloads - in bytes per second.',
		value: (w, n, r) => (r.card.mig ? undefined : Math.round(load(w, n, r).util * 6e6)),
	},
];

function profiled(share: number): number {
	return Number(share.toFixed(6));
}

/** Words of an error, as the exporter's labels have them. */
const XID_WORDS: { readonly [xid: number]: string } = {
	13: 'Graphics Engine Exception',
	31: 'GPU memory page fault',
	43: 'GPU stopped processing',
	45: 'Preemptive cleanup, due to previous errors',
	48: 'Double Bit ECC Error',
	63: 'ECC page retirement or row remapping recording event',
	64: 'ECC page retirement or row remapper recording failure',
	74: 'NVLINK Error',
	79: 'GPU has fallen off the bus',
	94: 'Contained ECC error',
	95: 'Uncontained ECC error',
	119: 'GSP RPC Timeout',
	120: 'GSP Error',
};

/** Container, namespace and pod that hold a device; empty ones where nobody does. */
function holder(world: World, uuid: string): readonly (readonly [label: string, value: string])[] {
	const { held } = world.read(gpuSlice);
	const key = treeGet(held, uuid) ?? deviceUsers(world, uuid).find((k) => getRuntime(world, k)?.config.capabilities.includes('SYS_ADMIN') !== true);
	const config = key === undefined ? undefined : getRuntime(world, key)?.config;
	if (key === undefined || config === undefined) return [];
	return [
		['container', key.slice(key.indexOf('/') + 1)],
		['namespace', config.namespace],
		['pod', config.podName],
	];
}

function labels(world: World, node: GpuNode, counter: Counter, { card, instance }: Row): string {
	const { product } = gpuModel(node.model).spec;
	const xid =
		counter.name === 'DCGM_FI_DEV_XID_ERRORS'
			? [['err_code', String(card.xid)] as const, ['err_msg', card.xid === 0 ? 'No Error' : (XID_WORDS[card.xid] ?? 'Unknown Error')] as const]
			: [];
	const all: readonly (readonly [string, string])[] = [
		['gpu', String(card.index)],
		['UUID', card.uuid],
		['pci_bus_id', card.bus],
		['device', `nvidia${card.index}`],
		['modelName', product],
		...(instance === undefined ? [] : [['GPU_I_PROFILE', instance.profile] as const, ['GPU_I_ID', String(instance.id)] as const]),
		['Hostname', node.name],
		['DCGM_FI_DRIVER_VERSION', DRIVER_VERSION],
		...holder(world, instance?.uuid ?? card.uuid),
		...xid,
	];
	return all.map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(',');
}

/** All metrics of a node, as text of the Prometheus format. */
export function dcgmMetrics(world: World, node: GpuNode): string {
	const model = gpuModel(node.model);
	const rows: readonly Row[] = node.cards.flatMap((card): readonly Row[] =>
		card.lost === true
			? []
			: card.mig
				? card.instances.filter((i) => migProfile(model, i.profile) !== undefined).map((instance) => ({ card, instance }))
				: [{ card }],
	);
	// A lost card answers nothing any more: what remains of it is its last Xid.
	const lost: readonly Row[] = node.cards.filter((c) => c.lost === true).map((card) => ({ card }));
	const text: string[] = [];
	for (const counter of COUNTERS) {
		const seen = counter.name === 'DCGM_FI_DEV_XID_ERRORS' ? [...rows, ...lost] : rows;
		const values = seen.flatMap((row) => {
			const value = counter.value(world, node, row);
			return value === undefined ? [] : [`${counter.name}{${labels(world, node, counter, row)}} ${value}\n`];
		});
		if (values.length > 0) text.push(`# HELP ${counter.name} ${counter.help}\n# TYPE ${counter.name} ${counter.type}\n`, ...values);
	}
	return text.join('');
}
