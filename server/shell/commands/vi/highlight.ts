/** Colours of YAML, line by line, as Vim's syntax file shows them: keys, comments, strings, numbers. */

const KEY = /^(\s*(?:- +)*)((?:"[^"]*"|'[^']*'|[^\s#'"[{&*!|>%@][^:#]*?))(:)(?=\s|$)/;

/** SGR parameters for every UTF-16 unit of a line; '' for none. */
export function colour(line: string, path: string): string[] {
	const out = Array<string>(line.length).fill('');
	if (!/\.(ya?ml)$|kubectl-edit-|\/\.kube\/config$/.test(path) || line.length > 2000) return out;
	const comment = /(^|\s)#/.exec(line);
	const end = comment === null ? line.length : comment.index + (comment[1]?.length ?? 0);
	const key = KEY.exec(line);
	if (key !== null) {
		const from = key[1]?.length ?? 0;
		out.fill('36', from, from + (key[2]?.length ?? 0));
	}
	const from = key === null ? 0 : key[0].length;
	for (const m of line.slice(from, end).matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g)) out.fill('31', from + m.index, from + m.index + m[0].length);
	const number = /^\s*(-?\d+(?:\.\d+)?|true|false|null)\s*$/.exec(line.slice(from, end));
	if (number !== null && from > 0) out.fill('35', from, end);
	if (/^(---|\.\.\.)\s*$/.test(line)) out.fill('32');
	out.fill('34', end);
	return out;
}
