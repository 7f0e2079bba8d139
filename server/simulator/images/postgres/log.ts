import { formatTime } from '../../kernel/time.ts';
import type { Process } from '../program.ts';

/** `2026-11-20 18:00:00.123 UTC`, PostgreSQL's %m. */
export function logTime(ms: number): string {
	const t = formatTime(ms);
	return `${t.slice(0, 10)} ${t.slice(11, 19)}.${String(Math.floor(ms) % 1000).padStart(3, '0')} UTC`;
}

/** A line of the server's log. `pid` is 1 for the postmaster. */
export function log<D>(process: Process<D>, level: string, message: string, pid = 1): void {
	process.stderr(`${logTime(process.now)} [${pid}] ${level}:  ${message}\n`);
}
