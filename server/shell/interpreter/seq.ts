/** `seq`, as coreutils': streams, so that a million numbers are no trouble and `| head` ends it. */
import { type Builtin, say } from './builtin.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Numbers written before others get the processor. */
const CHUNK = 2000;

const decimals = (text: string): number => /\.(\d+)$/.exec(text)?.[1]?.length ?? 0;

export const seq: Builtin = async (sh, args, run) => {
	if (args[0] === '--help') return say(run, 'Usage: seq [-w] [-s STRING] [FIRST [INCREMENT]] LAST\nPrint numbers from FIRST to LAST, in steps of INCREMENT.\n');
	let separator = '\n';
	let equal = false;
	let format: string | undefined;
	const rest = [...args];
	while (rest[0] !== undefined && /^-[^\d.]/.test(rest[0])) {
		const o = rest.shift() ?? '';
		if (o === '-w' || o === '--equal-width') equal = true;
		else if (o === '-s') separator = rest.shift() ?? '\n';
		else if (o.startsWith('-s')) separator = o.slice(2);
		else if (o.startsWith('--separator=')) separator = o.slice(12);
		else if (o === '-f') format = rest.shift();
		else if (o === '--help') return sh.host.runProgram('seq', args, run, {});
	}
	const bad = rest.find((a) => !NUMBER.test(a));
	if (rest.length === 0 || rest.length > 3 || bad !== undefined) {
		const what = rest.length === 0 ? 'missing operand' : bad !== undefined ? `invalid floating point argument: ‘${bad}’` : `extra operand ‘${rest[3]}’`;
		run.io.error.write(`seq: ${what}\nTry 'seq --help' for more information.\n`);
		return 1;
	}
	const first = rest.length > 1 ? Number(rest[0]) : 1;
	const step = rest.length > 2 ? Number(rest[1]) : 1;
	const last = Number(rest.at(-1));
	if (step === 0) {
		run.io.error.write(`seq: invalid Zero increment value: ‘${rest[1]}’\nTry 'seq --help' for more information.\n`);
		return 1;
	}
	const places = Math.max(...rest.slice(0, -1).map(decimals), 0);
	const width = equal ? Math.max(first.toFixed(places).length, last.toFixed(places).length) : 0;
	const show = (n: number): string => {
		const text = n.toFixed(places);
		if (format !== undefined)
			return format.replace(/%(0?)(\d*)(?:\.(\d+))?[gfed]/, (_m, zero: string, w: string, p: string) =>
				(p === undefined ? text : n.toFixed(Number(p))).padStart(Number(w), zero === '' ? ' ' : '0'),
			);
		return text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0');
	};
	const count = Math.floor((last - first) / step + 1e-10) + 1;
	for (let i = 0; i < count && !run.signal.aborted; i += CHUNK) {
		let text = '';
		for (let k = i; k < Math.min(count, i + CHUNK); k++) text += `${k === 0 ? '' : separator}${show(first + k * step)}`;
		run.io.output.write(i + CHUNK >= count ? `${text}\n` : text);
		await run.io.output.drain();
		await sh.host.breathe();
	}
	return 0;
};
