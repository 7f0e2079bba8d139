/** From words to a subcommand run: finding it, reading its flags, printing help, wording faults (cobra's part of kubectl). */
import type { CommandContext } from '../../command.ts';
import { CliError, errorText, toError } from './errors.ts';
import { FlagError, type FlagSpec, type Flags, HelpAsked, parseFlags } from './flags.ts';
import { helpOf } from './help/words.ts';
import { type CommandTree, withKuberc } from './kuberc.ts';
import { GLOBAL_FLAGS, Kube } from './kube.ts';
import type { Subcommand } from './subcommand.ts';
import { hidden, subcommands } from './subcommands.ts';

const named = (all: readonly Subcommand[], word: string): Subcommand | undefined => all.find((c) => c.name === word || (c.aliases ?? []).includes(word));

/** Flags of the command, with the global ones it doesn't redefine. */
export function allFlags(command: Pick<Subcommand, 'flags'>): readonly FlagSpec[] {
	const own = new Set(command.flags.map((f) => f.name));
	const shorts = new Set(command.flags.map((f) => f.short));
	return [
		...command.flags,
		...GLOBAL_FLAGS.filter((f) => !own.has(f.name)).map((f) => (f.short !== undefined && shorts.has(f.short) ? { ...f, short: undefined as never } : f)),
	];
}

/** Where the subcommand's name stands among global flags that may come before it. */
function firstWord(words: readonly string[]): number {
	for (let i = 0; i < words.length; i++) {
		const word = words[i] as string;
		if (word === '--') return -1;
		if (!word.startsWith('-')) return i;
		const name = word.replace(/^-+/, '');
		const spec = GLOBAL_FLAGS.find((f) => f.name === name || (word.startsWith('-') && !word.startsWith('--') && f.short === name));
		if (spec !== undefined && spec.kind !== 'bool' && !word.includes('=')) i++;
	}
	return -1;
}

function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_v, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
		row = next;
	}
	return row[b.length] ?? 0;
}

/** Order in which cobra offers suggestions: that of registration. */
function unknownCommand(word: string, path: string, all: readonly Subcommand[]): CliError {
	const near = all.filter((c) => distance(word.toLowerCase(), c.name) <= 2 || c.name.startsWith(word.toLowerCase())).map((c) => `\t${c.name}`);
	return new CliError(`unknown command "${word}" for "${path}"${near.length > 0 ? `\n\nDid you mean this?\n${near.join('\n')}` : ''}`);
}

/** The (sub-)subcommand that `words` name, its path and the words left. */
export function resolve(words: readonly string[]): {
	readonly command?: Subcommand;
	readonly path: string;
	readonly rest: readonly string[];
	readonly unknown?: CliError;
} {
	const at = firstWord(words);
	if (at < 0) return { path: 'kubectl', rest: words };
	const word = words[at] as string;
	let command = named([...subcommands, ...hidden], word);
	if (command === undefined) return { path: 'kubectl', rest: words, unknown: unknownCommand(word, 'kubectl', subcommands) };
	let rest: readonly string[] = [...words.slice(0, at), ...words.slice(at + 1)];
	let path = `kubectl ${command.name}`;
	while (command?.children !== undefined) {
		const next = firstWord(rest);
		const child: Subcommand | undefined = next < 0 ? undefined : named(command.children, rest[next] as string);
		if (child === undefined) break;
		rest = [...rest.slice(0, next), ...rest.slice(next + 1)];
		path += ` ${child.name}`;
		command = child;
	}
	return { command, path, rest };
}

/** A command that only holds others, run without one of them. */
async function bareGroup(command: Subcommand, path: string, args: readonly string[], context: CommandContext): Promise<number> {
	const help = await helpOf(path.replace('kubectl ', ''));
	if (command.bare === 'help') {
		context.io.stdout(help);
		return 0;
	}
	const [word] = args;
	if (word !== undefined) throw new CliError(`unknown command "${word}"\nSee '${path} -h' for help and examples`);
	if (command.bare === 'stdout') context.io.stdout(help);
	else context.io.stderr(help);
	return 1;
}

/** `kubectl help X Y`: words that name no command are passed over once one is named. */
async function runHelp(words: readonly string[], context: CommandContext): Promise<number> {
	let flags: Flags;
	try {
		flags = parseFlags(GLOBAL_FLAGS, words);
	} catch (err) {
		if (err instanceof HelpAsked) {
			context.io.stdout(await helpOf('help'));
			return 0;
		}
		if (err instanceof FlagError) throw new CliError(`${err.message}\nSee 'kubectl help --help' for usage.`);
		throw err;
	}
	const { command, path, unknown } = resolve(flags.args);
	if (flags.args[0] === 'help') context.io.stdout(await helpOf('help'));
	else if (unknown !== undefined) {
		const all = await helpOf('');
		context.io.stderr(`Unknown help topic [${flags.args.map((a) => `\`${a}\``).join(' ')}]\n\n\n${all.slice(all.indexOf('Basic Commands'))}`);
	} else context.io.stdout(await helpOf(command === undefined ? '' : path.replace('kubectl ', '')));
	return 0;
}

const TREE: CommandTree = {
	resolve: (words) => {
		const { command, path, rest } = resolve(words);
		return { path, rest, ...(command === undefined ? {} : { flags: allFlags(command) }) };
	},
};

async function runCommand(command: Subcommand, path: string, rest: readonly string[], context: CommandContext): Promise<number> {
	let flags: Flags;
	try {
		flags = parseFlags(allFlags(command), rest, { interspersed: command.interspersed ?? true });
	} catch (err) {
		if (err instanceof HelpAsked) {
			context.io.stdout(await helpOf(path.replace('kubectl ', '')));
			return 0;
		}
		if (err instanceof FlagError) throw new CliError(`${err.message}\nSee '${path} --help' for usage.`);
		throw err;
	}
	if (command.run === undefined) return await bareGroup(command, path, flags.args, context);
	const missing = (command.required ?? []).filter((name) => !flags.changed(name)).sort();
	if (missing.length > 0) throw new CliError(`required flag(s) ${missing.map((name) => `"${name}"`).join(', ')} not set`);
	for (const spec of command.flags)
		if (spec.deprecated !== undefined && flags.changed(spec.name)) context.io.stderr(`Flag --${spec.name} has been deprecated, ${spec.deprecated}\n`);
	const kube = await Kube.open(context, flags, path);
	const code = (await command.run(kube, flags.args, flags)) ?? 0;
	if (flags.bool('warnings-as-errors') && kube.warnings > 0) throw new CliError(`${kube.warnings} warning${kube.warnings > 1 ? 's' : ''} received`);
	return code;
}

/** Runs `kubectl <words>`; resolves with the exit code. */
export async function run(words: readonly string[], context: CommandContext): Promise<number> {
	try {
		if (words[0] === 'help') return await runHelp(words.slice(1), context);
		const { command, path, rest, unknown } = resolve(await withKuberc(words, context, TREE));
		if (unknown !== undefined) throw unknown;
		if (command !== undefined) {
			const code = await runCommand(command, path, rest, context);
			return context.io.signal.aborted ? 130 : code;
		}
		parseFlags(GLOBAL_FLAGS, rest);
		context.io.stdout(await helpOf(''));
		return 0;
	} catch (err) {
		if (err instanceof HelpAsked) {
			context.io.stdout(await helpOf(''));
			return 0;
		}
		if (context.io.signal.aborted) return 130;
		const error = toError(err);
		const said = error instanceof FlagError ? `${errorText(error)}\nSee 'kubectl --help' for usage.` : errorText(error);
		context.io.stderr(said.endsWith('\n') ? said : `${said}\n`);
		return error instanceof CliError ? error.exitCode : 1;
	}
}
