import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { Pool } from './pool.ts';
import { Session, type SessionOptions } from './session.ts';
import { smallLab } from './testing/parts.ts';

it('is set aside once it has taken its worker down LIMITS.sessionCrashes times in a row', async () => {
	const opened: string[] = [];
	const call = async (_worker: number, name: string): Promise<unknown> => {
		opened.push(name);
		return { resumed: true, provider: 'simulator', capabilities: {} };
	};
	const pool = { leastLoaded: () => 0, count: () => {}, post: () => {}, call } as unknown as Pool;
	const session = new Session({
		record: { id: 's', learner: 'ada', lab: 'small', seed: 1 },
		lab: smallLab,
		folders: { folder: () => '/nowhere' },
		pool,
		log: () => {},
	} as unknown as SessionOptions);
	for (let n = 1; n < LIMITS.sessionCrashes; n++) await session.workerReplaced('it ended', true);
	await session.workerReplaced('it ended', false);
	await session.open();
	expect(opened).toEqual(['open']);
	await session.workerReplaced('it ended', true);
	await expect(session.open()).rejects.toMatchObject({ code: 'sandbox-broken' });
	expect(opened).toEqual(['open']);
});
