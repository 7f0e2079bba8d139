/** grep, egrep, fgrep: lines that match, with what stands around them. */
import { inputs } from './inputs.ts';
import { regexFrom } from './regex.ts';
import { badOption, lines, options, resolvePath, type Utility, type UtilityContext } from './utility.ts';

function tree(c: UtilityContext, path: string): readonly string[] {
	const stat = c.process.fs.stat(resolvePath(c.cwd, path));
	if (!stat.ok || stat.value.kind !== 'directory') return [path];
	const listed = c.process.fs.list(resolvePath(c.cwd, path));
	return listed.ok ? listed.value.flatMap((n) => tree(c, `${path.replace(/\/$/, '')}/${n}`)) : [];
}

export const grep: Utility = (c) => {
	const o = options(c.args, 'ivcnEqorRlLHhwxFsPa', 'emABC', {
		'ignore-case': 'i',
		count: 'c',
		quiet: 'q',
		recursive: 'r',
		'line-number': 'n',
		'only-matching': 'o',
		'invert-match': 'v',
		color: 'a',
		'extended-regexp': 'E',
		'max-count': 'm',
	});
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const g = o.given;
	const has = (l: string): boolean => g[l] !== undefined;
	const [pattern, ...named] = g['e'] === undefined ? o.rest : [g['e'], ...o.rest];
	if (pattern === undefined) {
		c.err(
			c.busybox
				? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: grep [-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n'
				: "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
		);
		return 2;
	}
	const regexes = pattern.split('\n').map((p) =>
		regexFrom(p, {
			extended: has('E') || has('P') || c.name === 'egrep',
			fixed: has('F') || c.name === 'fgrep',
			ignoreCase: has('i'),
			word: has('w'),
			line: has('x'),
		}),
	);
	if (regexes.some((r) => r === undefined)) {
		c.err(c.busybox ? `grep: bad regex '${pattern}'\n` : 'grep: Invalid regular expression\n');
		return 2;
	}
	const recursive = has('r') || has('R');
	const files = recursive ? (named.length === 0 ? ['.'] : named).flatMap((f) => tree(c, f)) : named;
	const { texts, failed } = inputs(c, files);
	const prefixed = (has('H') || texts.length > 1 || recursive) && !has('h');
	let found = false;
	for (const { file, text } of texts) {
		const prefix = prefixed ? `${file === '-' ? '(standard input)' : file}:` : '';
		const all = lines(text);
		const hit = (l: string): boolean => regexes.some((r) => r?.test(l) === true) !== has('v');
		const hits = all.flatMap((l, i) => (hit(l) ? [i] : [])).slice(0, g['m'] === undefined ? undefined : Number(g['m']));
		found ||= hits.length > 0;
		if (has('q')) continue;
		if (has('c')) c.out(`${prefix}${hits.length}\n`);
		else if (has('l')) c.out(hits.length > 0 ? `${file}\n` : '');
		else if (has('L')) c.out(hits.length === 0 ? `${file}\n` : '');
		else if (has('o')) {
			for (const i of hits)
				for (const r of regexes)
					for (const m of (all[i] ?? '').matchAll(new RegExp(r?.source ?? '', `${r?.flags ?? ''}g`)))
						if (m[0] !== '') c.out(`${prefix}${has('n') ? `${i + 1}:` : ''}${m[0]}\n`);
		} else printLines(c, all, hits, prefix, has('n'), Number(g['B'] ?? g['C'] ?? 0), Number(g['A'] ?? g['C'] ?? 0));
	}
	return found ? 0 : failed > 0 ? 2 : 1;
};

function printLines(
	c: UtilityContext,
	all: readonly string[],
	hits: readonly number[],
	prefix: string,
	numbered: boolean,
	before: number,
	after: number,
): void {
	let last = -1;
	for (const hit of hits) {
		const from = Math.max(hit - before, last + 1);
		if (before + after > 0 && last >= 0 && from > last + 1) c.out('--\n');
		for (let i = from; i <= Math.min(hit + after, all.length - 1); i++) {
			if (i <= last) continue;
			const mark = hits.includes(i) ? ':' : '-';
			c.out(`${prefix === '' ? '' : prefix.slice(0, -1) + mark}${numbered ? `${i + 1}${mark}` : ''}${all[i]}\n`);
			last = i;
		}
	}
}
