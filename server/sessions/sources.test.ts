/** Where a lab's cluster stands in time when it is made: at the wall's, however long ago its template was booted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadLabs } from '../grading/labs.ts';
import { createSource } from './sources.ts';

const MINUTE = 60_000;

describe('a new sandbox', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'foothold-sources-'));
		vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-20T08:00:00Z') });
	});
	afterEach(() => {
		vi.useRealTimers();
		rmSync(folder, { recursive: true, force: true });
	});

	it('shows the wall’s time, minutes and hours after the lab was first opened, and after a resume', async () => {
		const [lab] = (await loadLabs(resolve(import.meta.dirname, '../../labs'))).filter((one) => one.definition.id === 'three-tiers');
		if (lab === undefined) throw new Error('the lab three-tiers is not there');
		const source = createSource({ parts: '', labs: '', templates: folder, provider: 'simulator' });
		const open = (id: string) => source.open({ id, folder: join(folder, id), lab, seed: 1, onFault: (error) => expect(error).toBeUndefined() });
		const nodes = async (sandbox: Awaited<ReturnType<typeof open>>['sandbox']): Promise<number> =>
			((await (await sandbox.cluster.fetch(new Request('http://cluster/api/v1/nodes'))).json()) as { readonly items: readonly unknown[] }).items.length;
		for (const [id, after] of [
			['first', 0],
			['minutes', 3 * MINUTE],
			['later', 20 * MINUTE],
			['next-day', 24 * 60 * MINUTE],
		] as const) {
			vi.setSystemTime(Date.now() + after);
			const { sandbox } = await open(id);
			expect(Math.abs(sandbox.clock.now() - Date.now()), id).toBeLessThan(10_000);
			expect(await nodes(sandbox)).toBe(3);
			const shown = sandbox.clock.now();
			await sandbox.dispose();
			const { sandbox: again, resumed } = await open(id);
			expect([resumed, again.clock.now() >= shown, again.clock.now() - shown < MINUTE]).toEqual([true, true, true]);
			await again.dispose();
		}
	});
});
