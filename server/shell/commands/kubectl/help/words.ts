/** `--help` of kubectl and its subcommands, put together as kubectl's templates do (k8s.io/kubectl `pkg/util/templates`). */

/** What is said of a command, in parts. */
export interface Words {
	readonly about: string;
	readonly aliases?: string;
	readonly examples?: string;
	/** Titled lists of subcommands with what they do. */
	readonly commands?: readonly (readonly [string, readonly (readonly [string, string])[]])[];
	/** Indexes into `FLAGS`. */
	readonly flags?: readonly number[];
	readonly usage?: string;
}

const GLOBAL = 'Use "kubectl options" for a list of global command-line options (applies to all commands).';

/** Width of the first column of all lists of a command: cobra's least is eleven. */
const widthOf = (words: Words): number => Math.max(11, ...(words.commands ?? []).flatMap(([, rows]) => rows.map(([name]) => name.length)));

/** Loaded when first asked for: a hundred thousand characters that most sessions never read. */
const load = (): Promise<typeof import('./words.gen.ts')> => import('./words.gen.ts');

/** Help of the command at `path` ('' for kubectl itself, `create secret`), as it is printed. */
export async function helpOf(path: string): Promise<string> {
	const { FLAGS, HELP } = await load();
	const words = HELP[path];
	if (words === undefined) return '';
	const flags = (words.flags ?? []).map((i) => FLAGS[i] ?? '').join('\n\n');
	if (path === 'options') return `The following options can be passed to any command:\n\n${flags}\n\n`;
	const parts = [words.about];
	if (words.aliases !== undefined) parts.push(`Aliases:\n${words.aliases}`);
	if (words.examples !== undefined) parts.push(`Examples:\n${words.examples}`);
	const width = widthOf(words);
	for (const [title, rows] of words.commands ?? []) parts.push([`${title}:`, ...rows.map(([name, short]) => `  ${name.padEnd(width)}   ${short}`)].join('\n'));
	if (words.flags !== undefined) parts.push(`Options:\n${flags}`);
	if (words.usage !== undefined) parts.push(`Usage:\n  ${words.usage}`);
	const more = words.commands === undefined ? [] : [`Use "${`kubectl ${path}`.trimEnd()} <command> --help" for more information about a given command.`];
	// `alpha` alone names no usage, and the global flags go with the usage.
	parts.push([...more, ...(words.usage === undefined ? [] : [GLOBAL])].join('\n'));
	return `${parts.join('\n\n')}\n`;
}
