/** `ls` as coreutils lays it out: columns on a terminal, files before folders where several are named. What is listed comes from just-bash's. */
import { exportedEnv } from './state.ts';
import type { Builtin } from './builtin.ts';
import type { Interpreter } from './interpreter.ts';
import type { Run } from './run.ts';
import { collector } from './streams.ts';

/** Names in columns, filled downwards, as narrow as they go; two blanks between them. */
export function columns(names: readonly string[], width: number): string {
	const longest = names.reduce((m, n) => Math.max(m, [...n].length), 0);
	for (let rows = 1; rows < names.length; rows++) {
		const widths: number[] = [];
		for (let i = 0; i < names.length; i += rows) widths.push(Math.max(...names.slice(i, i + rows).map((n) => [...n].length)));
		if (widths.reduce((a, b) => a + b, 0) + 2 * (widths.length - 1) > width) continue;
		const lines: string[] = [];
		for (let r = 0; r < rows; r++) {
			const cells = widths.map((w, c) => (names[c * rows + r] ?? '').padEnd(w));
			lines.push(cells.join('  ').trimEnd());
		}
		return `${lines.join('\n')}\n`;
	}
	return longest === 0 ? '' : `${names.join('\n')}\n`;
}

async function listed(sh: Interpreter, args: readonly string[], run: Run): Promise<{ readonly text: string; readonly status: number }> {
	const out = collector(sh.host.maxCapture, () => {});
	const status = await sh.host.runProgram('ls', args, { ...run, io: { ...run.io, output: out } }, exportedEnv(run.state));
	return { text: out.text(), status };
}

export const ls: Builtin = async (sh, args, run) => {
	const end = args.indexOf('--');
	const flags = args.filter((a, i) => a.startsWith('-') && a !== '-' && a !== '--' && (end < 0 || i < end));
	const operands = args.filter((a, i) => a !== '--' && (!a.startsWith('-') || a === '-' || (end >= 0 && i > end)));
	const lines = flags.some((f) => /^-[a-zA-Z]*[l1R]/.test(f) || f === '--help' || f === '--recursive');
	const inColumns = run.io.output.terminal && !lines;
	const show = (text: string): string =>
		inColumns
			? columns(
					text.split('\n').filter((n) => n !== ''),
					sh.host.screen().columns,
				)
			: text;
	if (operands.length <= 1 || flags.includes('--help')) {
		const { text, status } = await listed(sh, args, run);
		run.io.output.write(show(text));
		return status;
	}
	let status = 0;
	let files = '';
	const folders: string[] = [];
	for (const o of [...operands].sort()) {
		const stat = await sh.host.fs.stat(sh.host.fs.resolvePath(run.state.cwd, o)).catch(() => undefined);
		if (stat?.isDirectory && !flags.some((f) => /^-[a-zA-Z]*d/.test(f))) {
			folders.push(o);
			continue;
		}
		const got = await listed(sh, [...flags, '--', o], run);
		files += got.text;
		status = Math.max(status, got.status);
	}
	const parts = files === '' ? [] : [show(files)];
	for (const f of folders) {
		const got = await listed(sh, [...flags, '--', f], run);
		parts.push(`${f}:\n${show(got.text)}`);
		status = Math.max(status, got.status);
	}
	run.io.output.write(parts.join('\n'));
	return status;
};
