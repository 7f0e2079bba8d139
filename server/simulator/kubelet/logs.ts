/** Container logs: lines with their time and stream, for the present and the previous instance; bounded, readable in part, followable. */
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeFirst, treeGet, treeRemove, treeSet, treeValues } from '../kernel/tree.ts';
import { formatTime, parseTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import { utf8Length } from '../storage-volumes/bytes.ts';
import { endStream, pushStream } from './streams.ts';

/** UTF-16 units kept of one container instance's log; whole blocks of the oldest lines go first. A real kubelet rotates at 10 MiB. */
export const LOG_UNITS_KEPT = 64 * 1024;
/** Lines in a block; a block is the unit that is copied on append and dropped when the log is full. */
const BLOCK_LINES = 32;

/** One line; `at` in virtual ms. A line without its newline yet is open and lives in `partial`. */
interface Line {
	readonly at: number;
	readonly text: string;
}

interface Block {
	readonly lines: readonly Line[];
	readonly units: number;
}

interface Log {
	readonly sealed: Tree<number, Block>;
	readonly next: number;
	readonly units: number;
	readonly tail: Block;
	readonly partial: { readonly stdout: string; readonly stderr: string };
	/** Streams that follow, with what they asked for. */
	readonly followers: readonly { readonly id: string; readonly timestamps: boolean }[];
}

const NO_LINES: Block = { lines: [], units: 0 };
const NEW_LOG: Log = { sealed: null, next: 0, units: 0, tail: NO_LINES, partial: { stdout: '', stderr: '' }, followers: [] };

/** Key: container; `<key>#previous` for the instance before. */
const logsSlice = defineSlice<Tree<string, Log>>('logs', null);

const previousKey = (container: string): string => `${container}#previous`;

function setLog(world: World, key: string, log: Log): void {
	world.write(logsSlice, treeSet(world.read(logsSlice), key, log));
}

/** RFC 3339 with nine digits, as the container runtime writes them. */
function stamp(at: number): string {
	return `${formatTime(at).slice(0, -1)}.${String(Math.floor(at % 1000)).padStart(3, '0')}000000Z`;
}

const printed = (line: Line, timestamps: boolean): string => (timestamps ? `${stamp(line.at)} ${line.text}` : line.text);

function addLine(log: Log, line: Line): Log {
	const units = line.text.length + 1;
	const tail = { lines: [...log.tail.lines, line], units: log.tail.units + units };
	if (tail.lines.length < BLOCK_LINES) return { ...log, tail, units: log.units + units };
	let { sealed } = log;
	let held = log.units + units;
	sealed = treeSet(sealed, log.next, tail);
	for (let first = treeFirst(sealed); held > LOG_UNITS_KEPT && first !== undefined; first = treeFirst(sealed)) {
		sealed = treeRemove(sealed, first.k);
		held -= first.v.units;
	}
	return { ...log, sealed, next: log.next + 1, tail: NO_LINES, units: held };
}

/** Appends what a container's process wrote; lines end at newlines. */
export function writeLog(world: World, container: string, channel: 'stdout' | 'stderr', text: string): void {
	if (text === '') return;
	let log = treeGet(world.read(logsSlice), container) ?? NEW_LOG;
	const parts = (log.partial[channel] + text).split('\n');
	const rest = parts.pop() ?? '';
	for (const part of parts) {
		const line = { at: world.now, text: `${part}\n` };
		log = addLine(log, line);
		for (const f of log.followers) pushStream(world, f.id, 1, printed(line, f.timestamps));
	}
	// One line can't grow without end: the runtime cuts it (containerd: 16 KiB).
	if (rest.length > 16_384) {
		log = addLine(log, { at: world.now, text: rest });
		setLog(world, container, { ...log, partial: { ...log.partial, [channel]: '' } });
		return;
	}
	setLog(world, container, { ...log, partial: { ...log.partial, [channel]: rest } });
}

/** The instance has ended: open lines are closed as they stand, and followers learn that nothing more comes. */
export function closeLog(world: World, container: string): void {
	let log = treeGet(world.read(logsSlice), container);
	if (log === undefined) return;
	for (const channel of ['stdout', 'stderr'] as const) {
		const text = log.partial[channel];
		if (text === '') continue;
		const line = { at: world.now, text };
		log = addLine(log, line);
		for (const f of log.followers) pushStream(world, f.id, 1, printed(line, f.timestamps));
	}
	for (const f of log.followers) endStream(world, f.id);
	setLog(world, container, { ...log, partial: NEW_LOG.partial, followers: [] });
}

/** A new instance starts: what was the log is now the previous one. */
export function rotateLog(world: World, container: string): void {
	const log = treeGet(world.read(logsSlice), container);
	let logs = world.read(logsSlice);
	if (log !== undefined) logs = treeSet(logs, previousKey(container), log);
	world.write(logsSlice, treeSet(logs, container, NEW_LOG));
}

export function removeLogs(world: World, container: string): void {
	const logs = treeRemove(treeRemove(world.read(logsSlice), container), previousKey(container));
	world.write(logsSlice, logs);
}

export interface LogQuery {
	readonly previous: boolean;
	readonly timestamps: boolean;
	readonly tailLines: number | undefined;
	readonly sinceMs: number | undefined;
	readonly limitBytes: number | undefined;
}

/** Options of `pods/log` as in the query. */
export function parseLogQuery(world: World, query: { readonly [name: string]: readonly string[] }): LogQuery {
	const number = (name: string): number | undefined => {
		const text = query[name]?.[0];
		const value = text === undefined ? Number.NaN : Number(text);
		return Number.isFinite(value) ? value : undefined;
	};
	const flag = (name: string): boolean => ['true', '1', 't', 'T', 'TRUE', 'True'].includes(query[name]?.[0] ?? '');
	const since = number('sinceSeconds');
	const sinceTime = query['sinceTime']?.[0];
	return {
		previous: flag('previous'),
		timestamps: flag('timestamps'),
		tailLines: number('tailLines'),
		sinceMs: since !== undefined ? world.now - since * 1000 : sinceTime !== undefined ? parseTime(sinceTime) : undefined,
		limitBytes: number('limitBytes'),
	};
}

/** Cuts a text to so many UTF-8 bytes, at a character. */
function limited(text: string, bytes: number): string {
	if (utf8Length(text) <= bytes) return text;
	let held = 0;
	let out = '';
	for (const c of text) {
		held += utf8Length(c);
		if (held > bytes) break;
		out += c;
	}
	return out;
}

/** The log as `kubectl logs` prints it; undefined where there is no such instance. */
export function readLog(world: World, container: string, query: LogQuery): string | undefined {
	const log = treeGet(world.read(logsSlice), query.previous ? previousKey(container) : container);
	if (log === undefined) return undefined;
	let lines = treeValues(log.sealed)
		.flatMap((block) => block.lines)
		.concat(log.tail.lines);
	for (const text of [log.partial.stdout, log.partial.stderr]) if (text !== '') lines.push({ at: world.now, text });
	const { sinceMs, tailLines } = query;
	if (sinceMs !== undefined) lines = lines.filter((line) => line.at >= sinceMs);
	if (tailLines !== undefined && tailLines >= 0) lines = tailLines === 0 ? [] : lines.slice(-tailLines);
	const text = lines.map((line) => printed(line, query.timestamps)).join('');
	return query.limitBytes === undefined ? text : limited(text, query.limitBytes);
}

/** The end of a log for `terminationMessagePolicy: FallbackToLogsOnError`: at most 80 lines and 2048 bytes. */
export function logTail(world: World, container: string): string {
	const text = readLog(world, container, { previous: false, timestamps: false, tailLines: 80, sinceMs: undefined, limitBytes: undefined }) ?? '';
	return text.slice(-2048);
}

/** Has a stream get every line from now on. */
export function followLog(world: World, container: string, id: string, timestamps: boolean): void {
	const log = treeGet(world.read(logsSlice), container) ?? NEW_LOG;
	setLog(world, container, { ...log, followers: [...log.followers, { id, timestamps }] });
}

export function unfollowLog(world: World, container: string, id: string): void {
	const log = treeGet(world.read(logsSlice), container);
	if (log !== undefined) setLog(world, container, { ...log, followers: log.followers.filter((f) => f.id !== id) });
}
