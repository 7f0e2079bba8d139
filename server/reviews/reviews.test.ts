import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { documentAttached } from '../progress/writing.ts';
import { bundleSchema, cohortPageSchema, queueSchema, submissionSchema } from '../protocol/reviews.ts';
import { draft, FILE, finding, house, lab, review, written } from './testing/house.ts';

const essential = finding('f1', 'essential', { at: 'whole' });
const CODE = (code: string) => expect.objectContaining({ code });

describe('a submission', () => {
	it('bundles verdict, evidence, recording, files and note, and never changes', async () => {
		const { reviews, progress, who, sent } = await house();
		const { id, history } = await sent(who.ada);
		const bundle = await reviews.bundle(id, 1);
		expect(bundleSchema.parse(bundle)).toEqual(bundle);
		const [attempt] = bundle.attempts;
		const [evidence] = (await progress.read(who.ada)).evidence;
		expect(attempt).toMatchObject({ evidence: evidence?.id, digest: evidence?.digest, files: evidence?.files, title: lab.title });
		expect(attempt?.recordings[0]?.seconds).toBe(90);
		expect([bundle.note, history[0]?.digest]).toEqual(['Is one replica enough?', bundle.digest]);
		await progress.append(who.ada, 'x', (l) => ({ ...l, evidence: [] }));
		expect(await reviews.bundle(id, 1)).toEqual(bundle);
	});

	it('is refused where a byte of it was changed on the disk', async () => {
		const { reviews, folder, who, sent } = await house();
		const { id } = await sent(who.ada);
		const path = join(folder, 'reviews', 'bundles', `${id}-1.json`);
		await writeFile(path, (await readFile(path, 'utf8')).replace('replicas: 1', 'replicas: 3'));
		await expect(reviews.bundle(id, 1)).rejects.toEqual(CODE('record-damaged'));
	});

	it('said twice is one, and somebody else’s id is nobody’s', async () => {
		const { reviews, who, attempt } = await house();
		const request = randomUUID();
		const of = await attempt(who.ada);
		const wanted = { request, kind: 'lab', of, note: '' } as const;
		const [one, two] = await Promise.all([reviews.submit(who.ada, wanted), reviews.submit(who.ada, wanted)]);
		expect(one.id).toBe(two.id);
		expect(reviews.list(who.ada)).toHaveLength(1);
		await expect(reviews.submit(who.bo, wanted)).rejects.toEqual(CODE('submission-unknown'));
		await expect(reviews.submit(who.bo, { ...wanted, request: randomUUID() })).rejects.toEqual(CODE('not-found'));
	});

	it('is open once for a lab, and free again once it was withdrawn', async () => {
		const { reviews, who, sent, attempt } = await house();
		const { id } = await sent(who.ada);
		const of = await attempt(who.ada);
		await expect(reviews.submit(who.ada, { request: randomUUID(), kind: 'lab', of, note: '' })).rejects.toEqual(CODE('submission-state'));
		expect((await reviews.withdraw(id, who.ada)).state).toBe('withdrawn');
		expect((await reviews.submit(who.ada, { request: randomUUID(), kind: 'lab', of, note: '' })).state).toBe('waiting');
	});

	it(`holds no more than LIMITS.submissionBytes, and a portfolio item no more attempts than LIMITS.submissionAttempts (${LIMITS.submissionAttempts})`, async () => {
		const { reviews, progress, who, attempt } = await house();
		const of = await attempt(who.ada, { files: { [FILE]: 'x'.repeat(LIMITS.submissionBytes) } });
		await expect(reviews.submit(who.ada, { request: randomUUID(), kind: 'lab', of, note: '' })).rejects.toEqual(CODE('submission-too-large'));
		const base = await attempt(who.bo, { survives: true });
		await progress.append(who.bo, 'many', (l) => {
			const [one] = l.evidence;
			const more = Array.from({ length: LIMITS.submissionAttempts + 3 }, (_, i) => ({ ...(one as NonNullable<typeof one>), id: `e-${i}`, lab: `lab-${i}` }));
			return {
				...l,
				evidence: [...l.evidence, ...more],
				portfolio: l.portfolio.map((item) => ({ ...item, evidence: [base, ...more.map(({ id }) => id)] })),
			};
		});
		const { id } = await reviews.submit(who.bo, { request: randomUUID(), kind: 'portfolio', of: 'month-2-three-tier-app', note: '' });
		expect((await reviews.bundle(id, 1)).attempts).toHaveLength(LIMITS.submissionAttempts);
	});

	it(`waits beside ${LIMITS.submissionsOpen} others at most (LIMITS.submissionsOpen)`, async () => {
		const { reviews, progress, who } = await house();
		for (let i = 0; i <= LIMITS.submissionsOpen; i++) {
			const of = await written(progress, who.ada, `Part ${i}.`);
			const done = reviews.submit(who.ada, { request: randomUUID(), kind: 'document', of, note: '' });
			if (i < LIMITS.submissionsOpen) await done;
			else await expect(done).rejects.toEqual(CODE('submissions-full'));
		}
	});

	it(`is one of ${LIMITS.submissionsKept} at most (LIMITS.submissionsKept), the finished ones included`, async () => {
		const { reviews, folder, who, sent, attempt, again } = await house();
		const { id } = await sent(who.ada);
		await reviews.withdraw(id, who.ada);
		const cases = join(folder, 'reviews', 'cases');
		const text = await readFile(join(cases, `${id}.json`), 'utf8');
		for (let i = 1; i < LIMITS.submissionsKept; i++) await writeFile(join(cases, `c${i}.json`), text.replaceAll(id, `c${i}`));
		const later = await again();
		expect(later.list(who.ada)).toHaveLength(LIMITS.submissionsKept);
		const of = await attempt(who.ada);
		await expect(later.submit(who.ada, { request: randomUUID(), kind: 'lab', of, note: '' })).rejects.toEqual(CODE('submissions-full'));
	});

	it('says how many may review it: nobody, without a cohort', async () => {
		const { reviews, who, sent } = await house();
		expect((await sent(who.ada)).reviewers).toBe(2);
		const { id } = await sent(who.stranger);
		expect(reviews.shown(id, who.stranger)).toMatchObject({ reviewers: 0, may: { withdraw: true, claim: false } });
	});
});

describe('the queue', () => {
	it('shows a mentor the learners of their cohorts, oldest first, and nobody else', async () => {
		const { reviews, who, sent, cohort } = await house();
		const first = await sent(who.bo);
		const second = await sent(who.ada);
		const queue = reviews.queue(who.mentor);
		expect(queueSchema.parse(queue)).toEqual(queue);
		expect(queue.rows.map(({ id, state }) => [id, state])).toEqual([
			[first.id, 'open'],
			[second.id, 'open'],
		]);
		expect(queue.rows[0]).toMatchObject({ learnerName: 'Bo', cohorts: [{ id: cohort, name: 'Autumn' }], score: 60, note: 'Is one replica enough?' });
		expect(reviews.queue(who.stranger).rows).toEqual([]);
		expect(reviews.queue(who.ada).rows).toEqual([]);
	});

	it('gives a round to one of two mentors who claim at once', async () => {
		const { reviews, who, sent } = await house();
		const { id } = await sent(who.ada);
		const results = await Promise.allSettled([reviews.claim(id, who.mentor), reviews.claim(id, who.second)]);
		expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
		expect(reviews.queue(who.second).rows[0]).toMatchObject({ state: 'taken', by: 'Mina' });
		await reviews.release(id, who.mentor);
		expect((await reviews.claim(id, who.second)).may.review).toBe(true);
	});

	it('frees a claim that ran out (LIMITS.claimMs); what was drafted stays until somebody else takes it', async () => {
		const { reviews, who, sent, pass } = await house();
		const { id } = await sent(who.ada);
		await reviews.claim(id, who.mentor);
		await reviews.draft(id, who.mentor, 0, draft(undefined, [essential]));
		pass(LIMITS.claimMs + 1);
		await expect(reviews.draft(id, who.mentor, 1, draft(undefined, []))).rejects.toEqual(CODE('submission-state'));
		const back = await reviews.claim(id, who.mentor);
		expect(back.history[0]?.reviews[0]?.content?.findings).toEqual([essential]);
		pass(LIMITS.claimMs + 1);
		await reviews.claim(id, who.second);
		await expect(reviews.claim(id, who.mentor)).rejects.toEqual(CODE('submission-state'));
		expect(reviews.shown(id, who.second).history[0]?.reviews).toHaveLength(1);
	});
});

describe('a review', () => {
	it(`has ${LIMITS.findingsPerRound} findings at most (LIMITS.findingsPerRound), praise included`, async () => {
		const { reviews, who, sent } = await house();
		const { id } = await sent(who.ada);
		await reviews.claim(id, who.mentor);
		const three = [essential, finding('f2', 'informative'), finding('f3', 'celebratory')];
		await reviews.draft(id, who.mentor, 0, draft('ask-changes', three));
		await expect(reviews.draft(id, who.mentor, 1, draft('ask-changes', [...three, finding('f4', 'celebratory')]))).rejects.toEqual(CODE('review-refused'));
	});

	it('points at lines, checks and moments that are there', async () => {
		const { reviews, who, sent } = await house();
		const { id } = await sent(who.ada);
		const [attempt] = (await reviews.bundle(id, 1)).attempts;
		const evidence = attempt?.evidence ?? '';
		await reviews.claim(id, who.mentor);
		const good = [
			finding('f1', 'essential', { at: 'file', attempt: evidence, path: FILE, line: 2 }),
			finding('f2', 'informative', { at: 'moment', attempt: evidence, recording: 't1', seconds: 89.5 }),
			finding('f3', 'celebratory', { at: 'check', attempt: evidence, check: 'answers' }),
		];
		await reviews.draft(id, who.mentor, 0, draft('ask-changes', good));
		for (const place of [
			{ at: 'file', attempt: evidence, path: FILE, line: 50 },
			{ at: 'file', attempt: 'other', path: FILE, line: 1 },
			{ at: 'moment', attempt: evidence, recording: 't1', seconds: 91 },
			{ at: 'check', attempt: evidence, check: 'none' },
			{ at: 'document', document: 'none', line: 1 },
			{ at: 'change', attempt: evidence, object: 'Deployment/notes/api' },
		] as const)
			await expect(reviews.draft(id, who.mentor, 1, draft('ask-changes', [finding('f1', 'essential', place)])), place.at).rejects.toEqual(
				CODE('review-refused'),
			);
	});

	it('is not sent without a decision, against its own findings, empty, or over another’s save', async () => {
		const { reviews, who, sent } = await house();
		const { id } = await sent(who.ada);
		await expect(reviews.send(id, who.mentor, 0)).rejects.toEqual(CODE('submission-state'));
		await reviews.claim(id, who.mentor);
		let version = 0;
		for (const wrong of [
			draft(undefined, [essential]),
			draft('approve', [essential]),
			draft('approve', []),
			draft('ask-changes', [finding('f1', 'informative')]),
			draft('ask-changes', [{ ...essential, text: '  ' }]),
		]) {
			await reviews.draft(id, who.mentor, version, wrong);
			version++;
			await expect(reviews.send(id, who.mentor, version)).rejects.toEqual(CODE('review-refused'));
		}
		await expect(reviews.draft(id, who.mentor, 0, draft('ask-changes', [essential]))).rejects.toEqual(CODE('review-changed'));
		await expect(reviews.send(id, who.mentor, 0)).rejects.toEqual(CODE('review-changed'));
	});

	it('ends where the submission was withdrawn, and keeps it from being withdrawn', async () => {
		const { reviews, who, sent } = await house();
		const gone = await sent(who.ada);
		await reviews.claim(gone.id, who.mentor);
		await reviews.withdraw(gone.id, who.ada);
		await expect(reviews.draft(gone.id, who.mentor, 0, draft('approve', []))).rejects.toEqual(CODE('submission-state'));
		await expect(reviews.claim(gone.id, who.mentor)).rejects.toEqual(CODE('submission-state'));
		const { id } = await sent(who.bo);
		await review(reviews, id, who.mentor, draft('ask-changes', [essential]));
		await expect(reviews.withdraw(id, who.bo)).rejects.toEqual(CODE('submission-state'));
		await expect(reviews.claim(id, who.mentor)).rejects.toEqual(CODE('submission-state'));
	});

	it('hides a draft from everybody but its writer', async () => {
		const { reviews, who, sent } = await house();
		const { id } = await sent(who.ada);
		await reviews.claim(id, who.mentor);
		await reviews.draft(id, who.mentor, 0, draft('ask-changes', [essential]));
		expect(JSON.stringify([reviews.shown(id, who.ada), reviews.shown(id, who.second)])).not.toContain('About f1');
		expect(reviews.shown(id, who.ada)).toMatchObject({ state: 'in-review', may: { withdraw: true, claim: false, review: false } });
	});
});

describe('rounds', () => {
	it('go from changes asked over answers to an approval that is in rubric and portfolio, as a mentor’s', async () => {
		const { reviews, progress, who, sent, attempt } = await house();
		const { id } = await sent(who.ada);
		await review(reviews, id, who.mentor, draft('ask-changes', [essential, finding('f2', 'informative')], { 'cloud-kubernetes': 'started' }));
		expect(reviews.notices(who.ada)).toMatchObject({ unread: 1, items: [{ submission: id, what: 'changes-asked', as: 'learner' }] });
		expect((await reviews.seen(id, who.ada)).unread).toBe(0);

		const of = await attempt(who.ada, { survives: true, files: { [FILE]: 'kind: Deployment\nreplicas: 2\nspec: {}\n' } });
		await expect(reviews.resubmit(id, { base: 1, note: '' })).rejects.toEqual(CODE('submission-state'));
		await expect(reviews.answer(id, who.ada, 'none', { answer: 'done' })).rejects.toEqual(CODE('submission-state'));
		expect((await reviews.answer(id, who.ada, 'f1', { answer: 'disagree', reason: 'One was asked for.' })).unanswered).toBe(0);
		const next = await reviews.resubmit(id, { base: 1, of, note: 'Two now.' });
		expect([next.state, next.rounds]).toEqual(['waiting', 2]);
		expect((await reviews.resubmit(id, { base: 1, of, note: 'Two now.' })).rounds).toBe(2);
		const [one, two] = [await reviews.bundle(id, 1), await reviews.bundle(id, 2)];
		expect(two.previous).toBe(one.digest);
		const changed = await reviews.diff(id, 2);
		expect(changed.texts).toEqual([
			expect.objectContaining({
				name: FILE,
				change: 'changed',
				lines: expect.arrayContaining([
					expect.objectContaining({ change: '-', text: 'replicas: 1' }),
					expect.objectContaining({ change: '+', text: 'replicas: 2' }),
				]),
			}),
		]);
		expect(changed.checks).toEqual([{ check: 'notes/survives', title: 'A pod may go', before: 'fail', after: 'pass' }]);
		expect(reviews.notices(who.mentor)).toMatchObject({ mentor: true, waiting: 1, unread: 1 });
		expect(reviews.queue(who.mentor).rows[0]?.before).toBe(true);

		const approved = await review(reviews, id, who.mentor, draft('approve', [finding('f1', 'celebratory')], { 'cloud-kubernetes': 'mid', automation: 'mid' }));
		expect(submissionSchema.parse(approved)).toEqual(approved);
		const learner = await progress.read(who.ada);
		expect(learner.evidence.map(({ kind }) => kind)).toEqual(['graded', 'mentor-confirmed']);
		expect(learner.evidence[1]?.confirmed).toMatchObject({ by: who.mentor, name: 'Mina', submission: id });
		expect(learner.assessment?.mentor['cloud-kubernetes']?.[0]).toMatchObject({ level: 'mid', by: 'Mina' });
		const row = learner.rubric.find((standing) => standing.row === 'automation');
		expect([row?.level, row?.mentor?.[0]?.level]).toEqual(['started', 'mid']);
	});

	it(`are ${LIMITS.submissionRounds} at most (LIMITS.submissionRounds)`, async () => {
		const { reviews, who, sent } = await house();
		const { id } = await sent(who.ada);
		for (let n = 1; n <= LIMITS.submissionRounds; n++) {
			await review(reviews, id, who.mentor, draft('ask-changes', [essential]));
			await reviews.answer(id, who.ada, 'f1', { answer: 'done' });
			const next = reviews.resubmit(id, { base: n, note: '' });
			if (n < LIMITS.submissionRounds) await next;
			else await expect(next).rejects.toEqual(CODE('submission-state'));
		}
	});

	it('confirm a document’s text as it was read, not what it became', async () => {
		const { reviews, progress, who } = await house();
		const of = await written(progress, who.ada, 'The API ran out of memory.');
		const { id } = await reviews.submit(who.ada, { request: randomUUID(), kind: 'document', of, note: '' });
		const [read] = (await reviews.bundle(id, 1)).documents;
		expect(read?.grade?.rows.length).toBeGreaterThan(3);
		const attach = (name: string, markdown: string) =>
			progress.append(who.ada, `attach:${name}`, (l) =>
				documentAttached(l, { id: `w-${name}`, document: of, deliverable: name, title: 'Postmortems', markdown, grade: read?.grade as never }, 'now'),
			);
		await attach('same', `---\nkind: postmortem\n---\n\n${read?.markdown}`);
		await attach('other', 'Another text.');
		await review(reviews, id, who.mentor, draft('approve', [finding('f1', 'celebratory', { at: 'document', document: of, line: 1 })]));
		expect((await progress.read(who.ada)).writings?.map(({ id: w, kind }) => [w, kind])).toEqual([
			['w-same', 'mentor-confirmed'],
			['w-other', 'self-declared'],
		]);
	});
});

describe('what is acknowledged', () => {
	it('is there after a restart, drafts and answers included', async () => {
		const { reviews, who, sent, again } = await house();
		const { id } = await sent(who.ada);
		await review(reviews, id, who.mentor, draft('ask-changes', [essential]));
		await reviews.answer(id, who.ada, 'f1', { answer: 'done' });
		const other = await sent(who.bo);
		await reviews.claim(other.id, who.mentor);
		await reviews.draft(other.id, who.mentor, 0, draft(undefined, [finding('f9', 'actionable')]));
		const later = await again();
		expect(later.shown(id, who.ada).history[0]?.reviews[0]?.answers['f1']).toMatchObject({ answer: 'done' });
		expect(later.shown(other.id, who.mentor).history[0]?.reviews[0]?.content?.findings[0]?.id).toBe('f9');
		expect(later.queue(who.mentor).rows.map((row) => row.id)).toEqual([other.id]);
	});

	it('reaches the learner’s record though that could not be written at first', async () => {
		const { progress, who, sent, reviews } = await house();
		const { id } = await sent(who.ada, true);
		const append = progress.append.bind(progress);
		let failures = 2;
		progress.append = (person, key, change) =>
			key.startsWith('review:') && failures-- > 0 ? Promise.reject(new Error('disk full')) : append(person, key, change);
		const done = await review(reviews, id, who.mentor, draft('approve', [finding('f1', 'celebratory')]));
		expect([done.state, (await progress.read(who.ada)).evidence[0]?.kind]).toEqual(['approved', 'graded']);
		await expect.poll(async () => (await progress.read(who.ada)).evidence[0]?.kind).toBe('mentor-confirmed');
	});

	it('is finished after a crash between decision and record', async () => {
		const { progress, who, sent, reviews, again } = await house({ retryMs: 3_600_000 });
		const { id } = await sent(who.ada, true);
		const append = progress.append.bind(progress);
		progress.append = () => Promise.reject(new Error('crash'));
		await review(reviews, id, who.mentor, draft('approve', [finding('f1', 'celebratory')]));
		progress.append = append;
		await again();
		await expect.poll(async () => (await progress.read(who.ada)).evidence[0]?.kind).toBe('mentor-confirmed');
	});
});

describe('the second mentor', () => {
	it('is blind until done, writes no findings, and does not hold the learner up', async () => {
		const { reviews, who, sent, cohort } = await house({ secondPercent: 100 });
		const { id } = await sent(who.ada);
		await review(reviews, id, who.mentor, draft('ask-changes', [essential], { 'cloud-kubernetes': 'mid', security: 'started' }));
		expect(reviews.shown(id, who.ada).state).toBe('changes-asked');
		const blind = reviews.shown(id, who.second);
		expect([blind.state, blind.history[0]?.state, blind.history[0]?.reviews, blind.unanswered, blind.may]).toMatchObject([
			'in-review',
			'waiting',
			[],
			0,
			{ claim: true, second: true },
		]);
		expect(reviews.queue(who.second).rows[0]).toMatchObject({ id, state: 'second' });
		await reviews.claim(id, who.second);
		await expect(reviews.draft(id, who.second, 0, draft('ask-changes', [essential]))).rejects.toEqual(CODE('review-refused'));
		await reviews.draft(id, who.second, 0, draft('ask-changes', [], { 'cloud-kubernetes': 'senior', observability: 'mid' }));
		const done = await reviews.send(id, who.second, 1);
		expect(done.history[0]?.reviews.map(({ slot, content }) => [slot, content !== undefined])).toEqual([
			['first', true],
			['second', true],
		]);
		expect(reviews.shown(id, who.mentor).history[0]?.reviews).toHaveLength(2);
		expect(reviews.shown(id, who.ada).history[0]?.reviews).toHaveLength(1);
		const page = await reviews.cohortPage(cohort);
		expect(page.agreement).toEqual([{ marked: 'cloud-kubernetes', n: 1, percent: 0, kappa: 0, few: true }]);
		expect(page.decisions).toMatchObject({ n: 1, percent: 100 });
	});

	it('sees nothing of the first, who sends later', async () => {
		const { reviews, who, sent } = await house({ secondPercent: 100 });
		const { id } = await sent(who.ada);
		await reviews.claim(id, who.mentor);
		await reviews.claim(id, who.second);
		await reviews.draft(id, who.second, 0, draft('approve', [], { security: 'mid' }));
		await reviews.send(id, who.second, 1);
		expect(reviews.shown(id, who.mentor).history[0]?.reviews.find(({ slot }) => slot === 'second')?.content).toBeUndefined();
		expect(reviews.shown(id, who.ada).state).toBe('in-review');
	});
});

describe('mentors’ own evidence', () => {
	it('counts real reviews, and as mentees those who took several and called one helpful', async () => {
		const { reviews, progress, who, sent } = await house();
		const { id } = await sent(who.ada);
		for (let n = 1; n <= 3; n++) {
			await review(reviews, id, who.mentor, draft('ask-changes', [essential]));
			await reviews.answer(id, who.ada, 'f1', { answer: 'done' });
			if (n < 3) await reviews.resubmit(id, { base: n, note: '' });
		}
		expect((await progress.read(who.mentor)).mentoring).toMatchObject({ reviews: 3, approved: 0, helpful: 0, learners: 1, mentees: 0 });
		await reviews.helpful(id, who.ada, 2, true);
		const mentor = await progress.read(who.mentor);
		expect(mentor.mentoring).toMatchObject({ reviews: 3, helpful: 1, mentees: 1 });
		expect(mentor.rubric.find(({ row }) => row === 'mentoring')).toMatchObject({ level: 'mid', count: 1 });
		await reviews.helpful(id, who.ada, 2, false);
		expect((await progress.read(who.mentor)).mentoring).toMatchObject({ helpful: 0, mentees: 0 });
		expect(reviews.queue(who.mentor).tally).toEqual({ reviews: 3, approved: 0, helpful: 0, mentees: 0 });
	});
});

describe('saved comments', () => {
	it('are offered where the same check fails again, counted, edited and deleted', async () => {
		const { reviews, who, sent } = await house();
		const words = { type: 'essential', text: 'Run two replicas.', when: 'notes/survives' } as const;
		const [saved] = await reviews.saveComment(who.mentor, words);
		await reviews.saveComment(who.mentor, words);
		await reviews.saveComment(who.mentor, { ...words, when: 'other/check' });
		expect(await reviews.comments(who.mentor)).toHaveLength(2);
		const failing = await sent(who.ada);
		const passing = await sent(who.bo, true);
		expect((await reviews.offered(who.mentor, failing.id)).map(({ text }) => text)).toEqual(['Run two replicas.']);
		expect(await reviews.offered(who.mentor, passing.id)).toEqual([]);
		expect(await reviews.offered(who.second, failing.id)).toEqual([]);
		await expect(reviews.offered(who.stranger, failing.id)).rejects.toEqual(CODE('submission-unknown'));
		await review(reviews, failing.id, who.mentor, draft('ask-changes', [{ ...essential, saved: saved?.id ?? '' }]));
		expect((await reviews.comments(who.mentor))[0]?.uses).toBe(1);
		await reviews.editComment(who.mentor, saved?.id ?? '', { ...words, text: 'Two replicas, spread.' });
		expect((await reviews.removeComment(who.mentor, saved?.id ?? '')).map(({ when }) => when)).toEqual(['other/check']);
		await expect(reviews.editComment(who.mentor, saved?.id ?? '', words)).rejects.toEqual(CODE('not-found'));
	});

	it(`are ${LIMITS.savedComments} at most (LIMITS.savedComments)`, async () => {
		const { reviews, who } = await house();
		const { commentSaved } = await import('./saved.ts');
		const full = Array.from({ length: LIMITS.savedComments }, (_, i) => ({
			id: `c${i}`,
			type: 'actionable' as const,
			text: `${i}`,
			when: '',
			uses: 0,
			savedAt: '',
		}));
		expect(() => commentSaved(full, 'x', { type: 'actionable', text: 'more', when: '' }, '')).toThrow(/room/);
		expect(await reviews.comments(who.mentor)).toEqual([]);
	});
});

describe('local mode', () => {
	it('lets one person try all of it, marked as their own, and confirms nothing', async () => {
		const { reviews, progress, people, who, attempt } = await house();
		// The one person of local mode: mentor and learner of themselves.
		const alone = { ...people, mayReview: (m: string, l: string) => m === l, mentorsOf: (l: string) => [l], learnersOf: (m: string) => [m] };
		const local = new (await import('./reviews.ts')).Reviews({
			...(reviews as unknown as { options: ConstructorParameters<typeof import('./reviews.ts').Reviews>[0] }).options,
			people: Object.assign(Object.create(people) as typeof people, alone),
		});
		const { id } = await local.submit(who.ada, { request: randomUUID(), kind: 'lab', of: await attempt(who.ada, { survives: true }), note: '' });
		expect(local.queue(who.ada).rows[0]).toMatchObject({ own: true, state: 'open' });
		const done = await review(local, id, who.ada, draft('approve', [finding('f1', 'celebratory')], { security: 'senior' }));
		expect(done).toMatchObject({ state: 'approved', unread: true, as: { learner: true, mentor: true } });
		expect(done.history[0]?.reviews[0]).toMatchObject({ own: true, mine: true });
		const learner = await progress.read(who.ada);
		expect([learner.evidence[0]?.kind, learner.assessment, learner.mentoring]).toEqual(['graded', undefined, undefined]);
	});
});

describe('the cohort’s page', () => {
	it('says where people are stuck, guards one and two, and names nobody but those who wait', async () => {
		const { reviews, who, sent, attempt, cohort } = await house();
		await sent(who.ada);
		await attempt(who.bo, { survives: true });
		const few = await reviews.cohortPage(cohort);
		expect(cohortPageSchema.parse(few)).toEqual(few);
		expect(few.stuck[0]).toEqual({ lab: 'notes', title: 'Notes', tried: null, passed: null, notNow: null });
		await attempt(who.cy);
		const page = await reviews.cohortPage(cohort);
		expect(page.stuck[0]).toMatchObject({ tried: 3, passed: null, notNow: null });
		expect(page.stuck.find(({ check }) => check === 'answers')).toMatchObject({ tried: 3, passed: 3, notNow: 0 });
		expect(JSON.stringify(page.stuck)).not.toMatch(/Ada|Bo|Cy/);
		expect(page.waiting.map(({ learnerName }) => learnerName)).toEqual(['Ada']);
	});
});

describe('a person’s data', () => {
	it('is all in the export, and goes: reviews that they gave stay without their name', async () => {
		const { reviews, folder, who, sent } = await house();
		const { id } = await sent(who.ada);
		await review(reviews, id, who.mentor, draft('ask-changes', [essential]));
		await reviews.saveComment(who.mentor, { type: 'actionable', text: 'Mine.', when: '' });
		await reviews.captured(who.ada, 'capture-1', { changes: [], changesLeftOut: 0, digest: 'x' });
		const out = await reviews.exportOf(who.ada);
		expect(JSON.stringify(out)).toContain('replicas: 1');
		expect((await reviews.exportOf(who.mentor)).reviewsGiven).toHaveLength(1);
		await reviews.forget(who.mentor);
		expect(reviews.shown(id, who.ada).history[0]?.reviews[0]).toMatchObject({ reviewer: 'gone', content: expect.anything() });
		expect(await reviews.comments(who.mentor)).toEqual([]);
		await reviews.forget(who.ada);
		expect([reviews.owner(id), reviews.list(who.ada)]).toEqual([undefined, []]);
		for (const kind of ['cases', 'bundles', 'captures']) expect(await readdir(join(folder, 'reviews', kind))).toEqual([]);
	});
});
