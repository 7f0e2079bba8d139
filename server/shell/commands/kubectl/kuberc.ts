/** The kuberc file: aliases and defaults of flags. Upstream: k8s.io/kubectl `pkg/kuberc`. */
import type { CommandContext } from '../../command.ts';
import { CliError } from './errors.ts';
import type { FlagSpec } from './flags.ts';
import { parseYaml } from './yaml-in.ts';

export interface OptionDefault {
	readonly name: string;
	readonly default: string;
}

export interface Preference {
	readonly apiVersion?: string;
	readonly kind?: string;
	readonly defaults?: readonly { readonly command: string; readonly options?: readonly OptionDefault[] }[];
	readonly aliases?: readonly {
		readonly name: string;
		readonly command: string;
		readonly prependArgs?: readonly string[];
		readonly appendArgs?: readonly string[];
		readonly options?: readonly OptionDefault[];
	}[];
}

/** Where the file is; undefined where KUBERC=off. `explicit`: asked for by name. */
export function kubercPath(env: CommandContext['env'], flag: string): { readonly path: string; readonly explicit: boolean } | undefined {
	if (env['KUBERC'] === 'off') {
		if (flag !== '') throw new CliError('disabling kuberc via KUBERC=off and passing kuberc flag are mutually exclusive');
		return undefined;
	}
	const named = flag || env['KUBERC'] || '';
	return { path: named || `${env['HOME'] ?? '/home/learner'}/.kube/kuberc`, explicit: named !== '' };
}

/** The file's preferences; undefined where there is no such file. */
export async function readKuberc(context: Omit<CommandContext, 'io'>, path: string): Promise<Preference | undefined> {
	if ((await context.files.stat(path)) === undefined) return undefined;
	const value = parseYaml(await context.files.read(path));
	return value !== null && typeof value === 'object' ? (value as Preference) : {};
}

/** `--kuberc` is looked for before any flag is read. */
function askedFor(words: readonly string[]): string {
	const end = words.indexOf('--');
	const before = end < 0 ? words : words.slice(0, end);
	const at = before.findIndex((w) => w === '--kuberc' || w.startsWith('--kuberc='));
	if (at < 0) return '';
	const word = before[at] as string;
	const path = word.includes('=') ? (word.split('=')[1] ?? '') : (before[at + 1] ?? '');
	if (path === '') throw new CliError('error occurred while applying preferences kuberc file is not found', { raw: true });
	return path;
}

const isGiven = (flag: FlagSpec, words: readonly string[]): boolean =>
	words.some(
		(w) => w === `--${flag.name}` || w.startsWith(`--${flag.name}=`) || (flag.short !== undefined && new RegExp(`^-(?!-)[A-Za-z]*${flag.short}`).test(w)),
	);

/** What the caller knows of commands: where the words of one end, its path and its flags. */
export interface CommandTree {
	resolve(words: readonly string[]): { readonly path: string; readonly flags?: readonly FlagSpec[]; readonly rest: readonly string[] };
}

/** `--name=value` for each option that is not given already. */
function defaultsOf(
	options: readonly OptionDefault[],
	flags: readonly FlagSpec[],
	words: readonly string[],
	wrong: (name: string) => string,
): readonly string[] {
	return options.flatMap((o) => {
		if (o.name.startsWith('-')) throw new CliError(`flag name ${o.name} should be in long form without dashes`);
		const flag = flags.find((f) => f.name === o.name);
		if (flag === undefined) throw new CliError(wrong(o.name));
		return isGiven(flag, words) ? [] : [`--${o.name}=${o.default}`];
	});
}

/** The command line with the file's alias taken apart and its defaults added. */
export async function withKuberc(words: readonly string[], context: CommandContext, tree: CommandTree): Promise<readonly string[]> {
	if (words.length === 0) return words;
	const place = kubercPath(context.env, askedFor(words));
	if (place === undefined) return words;
	const preference = await readKuberc(context, place.path);
	if (preference === undefined) {
		if (place.explicit)
			throw new CliError(`error occurred while applying preferences kuberc error kuberc: open ${place.path}: no such file or directory`, { raw: true });
		return words;
	}
	let line = words;
	const at = words.findIndex((w) => !w.startsWith('-'));
	const found = at < 0 ? undefined : tree.resolve(words);
	if (at >= 0 && found?.flags === undefined) {
		const alias = preference.aliases?.find((a) => a.name === words[at]);
		if (alias === undefined) return words;
		if (!/^[a-zA-Z]+$/.test(alias.name)) throw new CliError('invalid alias name, can only include alphabetical characters');
		const command = alias.command.split(/\s+/);
		const target = tree.resolve(command);
		if (target.flags === undefined) throw new CliError(`command "${alias.command}" not found to set alias "${alias.name}": []`);
		const options = defaultsOf(alias.options ?? [], target.flags, words, (name) => `invalid alias flag ${name} in alias kubectl`);
		line = [...words.slice(0, at), ...command, ...options, ...(alias.prependArgs ?? []), ...words.slice(at + 1), ...(alias.appendArgs ?? [])];
		return line;
	}
	if (found?.flags === undefined) return line;
	for (const entry of preference.defaults ?? []) {
		const target = tree.resolve(entry.command.split(/\s+/));
		if (target.flags === undefined) context.io.stderr(`Warning: command "${entry.command}" not found to set kuberc override\n`);
		else if (target.path === found.path) {
			const options = defaultsOf(entry.options ?? [], found.flags, line, (name) => `invalid flag ${name} for command ${entry.command}`);
			line = [...line.slice(0, at), ...found.path.split(' ').slice(1), ...options, ...found.rest.slice(at)];
		}
	}
	return line;
}
