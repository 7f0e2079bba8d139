import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AUDIT_EVENTS_KEPT } from '../../simulator/apiserver/audit/audit.ts';
import { SYSTEM_USERS } from '../../simulator/services.ts';
import { Simulator } from '../../simulator/simulator.ts';
import { AuditLogFile } from './audit-log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function source() {
	const simulator = Simulator.boot({ seed: 1, now: 1_795_197_600_000, profile: 'apiserver' });
	const listeners = new Set<() => void>();
	const request = { method: 'GET', url: '/api/v1/namespaces/default', headers: {}, user: SYSTEM_USERS.admin };
	const send = (count: number): void => {
		for (let i = 0; i < count; i++) simulator.apply({ at: simulator.now, kind: 'request', request });
		for (const listener of listeners) listener();
	};
	const onMove = (listener: () => void): (() => void) => {
		listeners.add(listener);
		return () => listeners.delete(listener);
	};
	return { simulator, onMove, send };
}

describe('the audit log of a served cluster', () => {
	it('has an event a line, each once, also what came before it was closed', () => {
		const path = join(folder, 'audit.log');
		const from = source();
		from.send(1);
		const log = new AuditLogFile(from, path, (error) => expect(error).toBeUndefined());
		from.send(2);
		log.close();
		from.send(1);
		const events = readFileSync(path, 'utf8')
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line) as { readonly kind: string; readonly auditID: string });
		expect(events.map((e) => e.kind)).toEqual(['Event', 'Event', 'Event']);
		expect(new Set(events.map((e) => e.auditID)).size).toBe(3);
	});

	it('says what was lost, and that a file can’t be written', () => {
		const faults: unknown[] = [];
		const from = source();
		const log = new AuditLogFile(from, join(folder, 'no', 'such', 'folder', 'log'), (error) => faults.push(error));
		from.send(AUDIT_EVENTS_KEPT + 3);
		log.close();
		expect(faults.map(String)).toEqual([expect.stringContaining('3 audit events were dropped'), expect.stringContaining('ENOENT')]);
	});
});
