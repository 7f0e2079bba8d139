/**
 * Writes server/shell/commands/kubectl/help/words.gen.ts: what `kubectl <command> --help` says of every command, in parts.
 *
 *   node tools/kubectl-help/generate.ts <kubectl binary>
 *
 * The words are those of kubectl itself (The Kubernetes Authors, Apache-2.0), as the real binary prints them.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** As help/words.ts reads it. */
interface Words {
	about: string;
	aliases?: string;
	examples?: string;
	/** Titled lists of subcommands with what they do. */
	commands?: [string, [string, string][]][];
	/** Indexes into the list of flags. */
	flags?: number[];
	usage?: string;
}

const [binary] = process.argv.slice(2);
if (binary === undefined) throw new Error('usage: node tools/kubectl-help/generate.ts <kubectl binary>');

const flags: string[] = [];
const help: { [path: string]: Words } = {};

function flagIndex(text: string): number {
	const at = flags.indexOf(text);
	return at < 0 ? flags.push(text) - 1 : at;
}

function printed(words: readonly string[]): string {
	const { stdout, status } = spawnSync(binary as string, words, { encoding: 'utf8', env: { HOME: '/home/learner', PATH: '' } });
	if (status !== 0) throw new Error(`kubectl ${words.join(' ')} ended with ${status}`);
	return stdout;
}

const flagsOf = (text: string): number[] =>
	text
		.split(/\n\n(?= {4}-)/)
		.filter((f) => f.trim() !== '')
		.map((f) => flagIndex(f.replace(/\n+$/, '')));

/** The text between a heading and the next one of those that may follow. */
function part(text: string, heading: string): string | undefined {
	const start = text.indexOf(`\n${heading}:\n`);
	if (start < 0) return undefined;
	const rest = text.slice(start + heading.length + 3);
	const end = rest.search(
		/\n\n(?:Aliases|Examples|[A-Z][\w() ]*Commands(?: \([\w]+\))?|Subcommands provided by plugins|Options|Usage|Use "kubectl (?:options"|.*<command>).*):?/,
	);
	return end < 0 ? rest : rest.slice(0, end);
}

function read(path: readonly string[]): void {
	const text = printed([...path, '--help']);
	const lists = [...text.matchAll(/(?<=\n\n)([A-Z][\w() ]*Commands(?: \(\w+\))?|Subcommands provided by plugins):\n((?: {2}[a-z-]+ +\S.*\n)*)/g)];
	const first = text.search(
		/\n\n(?:Aliases|Examples|[A-Z][\w() ]*Commands(?: \(\w+\))?|Subcommands provided by plugins|Options|Usage):\n|\n\nUse "kubectl (?:[a-z -]+ )?<command>/,
	);
	const words: Words = { about: text.slice(0, first) };
	const aliases = part(text, 'Aliases');
	const examples = part(text, 'Examples');
	const options = part(text, 'Options');
	const usage = part(text, 'Usage');
	if (aliases !== undefined) words.aliases = aliases;
	if (examples !== undefined) words.examples = examples;
	if (lists.length > 0)
		words.commands = lists.map(([, title = '', rows = '']) => [
			title,
			[...rows.matchAll(/^ {2}([a-z-]+) +(\S.*)$/gm)].map(([, name = '', short = '']): [string, string] => [name, short]),
		]);
	if (options !== undefined) words.flags = flagsOf(options);
	if (usage !== undefined) words.usage = usage.trim();
	help[path.join(' ')] = words;
	for (const [, rows] of words.commands ?? []) for (const [name] of rows) read([...path, name]);
}

read([]);
read(['help']);
help['options'] = { about: '', flags: flagsOf(printed(['options']).replace(/^.*\n\n/, '')) };
const head = `// Written by tools/kubectl-help/generate.ts out of what kubectl prints (The Kubernetes Authors, Apache-2.0); do not edit.\nimport type { Words } from './words.ts';\n\n`;
const rows = Object.entries(help).map(([path, words]) => `\t${JSON.stringify(path)}: ${JSON.stringify(words)},\n`);
const body = `export const FLAGS: readonly string[] = ${JSON.stringify(flags, null, '\t')};\n\nexport const HELP: { readonly [path: string]: Words } = {\n${rows.join('')}};\n`;
writeFileSync(join(import.meta.dirname, '../../server/shell/commands/kubectl/help/words.gen.ts'), head + body);
console.log(`${rows.length} commands, ${flags.length} flags`);
