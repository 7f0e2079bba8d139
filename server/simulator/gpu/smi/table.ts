/** `nvidia-smi` without arguments, and `-L`. Laid out as the 580 series prints it. */
import { formatTime } from '../../kernel/time.ts';
import { migProfile } from '../cards.ts';
import { CUDA_VERSION, DRIVER_VERSION } from '../driver-files.ts';
import { gpuModel } from '../models.ts';
import { instanceMemory, telemetry } from '../telemetry.ts';
import { type DeviceProcess, deviceProcesses } from '../use.ts';
import type { SeenCard, View } from './view.ts';

const LINE = '+-----------------------------------------+------------------------+----------------------+';
const WIDE = `+${'-'.repeat(89)}+`;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

/** As C's asctime: `Thu Nov 20 10:12:41 2025`. */
export function asctime(ms: number): string {
	const [, year = '', month = '1', day = '1', time = ''] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(formatTime(ms)) ?? [];
	// The epoch was a Thursday.
	const weekday = DAYS[(Math.floor(ms / DAY_MS) + 4) % 7] ?? '';
	return `${weekday} ${MONTHS[Number(month) - 1] ?? ''} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}

function head(view: View): readonly string[] {
	return [
		`${asctime(view.world.now)}       `,
		WIDE,
		`| NVIDIA-SMI ${DRIVER_VERSION.padEnd(23)}Driver Version: ${DRIVER_VERSION.padEnd(15)}CUDA Version: ${CUDA_VERSION.padEnd(9)}|`,
		LINE,
		'| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |',
		'| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |',
		'|                                         |                        |               MIG M. |',
		'|=========================================+========================+======================|',
	];
}

/** One card's three lines; ECC counts and utilisation are not to be had while it is cut. */
function cardRows(view: View, { index, card }: SeenCard): readonly string[] {
	const { spec, profiles } = gpuModel(view.node.model);
	if (card.lost === true) {
		return [
			`|   ${index}  ${'ERR!'.padEnd(31)}On  |   ${card.bus} Off |                 ERR! |`,
			'|ERR!  ERR! ERR!             ERR! / ERR! |         ERR! /    ERR! |    ERR!         ERR! |',
			'|                                         |                        |                 ERR! |',
			LINE,
		];
	}
	const t = telemetry(view.world, view.node, card);
	const ecc = card.mig ? 'On' : card.xid === 48 || card.xid === 95 ? '1' : '0';
	const power = `${Math.round(t.watts)}W`.padStart(16);
	const fan = spec.id === 'A10G' ? '  0%' : ' N/A';
	const celsius = `${t.celsius}C`;
	const util = card.mig ? 'N/A' : `${Math.round(t.util * 100)}%`;
	const used = `${t.usedMiB}MiB`;
	const mode = profiles.length === 0 ? 'N/A' : card.mig ? 'Enabled' : 'Disabled';
	return [
		`| ${String(index).padStart(3)}  ${spec.product.slice(0, 30).padEnd(31)}On  |   ${card.bus} Off | ${ecc.padStart(20)} |`,
		`|${fan} ${celsius.padStart(5)}    P${t.util > 0 ? '0' : idlePerf(spec.id)}${power} / ${`${spec.tdpWatts}W`.padStart(5)} |${used.padStart(11)} / ${`${t.totalMiB}MiB`.padStart(9)} |${util.padStart(8)}${'Default'.padStart(13)} |`,
		`|                                         |                        |${mode.padStart(21)} |`,
		LINE,
	];
}

/** Passive data-centre modules idle in P0, the inference cards in P8. */
export function idlePerf(spec: string): string {
	return ['T4', 'L4', 'A10G'].includes(spec) ? '8' : '0';
}

function migRows(view: View): readonly string[] {
	const rows: string[] = [];
	const model = gpuModel(view.node.model);
	for (const { index, card, instances } of view.cards) {
		for (const [dev, instance] of instances.entries()) {
			const profile = migProfile(model, instance.profile);
			const [copy = 0, decoder = 0, jpeg = 0, ofa = 0] = profile?.engines ?? [];
			const { usedMiB, totalMiB } = instanceMemory(view.world, view.node, { uuid: instance.uuid, card, instance });
			const cells = [copy, 0, decoder, ofa, jpeg];
			rows.push(
				`|${String(index).padStart(3)}${String(instance.id).padStart(5)}   0${String(dev).padStart(4)}  |${`${usedMiB}MiB`.padStart(19)} / ${`${totalMiB}MiB`.padStart(8)}    |${String(profile?.sms ?? 0).padStart(3)}${'0'.padStart(7)} |${String(cells[0]).padStart(3)}${String(cells[1]).padStart(4)}${String(cells[2]).padStart(5)}${String(cells[3]).padStart(5)}${String(cells[4]).padStart(5)} |`,
				`|                  |${'0MiB'.padStart(21)} / ${`${Math.floor((profile?.size ?? 0) * 8192)}MiB`.padStart(8)}  |           |                       |`,
				'+------------------+----------------------------------+-----------+-----------------------+',
			);
		}
	}
	if (!view.cards.some((c) => c.card.mig)) return [];
	const none = ['|  No MIG devices found                                                                   |', WIDE];
	return [
		'',
		WIDE,
		'| MIG devices:                                                                            |',
		'+------------------+----------------------------------+-----------+-----------------------+',
		'| GPU  GI  CI  MIG |              Shared Memory-Usage |        Vol|        Shared         |',
		'|      ID  ID  Dev |                Shared BAR1-Usage | SM     Unc| CE ENC  DEC  OFA  JPG |',
		'|                  |                                  |        ECC|                       |',
		'|==================+==================================+===========+=======================|',
		...(rows.length === 0 ? none : rows),
	];
}

/** Processes that are to be seen with their numbers on the machine: those of a container are hidden from one another by its pid namespace. */
export function seenProcesses(
	view: View,
): readonly { readonly gpu: number; readonly gi: string; readonly ci: string; readonly pid: number; readonly process: DeviceProcess }[] {
	if (!view.host) return [];
	return view.cards.flatMap(({ index, card, instances }) => {
		const devices = [{ uuid: card.uuid, gi: 'N/A', ci: 'N/A' }, ...instances.map((i) => ({ uuid: i.uuid, gi: String(i.id), ci: '0' }))];
		return devices.flatMap(({ uuid, gi, ci }) => deviceProcesses(view.world, uuid).map((process) => ({ gpu: index, gi, ci, pid: hostPid(process), process })));
	});
}

/** The kubelet's containers have pid namespaces of their own; the machine's number follows from container and pid. */
function hostPid({ container, pid }: DeviceProcess): number {
	let hash = pid;
	for (let i = 0; i < container.length; i++) hash = (Math.imul(hash, 31) + container.charCodeAt(i)) >>> 0;
	return 2000 + (hash % 60_000);
}

export function processName({ argv }: DeviceProcess): string {
	return argv[0] ?? '';
}

function processRows(view: View): readonly string[] {
	const rows = seenProcesses(view).map(({ gpu, gi, ci, pid, process }) => {
		const name = processName(process);
		const short = name.length > 34 ? `...${name.slice(-31)}` : name;
		const mib = `${Math.round(process.use.memoryBytes / 2 ** 20)}MiB`;
		return `|${String(gpu).padStart(5)}${gi.padStart(6)}${ci.padStart(5)}${String(pid).padStart(16)}${'C'.padStart(7)}   ${short.padEnd(36)}${mib.padStart(10)} |`;
	});
	return [
		' '.repeat(89),
		WIDE,
		'| Processes:                                                                              |',
		'|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |',
		'|        ID   ID                                                               Usage      |',
		`|${'='.repeat(89)}|`,
		...(rows.length === 0 ? ['|  No running processes found                                                             |'] : rows),
		WIDE,
	];
}

/** The whole page. */
export function table(view: View): string {
	return `${[...head(view), ...view.cards.flatMap((c) => cardRows(view, c)), ...migRows(view), ...processRows(view)].join('\n')}\n`;
}

/** `nvidia-smi -L`. */
export function list(view: View): string {
	const { product } = gpuModel(view.node.model).spec;
	return view.cards
		.flatMap(({ index, card, instances }) => [
			card.lost === true ? `Unable to determine the device handle for gpu ${card.bus}: Unknown Error` : `GPU ${index}: ${product} (UUID: ${card.uuid})`,
			...instances.map((i, dev) => `  ${`MIG ${i.profile}`.padEnd(16)}Device ${String(dev).padStart(2)}: (UUID: ${i.uuid})`),
		])
		.map((line) => `${line}\n`)
		.join('');
}
