/** The cards that nodes can have: what `serving/hardware.ts` says of them, and what the driver and feature discovery print besides. */
import { findGpu, type GpuSpec } from '../serving/hardware.ts';

/** A row of `nvidia-smi mig -lgip`. */
export interface MigProfile {
	/** `1g.10gb`, `1g.10gb+me`. */
	readonly name: string;
	readonly id: number;
	/** Instances that fit on an empty card. */
	readonly max: number;
	/** Usable memory, GiB. */
	readonly memoryGiB: number;
	readonly sms: number;
	/** Copy engines, decoders, JPEG and optical-flow engines. */
	readonly engines: readonly [copy: number, decoder: number, jpeg: number, ofa: number];
	/** Compute slices (the number before `g`). */
	readonly slices: number;
	/** Where it may start, in memory slices, in the order in which the driver tries them, and how many it takes. */
	readonly starts: readonly number[];
	readonly size: number;
}

export interface GpuModel {
	/** As in `--gpus` and in node names. */
	readonly id: string;
	readonly spec: GpuSpec;
	/** nvidia.com/gpu.family. */
	readonly family: string;
	/** PCI device and vendor id, as mig-parted's `device-filter` has it. */
	readonly pciId: string;
	readonly idleWatts: number;
	readonly idleCelsius: number;
	/** Top clocks in MHz: SM and memory. */
	readonly clocks: readonly [sm: number, memory: number];
	/** What a node has for each of its cards. */
	readonly host: { readonly cpu: number; readonly memoryGi: number };
	readonly profiles: readonly MigProfile[];
	/** Only Ampere needs a reset to go into MIG mode or out of it. */
	readonly migNeedsReset: boolean;
}

type ProfileRow = readonly [name: string, id: number, max: number, memoryGiB: number, sms: number, copy: number, decoder: number, jpeg: number, ofa: number];

/** `nvidia-smi mig -lgip` of each card; the doc of record is NVIDIA's "Supported MIG Profiles". */
const PROFILES: { readonly [model: string]: readonly ProfileRow[] } = {
	'a100-40': [
		['1g.5gb', 19, 7, 4.75, 14, 1, 0, 0, 0],
		['1g.5gb+me', 20, 1, 4.75, 14, 1, 1, 1, 1],
		['1g.10gb', 15, 4, 9.62, 14, 1, 1, 0, 0],
		['2g.10gb', 14, 3, 9.62, 28, 2, 1, 0, 0],
		['3g.20gb', 9, 2, 19.5, 42, 3, 2, 0, 0],
		['4g.20gb', 5, 1, 19.5, 56, 4, 2, 0, 0],
		['7g.40gb', 0, 1, 39.25, 98, 7, 5, 1, 1],
	],
	'a100-80': [
		['1g.10gb', 19, 7, 9.5, 14, 1, 0, 0, 0],
		['1g.10gb+me', 20, 1, 9.5, 14, 1, 1, 1, 1],
		['1g.20gb', 15, 4, 19.5, 14, 1, 1, 0, 0],
		['2g.20gb', 14, 3, 19.5, 28, 2, 1, 0, 0],
		['3g.40gb', 9, 2, 39.25, 42, 3, 2, 0, 0],
		['4g.40gb', 5, 1, 39.25, 56, 4, 2, 0, 0],
		['7g.80gb', 0, 1, 78.75, 98, 7, 5, 1, 1],
	],
	h100: [
		['1g.10gb', 19, 7, 9.75, 16, 1, 1, 1, 0],
		['1g.10gb+me', 20, 1, 9.75, 16, 1, 1, 1, 1],
		['1g.20gb', 15, 4, 19.62, 26, 1, 1, 1, 0],
		['2g.20gb', 14, 3, 19.62, 32, 2, 2, 2, 0],
		['3g.40gb', 9, 2, 39.5, 60, 3, 3, 3, 0],
		['4g.40gb', 5, 1, 39.5, 64, 4, 4, 4, 0],
		['7g.80gb', 0, 1, 79.25, 132, 8, 7, 7, 1],
	],
	h200: [
		['1g.18gb', 19, 7, 16, 16, 1, 1, 1, 0],
		['1g.18gb+me', 20, 1, 16, 16, 1, 1, 1, 1],
		['1g.35gb', 15, 4, 34.75, 26, 1, 1, 1, 0],
		['2g.35gb', 14, 3, 34.75, 32, 2, 2, 2, 0],
		['3g.71gb', 9, 2, 69.75, 60, 3, 3, 3, 0],
		['4g.71gb', 5, 1, 69.75, 64, 4, 4, 4, 0],
		['7g.141gb', 0, 1, 139.75, 132, 8, 7, 7, 1],
	],
};

/** Memory slices by compute slices, and the starts: a card has eight memory slices, of which a 1g takes one of the first seven. Orders: as the MIG user guide's examples come out. */
const PLACEMENTS: { readonly [slices: number]: { readonly starts: readonly number[]; readonly size: number } } = {
	1: { starts: [6, 4, 5, 0, 1, 2, 3], size: 1 },
	2: { starts: [4, 0, 2], size: 2 },
	3: { starts: [4, 0], size: 4 },
	4: { starts: [0], size: 4 },
	7: { starts: [0], size: 8 },
};
/** The 1g profile with twice the memory. */
const DOUBLE = { starts: [6, 4, 0, 2], size: 2 };
const DOUBLE_ID = 15;

function profile(row: ProfileRow): MigProfile {
	const [name, id, max, memoryGiB, sms, copy, decoder, jpeg, ofa] = row;
	const slices = Number(name[0]);
	const place = id === DOUBLE_ID ? DOUBLE : (PLACEMENTS[slices] ?? DOUBLE);
	return { name, id, max, memoryGiB, sms, engines: [copy, decoder, jpeg, ofa], slices, ...place };
}

type ModelRow = readonly [
	id: string,
	hardware: string,
	family: string,
	pciId: string,
	idleWatts: number,
	idleCelsius: number,
	smClock: number,
	memoryClock: number,
	cpu: number,
	memoryGi: number,
];

/** Idle figures: k8s-test-infra's captured profiles; hosts: the clouds' machines with one such card (g4dn, g6, g5, a2, p5, p5en). */
const ROWS: readonly ModelRow[] = [
	['t4', 'T4', 'turing', '0x1EB810DE', 9, 34, 1590, 5000, 4, 16],
	['l4', 'L4', 'ada-lovelace', '0x27B810DE', 12, 36, 2040, 6251, 8, 32],
	['a10g', 'A10G', 'ampere', '0x223710DE', 16, 30, 1710, 6250, 8, 32],
	['a100-40', 'A100-SXM-40', 'ampere', '0x20B010DE', 52, 33, 1410, 1215, 12, 85],
	['a100-80', 'A100-SXM-80', 'ampere', '0x20B210DE', 62, 33, 1410, 1593, 12, 170],
	['h100', 'H100-SXM-80', 'hopper', '0x233010DE', 70, 32, 1980, 2619, 24, 256],
	['h200', 'H200-SXM-141', 'hopper', '0x233510DE', 76, 31, 1980, 3201, 24, 256],
];

function model(row: ModelRow): GpuModel | undefined {
	const [id, hardware, family, pciId, idleWatts, idleCelsius, sm, memory, cpu, memoryGi] = row;
	const spec = findGpu(hardware);
	if (spec === undefined) return undefined;
	const profiles = (PROFILES[id] ?? []).map(profile);
	return {
		id,
		spec,
		family,
		pciId,
		idleWatts,
		idleCelsius,
		clocks: [sm, memory],
		host: { cpu, memoryGi },
		profiles,
		migNeedsReset: profiles.length > 0 && family === 'ampere',
	};
}

let known: ReadonlyMap<string, GpuModel> | undefined;

/** All cards by their short name; built when first asked for. */
export function gpuModels(): ReadonlyMap<string, GpuModel> {
	known ??= new Map(ROWS.map(model).flatMap((m) => (m === undefined ? [] : [[m.id, m] as const])));
	return known;
}

/** The model of a card that a world holds. Throws where the world names none of ours: its snapshot is damaged. */
export function gpuModel(id: string): GpuModel {
	const found = gpuModels().get(id);
	if (found === undefined) throw new Error(`no GPU model "${id}"`);
	return found;
}
