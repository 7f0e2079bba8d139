/** nginx's log files. In the official images they are links to the container's output. */
import { formatTime } from '../../kernel/time.ts';
import type { Process } from '../program.ts';

/** `2026/11/20 18:00:00`. */
export function errorTime(ms: number): string {
	return formatTime(ms).slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}

/** Appends to a log file, or writes to the output where the file is a link or a device that means it. */
export function writeLog<D>(process: Process<D>, path: string, text: string): void {
	let target = path;
	const stat = process.fs.stat(path, true);
	if (stat.ok && stat.value.kind === 'symlink' && stat.value.target !== undefined) target = stat.value.target;
	if (target === '/dev/stdout' || target === '/proc/1/fd/1' || target === '/proc/self/fd/1') process.stdout(text);
	else if (target === '/dev/stderr' || target === '/proc/1/fd/2' || target === '/proc/self/fd/2') process.stderr(text);
	else process.fs.write(path, text, { append: true });
}

const LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'];

/** A line of the error log, where its level passes. `pid` 1 is the master. */
export function logError<D>(process: Process<D>, log: { readonly path: string; readonly level: string }, level: string, message: string, pid = 1): void {
	if (LEVELS.indexOf(level) < LEVELS.indexOf(log.level)) return;
	writeLog(process, log.path, `${errorTime(process.now)} [${level}] ${pid}#${pid}: ${message}\n`);
}
