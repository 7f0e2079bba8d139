/** What a session weighs besides its cluster: the workstation with an open terminal, the lab's cluster view and live checks of an attached page, nobody typing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { LabSession } from '../../server/sessions/lab-session.ts';
import { parts } from '../../server/sessions/parts.ts';
import { labTemplate } from './finished.ts';
import { heap, print } from './figures.ts';

const SESSIONS = 100;
/** Long enough for what a page's coming sets off: the first view, the first look at the tasks, the first checkpoint. */
const SETTLE_MS = 6000;

export async function idle(): Promise<void> {
	const { template, lab } = await labTemplate();
	const folder = mkdtempSync(join(tmpdir(), 'foothold-idle-'));
	const make = async (i: number): Promise<SimulatorSandbox> => {
		const sandbox = await SimulatorSandbox.create(template, { id: `s${i}`, folder: join(folder, `s${i}`), templates: folder });
		await (await sandbox.cluster.fetch(new Request('http://cluster/api/v1/nodes'))).text();
		return sandbox;
	};
	const open = async (sandbox: SimulatorSandbox, i: number): Promise<LabSession> => {
		const session = new LabSession({ id: `s${i}`, folder: join(folder, `s${i}`), lab, seed: i, sandbox, parts, send: () => undefined });
		session.attached(1);
		await session.openTerminal('main', 120, 30);
		return session;
	};
	// The first one brings what all share.
	const sessions = [await open(await make(SESSIONS), SESSIONS)];
	const sandboxes = await Promise.all(Array.from({ length: SESSIONS }, (_, i) => make(i)));
	await pause(SETTLE_MS);
	const before = heap();
	for (const [i, sandbox] of sandboxes.entries()) sessions.push(await open(sandbox, i));
	await pause(SETTLE_MS);
	print({ bench: 'terminal', metric: 'idle_kb', value: (heap() - before) / 1024 / SESSIONS, unit: 'kB', n: SESSIONS });
	await Promise.all(sessions.map((session) => session.close()));
	rmSync(folder, { recursive: true, force: true });
}
