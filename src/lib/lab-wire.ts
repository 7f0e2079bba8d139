/**
 * Reads what the server sends, without shipping a validator: each message type has the fields it cannot do without, and a message that
 * lacks one is dropped (and said so on the console) instead of breaking a component later. Fields that are new to us pass through.
 */
import type { ServerMessage } from '../../server/protocol/messages.ts';

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array';
type Shapes = { readonly [T in ServerMessage['type']]: Readonly<Record<string, Kind>> };

const SHAPES: Shapes = {
	session: { lab: 'string', resumed: 'boolean', readyMs: 'number', provider: 'string', tasks: 'array', tabs: 'number' },
	'terminal.opened': { terminal: 'string', scrollback: 'string' },
	'terminal.output': { terminal: 'string', data: 'string' },
	'terminal.closed': { terminal: 'string', reason: 'string' },
	cluster: { view: 'object' },
	tasks: { tasks: 'array' },
	checkpoints: { checkpoints: 'array' },
	'checkpoint.changes': { request: 'string', changes: 'object' },
	programs: { request: 'string', programs: 'array' },
	'file.changed': { path: 'string', mtime: 'number', removed: 'boolean' },
	edit: { edit: 'string', path: 'string' },
	files: { request: 'string', files: 'array' },
	file: { request: 'string', path: 'string', content: 'string', mtime: 'number' },
	done: { request: 'string' },
	checking: { request: 'string', done: 'number', total: 'number', title: 'string' },
	verdict: { request: 'string', verdict: 'object' },
	submitted: { request: 'string', evidence: 'string', score: 'number', passed: 'boolean', moved: 'array' },
	hint: { request: 'string', task: 'string', text: 'string', left: 'number' },
	error: { code: 'string', message: 'string', next: 'string' },
	pong: { at: 'number' },
};

/** Lists inside a cluster view; a missing one becomes empty rather than a fault. */
const VIEW_LISTS = ['nodes', 'workloads', 'pods', 'services', 'ingresses', 'events'] as const;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function isKind(value: unknown, kind: Kind): boolean {
	if (kind === 'array') return Array.isArray(value);
	if (kind === 'object') return isRecord(value);
	return typeof value === kind;
}

function isKnown(type: unknown): type is ServerMessage['type'] {
	return typeof type === 'string' && Object.hasOwn(SHAPES, type);
}

/** The message in a text frame, or a sentence on why it is none. */
export function readMessage(text: string): { readonly message: ServerMessage } | { readonly problem: string } {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return { problem: `not JSON: ${text.slice(0, 80)}` };
	}
	if (!isRecord(value) || !isKnown(value['type'])) return { problem: `an unknown message: ${text.slice(0, 80)}` };
	for (const [field, kind] of Object.entries(SHAPES[value['type']])) {
		if (!isKind(value[field], kind)) return { problem: `${value['type']} without ${field} (${kind})` };
	}
	if (value['type'] === 'cluster') completeView(value['view']);
	return { message: value as ServerMessage };
}

function completeView(view: unknown): void {
	if (!isRecord(view)) return;
	for (const list of VIEW_LISTS) if (!Array.isArray(view[list])) view[list] = [];
}
