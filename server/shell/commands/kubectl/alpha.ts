/** `kubectl alpha kuberc set` and `view`. Upstream: pkg/cmd/kuberc. */
import type { Obj } from './client.ts';
import { CliError } from './errors.ts';
import { array, bool, type Flags, text } from './flags.ts';
import { kubercPath, type OptionDefault, type Preference, readKuberc } from './kuberc.ts';
import type { Kube } from './kube.ts';
import { PRINT_FLAGS, printerFor } from './printers.ts';
import type { Subcommand } from './subcommand.ts';
import { toYaml } from './yaml-out.ts';

const EMPTY: Preference = { apiVersion: 'kubectl.config.k8s.io/v1beta1', kind: 'Preference' };

function placeOf(kube: Kube, flags: Flags): { readonly path: string; readonly explicit: boolean } {
	const place = kubercPath(kube.context.env, flags.str('kuberc'));
	if (place === undefined) throw new CliError('KUBERC is disabled via KUBERC=off environment variable');
	return place;
}

function optionsOf(flags: Flags): readonly OptionDefault[] {
	return flags.list('option').map((o) => {
		const eq = o.indexOf('=');
		if (eq < 0) throw new CliError(`invalid option format "${o}", expected flag=value`);
		return { name: o.slice(0, eq).replace(/^-+/, ''), default: o.slice(eq + 1) };
	});
}

/** Replaces the entry that `is` the same, or adds one. */
function put<T>(all: readonly T[] = [], is: (t: T) => boolean, entry: T, overwrite: boolean, exists: string): readonly T[] {
	const at = all.findIndex(is);
	if (at < 0) return [...all, entry];
	if (!overwrite) throw new CliError(`${exists}, use --overwrite to replace`);
	return all.map((t, i) => (i === at ? entry : t));
}

function changed(preference: Preference, flags: Flags): Preference {
	const [command, name, overwrite] = [flags.str('command'), flags.str('name'), flags.bool('overwrite')];
	const options = optionsOf(flags);
	if (flags.str('section') === 'defaults') {
		const entry = { command, options };
		return {
			...preference,
			defaults: put(preference.defaults, (d) => d.command === command, entry, overwrite, `defaults for command "${command}" already exist`),
		};
	}
	const [prependArgs, appendArgs] = [flags.list('prependarg'), flags.list('appendarg')];
	const entry = {
		...(appendArgs.length > 0 ? { appendArgs } : {}),
		command,
		name,
		...(options.length > 0 ? { options } : {}),
		...(prependArgs.length > 0 ? { prependArgs } : {}),
	};
	return { ...preference, aliases: put(preference.aliases, (a) => a.name === name, entry, overwrite, `alias "${name}" already exists`) };
}

function check(flags: Flags): void {
	const section = flags.str('section');
	const arguments_ = flags.list('prependarg').length + flags.list('appendarg').length;
	if (section !== 'defaults' && section !== 'aliases') throw new CliError(`--section must be "defaults" or "aliases", got: ${section}`);
	if (flags.str('command') === '') throw new CliError('--command is required');
	if (section === 'aliases' && flags.str('name') === '') throw new CliError('--name is required when --section=aliases');
	if (section === 'defaults' && flags.str('name') !== '') throw new CliError('--name should not be specified when --section=defaults');
	if (section === 'defaults' && arguments_ > 0) throw new CliError('--prependarg and --appendarg are only valid for --section=aliases');
}

const set: Subcommand = {
	name: 'set',
	flags: [array('appendarg'), text('command'), text('kuberc'), text('name'), array('option'), bool('overwrite'), array('prependarg'), text('section')],
	required: ['command', 'section'],
	completes: 'none',
	async run(kube, _args, flags) {
		const { path } = placeOf(kube, flags);
		check(flags);
		const next = changed((await readKuberc(kube.context, path)) ?? EMPTY, flags);
		await kube.context.files.mkdir(path.slice(0, path.lastIndexOf('/')) || '/');
		await kube.context.files.write(path, toYaml(next));
		kube.out(`Updated ${path}\n`);
		return 0;
	},
};

const ordered = (o: OptionDefault): OptionDefault => ({ name: o.name, default: o.default });

const view: Subcommand = {
	name: 'view',
	flags: [text('kuberc'), ...PRINT_FLAGS.map((f) => (f.name === 'output' ? { ...f, def: 'yaml' } : f))],
	completes: 'none',
	async run(kube, _args, flags) {
		const { path } = placeOf(kube, flags);
		const preference = await readKuberc(kube.context, path);
		if (preference === undefined) throw new CliError(`kuberc file not found at ${path}`);
		const printer = await printerFor(kube, flags, { keepOrder: true });
		// In the order of the Go struct, which JSON shows.
		const { kind, apiVersion, defaults = [], aliases = [] } = preference;
		const shown = {
			kind,
			apiVersion,
			defaults: defaults.map(({ command, options = [] }) => ({ command, options: options.map(ordered) })),
			aliases: aliases.map(({ name: alias, command, prependArgs, appendArgs, options }) => ({
				name: alias,
				command,
				...(prependArgs ? { prependArgs } : {}),
				...(appendArgs ? { appendArgs } : {}),
				...(options ? { options: options.map(ordered) } : {}),
			})),
		} as Obj;
		kube.out(printer === undefined ? toYaml(shown) : printer(shown));
		return 0;
	},
};

const kuberc: Subcommand = { name: 'kuberc', flags: [], children: [set, view] };

export const alpha: Subcommand = { name: 'alpha', bare: 'help', flags: [], children: [kuberc] };
