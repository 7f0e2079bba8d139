/** mig-parted's configuration: the layouts that ship with it, and reading somebody's own. Models NVIDIA/mig-parted's api/spec/v1 and the operator's default-mig-parted-config. */
import { parse, stringify } from 'yaml';
import { type GpuModel, gpuModels } from './models.ts';

/** One entry of a layout: for which cards, MIG or not, and what to cut them into. */
interface Spec {
	readonly devices?: 'all' | readonly number[];
	readonly 'device-filter'?: string | readonly string[];
	readonly 'mig-enabled'?: boolean;
	readonly 'mig-devices'?: { readonly [profile: string]: number };
}

type Configs = { readonly [name: string]: readonly Spec[] };

/** `all-balanced` by the memory of the card, in the eighths that a 1g has. */
function balanced(model: GpuModel): { readonly [profile: string]: number } {
	const of = (slices: number): string => model.profiles.find((p) => p.slices === slices && !p.name.endsWith('+me'))?.name ?? '';
	return { [of(1)]: 2, [of(2)]: 1, [of(3)]: 1 };
}

function defaults(): Configs {
	const models = [...gpuModels().values()].filter((m) => m.profiles.length > 0);
	const all: { [name: string]: Spec[] } = {
		'all-disabled': [{ devices: 'all', 'mig-enabled': false }],
		'all-enabled': [{ devices: 'all', 'mig-enabled': true, 'mig-devices': {} }],
	};
	for (const name of new Set(models.flatMap((m) => m.profiles.map((p) => p.name)))) {
		const cards = models.flatMap((m) => m.profiles.filter((p) => p.name === name).map((p) => ({ pciId: m.pciId, max: p.max })));
		// Cards are told apart only where the same profile fits a different number of times: else any card is taken, and one without the profile refuses.
		const alike = cards.every((c) => c.max === cards[0]?.max);
		all[`all-${name.replace('+', '.')}`] = alike
			? [{ devices: 'all', 'mig-enabled': true, 'mig-devices': { [name]: cards[0]?.max ?? 1 } }]
			: cards.map((c) => ({ 'device-filter': [c.pciId], devices: 'all', 'mig-enabled': true, 'mig-devices': { [name]: c.max } }));
	}
	const balances = models.map((m): Spec => ({ 'device-filter': [m.pciId], devices: 'all', 'mig-enabled': true, 'mig-devices': balanced(m) }));
	return { ...all, 'all-balanced': balances };
}

/** The ConfigMap's `config.yaml`. */
export function defaultMigConfig(): string {
	return stringify({ version: 'v1', 'mig-configs': defaults() });
}

/** What a named layout wants of the i-th card: instances by profile, or MIG off. Words of mig-parted where there is no such layout. */
export function wantedLayout(
	text: string,
	name: string,
	model: GpuModel,
	cards: number,
): { readonly cards: readonly (Spec | undefined)[] } | { readonly error: string } {
	let file: unknown;
	try {
		file = parse(text);
	} catch (error) {
		return { error: `error parsing config file: unmarshal error: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}` };
	}
	const configs = (file as { readonly 'mig-configs'?: { readonly [name: string]: unknown } | null } | null)?.['mig-configs'];
	const listed = typeof configs === 'object' && configs !== null && Object.hasOwn(configs, name) ? configs[name] : undefined;
	if (!Array.isArray(listed)) return { error: `error selecting MIG config: selected mig-config not present: ${name}` };
	const specs = listed.filter((s): s is Spec => typeof s === 'object' && s !== null);
	const matches = (spec: Spec, index: number): boolean => {
		const filter = spec['device-filter'];
		const ids = filter === undefined ? undefined : [filter].flat();
		if (ids !== undefined && !ids.some((id) => String(id).toLowerCase() === model.pciId.toLowerCase())) return false;
		return spec.devices === undefined || spec.devices === 'all' || (Array.isArray(spec.devices) && spec.devices.includes(index));
	};
	return { cards: Array.from({ length: cards }, (_, i) => specs.find((s) => matches(s, i))) };
}
