/** `git log --graph`: the lines of history drawn beside the commits, as graph.c does for merges of two. */
import type { Commit } from './repository.ts';

/** Commits (no parent before its child) with the text of each, drawn. */
export function graphed(commits: readonly Commit[], blocks: readonly string[]): string {
	const shown = new Set(commits.map((c) => c.oid));
	/** The commit that each column waits for. */
	let columns: string[] = [];
	let out = '';
	const rails = (n: number): string => '| '.repeat(n);
	commits.forEach((c, i) => {
		let at = columns.indexOf(c.oid);
		if (at < 0) {
			at = columns.length;
			columns.push(c.oid);
		}
		const parents = c.parents.filter((p) => shown.has(p));
		const text = (blocks[i] ?? '').replace(/\n$/, '').split('\n');
		const before = [...columns];
		// Columns that wait for the same commit end in the first of them.
		const merges = parents.length > 1;
		const next = [...columns];
		next.splice(at, 1, ...parents.filter((p, k) => k === 0 || !columns.includes(p)));
		const right = before.length - at - 1;
		out += `${rails(at)}* ${merges ? '  ' : ''}${merges ? rails(right).trimEnd() : rails(right)}${merges && right > 0 ? ' ' : ''}${text[0] ?? ''}\n`;
		if (merges) {
			const beside = text[1] === undefined ? '' : (text.splice(1, 1)[0] ?? '');
			out += `${rails(at)}|\\${' \\'.repeat(right)}  ${beside}`.replace(/ +$/, '  ');
			out += '\n';
		}
		columns = next;
		const width = columns.length;
		const last = i === commits.length - 1;
		const body = text.slice(1);
		const own = body.length > 0 && !last ? [...body, ''] : body;
		for (const line of own)
			out += `${parents.length === 0 && columns.length === 0 ? '  ' : rails(Math.max(width, parents.length === 0 ? before.length - 1 : width))}${line}\n`
				.replace(/ +\n$/, ' \n')
				.replace(/^ \n$/, '\n');
		for (let k = 1; k < columns.length; ) {
			const first = columns.indexOf(columns[k] ?? '');
			if (first === k) {
				k++;
				continue;
			}
			const after = columns.length - k - 1;
			out += `${rails(k - 1)}|/${after > 0 ? `  ${'/ '.repeat(after).trimEnd()}` : '  '}\n`.replace(/ +\n$/, '  \n');
			columns = columns.filter((_, n) => n !== k);
		}
	});
	return out;
}
