import { mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { recordingFile, recordingsIn, recordingsToSubmit, endRecording } from './recordings.ts';

const header = '{"version":3,"term":{"cols":80,"rows":24},"timestamp":1790000000,"title":"t"}\n';
const folderOf = () => mkdtempSync(join(tmpdir(), 'foothold-recordings-'));
function put(folder: string, name: string, events: string, age = 0): void {
	writeFileSync(join(folder, `${name}.cast`), header + events);
	utimesSync(join(folder, `${name}.cast`), 1_790_000_000 - age, 1_790_000_000 - age);
}

describe('recordings of a session', () => {
	it('are told newest first, with length and commands', async () => {
		const folder = folderOf();
		put(folder, 't1', '[1,"o","$ "]\n[2.5,"m","ls"]\n[0.5,"o","a [1,\\"m\\""]\n', 10);
		put(folder, 't2', '');
		expect(await recordingsIn(folder)).toMatchObject([
			{ name: 't2', seconds: 0, commands: 0 },
			{ name: 't1', startedAt: '2026-09-21T14:13:20.000Z', seconds: 4, commands: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
		]);
		expect(await recordingsIn(join(folder, 'none'))).toEqual([]);
	});

	it('are put aside when their terminal ends, a bounded number of them', () => {
		const folder = folderOf();
		for (let i = 0; i < LIMITS.recordingsKept + 5; i++) {
			put(folder, 't1', '', 1000 - i);
			endRecording(join(folder, 't1.cast'));
		}
		expect(readdirSync(folder)).toHaveLength(LIMITS.recordingsKept);
		expect(recordingFile(folder, `t1.${LIMITS.recordingsKept}`)).toBeDefined();
		expect(recordingFile(folder, 't1')).toBeUndefined();
		expect(readFileSync(join(folder, `t1.${LIMITS.recordingsKept}.cast`), 'utf8')).toBe(`${header}[0,"x","0"]\n`);
	});

	it('are found by name alone', () => {
		const folder = folderOf();
		put(folder, 't1', '');
		expect(recordingFile(folder, 't1')).toBe(join(folder, 't1.cast'));
		for (const name of ['../t1', 't1.cast', '', '.', 't1/../t1']) expect(recordingFile(folder, name)).toBeUndefined();
	});

	it('go into a submission as far as they fit, the newest first, none without a command', async () => {
		const folder = folderOf();
		const big = `[1,"m","ls"]\n[1,"o","${'x'.repeat(Math.floor(LIMITS.submissionRecordings / 2.5))}"]\n`;
		put(folder, 't1', big, 30);
		put(folder, 't2', big, 20);
		put(folder, 't3', big, 10);
		put(folder, 't4', '[1,"o","$ "]\n');
		expect((await recordingsToSubmit(folder)).map(({ info }) => info.name)).toEqual(['t3', 't2']);
	});
});
