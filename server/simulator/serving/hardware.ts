/**
 * What a GPU can do, from its data sheet. Everything that the performance model knows about a card stands here, so that a
 * card that no constant was ever fitted on is predicted from this row alone.
 *
 * Sources: NVIDIA data sheets and architecture whitepapers (dense figures, without sparsity), AMD's for MI300X; `usableGiB` is what
 * `torch.cuda.get_device_properties().total_memory` says, i.e. what vLLM multiplies with `gpu_memory_utilization`.
 */

export type Architecture = 'volta' | 'turing' | 'ampere' | 'ada' | 'hopper' | 'blackwell' | 'cdna3';

export interface Link {
	readonly kind: 'nvlink' | 'pcie';
	/** One direction, all lanes of one GPU, GB/s. */
	readonly gbs: number;
}

export interface GpuSpec {
	readonly id: string;
	/** As `nvidia-smi` prints it. */
	readonly product: string;
	readonly architecture: Architecture;
	readonly computeCapability: string;
	/** Frame buffer as `nvidia-smi` prints it, MiB. */
	readonly memoryMiB: number;
	/** Memory that a CUDA process sees, GiB. */
	readonly usableGiB: number;
	/** Memory bandwidth, GB/s. */
	readonly bandwidth: number;
	/** Dense tensor-core TFLOP/s; a missing number type is not supported by the tensor cores. */
	readonly tflops: { readonly fp16: number; readonly bf16?: number; readonly fp8?: number; readonly int8?: number };
	readonly sms: number;
	/** Boost clock, GHz: small kernels take a number of cycles, not of bytes. */
	readonly clock: number;
	readonly tdpWatts: number;
	readonly link: Link;
	/** Set on a MIG slice: share of the card's memory slices and of its SMs. */
	readonly slice?: { readonly profile: string; readonly memory: number; readonly compute: number };
}

const nvlink = (gbs: number): Link => ({ kind: 'nvlink', gbs });
const pcie3: Link = { kind: 'pcie', gbs: 16 };
const pcie4: Link = { kind: 'pcie', gbs: 32 };
const pcie5: Link = { kind: 'pcie', gbs: 64 };

type Row = readonly [
	id: string,
	product: string,
	architecture: Architecture,
	computeCapability: string,
	memoryMiB: number,
	usableGiB: number,
	bandwidth: number,
	fp16: number,
	fp8: number,
	int8: number,
	sms: number,
	clock: number,
	tdpWatts: number,
	link: Link,
];

const ROWS: readonly Row[] = [
	['V100-SXM-16', 'Tesla V100-SXM2-16GB', 'volta', '7.0', 16384, 15.77, 900, 125, 0, 0, 80, 1.53, 300, nvlink(150)],
	['V100-SXM-32', 'Tesla V100-SXM2-32GB', 'volta', '7.0', 32768, 31.73, 900, 125, 0, 0, 80, 1.53, 300, nvlink(150)],
	['T4', 'Tesla T4', 'turing', '7.5', 15360, 14.56, 320, 65, 0, 130, 40, 1.59, 70, pcie3],
	['A10', 'NVIDIA A10', 'ampere', '8.6', 23028, 22.06, 600, 125, 0, 250, 72, 1.7, 150, pcie4],
	['A10G', 'NVIDIA A10G', 'ampere', '8.6', 23028, 22.06, 600, 70, 0, 140, 80, 1.71, 300, pcie4],
	['A30', 'NVIDIA A30', 'ampere', '8.0', 24576, 23.5, 933, 165, 0, 330, 56, 1.44, 165, pcie4],
	['A40', 'NVIDIA A40', 'ampere', '8.6', 46068, 44.42, 696, 150, 0, 299, 84, 1.74, 300, pcie4],
	['A6000', 'NVIDIA RTX A6000', 'ampere', '8.6', 49140, 47.43, 768, 155, 0, 310, 84, 1.8, 300, pcie4],
	['A100-PCIE-40', 'NVIDIA A100-PCIE-40GB', 'ampere', '8.0', 40960, 39.39, 1555, 312, 0, 624, 108, 1.41, 250, pcie4],
	['A100-SXM-40', 'NVIDIA A100-SXM4-40GB', 'ampere', '8.0', 40960, 39.39, 1555, 312, 0, 624, 108, 1.41, 400, nvlink(300)],
	['A100-PCIE-80', 'NVIDIA A100 80GB PCIe', 'ampere', '8.0', 81920, 79.25, 1935, 312, 0, 624, 108, 1.41, 300, pcie4],
	['A100-SXM-80', 'NVIDIA A100-SXM4-80GB', 'ampere', '8.0', 81920, 79.25, 2039, 312, 0, 624, 108, 1.41, 400, nvlink(300)],
	['A2', 'NVIDIA A2', 'ampere', '8.6', 15356, 14.54, 200, 18, 0, 36, 10, 1.77, 60, pcie4],
	['A16', 'NVIDIA A16', 'ampere', '8.6', 15356, 14.54, 200, 18, 0, 36, 10, 1.76, 62, pcie4],
	['A5000', 'NVIDIA RTX A5000', 'ampere', '8.6', 24564, 23.68, 768, 111, 0, 222, 64, 1.7, 230, pcie4],
	['A800-80', 'NVIDIA A800-SXM4-80GB', 'ampere', '8.0', 81920, 79.25, 2039, 312, 0, 624, 108, 1.41, 400, nvlink(200)],
	['RTX3090', 'NVIDIA GeForce RTX 3090', 'ampere', '8.6', 24576, 23.58, 936, 71, 0, 142, 82, 1.7, 350, pcie4],
	['L4', 'NVIDIA L4', 'ada', '8.9', 23034, 22.03, 300, 121, 242, 242, 58, 2.04, 72, pcie4],
	['L40', 'NVIDIA L40', 'ada', '8.9', 46068, 44.4, 864, 181, 362, 362, 142, 2.49, 300, pcie4],
	['L20', 'NVIDIA L20', 'ada', '8.9', 46068, 44.4, 864, 119, 239, 239, 92, 2.52, 275, pcie4],
	['L40S', 'NVIDIA L40S', 'ada', '8.9', 46068, 44.4, 864, 362, 733, 733, 142, 2.52, 350, pcie4],
	['RTX4090', 'NVIDIA GeForce RTX 4090', 'ada', '8.9', 24564, 23.52, 1008, 165, 330, 330, 128, 2.52, 450, pcie4],
	['RTX6000-ADA', 'NVIDIA RTX 6000 Ada Generation', 'ada', '8.9', 49140, 47.4, 960, 182, 364, 364, 142, 2.5, 300, pcie4],
	['H100-PCIE-80', 'NVIDIA H100 PCIe', 'hopper', '9.0', 81559, 79.18, 2000, 756, 1513, 1513, 114, 1.755, 350, pcie5],
	['H100-SXM-80', 'NVIDIA H100 80GB HBM3', 'hopper', '9.0', 81559, 79.18, 3350, 989, 1979, 1979, 132, 1.98, 700, nvlink(450)],
	['H100-NVL-94', 'NVIDIA H100 NVL', 'hopper', '9.0', 95830, 93.1, 3938, 835, 1671, 1671, 132, 1.785, 400, nvlink(300)],
	['H800-80', 'NVIDIA H800', 'hopper', '9.0', 81559, 79.18, 3350, 989, 1979, 1979, 132, 1.98, 700, nvlink(200)],
	['H20-96', 'NVIDIA H20', 'hopper', '9.0', 97871, 95.0, 4000, 148, 296, 296, 78, 1.98, 400, nvlink(450)],
	['H200-SXM-141', 'NVIDIA H200', 'hopper', '9.0', 143771, 139.8, 4800, 989, 1979, 1979, 132, 1.98, 700, nvlink(450)],
	['H200-NVL-141', 'NVIDIA H200 NVL', 'hopper', '9.0', 143771, 139.8, 4800, 835, 1671, 1671, 132, 1.785, 600, nvlink(450)],
	['GH200-144', 'NVIDIA GH200 144G HBM3e', 'hopper', '9.0', 147456, 142.5, 4900, 989, 1979, 1979, 132, 1.98, 900, nvlink(450)],
	['GH200-96', 'NVIDIA GH200 480GB', 'hopper', '9.0', 97871, 94.5, 4000, 989, 1979, 1979, 132, 1.98, 900, nvlink(450)],
	['B200-180', 'NVIDIA B200', 'blackwell', '10.0', 183359, 178.35, 8000, 2250, 4500, 4500, 148, 1.965, 1000, nvlink(900)],
	['GB200-192', 'NVIDIA GB200', 'blackwell', '10.0', 189471, 184.3, 8000, 2500, 5000, 5000, 152, 1.965, 1200, nvlink(900)],
	['RTX5090', 'NVIDIA GeForce RTX 5090', 'blackwell', '12.0', 32607, 31.36, 1792, 210, 419, 838, 170, 2.41, 575, pcie5],
	['RTXPRO6000', 'NVIDIA RTX PRO 6000 Blackwell Server Edition', 'blackwell', '12.0', 97887, 94.97, 1597, 503, 1007, 1007, 188, 2.43, 600, pcie5],
	['MI300X', 'AMD Instinct MI300X', 'cdna3', '9.4', 196592, 191.5, 5300, 1307, 2614, 2614, 304, 2.1, 750, nvlink(448)],
	['MI325X', 'AMD Instinct MI325X', 'cdna3', '9.4', 262144, 255.5, 6000, 1307, 2614, 2614, 304, 2.1, 1000, nvlink(448)],
];

function fromRow(r: Row): GpuSpec {
	const [id, product, architecture, computeCapability, memoryMiB, usableGiB, bandwidth, fp16, fp8, int8, sms, clock, tdpWatts, link] = r;
	// Tensor cores know bfloat16 since Ampere (compute capability 8.0).
	const bf16 = architecture === 'volta' || architecture === 'turing' ? {} : { bf16: fp16 };
	const tflops = { fp16, ...bf16, ...(fp8 > 0 ? { fp8 } : {}), ...(int8 > 0 ? { int8 } : {}) };
	return { id, product, architecture, computeCapability, memoryMiB, usableGiB, bandwidth, tflops, sms, clock, tdpWatts, link };
}

export const GPUS: readonly GpuSpec[] = ROWS.map(fromRow);

/** Memory slices (of 8; A30: of 4) and compute slices (of 7; A30: of 4) by the number in front of `g`; 3g has four memory slices. */
const MEMORY_SLICES: { readonly [g: number]: number } = { 1: 1, 2: 2, 3: 4, 4: 4, 7: 8 };

/** SMs of a slice where `nvidia-smi mig -lgip` differs from sevenths (Hopper keeps some idle). */
const HOPPER_SMS: { readonly [g: number]: number } = { 1: 16, 2: 32, 3: 60, 4: 64, 7: 132 };

/**
 * A MIG slice as a card of its own: its memory, its share of the bandwidth (by memory slices) and of the SMs.
 * `profile` as in `1g.18gb`; a double-memory 1g (`1g.20gb` on an 80 GB card) is recognised by its size.
 */
export function migSlice(gpu: GpuSpec, profile: string): GpuSpec | undefined {
	const m = /^(\d)g\.(\d+)gb(\+me)?$/.exec(profile.toLowerCase());
	if (m === null) return undefined;
	const g = Number(m[1]);
	const gb = Number(m[2]);
	const whole = gpu.id === 'A30' ? 4 : 8;
	const slices = gpu.id === 'A30' ? g : MEMORY_SLICES[g];
	if (slices === undefined) return undefined;
	const eighth = gpu.memoryMiB / 1024 / whole;
	const memory = (g === 1 && gb > 1.6 * eighth ? 2 : slices) / whole;
	const sms = gpu.architecture === 'hopper' ? (HOPPER_SMS[g] ?? 0) : 14 * g;
	if (sms === 0) return undefined;
	const compute = sms / gpu.sms;
	// A slice keeps a little less than its share; the smallest of an H200 has 16.0 GiB of 17.5.
	const usableGiB = gpu.id.startsWith('H200') && memory < 0.2 ? 16 : gpu.usableGiB * memory - 0.1;
	const tflops = Object.fromEntries(Object.entries(gpu.tflops).map(([k, v]) => [k, v * compute])) as unknown as GpuSpec['tflops'];
	return {
		...gpu,
		id: `${gpu.id}-MIG-${profile}`,
		product: `${gpu.product} MIG ${profile}`,
		memoryMiB: Math.round(usableGiB * 1024),
		usableGiB,
		bandwidth: gpu.bandwidth * memory,
		tflops,
		sms,
		slice: { profile, memory, compute },
	};
}

/**
 * Short names that leave the form factor or the memory open, most specific first; tested on lower case with
 * a dash for all that is neither letter nor digit, and never as part of a longer number (`T400` is no T4).
 */
const SHORT: readonly (readonly [RegExp, string])[] = [
	[/h100-?nvl/, 'H100-NVL-94'],
	[/h100-?pcie/, 'H100-PCIE-80'],
	[/h100(?!\d)/, 'H100-SXM-80'],
	[/h800(?!\d)/, 'H800-80'],
	[/h200-?nvl/, 'H200-NVL-141'],
	[/gh200.*144/, 'GH200-144'],
	[/gh200(?!\d)/, 'GH200-96'],
	[/h200(?!\d)/, 'H200-SXM-141'],
	[/h20(?!\d)/, 'H20-96'],
	[/gb200(?!\d)/, 'GB200-192'],
	[/b200(?!\d)/, 'B200-180'],
	[/a100-?pcie.*80|a100-?80.*pcie/, 'A100-PCIE-80'],
	[/a100-?pcie|a100(?!\d).*pcie/, 'A100-PCIE-40'],
	[/a100(?!\d).*40|p4d(?!e)/, 'A100-SXM-40'],
	[/a100(?!\d)/, 'A100-SXM-80'],
	[/a800(?!\d)/, 'A800-80'],
	[/a10g(?!\d)/, 'A10G'],
	[/a6000(?!\d)/, 'A6000'],
	[/a5000(?!\d)/, 'A5000'],
	[/6000-?ada/, 'RTX6000-ADA'],
	[/pro-?6000(?!\d)/, 'RTXPRO6000'],
	[/l40s(?!\d)/, 'L40S'],
	[/l40(?!\d)/, 'L40'],
	[/l20(?!\d)/, 'L20'],
	[/l4(?!\d)/, 'L4'],
	[/a10(?!\d)/, 'A10'],
	[/a16(?!\d)/, 'A16'],
	[/a30(?!\d)/, 'A30'],
	[/a40(?!\d)/, 'A40'],
	[/a2(?!\d)/, 'A2'],
	[/v100(?!\d).*32/, 'V100-SXM-32'],
	[/v100(?!\d)/, 'V100-SXM-16'],
	[/3090(?!\d)/, 'RTX3090'],
	[/4090(?!\d)/, 'RTX4090'],
	[/5090(?!\d)/, 'RTX5090'],
	[/mi325(?!\d)/, 'MI325X'],
	[/mi300(?!\d)/, 'MI300X'],
	[/t4(?!\d)/, 'T4'],
];

const squash = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
let byName: ReadonlyMap<string, GpuSpec> | undefined;

/**
 * The card that a name means: an id of ours, a product name, a feature-discovery label, or a usual short form
 * ("A100-80GB", "h100", "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", "H200 (MIG 4g.71gb)").
 */
export function findGpu(name: string): GpuSpec | undefined {
	const mig = /(\d)g\.(\d+)gb(\+me)?/i.exec(name);
	if (mig !== null) {
		const card = findGpu(name.slice(0, mig.index).replace(/[^a-z0-9]*mig[^a-z0-9]*$/i, '')) ?? findGpu(name.slice(mig.index + mig[0].length));
		return card === undefined ? undefined : migSlice(card, mig[0]);
	}
	byName ??= new Map(GPUS.flatMap((g) => [[squash(g.id), g] as const, [squash(g.product), g] as const]));
	const key = squash(name);
	const exact = byName.get(key);
	if (exact !== undefined) return exact;
	const dashed = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
	const id = SHORT.find(([pattern]) => pattern.test(dashed))?.[1];
	return id === undefined ? undefined : byName.get(squash(id));
}

/** Columns that describe a card which is not in the table; memory, bandwidth and 16 bit TFLOP/s are the least that is needed. */
export const GPU_COLUMNS = [
	'gpu_memory_gib',
	'gpu_bandwidth_gbs',
	'gpu_tflops',
	'gpu_tflops_fp8',
	'gpu_tflops_int8',
	'gpu_sms',
	'gpu_clock_ghz',
	'gpu_link_gbs',
	'gpu_tdp_watts',
] as const;
export type GpuColumn = (typeof GPU_COLUMNS)[number];

/**
 * A card from its data sheet's figures (GiB, GB/s, dense TFLOP/s, GHz; link: one direction). What is left open is usual for such a card:
 * 7 GB/s of bandwidth a multiprocessor below 1 TB/s, 22 above; PCIe 4 for the former, NVLink of a third of 900 GB/s for the latter.
 */
export function describedGpu(name: string, figures: { readonly [column in GpuColumn]?: number }): GpuSpec | undefined {
	const { gpu_memory_gib: memory = 0, gpu_bandwidth_gbs: bandwidth = 0, gpu_tflops: fp16 = 0, gpu_tflops_fp8: fp8 = 0 } = figures;
	if (memory <= 0 || bandwidth <= 0 || fp16 <= 0) return undefined;
	const server = bandwidth > 1000;
	const int8 = figures.gpu_tflops_int8 ?? (fp8 > 0 ? fp8 : 2 * fp16);
	const gbs = figures.gpu_link_gbs ?? (server ? 300 : 32);
	const architecture = fp8 === 0 ? 'ampere' : server ? 'hopper' : 'ada';
	return fromRow([
		name,
		name,
		architecture,
		fp8 === 0 ? '8.0' : server ? '9.0' : '8.9',
		Math.round(memory * 1024),
		memory * 0.985,
		bandwidth,
		fp16,
		fp8,
		int8,
		figures.gpu_sms ?? Math.max(8, Math.round(bandwidth / (server ? 22 : 7))),
		figures.gpu_clock_ghz ?? 1.75,
		figures.gpu_tdp_watts ?? 300,
		gbs > 64 ? nvlink(gbs) : { kind: 'pcie', gbs },
	]);
}
