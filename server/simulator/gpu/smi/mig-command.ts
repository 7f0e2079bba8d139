/** `nvidia-smi mig …`: profiles, instances and their making. */
import { createInstance, freeInstances } from '../mig.ts';
import { migProfile } from '../cards.ts';
import { gpuModel, type MigProfile } from '../models.ts';
import { getGpuNode, type GpuCard, setGpuNode } from '../state.ts';
import { deviceClients } from '../use.ts';
import type { View } from './view.ts';

export interface Answer {
	readonly out: string;
	readonly code: number;
}

const answer = (lines: readonly string[], code = 0): Answer => ({ out: lines.map((l) => `${l}\n`).join(''), code });
const PERMISSION = answer(['Insufficient Permissions'], 4);
const RULE = `+${'-'.repeat(77)}+`;

function profileRows(view: View): Answer {
	const lines = [
		RULE,
		'| GPU instance profiles:                                                      |',
		'| GPU   Name             ID    Instances   Memory     P2P    SM    DEC   ENC  |',
		'|                              Free/Total   GiB              CE    JPEG  OFA  |',
		`|${'='.repeat(77)}|`,
	];
	const model = gpuModel(view.node.model);
	for (const { index, card } of view.cards.filter((c) => c.card.mig)) {
		for (const p of model.profiles) {
			const [copy, decoder, jpeg, ofa] = p.engines;
			const free = `${freeInstances(model, card.instances, p)}/${p.max}`;
			lines.push(
				`| ${String(index).padStart(3)}  MIG ${p.name.padEnd(14)}${String(p.id).padStart(3)}     ${free.padEnd(10)} ${p.memoryGiB.toFixed(2).padEnd(11)}No  ${String(p.sms).padStart(5)}${String(decoder).padStart(6)}${'0'.padStart(6)}   |`,
				`|                                                           ${String(copy).padStart(3)}${String(jpeg).padStart(6)}${String(ofa).padStart(6)}   |`,
				RULE,
			);
		}
	}
	return answer(lines);
}

function placementRows(view: View): Answer {
	const model = gpuModel(view.node.model);
	return answer(
		view.cards
			.filter((c) => c.card.mig)
			.flatMap(({ index }) =>
				model.profiles.map(
					(p) => `GPU  ${index} Profile ID ${String(p.id).padStart(2)} Placements: {${[...p.starts].sort((a, b) => a - b).join(',')}}:${p.size}`,
				),
			),
	);
}

function instanceRows(view: View): Answer {
	const model = gpuModel(view.node.model);
	const rows = view.cards.flatMap(({ index, card }) =>
		[...card.instances]
			.sort((a, b) => (migProfile(model, a.profile)?.id ?? 0) - (migProfile(model, b.profile)?.id ?? 0) || a.id - b.id)
			.map((i) => {
				const p = migProfile(model, i.profile);
				return `| ${String(index).padStart(3)}  MIG ${i.profile.padEnd(14)}${String(p?.id ?? 0).padStart(4)}${String(i.id).padStart(9)}${`${i.start}:${p?.size ?? 0}`.padStart(13)}     |`;
			}),
	);
	if (rows.length === 0) return answer(['No GPU instances found: Not Found'], 6);
	const rule = `+${'-'.repeat(55)}+`;
	return answer([
		rule,
		'| GPU instances:                                        |',
		'| GPU   Name             Profile  Instance   Placement  |',
		'|                          ID       ID       Start:Size |',
		`|${'='.repeat(55)}|`,
		...rows.flatMap((r) => [r, rule]),
	]);
}

/** Compute instance profiles are numbered by their slices: 0 for one, 1 for two, 2 for three, 3 for four, 4 for all. */
const COMPUTE_IDS: { readonly [slices: number]: number } = { 1: 0, 2: 1, 3: 2, 4: 3, 7: 4 };

function computeRows(view: View): Answer {
	const model = gpuModel(view.node.model);
	const rows = view.cards.flatMap(({ index, card }) =>
		card.instances.map((i) => {
			const slices = migProfile(model, i.profile)?.slices ?? 0;
			return `| ${String(index).padStart(3)}${String(i.id).padStart(7)}       MIG ${i.profile.padEnd(14)}${String(COMPUTE_IDS[slices] ?? 0).padStart(4)}${'0'.padStart(10)}${`0:${slices}`.padStart(12)}     |`;
		}),
	);
	if (rows.length === 0) return answer(['No compute instances found: Not Found'], 6);
	const rule = `+${'-'.repeat(68)}+`;
	return answer([
		rule,
		'| Compute instances:                                                 |',
		'| GPU     GPU       Name             Profile   Instance   Placement  |',
		'|       Instance                       ID        ID       Start:Size |',
		'|         ID                                                         |',
		`|${'='.repeat(68)}|`,
		...rows.flatMap((r) => [r, rule]),
	]);
}

function change(view: View, card: GpuCard): void {
	const node = getGpuNode(view.world, view.node.name);
	if (node !== undefined) setGpuNode(view.world, { ...node, cards: node.cards.map((c) => (c.uuid === card.uuid ? card : c)) });
}

/** `-cgi 9,3g.20gb[:start]`: on every card that is named, one after the other; stops at the first that does not fit. */
function createInstances(view: View, wanted: string, compute: boolean): Answer {
	const model = gpuModel(view.node.model);
	const lines: string[] = [];
	for (const seen of view.cards.filter((c) => c.card.mig)) {
		let { card } = seen;
		for (const text of wanted.split(',')) {
			const [which = '', start] = text.split(':');
			const profile: MigProfile | undefined = model.profiles.find((p) => String(p.id) === which || p.name === which.replace(/^MIG /, ''));
			if (profile === undefined)
				return answer([...lines, `Unable to create a GPU instance on GPU ${String(seen.index).padStart(2)} using profile ${which}: Not Supported`], 3);
			const made = createInstance(view.node, card, profile, start === undefined ? undefined : Number(start));
			const named = `MIG ${profile.name} (ID ${String(profile.id).padStart(2)})`;
			if (made === undefined) {
				return answer(
					[
						...lines,
						`Unable to create a GPU instance on GPU ${String(seen.index).padStart(2)} using profile ${profile.id}: Insufficient Resources`,
						'Failed to create GPU instances: Insufficient Resources',
					],
					19,
				);
			}
			card = { ...card, instances: [...card.instances, made] };
			change(view, card);
			lines.push(`Successfully created GPU instance ID ${String(made.id).padStart(2)} on GPU ${String(seen.index).padStart(2)} using profile ${named}`);
			if (compute) {
				const id = COMPUTE_IDS[profile.slices] ?? 0;
				lines.push(
					`Successfully created compute instance ID  0 on GPU ${String(seen.index).padStart(2)} GPU instance ID ${String(made.id).padStart(2)} using profile MIG ${profile.name} (ID ${String(id).padStart(2)})`,
				);
			}
		}
	}
	return lines.length === 0 ? answer(['No MIG-enabled devices found.'], 6) : answer(lines);
}

/** `-dgi` and `-dci`: instances with work on them stay. A compute instance is kept with its GPU instance here. */
function destroy(view: View, compute: boolean): Answer {
	const lines: string[] = [];
	for (const { index, card } of view.cards) {
		const at = `GPU ${String(index).padStart(2)}`;
		for (const i of card.instances) {
			const id = String(i.id).padStart(2);
			const what = compute ? `compute instance ID  0 from ${at} GPU instance ID ${id}` : `GPU instance ID ${id} from ${at}`;
			if (deviceClients(view.world, i.uuid).length > 0) {
				return answer(
					[
						...lines,
						`Unable to destroy ${what}: In use by another client`,
						`Failed to destroy ${compute ? 'compute' : 'GPU'} instances: In use by another client`,
					],
					19,
				);
			}
			lines.push(`Successfully destroyed ${what}`);
		}
		if (!compute) change(view, { ...card, instances: [] });
	}
	return lines.length === 0 ? answer([`No ${compute ? 'compute' : 'GPU'} instances found: Not Found`], 6) : answer(lines);
}

/** What comes after `nvidia-smi mig`. */
export function migCommand(view: View, args: readonly string[]): Answer {
	if (!view.cards.some((c) => c.card.mig)) return answer(['No MIG-enabled devices found.'], 6);
	const value = (...names: readonly string[]): string | undefined => {
		const at = args.findIndex((a) => names.includes(a));
		return at === -1 ? undefined : args[at + 1];
	};
	const has = (...names: readonly string[]): boolean => args.some((a) => names.includes(a));
	const wanted = value('-cgi', '--create-gpu-instance');
	if (has('-lgip', '--list-gpu-instance-profiles')) return profileRows(view);
	if (has('-lgipp', '--list-gpu-instance-possible-placements')) return placementRows(view);
	if (has('-lgi', '--list-gpu-instances')) return instanceRows(view);
	if (has('-lci', '--list-compute-instances')) return computeRows(view);
	if (!view.host) return PERMISSION;
	if (wanted !== undefined) return createInstances(view, wanted, has('-C', '--default-compute-instance'));
	if (has('-dgi', '--destroy-gpu-instance')) return destroy(view, false);
	if (has('-dci', '--destroy-compute-instance')) return destroy(view, true);
	return answer([`Invalid combination of input arguments. Please run 'nvidia-smi mig -h' for help.`, ''], 1);
}

/** `nvidia-smi -mig 0|1`. */
export function migMode(view: View, mode: string): Answer {
	if (mode !== '0' && mode !== '1') return answer([`Invalid MIG mode: ${mode}`], 2);
	const lines: string[] = [];
	const model = gpuModel(view.node.model);
	let code = 0;
	for (const { card } of view.cards) {
		if (model.profiles.length === 0) {
			lines.push(`Unable to ${mode === '1' ? 'enable' : 'disable'} MIG Mode for GPU ${card.bus}: Not Supported`, 'Treating as warning and moving on.');
			continue;
		}
		if (!view.host) return answer([`Unable to set MIG mode for GPU ${card.bus}: Insufficient Permissions`, 'Terminating early due to previous errors.'], 4);
		const busy = deviceClients(view.world, card.uuid).length > 0 || card.instances.some((i) => deviceClients(view.world, i.uuid).length > 0);
		if (busy && mode === '0') {
			lines.push(`Unable to disable MIG Mode for GPU ${card.bus}: In use by another client`);
			code = 19;
			continue;
		}
		if (busy) {
			lines.push(
				`Warning: MIG mode is in pending enable state for GPU ${card.bus}:In use by another client`,
				`${card.bus} is currently being used by one or more other processes (e.g. CUDA application or a monitoring application such as another instance of nvidia-smi). Please first kill all processes using the device and retry the command or reboot the system to make MIG mode effective.`,
			);
			continue;
		}
		change(view, { ...card, mig: mode === '1', instances: [] });
		lines.push(`${mode === '1' ? 'Enabled' : 'Disabled'} MIG Mode for GPU ${card.bus}`);
	}
	return answer([...lines, 'All done.'], code);
}
