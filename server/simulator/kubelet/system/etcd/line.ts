/** Command lines of etcdctl and etcdutl: flags anywhere, in one dash or two. */

/** Flags that take a value. */
const VALUED: ReadonlySet<string> = new Set([
	'endpoints',
	'cacert',
	'cert',
	'key',
	'write-out',
	'limit',
	'user',
	'dial-timeout',
	'command-timeout',
	'data-dir',
	'wal-dir',
	'name',
	'initial-cluster',
	'initial-cluster-token',
	'initial-advertise-peer-urls',
	'bump-revision',
]);
const SHORT: { readonly [flag: string]: string } = { w: 'write-out' };

export interface Line {
	readonly args: readonly string[];
	readonly flags: { readonly [flag: string]: string };
}

export function parseLine(argv: readonly string[]): Line {
	const args: string[] = [];
	const flags: { [flag: string]: string } = {};
	for (let i = 0; i < argv.length; i++) {
		const arg = argv[i] ?? '';
		if (!arg.startsWith('-')) {
			args.push(arg);
			continue;
		}
		const [, text = '', inline] = /^--?([^=]+)(?:=(.*))?$/.exec(arg) ?? [];
		const name = SHORT[text] ?? text;
		if (inline !== undefined) flags[name] = inline;
		else if (VALUED.has(name)) {
			flags[name] = argv[i + 1] ?? '';
			i++;
		} else flags[name] = 'true';
	}
	return { args, flags };
}

/** A table as olekukonko/tablewriter draws it: heads in capitals, cells to the right as etcd's tools want them. */
export function asciiTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const heads = head.map((h) => h.toUpperCase());
	const widths = heads.map((h, i) => Math.max(h.length, ...rows.map((r) => (r[i] ?? '').length)));
	const rule = `+${widths.map((w) => '-'.repeat(w + 2)).join('+')}+\n`;
	const centred = (text: string, width: number): string => text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width);
	const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
	return `${rule}${line(heads.map((h, i) => centred(h, widths[i] ?? 0)))}${rule}${rows.map((r) => line(r.map((text, i) => text.padStart(widths[i] ?? 0)))).join('')}${rule}`;
}
