import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../limits.ts';
import { buildSystem } from '../../simulator/simulator.ts';
import { SimulatedFiles } from './files.ts';
import { LiveHost } from './host.ts';
import { JournalWriter } from './journal.ts';
import { Template } from './template.ts';

const synced = vi.hoisted(() => vi.fn());
vi.mock('node:fs', async (original) => ({ ...(await original<typeof import('node:fs')>()), fsync: synced }));

const template = Template.build({}, buildSystem());
async function writer(): Promise<JournalWriter> {
	const folder = mkdtempSync(join(tmpdir(), 'foothold-journal-'));
	const snapshot = join(folder, 'template');
	writeFileSync(snapshot, '');
	return JournalWriter.create(join(folder, 'journal'), snapshot);
}

afterEach(() => {
	vi.useRealTimers();
});

describe('a journal', () => {
	it('asks for a snapshot after LIMITS.journalInputs inputs', async () => {
		const journal = await writer();
		for (let n = 0; n < LIMITS.journalInputs; n++) journal.append('{}');
		expect(journal.due).toBe(false);
		journal.append('{}');
		expect(journal.due).toBe(true);
		await journal.close();
	});

	it('asks for a snapshot after LIMITS.journalBytes', async () => {
		const journal = await writer();
		journal.append('x'.repeat(LIMITS.journalBytes - 1));
		expect(journal.due).toBe(false);
		journal.append('');
		expect(journal.due).toBe(true);
		await journal.close();
	});

	it('is on the disk LIMITS.fsyncMs after the first line that is not', async () => {
		const journal = await writer();
		vi.useFakeTimers();
		journal.append('{}');
		vi.advanceTimersByTime(LIMITS.fsyncMs - 1);
		journal.append('{}');
		expect(synced).not.toHaveBeenCalled();
		vi.advanceTimersByTime(1);
		expect(synced).toHaveBeenCalledTimes(1);
		vi.advanceTimersByTime(10 * LIMITS.fsyncMs);
		expect(synced).toHaveBeenCalledTimes(1);
		await journal.close();
	});
});

describe('a sandbox’s size', () => {
	const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
	const request = (method: string, url: string, body = '') => ({
		kind: 'request' as const,
		request: { method, url, headers: { 'content-type': 'application/json' }, body, user: { name: 'ada', groups: ['system:masters'] } },
	});

	it('beyond LIMITS.stateBytes leaves reading and deleting alone', () => {
		let stateBytes: number = LIMITS.stateBytes;
		const journal = {
			append: () => {},
			timePassed: () => {},
			get stateBytes() {
				return stateBytes;
			},
		};
		const host = new LiveHost(template.simulator.fork(), { journal });
		const make = (name: string): unknown => host.apply(request('POST', CONFIG_MAPS, JSON.stringify({ metadata: { name } }))).response;
		make('kept');
		stateBytes++;
		for (const method of ['POST', 'PUT', 'PATCH'])
			expect(() => host.apply(request(method, CONFIG_MAPS))).toThrow(expect.objectContaining({ code: 'sandbox-full' }));
		host.apply(request('GET', `${CONFIG_MAPS}/kept`));
		host.apply(request('DELETE', `${CONFIG_MAPS}/kept`));
		stateBytes--;
		make('again');
		host.close();
	});

	it('is LIMITS.fileEntries files, folders and links at most; one that is there may be written anew', async () => {
		const host = new LiveHost(template.simulator.fork());
		const files = new SimulatedFiles(host);
		await files.write('/tmp/many/folders/above/one', '');
		const there = (await files.list('/')).length;
		for (let n = there; n < LIMITS.fileEntries; n++) await files.change({ op: 'symlink', path: `/tmp/many/${n}`, target: '/' });
		await expect(files.write('/tmp/more', '')).rejects.toMatchObject({ code: 'workstation-full' });
		await files.write(`/tmp/many/${LIMITS.fileEntries - 1}`, 'x');
		await files.remove(`/tmp/many/${LIMITS.fileEntries - 1}`);
		await expect(files.write('/tmp/two/more', '')).rejects.toMatchObject({ code: 'workstation-full' });
		await files.write('/tmp/more', '');
		host.close();
	});
});
