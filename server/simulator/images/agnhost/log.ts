import { formatTime } from '../../kernel/time.ts';
import type { Process } from '../program.ts';

/** A line as klog writes it to standard error; agnhost's plain log goes through `log.go:195`. */
export function klog(process: Process<never>, text: string, level: 'I' | 'E' | 'F' = 'I', where = 'log.go:195'): void {
	const time = formatTime(process.now);
	process.stderr(`${level}${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 19)}.000000       1 ${where}] ${text}\n`);
}
