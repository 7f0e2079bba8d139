import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { SignIns } from './sign-ins.ts';

async function fresh() {
	const folder = await mkdtemp(join(tmpdir(), 'foothold-sign-ins-'));
	const clock = { now: 1_800_000_000_000 };
	const open = async (): Promise<SignIns> => {
		const signIns = new SignIns(folder, () => clock.now);
		await signIns.load();
		return signIns;
	};
	return { folder, clock, open, signIns: await open() };
}

describe('a sign-in', () => {
	it('outlives a restart, and ends for good', async () => {
		const { open, signIns, folder } = await fresh();
		const token = await signIns.begin('p1', 'id token');
		const again = await open();
		const found = again.find(token);
		expect([found?.person, again.idToken(found?.key ?? '')]).toEqual(['p1', 'id token']);
		await again.end(found?.key ?? '');
		expect([again.find(token), (await open()).find(token), await readdir(folder)]).toEqual([undefined, undefined, []]);
	});

	it('ends after LIMITS.signInIdleMs without use; use is noted every LIMITS.signInNotedMs and outlives a restart', async () => {
		const { clock, open, signIns } = await fresh();
		const token = await signIns.begin('p1', undefined);
		clock.now += LIMITS.signInIdleMs - 1;
		const found = signIns.find(token);
		expect(found).toBeDefined();
		signIns.seen(found?.key ?? '');
		await signIns.close();
		clock.now += LIMITS.signInIdleMs - LIMITS.signInNotedMs;
		expect((await open()).find(token)?.person).toBe('p1');
		clock.now += LIMITS.signInNotedMs + 1;
		expect([signIns.find(token), (await open()).find(token)]).toEqual([undefined, undefined]);
	});

	it('ends LIMITS.signInMs after it began, however much it is used', async () => {
		const { clock, signIns } = await fresh();
		const token = await signIns.begin('p1', undefined);
		const key = signIns.find(token)?.key ?? '';
		for (let at = 0; at <= LIMITS.signInMs; at += LIMITS.signInIdleMs / 2) {
			expect(signIns.find(token)).toBeDefined();
			signIns.seen(key);
			clock.now += LIMITS.signInIdleMs / 2;
		}
		expect(signIns.find(token)).toBeUndefined();
		const ended: string[] = [];
		signIns.onEnd((one) => ended.push(one));
		await signIns.sweep();
		expect(ended).toEqual([key]);
	});

	it('is one of LIMITS.signInsPerPerson: the oldest ends first, and nobody else’s', async () => {
		const { signIns } = await fresh();
		const other = await signIns.begin('p2', undefined);
		const tokens: string[] = [];
		for (let n = 0; n <= LIMITS.signInsPerPerson; n++) tokens.push(await signIns.begin('p1', undefined));
		expect(tokens.map((token) => signIns.find(token) !== undefined)).toEqual([false, ...tokens.slice(1).map(() => true)]);
		expect([signIns.count('p1'), signIns.find(other)?.person]).toEqual([LIMITS.signInsPerPerson, 'p2']);
		expect(await signIns.endAll('p1')).toBe(LIMITS.signInsPerPerson);
		expect([signIns.count('p1'), signIns.find(other)?.person]).toEqual([0, 'p2']);
	});

	it('that has ended does not come back by a note that was on its way', async () => {
		const { clock, signIns, open } = await fresh();
		const token = await signIns.begin('p1', undefined);
		const key = signIns.find(token)?.key ?? '';
		clock.now += LIMITS.signInNotedMs;
		signIns.seen(key);
		await signIns.end(key);
		await signIns.close();
		expect((await open()).find(token)).toBeUndefined();
	});
});
