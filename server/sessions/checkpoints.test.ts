import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { HostedSandbox } from '../sandboxes/hosted.ts';
import { Checkpoints } from './checkpoints.ts';

/** A sandbox of which only its checkpoints count. */
function make(options: { readonly folder?: string; readonly bytes?: number } = {}) {
	const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'foothold-checkpoints-'));
	const kept = new Set<string>();
	const sandbox = {
		provider: 'simulator',
		clock: { now: () => 1_790_000_000_000 },
		checkpoints: {
			save: async (id: string) => {
				kept.add(id);
				return options.bytes ?? 1000;
			},
			changes: async () => ({ at: 0, files: [], objects: [], more: { files: 0, objects: 0, owned: 0 } }),
			choose: () => {},
			remove: async (id: string) => {
				kept.delete(id);
			},
		},
	} as unknown as HostedSandbox;
	return { folder, kept, checkpoints: new Checkpoints(folder, sandbox) };
}
const names = (checkpoints: Checkpoints) => checkpoints.list().map(({ reason, name }) => `${reason} ${name}`.trim());

afterEach(() => {
	vi.restoreAllMocks();
});

describe('checkpoints', () => {
	it('tell what was run since each, also once one between them is gone and after a restart', async () => {
		const { folder, checkpoints } = make();
		await checkpoints.save('start', '');
		checkpoints.activity('kubectl apply -f a.yaml');
		await checkpoints.save('hand', 'a');
		checkpoints.activity('kubectl delete -f a.yaml');
		await checkpoints.save('task', 'Two');
		checkpoints.activity('ls');
		await checkpoints.remove(checkpoints.list()[1]?.id ?? '');
		await checkpoints.close();
		const again = make({ folder }).checkpoints;
		expect(again.list().map(({ reason, commandsSince, lastCommands }) => [reason, commandsSince, lastCommands.at(-1)])).toEqual([
			['start', 3, 'ls'],
			['task', 1, 'ls'],
		]);
	});

	it('are made by the clock once there was work for a while, and not without', async () => {
		const { checkpoints } = make();
		const started = performance.now();
		expect(checkpoints.activity('ls')).toBe(false);
		vi.spyOn(performance, 'now').mockReturnValue(started + LIMITS.checkpointEveryMs + 1000);
		expect(checkpoints.activity('ls')).toBe(true);
		await checkpoints.save('time', '');
		expect(checkpoints.activity()).toBe(false);
		await checkpoints.save('time', '');
		await checkpoints.save('time', '');
		expect(names(checkpoints)).toEqual(['time', 'time']);
		await checkpoints.save('start', '');
		expect(names(checkpoints)).toEqual(['time', 'time']);
	});

	it('are bounded in number: automatic ones go first, a learner’s own stay, and have a bound of their own', async () => {
		const { checkpoints, kept } = make();
		await checkpoints.save('hand', 'mine');
		await checkpoints.save('task', 'One');
		for (let i = 0; i < LIMITS.checkpoints; i++) {
			checkpoints.activity(`echo ${i}`);
			await checkpoints.save('time', '');
		}
		expect(checkpoints.list()).toHaveLength(LIMITS.checkpoints);
		expect(names(checkpoints).slice(0, 2)).toEqual(['hand mine', 'task One']);
		expect(kept.size).toBe(LIMITS.checkpoints);
		for (let i = 1; i < LIMITS.checkpointsNamed; i++) await checkpoints.save('hand', `mine ${i}`);
		await expect(checkpoints.save('hand', 'one too many')).rejects.toMatchObject({ code: 'checkpoints-full' });
		expect(names(checkpoints)).toContain('hand mine');
	});

	it('are bounded in bytes, but the newest is there', async () => {
		const { checkpoints } = make({ bytes: Math.ceil(LIMITS.checkpointsBytes / 2.5) });
		for (let i = 0; i < 5; i++) {
			checkpoints.activity(`echo ${i}`);
			await checkpoints.save('time', '');
		}
		expect(checkpoints.list()).toHaveLength(2);
		expect(checkpoints.list().at(-1)?.lastCommands).toEqual([]);
	});

	it('remember a bounded number of command lines', async () => {
		const { checkpoints } = make();
		await checkpoints.save('start', '');
		for (let i = 0; i < LIMITS.checkpointCommands * 2; i++) checkpoints.activity(`echo ${i} ${'x'.repeat(1000)}`);
		const [start] = checkpoints.list();
		expect(start?.commandsSince).toBe(LIMITS.checkpointCommands);
		expect(start?.lastCommands.at(-1)?.length).toBeLessThanOrEqual(200);
	});

	it('are refused where the provider cannot go back, or there is none of that id', async () => {
		const { checkpoints } = make();
		expect(() => checkpoints.changes('c7')).toThrow(expect.objectContaining({ code: 'checkpoint-unknown' }));
		const real = new Checkpoints(mkdtempSync(join(tmpdir(), 'foothold-checkpoints-')), { provider: 'kubeconfig' } as unknown as HostedSandbox);
		expect(real.possible).toBe(false);
		expect(() => real.known('c1')).toThrow(expect.objectContaining({ code: 'rewind-unable' }));
		expect(real.activity('ls')).toBe(false);
	});

	it('begin anew where their list is damaged', async () => {
		const { folder } = make();
		writeFileSync(join(folder, 'checkpoints.json'), '{"next":');
		expect(make({ folder }).checkpoints.list()).toEqual([]);
	});
});
