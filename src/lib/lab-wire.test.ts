import { describe, expect, it } from 'vitest';
import { type ServerMessage, serverMessageSchema } from '../../server/protocol/messages.ts';
import { readMessage } from './lab-wire.ts';

const view = { now: 0, nodes: [], workloads: [], pods: [], services: [], ingresses: [], events: [] };
const samples: { readonly [T in ServerMessage['type']]: Extract<ServerMessage, { type: T }> } = {
	session: { type: 'session', lab: 'x', resumed: true, readyMs: 1, provider: 'simulator', capabilities: {}, tasks: [], tabs: 1 },
	'terminal.opened': { type: 'terminal.opened', terminal: 't1', scrollback: '', columns: 80, rows: 24 },
	'terminal.output': { type: 'terminal.output', terminal: 't1', data: 'x' },
	'terminal.closed': { type: 'terminal.closed', terminal: 't1', reason: 'exit' },
	cluster: { type: 'cluster', view },
	tasks: { type: 'tasks', tasks: [] },
	checkpoints: { type: 'checkpoints', checkpoints: [] },
	'checkpoint.changes': {
		type: 'checkpoint.changes',
		request: 'r',
		changes: { at: 1, files: [], objects: [], more: { files: 0, objects: 0, owned: 0 }, programs: [] },
	},
	programs: { type: 'programs', request: 'r', programs: [] },
	'file.changed': { type: 'file.changed', path: '/a', mtime: 1, removed: false },
	edit: { type: 'edit', edit: 'e', path: '/a' },
	files: { type: 'files', request: 'r', files: [] },
	file: { type: 'file', request: 'r', path: '/a', content: '', mtime: 1 },
	done: { type: 'done', request: 'r' },
	checking: { type: 'checking', request: 'r', done: 0, total: 1, title: 't' },
	verdict: {
		type: 'verdict',
		request: 'r',
		verdict: { lab: 'x', attempt: 1, score: 1, passed: false, capped: false, checks: [], gradedAt: 't', tookMs: 1, seed: 1, graderVersion: '1', provider: 'p' },
	},
	submitted: { type: 'submitted', request: 'r', evidence: 'e', score: 1, passed: true, moved: [] },
	hint: { type: 'hint', request: 'r', task: 't', text: 'x', left: 0 },
	error: { type: 'error', code: 'c', message: 'm', next: 'n' },
	pong: { type: 'pong', at: 1 },
};

describe('readMessage', () => {
	it.each(Object.values(samples))('reads what the schema allows: $type', (sample) => {
		expect(serverMessageSchema.safeParse(sample).success).toBe(true);
		expect(readMessage(JSON.stringify(sample))).toEqual({ message: sample });
	});

	it.each(Object.values(samples))('refuses, as the schema does, a $type that lacks a field it stands on', (sample) => {
		for (const field of Object.keys(sample)) {
			const { [field as 'type']: _left, ...rest } = sample;
			const lenient = 'message' in readMessage(JSON.stringify(rest));
			const strict = serverMessageSchema.safeParse(rest).success;
			if (strict) expect(lenient).toBe(true);
			if (field === 'type') expect(lenient).toBe(false);
		}
		expect('problem' in readMessage(JSON.stringify({ type: sample.type }))).toBe(true);
	});

	it('says what is wrong with a frame that is no message', () => {
		expect(readMessage('{')).toEqual({ problem: expect.stringContaining('not JSON') });
		expect(readMessage('[]')).toEqual({ problem: expect.stringContaining('unknown') });
		expect(readMessage('{"type":"toString"}')).toEqual({ problem: expect.stringContaining('unknown') });
		expect(readMessage('{"type":"pong","at":"now"}')).toEqual({ problem: 'pong without at (number)' });
	});

	it('passes on fields it does not know, and completes a view that lacks a list', () => {
		const read = readMessage(JSON.stringify({ type: 'cluster', view: { now: 1, pods: [] }, later: true }));
		expect(read).toMatchObject({ message: { later: true, view: { nodes: [], events: [] } } });
	});
});
