import { describe, expect, it } from 'vitest';
import { memorySandbox } from '../shell/testing/sandbox.ts';
import type { VerdictCheck } from '../protocol/lab.ts';
import { fail, pass } from './check.ts';
import { gradeLab, scoreOf } from './grade.ts';
import type { LoadedLab } from './grade.types.ts';
import { fillTokens, seededToken } from './labs.ts';

const words = (id: string, points: number, more: object = {}) => ({
	id,
	title: id,
	points,
	gate: [],
	critical: false,
	why: 'because it matters',
	see: 'kubectl get',
	live: false,
	...more,
});

function lab(checks: LoadedLab['checks'], list: ReturnType<typeof words>[]): LoadedLab {
	return {
		definition: { id: 'x', checks: list, criticalCap: 59, passScore: 66 } as unknown as LoadedLab['definition'],
		brief: '',
		directory: '',
		checks,
		clusterManifests: [],
		files: [],
	};
}

const grade = (l: LoadedLab) => gradeLab({ lab: l, sandbox: memorySandbox(), seed: 1, attempt: 1 });

describe('grading', () => {
	it('adds the points of what passes', async () => {
		const v = await grade(lab({ a: async () => pass('ok'), b: async () => fail('1', '0') }, [words('a', 70), words('b', 30)]));
		expect(v.score).toBe(70);
		expect(v.passed).toBe(true);
		expect(v.checks[1]).toMatchObject({ outcome: 'fail', expected: '1', seen: '0', earned: 0 });
	});

	it('does not count what waits for a gate that fails', async () => {
		const v = await grade(lab({ a: async () => fail('1', '0'), b: async () => pass('ok') }, [words('a', 10), words('b', 90, { gate: ['a'] })]));
		expect(v.score).toBe(0);
		expect(v.checks[1]).toMatchObject({ outcome: 'gated', reason: 'counts once "a" passes' });
	});

	it('caps the total where a critical check fails', async () => {
		const v = await grade(lab({ a: async () => pass('ok'), b: async () => fail('1', '0') }, [words('a', 90), words('b', 10, { critical: true })]));
		expect(v).toMatchObject({ score: 59, capped: true, passed: false });
	});

	it('never lets a check that could not grade cost a learner', async () => {
		const boom = async () => {
			throw new Error('the cluster went away');
		};
		const v = await grade(lab({ a: async () => pass('ok'), b: boom }, [words('a', 40), words('b', 60)]));
		expect(v.score).toBe(100);
		expect(v.checks[1]).toMatchObject({ outcome: 'ungraded', reason: 'the cluster went away' });
	});

	it('says that a fork was needed where the provider has none', async () => {
		const v = await grade(lab({ a: (c) => c.inFork(async () => pass('ok')) }, [words('a', 100)]));
		expect(v.checks[0]?.outcome).toBe('ungraded');
	});

	it('scores nothing where nothing could be graded', () => {
		expect(scoreOf([], 59)).toEqual({ score: 0, capped: false });
		const ungraded = { outcome: 'ungraded', points: 100, earned: 0, critical: true } as VerdictCheck;
		expect(scoreOf([ungraded], 59)).toEqual({ score: 0, capped: false });
	});

	it('gives each learner tokens of their own, the same every time', () => {
		expect(seededToken(1, 'db-password')).toBe(seededToken(1, 'db-password'));
		expect(seededToken(1, 'db-password')).not.toBe(seededToken(2, 'db-password'));
		expect(fillTokens('p: {{token:db-password}}!', 7)).toBe(`p: ${seededToken(7, 'db-password')}!`);
	});
});
