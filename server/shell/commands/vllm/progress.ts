/** A progress bar as tqdm draws it; its times are the sandbox's. */
import type { ShellIo } from '../../command.ts';

/** Real ms between two drawings. */
const EVERY_MS = 150;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

const clock = (seconds: number): string => {
	const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
	const two = (n: number): string => String(n).padStart(2, '0');
	return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
};

export function progressLine(done: number, total: number, seconds: number, columns: number): string {
	const share = total === 0 ? 1 : done / total;
	const rate = seconds > 0 ? done / seconds : 0;
	const left = rate > 0 ? clock((total - done) / rate) : '?';
	const speed = rate === 0 ? '?it/s' : rate >= 1 ? `${rate.toFixed(2)}it/s` : `${(1 / rate).toFixed(2)}s/it`;
	const head = `${String(Math.floor(share * 100)).padStart(3)}%|`;
	const tail = `| ${done}/${total} [${clock(seconds)}<${left}, ${speed}]`;
	const room = Math.max(1, columns - head.length - tail.length - 1);
	const eighths = Math.floor(share * room * 8);
	const bar = `${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ''}`;
	return `${head}${bar.padEnd(room)}${tail}`;
}

/** Draws on standard error: now and then on a terminal, at the end alone elsewhere. */
export function progressBar(io: ShellIo, total: number, now: () => number): { step(): void; end(): void } {
	const began = now();
	let done = 0;
	let drawn = Number.NEGATIVE_INFINITY;
	const draw = (): void => io.stderr(`\r${progressLine(done, total, (now() - began) / 1000, io.stdoutIsTerminal ? io.columns : 80)}`);
	return {
		step() {
			done++;
			if (!io.stdoutIsTerminal || performance.now() - drawn < EVERY_MS) return;
			drawn = performance.now();
			draw();
		},
		end() {
			draw();
			io.stderr('\n');
		},
	};
}
