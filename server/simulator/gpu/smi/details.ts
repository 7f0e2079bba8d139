/** `nvidia-smi -q`, whole or one section of it (`-d MEMORY,UTILIZATION`). */
import { CUDA_VERSION, DRIVER_VERSION } from '../driver-files.ts';
import { gpuModel } from '../models.ts';
import { telemetry } from '../telemetry.ts';
import { asctime, idlePerf } from './table.ts';
import type { SeenCard, View } from './view.ts';

/** Lines of a page: depth, name, value. A name without a value opens a group. */
type Line = readonly [depth: number, name: string, value?: string];

const VALUE_COLUMN = 43;

function render([depth, name, value]: Line): string {
	const start = `${'    '.repeat(depth)}${name}`;
	return value === undefined ? start : `${start.padEnd(VALUE_COLUMN + 7)}: ${value}`;
}

function sections(view: View, { card, instances }: SeenCard): { readonly [section: string]: readonly Line[] } {
	const model = gpuModel(view.node.model);
	const { spec } = model;
	const t = telemetry(view.world, view.node, card);
	const mode = model.profiles.length === 0 ? 'N/A' : card.mig ? 'Enabled' : 'Disabled';
	const percent = (x: number): string => (card.mig ? 'N/A' : `${Math.round(x * 100)} %`);
	const [sm, memory] = model.clocks;
	return {
		GENERAL: [
			[1, 'Product Name', spec.product],
			[1, 'Product Brand', spec.id === 'T4' ? 'Tesla' : 'NVIDIA'],
			[1, 'Product Architecture', spec.architecture === 'ada' ? 'Ada Lovelace' : `${spec.architecture[0]?.toUpperCase() ?? ''}${spec.architecture.slice(1)}`],
			[1, 'Display Mode', 'Disabled'],
			[1, 'Persistence Mode', 'Enabled'],
			[1, 'Addressing Mode', 'None'],
			[1, 'MIG Mode'],
			[2, 'Current', mode],
			[2, 'Pending', mode],
			...(instances.length === 0
				? [[1, 'MIG Device', 'None'] as const]
				: instances.flatMap((i, dev): readonly Line[] => [
						[1, 'MIG Device'],
						[2, 'Index', String(dev)],
						[2, 'GPU Instance ID', String(i.id)],
						[2, 'Compute Instance ID', '0'],
					])),
			[1, 'GPU UUID', card.uuid],
			[1, 'Minor Number', String(card.index)],
			[1, 'PCI'],
			[2, 'Bus', `0x${card.bus.slice(9, 11)}`],
			[2, 'Device', '0x00'],
			[2, 'Domain', '0x0000'],
			[2, 'Device Id', model.pciId],
			[2, 'Bus Id', card.bus],
			[1, 'Fan Speed', spec.id === 'A10G' ? '0 %' : 'N/A'],
			[1, 'Performance State', `P${t.util > 0 ? '0' : idlePerf(spec.id)}`],
		],
		MEMORY: [
			[1, 'FB Memory Usage'],
			[2, 'Total', `${t.totalMiB} MiB`],
			[2, 'Reserved', `${t.reservedMiB} MiB`],
			[2, 'Used', `${t.usedMiB} MiB`],
			[2, 'Free', `${t.freeMiB} MiB`],
		],
		COMPUTE: [[1, 'Compute Mode', 'Default']],
		UTILIZATION: [
			[1, 'Utilization'],
			[2, 'GPU', percent(t.util)],
			[2, 'Memory', percent(t.dram)],
			[2, 'Encoder', percent(0)],
			[2, 'Decoder', percent(0)],
			[2, 'JPEG', percent(0)],
			[2, 'OFA', percent(0)],
		],
		ECC: [
			[1, 'ECC Mode'],
			[2, 'Current', 'Enabled'],
			[2, 'Pending', 'Enabled'],
			[1, 'ECC Errors'],
			[2, 'Volatile'],
			[3, 'DRAM Correctable', '0'],
			[3, 'DRAM Uncorrectable', card.xid === 48 || card.xid === 95 ? '1' : '0'],
		],
		TEMPERATURE: [
			[1, 'Temperature'],
			[2, 'GPU Current Temp', `${t.celsius} C`],
			[2, 'Memory Current Temp', t.memoryCelsius === 0 ? 'N/A' : `${t.memoryCelsius} C`],
		],
		POWER: [
			[1, 'GPU Power Readings'],
			[2, 'Average Power Draw', `${t.watts.toFixed(2)} W`],
			[2, 'Instantaneous Power Draw', `${t.watts.toFixed(2)} W`],
			[2, 'Current Power Limit', `${spec.tdpWatts.toFixed(2)} W`],
			[2, 'Default Power Limit', `${spec.tdpWatts.toFixed(2)} W`],
		],
		CLOCK: [
			[1, 'Clocks'],
			[2, 'Graphics', `${t.smClock} MHz`],
			[2, 'SM', `${t.smClock} MHz`],
			[2, 'Memory', `${t.memoryClock} MHz`],
			[1, 'Max Clocks'],
			[2, 'Graphics', `${sm} MHz`],
			[2, 'SM', `${sm} MHz`],
			[2, 'Memory', `${memory} MHz`],
		],
	};
}

/** The page; `display` names the sections wanted, all of them where it is left out. */
export function details(view: View, display: string | undefined): string {
	const wanted = display?.toUpperCase().split(',');
	const lines: string[] = [
		'',
		'==============NVSMI LOG==============',
		'',
		render([0, 'Timestamp', asctime(view.world.now)]),
		render([0, 'Driver Version', DRIVER_VERSION]),
		render([0, 'CUDA Version', CUDA_VERSION]),
		'',
		render([0, 'Attached GPUs', String(view.cards.length)]),
	];
	for (const seen of view.cards) {
		lines.push(`GPU ${seen.card.bus}`);
		for (const [section, rows] of Object.entries(sections(view, seen))) {
			if (wanted === undefined || wanted.includes(section)) lines.push(...rows.map(render));
		}
		lines.push('');
	}
	return `${lines.join('\n')}\n`;
}
