import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import { SimulatorSandbox } from '../sandboxes/simulator.ts';
import { Template } from '../sandboxes/simulated/template.ts';
import { buildSystem } from '../simulator/simulator.ts';
import { LabSession } from './lab-session.ts';
import { parts, smallLab } from './testing/parts.ts';

it('lets a cluster’s time go on for LIMITS.lingerMs after its last outside request', async () => {
	const template = Template.build({ hosts: [], gpus: undefined, prepare: () => {} }, buildSystem('full'));
	const sandbox = await SimulatorSandbox.create(template, { id: 'linger' });
	let held = 0;
	vi.spyOn(sandbox, 'hold').mockImplementation(() => {
		held++;
		return () => void held--;
	});
	const folder = mkdtempSync(join(tmpdir(), 'foothold-linger-'));
	vi.useFakeTimers();
	try {
		const session = new LabSession({ id: 'linger', folder, lab: smallLab, seed: 1, sandbox, parts, send: () => {} });
		session.usedFromOutside();
		vi.advanceTimersByTime(LIMITS.lingerMs - 1);
		session.usedFromOutside();
		vi.advanceTimersByTime(LIMITS.lingerMs - 1);
		expect(held).toBe(1);
		vi.advanceTimersByTime(1);
		expect(held).toBe(0);
	} finally {
		vi.useRealTimers();
		await sandbox.dispose();
	}
});
