import { appendFileSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';

function make(options: Partial<RecorderOptions> = {}) {
	const path = options.path ?? join(mkdtempSync(join(tmpdir(), 'foothold-cast-')), 't1.cast');
	const clock = { now: 1_790_000_000_000 };
	const recorder = new Recorder({
		path,
		title: 'terminal t1',
		columns: 80,
		rows: 24,
		secrets: { values: ['hunter2-long'], patterns: [] },
		onFault: (error) => {
			throw error;
		},
		now: () => clock.now,
		...options,
	});
	const lines = () =>
		readFileSync(path, 'utf8')
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line) as unknown);
	return { path, clock, recorder, lines, events: () => lines().slice(1) as [number, string, string][] };
}

describe('a recording', () => {
	it('is asciicast v3: a header, then events with the time since the one before', () => {
		const { clock, recorder, lines } = make();
		recorder.output('$ ');
		clock.now += 1500;
		recorder.command('ls');
		clock.now += 250;
		recorder.output('a\r\n');
		recorder.resize(100, 30);
		recorder.resize(100, 30);
		recorder.flush();
		expect(lines()).toEqual([
			{ version: 3, term: { cols: 80, rows: 24, type: 'xterm-256color' }, timestamp: 1_790_000_000, title: 'terminal t1' },
			[0, 'o', '$ '],
			[1.5, 'm', 'ls'],
			[0.25, 'o', 'a\r\n'],
			[0, 'r', '100x30'],
		]);
	});

	it('never holds a secret: not in output that comes in pieces, not in a marker', () => {
		const { path, recorder, clock } = make();
		for (const key of 'echo hunter2-long\r\n') {
			clock.now += 100;
			recorder.output(key);
			expect(readFileSync(path, 'utf8')).not.toContain('hunter2-l');
		}
		recorder.command('echo hunter2-long');
		recorder.flush();
		expect(readFileSync(path, 'utf8')).not.toMatch(/hunter2/);
		recorder.secrets({ values: ['another-one'], patterns: [] });
		recorder.output('another-one ');
		expect(readFileSync(path, 'utf8')).not.toContain('another');
	});

	it('goes on as the same recording, after a torn last line, too', () => {
		const first = make();
		first.recorder.output('one');
		appendFileSync(first.path, '[0.5,"o","to');
		const second = make({ path: first.path });
		second.recorder.output('two');
		expect(second.events().map(([, code, data]) => [code, data])).toEqual([
			['o', 'one'],
			['r', '80x24'],
			['o', 'two'],
		]);
		expect(second.lines()[0]).toMatchObject({ version: 3, timestamp: 1_790_000_000 });
	});

	it('leaves most of a flood out and says so, but not the way back from a program’s screen', () => {
		const { recorder, clock, events } = make();
		const piece = 'y\r\n'.repeat(20_000);
		for (let i = 0; i < 100; i++) recorder.output(piece);
		recorder.output(`${piece}${piece}${'z'.repeat(LIMITS.recordingBurst)}\u001b[?1049l`);
		const recorded = events().reduce((sum, [, , data]) => sum + data.length, 0);
		expect(recorded).toBeLessThanOrEqual(LIMITS.recordingBurst + 100);
		expect(events().at(-1)?.[2]).toBe('\u001b[?1049l');
		clock.now += 2000;
		recorder.output('$ ');
		expect(events().at(-2)?.[2]).toMatch(/\[\d+ characters of output were left out of the recording\]/);
		clock.now += 1000;
		recorder.output('x'.repeat(LIMITS.recordingPerSecond));
		expect(events().at(-1)?.[2]).toHaveLength(LIMITS.recordingPerSecond);
	});

	it('stays within its bytes: the older half goes, up to a command', () => {
		const { path, recorder, clock, lines, events } = make();
		recorder.resize(120, 40);
		const steps = Math.ceil((LIMITS.recordingBytes * 2.2) / LIMITS.recordingPerSecond);
		for (let i = 0; i < steps; i++) {
			clock.now += 1000;
			recorder.command(`step ${i}`);
			recorder.output('x'.repeat(LIMITS.recordingPerSecond));
			expect(statSync(path).size).toBeLessThanOrEqual(LIMITS.recordingBytes + LIMITS.recordingPerSecond + 200);
		}
		expect(
			events()
				.slice(0, 3)
				.map(([at, code]) => [at, code]),
		).toEqual([
			[0, 'r'],
			[0, 'o'],
			[1, 'm'],
		]);
		const shortened = lines()[0] as { timestamp: number };
		const seconds = events().reduce((sum, [at]) => sum + at, 0);
		expect(Math.abs(shortened.timestamp + seconds - clock.now / 1000)).toBeLessThan(3);
	});
});
