/** `--help` in the layout of kubectl's templates. */
import type { FlagSpec } from './flags.ts';
import type { Subcommand } from './subcommand.ts';

export interface Group {
	readonly title: string;
	readonly commands: readonly Subcommand[];
}

function shown(spec: FlagSpec): string {
	switch (spec.kind) {
		case 'list':
		case 'array':
			return '[]';
		case 'string':
			return `'${spec.def ?? ''}'`;
		default:
			return spec.def ?? '';
	}
}

export function flagHelp(flags: readonly FlagSpec[]): string {
	return flags
		.filter((f) => !f.hidden)
		.slice()
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.map((f) => `    ${f.short === undefined ? '' : `-${f.short}, `}--${f.name}=${shown(f)}:\n\t${f.help}\n`)
		.join('\n');
}

export function commandHelp(command: Subcommand, path: string): string {
	const parts = [`${command.short}.\n`];
	if (command.long !== undefined) parts.push(` ${command.long}\n`);
	if (command.aliases !== undefined) parts.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}\n`);
	if (command.examples !== undefined) parts.push(`Examples:\n${command.examples}\n`);
	if (command.children !== undefined) parts.push(`Available Commands:\n${column(command.children)}`);
	if (command.flags.some((f) => !f.hidden)) parts.push(`Options:\n${flagHelp(command.flags)}`);
	const parent = path.slice(0, path.lastIndexOf(' '));
	parts.push(`Usage:\n  ${parent} ${command.usage} [options]\n`);
	if (command.children !== undefined) parts.push(`Use "${path} <command> --help" for more information about a given command.`);
	parts.push('Use "kubectl options" for a list of global command-line options (applies to all commands).\n');
	return parts.join('\n').replace('given command.\n\nUse', 'given command.\nUse');
}

function column(commands: readonly Subcommand[]): string {
	const width = Math.max(13, ...commands.map((c) => c.name.length));
	return commands.map((c) => `  ${c.name.padEnd(width)}   ${c.short}\n`).join('');
}

export function rootHelp(groups: readonly Group[]): string {
	const width = Math.max(...groups.flatMap((g) => g.commands.map((c) => c.name.length))) + 3;
	const sections = groups.map((g) => `${g.title}:\n${g.commands.map((c) => `  ${c.name.padEnd(width)} ${c.short}\n`).join('')}`);
	return [
		'kubectl controls the Kubernetes cluster manager.\n',
		' Find more information at: https://kubernetes.io/docs/reference/kubectl/\n',
		...sections,
		'Usage:\n  kubectl [flags] [options]\n',
		'Use "kubectl <command> --help" for more information about a given command.\nUse "kubectl options" for a list of global command-line options (applies to all commands).\n',
	].join('\n');
}

export function optionsHelp(flags: readonly FlagSpec[]): string {
	return `The following options can be passed to any command:\n\n${flagHelp(flags)}`;
}
