import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { fault } from '../errors/catalogue.ts';
import type { LabDefinition, Verdict } from '../protocol/lab.ts';
import type { Learner } from '../protocol/progress.ts';
import type { LearnerStore } from '../store/store.ts';
import { checked, hintOpened, lessonMoved, named, submitted, tasksDone } from './changes.ts';
import { canonicalJson, evidenceDigest } from './digest.ts';
import { Progress } from './progress.ts';

class MemoryStore implements LearnerStore {
	readonly records = new Map<string, Learner>();
	writes = 0;
	full = false;
	async read(id: string): Promise<Learner | undefined> {
		return this.records.get(id);
	}
	async write(learner: Learner): Promise<void> {
		await new Promise((resolve) => setTimeout(resolve, 2));
		if (this.full) throw fault('disk-full', { path: 'x' });
		this.writes++;
		this.records.set(learner.id, structuredClone(learner));
	}
	async remove(id: string): Promise<void> {
		this.records.delete(id);
	}
	async list(): Promise<readonly string[]> {
		return [...this.records.keys()];
	}
}

const verdict = (over: Partial<Verdict> = {}): Verdict => ({
	lab: 'three-tiers',
	attempt: 1,
	score: 80,
	passed: true,
	capped: false,
	checks: [],
	gradedAt: '2026-01-01T00:00:00Z',
	tookMs: 1,
	seed: 1,
	graderVersion: '1',
	provider: 'simulator',
	...over,
});
const lab = {
	id: 'three-tiers',
	title: 'Three tiers',
	evidence: { deliverable: 'month-2-three-tier-app', rubric: ['automation', 'incident-drills'] },
} as unknown as LabDefinition;

describe('the single writer', () => {
	it('resolves only when the record is stored', async () => {
		const store = new MemoryStore();
		const progress = new Progress(store);
		await progress.append('a', 'k1', (l) => named(l, 'Ada'));
		expect(store.records.get('a')).toMatchObject({ name: 'Ada', version: 1, applied: ['k1'] });
	});

	it('remembers the last LIMITS.appliedKeys keys: a change among them is not made twice', async () => {
		const progress = new Progress(new MemoryStore());
		const add = (key: number) => progress.append('a', `k${key}`, (l) => named(l, `${l.name}.`));
		await Promise.all(Array.from({ length: LIMITS.appliedKeys + 1 }, (_, key) => add(key)));
		expect(await add(1)).toMatchObject({ duplicate: true });
		const { learner, duplicate } = await add(0);
		expect([duplicate, learner.applied.length, learner.version]).toEqual([false, LIMITS.appliedKeys, LIMITS.appliedKeys + 2]);
	});

	it('takes a change that comes just as the one before is done, however many steps after', async () => {
		const progress = new Progress(new MemoryStore());
		for (let steps = 0; steps < 12; steps++) {
			await progress.append('a', `first:${steps}`, (l) => l);
			for (let i = 0; i < steps; i++) await undefined;
			await progress.append('a', `second:${steps}`, (l) => l);
		}
		expect((await progress.read('a')).version).toBe(24);
	});

	it('applies a key once', async () => {
		const store = new MemoryStore();
		const progress = new Progress(store);
		const twice = (l: Learner): Learner => ({ ...l, name: `${l.name}x` });
		const [first, second] = await Promise.all([progress.append('a', 'k', twice), progress.append('a', 'k', twice)]);
		expect([first.duplicate, second.duplicate]).toEqual([false, true]);
		expect((await new Progress(store).append('a', 'k', twice)).learner.name).toBe('x');
	});

	it('loses nothing of many changes at once, and writes them together', async () => {
		const store = new MemoryStore();
		const progress = new Progress(store);
		await Promise.all(Array.from({ length: 200 }, (_, i) => progress.append('a', `k${i}`, (l) => tasksDone(l, 'lab', [`t${i}`], 'now'))));
		expect(Object.keys(store.records.get('a')?.labs['lab']?.tasksDone ?? {})).toHaveLength(200);
		expect(store.records.get('a')?.version).toBe(200);
		expect(store.writes).toBeLessThan(10);
	});

	it('rejects on a full disk with the record as it was, and saves the same change later', async () => {
		const store = new MemoryStore();
		const progress = new Progress(store);
		await progress.append('a', 'k1', (l) => named(l, 'Ada'));
		store.full = true;
		await expect(progress.append('a', 'k2', (l) => named(l, 'Bea'))).rejects.toMatchObject({ code: 'disk-full' });
		expect((await progress.read('a')).name).toBe('Ada');
		store.full = false;
		await progress.append('a', 'k2', (l) => named(l, 'Bea'));
		expect(store.records.get('a')?.name).toBe('Bea');
	});

	it('tries again what nobody waits for', async () => {
		const store = new MemoryStore();
		const progress = new Progress(store, { retryMs: 5 });
		store.full = true;
		const faults: unknown[] = [];
		progress.appendPatiently(
			'a',
			'k',
			(l) => named(l, 'Ada'),
			(error) => faults.push(error),
		);
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(faults).toHaveLength(1);
		store.full = false;
		await expect.poll(() => store.records.get('a')?.name).toBe('Ada');
	});

	it('does not let one failing change take others down', async () => {
		const progress = new Progress(new MemoryStore());
		const bad = progress.append('a', 'bad', () => {
			throw new Error('no');
		});
		const good = progress.append('a', 'good', (l) => named(l, 'Ada'));
		await expect(bad).rejects.toThrow('no');
		expect((await good).learner.name).toBe('Ada');
	});
});

describe('changes', () => {
	const blank: Learner = { id: 'a', name: '', createdAt: '', version: 0, labs: {}, reading: {}, evidence: [], portfolio: [], rubric: [], applied: [] };

	it('a task keeps the time when it was first done', () => {
		const once = tasksDone(blank, 'lab', ['t'], 'first');
		expect(tasksDone(once, 'lab', ['t', 'u'], 'later').labs['lab']?.tasksDone).toEqual({ t: 'first', u: 'later' });
	});

	it('hints never close again', () => {
		expect(hintOpened(hintOpened(blank, 'lab', 't', 2, ''), 'lab', 't', 1, '').labs['lab']?.hintsOpened).toEqual({ t: 2 });
	});

	it('a lesson keeps when it was first opened and read, until it is marked unread', () => {
		const lesson = 'month-1/processes';
		const opened = lessonMoved(blank, { lesson, state: 'opened' }, '1');
		expect(opened.reading).toEqual({ [lesson]: { openedAt: '1' } });
		const read = lessonMoved(opened, { lesson, state: 'read' }, '2');
		expect(lessonMoved(lessonMoved(read, { lesson, state: 'read' }, '3'), { lesson, state: 'opened' }, '4').reading[lesson]).toEqual({
			openedAt: '1',
			readAt: '2',
		});
		expect(lessonMoved(read, { lesson, state: 'unread' }, '5').reading[lesson]).toEqual({ openedAt: '1' });
	});

	it('the reading of no more than LIMITS.lessonsKept lessons is kept', () => {
		let learner = blank;
		for (let i = 0; i <= LIMITS.lessonsKept; i++) learner = lessonMoved(learner, { lesson: `month-1/l${i}`, state: 'opened' }, '1');
		expect(Object.keys(learner.reading)).toHaveLength(LIMITS.lessonsKept);
		expect(lessonMoved(learner, { lesson: 'month-1/l0', state: 'read' }, '2').reading['month-1/l0']?.readAt).toBe('2');
	});

	it('a worse attempt keeps the best score', () => {
		const after = checked(checked(blank, 'lab', verdict()), 'lab', verdict({ attempt: 2, score: 10 }));
		expect(after.labs['lab']).toMatchObject({ attempts: 2, bestScore: 80, lastVerdict: { score: 10 } });
	});

	it('a check is no attempt, however good', () => {
		const after = checked(checked(blank, 'lab', verdict({ attempt: 0 })), 'lab', verdict({ attempt: 0, score: 90 }));
		expect(after.labs['lab']).toMatchObject({ attempts: 0, bestScore: 90, lastVerdict: { score: 90 } });
	});

	it('a passed submission fills the portfolio and moves the rubric', () => {
		const { learner, evidence, moved } = submitted(blank, lab, { id: 'e1', verdict: verdict(), files: { '/home/learner/a.yaml': 'x' }, at: 'now' });
		expect(learner.portfolio).toEqual([
			{ id: 'month-2-three-tier-app', deliverable: 'month-2-three-tier-app', title: 'Three tiers', evidence: ['e1'], updatedAt: 'now' },
		]);
		expect(moved).toEqual([
			{ row: 'automation', from: 'none', to: 'started' },
			{ row: 'incident-drills', from: 'none', to: 'mid' },
		]);
		expect(evidence.digest).toBe(evidenceDigest(evidence.verdict, evidence.files));
	});

	it('a failed submission is evidence, but moves nothing', () => {
		const { learner, moved } = submitted(blank, lab, { id: 'e1', verdict: verdict({ passed: false, score: 20 }), files: {}, at: 'now' });
		expect([learner.evidence.length, learner.portfolio, learner.rubric, moved]).toEqual([1, [], [], []]);
	});

	it('the same lab passed again counts once', () => {
		const once = submitted(blank, lab, { id: 'e1', verdict: verdict(), files: {}, at: 'now' }).learner;
		const twice = submitted(once, lab, { id: 'e2', verdict: verdict({ attempt: 2 }), files: {}, at: 'later' });
		expect(twice.moved).toEqual([]);
		expect(twice.learner.rubric.find((r) => r.row === 'automation')).toMatchObject({ count: 1, level: 'started', evidence: ['e1', 'e2'] });
	});

	it('no number of labs shows what labs cannot show', () => {
		let learner = blank;
		for (let i = 0; i < 30; i++) {
			const other = { ...lab, id: `lab-${i}`, evidence: { ...lab.evidence, rubric: ['automation', 'mentoring'] } };
			learner = submitted(learner, other, { id: `e${i}`, verdict: verdict({ lab: other.id }), files: {}, at: 'now' }).learner;
		}
		expect(learner.rubric.map((r) => [r.row, r.level, r.count])).toEqual([['automation', 'mid', 30]]);
	});
});

describe('the digest', () => {
	it('is the same whatever the order of fields, and another for other facts', () => {
		expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: undefined })).toBe('{"b":[1,{"c":2,"d":1}]}');
		expect(evidenceDigest({ a: 1, b: 2 }, { x: 'y' })).toBe(evidenceDigest({ b: 2, a: 1 }, { x: 'y' }));
		expect(evidenceDigest({ a: 1 }, { x: 'y' })).not.toBe(evidenceDigest({ a: 1 }, { x: 'z' }));
	});
});

describe('an erased record', () => {
	it('is gone, and no change that was on its way begins a new one', async () => {
		const store = new MemoryStore();
		const progress = new Progress(store, { retryMs: 1 });
		await progress.append('ada', 'a', (l) => ({ ...l, name: 'Ada' }));
		const under = progress.append('ada', 'b', (l) => ({ ...l, name: 'Ada L' }));
		await progress.erase('ada');
		await under;
		await expect(progress.append('ada', 'c', (l) => l)).rejects.toMatchObject({ code: 'person-unknown' });
		const faults: unknown[] = [];
		progress.appendPatiently(
			'ada',
			'd',
			(l) => l,
			(error) => faults.push(error),
		);
		await progress.close();
		expect([await store.list(), faults.length]).toEqual([[], 1]);
	});
});
