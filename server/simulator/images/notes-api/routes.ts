/** What each request to the notes API means, and how a database result becomes its answer. Pure functions. */
import type { HttpRequest, PostgresResponse } from '../../network/types.ts';

type Value = string | number | boolean | null;

export interface Answer {
	readonly status: number;
	readonly body: string;
	readonly type?: string;
}

/** What to do about a request: answer at once, wait, or ask the database and shape what it says. */
export type Plan =
	| { readonly kind: 'answer'; readonly route: string; readonly answer: Answer }
	| { readonly kind: 'health' | 'metrics'; readonly route: string }
	| { readonly kind: 'slow'; readonly route: string; readonly seconds: number }
	| { readonly kind: 'query'; readonly route: string; readonly shape: Shape; readonly sql: string; readonly parameters: readonly Value[] };

export type Shape = 'ready' | 'list' | 'created' | 'one' | 'deleted';

const json = (status: number, value: unknown): Answer => ({ status, body: `${JSON.stringify(value)}\n` });
export const failure = (status: number, error: string): Answer => json(status, { error });

const COLUMNS = 'id, text, created_at';
/** Longest pause /api/slow grants, seconds. */
const MAX_SLOW_SECONDS = 300;
const MAX_TEXT = 10_000;

export function plan(request: HttpRequest, version: string): Plan {
	const [path = '/', search = ''] = request.path.split('?', 2);
	const method = request.method === 'HEAD' ? 'GET' : request.method;
	if (path === '/healthz') return { kind: 'health', route: path };
	if (path === '/metrics') return { kind: 'metrics', route: path };
	if (path === '/readyz') return { kind: 'query', route: path, shape: 'ready', sql: 'SELECT 1', parameters: [] };
	if (path === '/') return { kind: 'answer', route: path, answer: json(200, { service: 'notes-api', version }) };
	if (path === '/api/slow') return slow(search);
	if (path === '/api/notes' || path === '/api/notes/') return collection(method, request.body);
	const item = /^\/api\/notes\/([^/]+)$/.exec(path);
	if (item !== null) return note(method, item[1] ?? '', request.body);
	return { kind: 'answer', route: 'other', answer: failure(404, `no route for ${request.method} ${path}`) };
}

function slow(search: string): Plan {
	const text = /(?:^|&)seconds=([^&]*)/.exec(search)?.[1] ?? '1';
	const seconds = Number(text);
	if (!(seconds >= 0 && seconds <= MAX_SLOW_SECONDS)) {
		return { kind: 'answer', route: '/api/slow', answer: failure(400, `seconds must be a number from 0 to ${MAX_SLOW_SECONDS}`) };
	}
	return { kind: 'slow', route: '/api/slow', seconds };
}

function collection(method: string, body: string): Plan {
	const route = '/api/notes';
	if (method === 'GET') return { kind: 'query', route, shape: 'list', sql: `SELECT ${COLUMNS} FROM notes ORDER BY id`, parameters: [] };
	if (method !== 'POST') return { kind: 'answer', route, answer: failure(405, `method ${method} is not allowed`) };
	const text = readText(body);
	if ('error' in text) return { kind: 'answer', route, answer: failure(400, text.error) };
	return { kind: 'query', route, shape: 'created', sql: `INSERT INTO notes (text) VALUES ($1) RETURNING ${COLUMNS}`, parameters: [text.text] };
}

function note(method: string, idText: string, body: string): Plan {
	const route = '/api/notes/:id';
	const id = Number(idText);
	if (!/^\d+$/.test(idText) || id > 2_147_483_647) return { kind: 'answer', route, answer: failure(400, `"${idText}" is not a note id`) };
	switch (method) {
		case 'GET':
			return { kind: 'query', route, shape: 'one', sql: `SELECT ${COLUMNS} FROM notes WHERE id = $1`, parameters: [id] };
		case 'DELETE':
			return { kind: 'query', route, shape: 'deleted', sql: 'DELETE FROM notes WHERE id = $1 RETURNING id', parameters: [id] };
		case 'PUT': {
			const text = readText(body);
			if ('error' in text) return { kind: 'answer', route, answer: failure(400, text.error) };
			return { kind: 'query', route, shape: 'one', sql: `UPDATE notes SET text = $1 WHERE id = $2 RETURNING ${COLUMNS}`, parameters: [text.text, id] };
		}
		default:
			return { kind: 'answer', route, answer: failure(405, `method ${method} is not allowed`) };
	}
}

function readText(body: string): { readonly text: string } | { readonly error: string } {
	let value: unknown;
	try {
		value = JSON.parse(body);
	} catch {
		return { error: 'the body must be JSON, e.g. {"text":"buy milk"}' };
	}
	const text = typeof value === 'object' && value !== null ? (value as { readonly text?: unknown }).text : undefined;
	if (typeof text !== 'string' || text === '') return { error: 'text is required and must be a non-empty string' };
	return text.length > MAX_TEXT ? { error: `text must be at most ${MAX_TEXT} characters` } : { text };
}

/** A timestamptz as PostgreSQL prints it in UTC → as JSON.stringify prints a Date. */
function isoTime(value: Value | undefined): string {
	const m = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(String(value));
	return m === null ? String(value) : `${m[1]}T${m[2]}.${(m[3] ?? '').padEnd(3, '0').slice(0, 3)}Z`;
}

/** The answer to a request whose query went well. */
export function shapeAnswer(shape: Shape, response: PostgresResponse): Answer {
	const notes = (response.rows ?? []).map((r) => ({ id: Number(r[0]), text: String(r[1]), created_at: isoTime(r[2]) }));
	switch (shape) {
		case 'ready':
			return json(200, { status: 'ready' });
		case 'list':
			return json(200, notes);
		case 'created':
			return json(201, notes[0]);
		case 'one':
			return notes[0] === undefined ? failure(404, 'no such note') : json(200, notes[0]);
		case 'deleted':
			return notes.length === 0 ? failure(404, 'no such note') : { status: 204, body: '' };
	}
}
