/** `nvidia-smi --query-gpu=… --format=csv` and `--query-compute-apps=…`. */
import { formatTime } from '../../kernel/time.ts';
import { DRIVER_VERSION } from '../driver-files.ts';
import { gpuModel } from '../models.ts';
import { telemetry } from '../telemetry.ts';
import { idlePerf, processName, seenProcesses } from './table.ts';
import type { SeenCard, View } from './view.ts';

type Field = { readonly unit?: string; readonly of: (view: View, seen: SeenCard) => string };

const reading = (view: View, { card }: SeenCard): ReturnType<typeof telemetry> => telemetry(view.world, view.node, card);
const model = (view: View): ReturnType<typeof gpuModel> => gpuModel(view.node.model);
const field = (of: Field['of'], unit?: string): Field => (unit === undefined ? { of } : { of, unit });
const share = (x: number): string => String(Math.round(x * 100));

const name = field((v) => model(v).spec.product);
const uuid = field((_v, { card }) => card.uuid);
const bus = field((_v, { card }) => card.bus);
const migMode = field((v, { card }) => (model(v).profiles.length === 0 ? '[N/A]' : card.mig ? 'Enabled' : 'Disabled'));
const temperature = field((v, s) => String(reading(v, s).celsius));
const powerLimit = field((v) => model(v).spec.tdpWatts.toFixed(2), 'W');
const smClock = field((v, s) => String(reading(v, s).smClock), 'MHz');
const memoryClock = field((v, s) => String(reading(v, s).memoryClock), 'MHz');

const FIELDS: { readonly [name: string]: Field } = {
	timestamp: field((v) => `${formatTime(v.world.now).replaceAll('-', '/').replace('T', ' ').replace('Z', '')}.000`),
	driver_version: field(() => DRIVER_VERSION),
	count: field((v) => String(v.cards.length)),
	index: field((_v, { index }) => String(index)),
	name,
	gpu_name: name,
	uuid,
	gpu_uuid: uuid,
	'pci.bus_id': bus,
	gpu_bus_id: bus,
	'pci.device_id': field((v) => model(v).pciId),
	serial: field(() => '[N/A]'),
	persistence_mode: field(() => 'Enabled'),
	compute_mode: field(() => 'Default'),
	compute_cap: field((v) => model(v).spec.computeCapability),
	pstate: field((v, s) => `P${reading(v, s).util > 0 ? '0' : idlePerf(model(v).spec.id)}`),
	'fan.speed': field((v) => (model(v).spec.id === 'A10G' ? '0' : '[N/A]'), '%'),
	'memory.total': field((v, s) => String(reading(v, s).totalMiB), 'MiB'),
	'memory.reserved': field((v, s) => String(reading(v, s).reservedMiB), 'MiB'),
	'memory.used': field((v, s) => String(reading(v, s).usedMiB), 'MiB'),
	'memory.free': field((v, s) => String(reading(v, s).freeMiB), 'MiB'),
	'utilization.gpu': field((v, s) => (s.card.mig ? '[N/A]' : share(reading(v, s).util)), '%'),
	'utilization.memory': field((v, s) => (s.card.mig ? '[N/A]' : share(reading(v, s).dram)), '%'),
	'temperature.gpu': temperature,
	'temperature.memory': field((v, s) => (reading(v, s).memoryCelsius === 0 ? 'N/A' : String(reading(v, s).memoryCelsius))),
	'power.draw': field((v, s) => reading(v, s).watts.toFixed(2), 'W'),
	'power.draw.instant': field((v, s) => reading(v, s).watts.toFixed(2), 'W'),
	'power.limit': powerLimit,
	'power.max_limit': powerLimit,
	'clocks.sm': smClock,
	'clocks.gr': smClock,
	'clocks.current.sm': smClock,
	'clocks.mem': memoryClock,
	'clocks.current.memory': memoryClock,
	'clocks.max.sm': field((v) => String(model(v).clocks[0]), 'MHz'),
	'clocks.max.mem': field((v) => String(model(v).clocks[1]), 'MHz'),
	'mig.mode.current': migMode,
	'mig.mode.pending': migMode,
	'ecc.mode.current': field(() => 'Enabled'),
	'ecc.errors.corrected.volatile.total': field(() => '0'),
	'ecc.errors.uncorrected.volatile.total': field((_v, { card }) => (card.xid === 48 || card.xid === 95 ? '1' : '0')),
};

export interface Format {
	readonly header: boolean;
	readonly units: boolean;
}

/** Reads `csv,noheader,nounits`; undefined where it is none. */
export function parseFormat(text: string): Format | undefined {
	const parts = text.split(',').map((p) => p.trim());
	if (!parts.includes('csv') || parts.some((p) => !['csv', 'noheader', 'nounits'].includes(p))) return undefined;
	return { header: !parts.includes('noheader'), units: !parts.includes('nounits') };
}

/** Rows of comma-separated values; says which field is none. */
export function queryGpu(view: View, names: readonly string[], format: Format): { readonly text: string } | { readonly unknown: string } {
	const fields: { readonly name: string; readonly field: Field }[] = [];
	for (const n of names) {
		const f = Object.hasOwn(FIELDS, n) ? FIELDS[n] : undefined;
		if (f === undefined) return { unknown: n };
		fields.push({ name: n, field: f });
	}
	const value = (seen: SeenCard, f: Field): string => {
		const text = f.of(view, seen);
		return f.unit === undefined || !format.units || !/^[\d.]+$/.test(text) ? text : `${text} ${f.unit}`;
	};
	const head = fields.map((f) => (f.field.unit !== undefined && format.units ? `${f.name} [${f.field.unit}]` : f.name)).join(', ');
	const rows = view.cards.filter((c) => c.card.lost !== true).map((seen) => fields.map((f) => value(seen, f.field)).join(', '));
	return { text: [...(format.header ? [head] : []), ...rows].map((line) => `${line}\n`).join('') };
}

/** `--query-compute-apps`. */
export function queryApps(view: View, names: readonly string[], format: Format): { readonly text: string } | { readonly unknown: string } {
	const { product } = model(view).spec;
	const known = ['timestamp', 'gpu_name', 'gpu_bus_id', 'gpu_serial', 'gpu_uuid', 'pid', 'process_name', 'name', 'used_gpu_memory', 'used_memory'];
	const unknown = names.find((n) => !known.includes(n));
	if (unknown !== undefined) return { unknown };
	const rows = seenProcesses(view).map(({ gpu, pid, process }) => {
		const card = view.cards.find((c) => c.index === gpu)?.card;
		const mib = `${Math.round(process.use.memoryBytes / 2 ** 20)}${format.units ? ' MiB' : ''}`;
		const values: { readonly [n: string]: string } = {
			timestamp: FIELDS['timestamp']?.of(view, { index: 0, card: card as SeenCard['card'], instances: [] }) ?? '',
			gpu_name: product,
			gpu_bus_id: card?.bus ?? '',
			gpu_serial: '[N/A]',
			gpu_uuid: card?.uuid ?? '',
			pid: String(pid),
			process_name: processName(process),
			name: processName(process),
			used_gpu_memory: mib,
			used_memory: mib,
		};
		return names.map((n) => values[n] ?? '').join(', ');
	});
	const head = names.map((n) => (format.units && n.startsWith('used') ? `${n} [MiB]` : n)).join(', ');
	return { text: [...(format.header ? [head] : []), ...rows].map((line) => `${line}\n`).join('') };
}
