/** vLLM's log lines: `INFO 11-20 18:00:00 [api_server.py:1896] …`, since 0.10 with the process before them. */
import { civilFromDays } from '../../kernel/time.ts';
import { namesProcesses } from './versions.ts';

/** Which process writes. The API server is the container's first process, the engine core its child. */
export type Who = 'api' | 'engine' | `worker${number}`;

const CORE_PID = 158;
const pad = (n: number): string => String(n).padStart(2, '0');

function prefix(version: number, who: Who): string {
	if (!namesProcesses(version)) return '';
	if (who === 'api') return '(APIServer pid=1) ';
	if (who === 'engine') return `(EngineCore_${version >= 11 ? 'DP' : ''}0 pid=${CORE_PID}) `;
	const rank = Number(who.slice(6));
	return `(Worker_TP${rank} pid=${CORE_PID + 66 + rank * 2}) `;
}

/** `MM-DD HH:MM:SS` of virtual ms. */
export function stamp(ms: number): string {
	const [, month, day] = civilFromDays(Math.floor(ms / 86_400_000));
	const s = Math.floor(ms / 1000) % 86_400;
	return `${pad(month)}-${pad(day)} ${pad(Math.floor(s / 3600))}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
}

/** One line of the log. Before 0.8 the place had no brackets before it: `INFO 11-20 18:00:00 api_server.py:528] …`. */
export function line(version: number, nowMs: number, who: Who, level: 'INFO' | 'WARNING' | 'ERROR', place: string, text: string): string {
	const at = version >= 8 ? `[${place}]` : `${place}]`;
	const head = `${prefix(version, who)}${level} ${stamp(nowMs)} ${at} `;
	return text
		.split('\n')
		.map((l) => `${head}${l}\n`)
		.join('');
}

/** Lines without a logger's head (tracebacks, uvicorn), still with the process that wrote them. */
export function plain(version: number, who: Who, text: string): string {
	const head = prefix(version, who);
	return text
		.split('\n')
		.map((l) => `${head}${l}\n`)
		.join('');
}
