/** Work elsewhere before a mentor: confirmed or sent back, and what becomes of that. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { declaredConfirmed, declaredMoved, shownDeclared } from '../progress/declared.ts';
import { mentorStanding } from '../protocol/senior.ts';
import type { Declared } from '../protocol/portfolio.ts';
import { bundleSchema, type Draft, learnerStandingSchema } from '../protocol/reviews.ts';
import { draft, finding, house, review, type House } from './testing/house.ts';

const CODE = (code: string) => expect.objectContaining({ code });
const tool: Declared = {
	id: 'd-1',
	deliverable: 'automation-library',
	kind: 'repository',
	title: 'Backup tool',
	url: 'https://example.com/backup',
	claim: 'Backs up a cluster’s objects; two teams use it every night.',
	count: 1,
	on: '2026-10-01',
};
const put = (declared: Declared) => ({ action: 'put', declared }) as const;
const approval = (summary: string, marks: Draft['marks'] = {}): Draft => ({ ...draft('approve', [], marks), summary });

async function sentBy(at: House, learner: string, declared = tool): Promise<string> {
	await at.progress.append(learner, randomUUID(), (l) => declaredMoved(l, put(declared)));
	return (await at.reviews.submit(learner, { request: randomUUID(), kind: 'declared', of: declared.id, note: '' })).id;
}

describe('work elsewhere', () => {
	it('is bundled as it was declared, and waits in the queue', async () => {
		const at = await house();
		const id = await sentBy(at, at.who.ada);
		const bundle = await at.reviews.bundle(id, 1);
		expect(bundleSchema.parse(bundle)).toEqual(bundle);
		expect([bundle.title, bundle.declared, bundle.attempts]).toEqual([tool.title, [tool], []]);
		expect(at.reviews.queue(at.who.mentor).rows[0]).toMatchObject({ kind: 'declared', title: tool.title });
		expect(at.reviews.list(at.who.ada)[0]).toMatchObject({ kind: 'declared', subject: tool.id, state: 'waiting' });
		await expect(at.reviews.submit(at.who.bo, { request: randomUUID(), kind: 'declared', of: tool.id, note: '' })).rejects.toEqual(CODE('not-found'));
	});

	it('is confirmed with who, when and why; a mentor who says nothing of what they looked at confirms nothing', async () => {
		const at = await house();
		const id = await sentBy(at, at.who.ada);
		await expect(review(at.reviews, id, at.who.mentor, { ...approval(' '), findings: [finding('f1', 'celebratory')] })).rejects.toEqual(CODE('review-refused'));
		await review(at.reviews, id, at.who.mentor, approval('I ran it on a cluster of mine; it restores.'));
		const [shown] = shownDeclared(await at.progress.read(at.who.ada));
		expect(shown?.confirmed).toEqual({
			by: at.who.mentor,
			name: 'Mina',
			at: expect.any(String) as string,
			submission: id,
			why: 'I ran it on a cluster of mine; it restores.',
		});
	});

	it('is sent back with what is missing, and confirmed in the next round as it stands then', async () => {
		const at = await house();
		const id = await sentBy(at, at.who.ada);
		await review(at.reviews, id, at.who.mentor, draft('ask-changes', [finding('f1', 'essential', { at: 'whole' }, 'Which two teams?')]));
		expect(shownDeclared(await at.progress.read(at.who.ada))[0]?.confirmed).toBeUndefined();
		const better = { ...tool, claim: 'Backs up a cluster’s objects; Search and Billing use it every night.' };
		await at.progress.append(at.who.ada, 'edit', (l) => declaredMoved(l, put(better)));
		await at.reviews.answer(id, at.who.ada, 'f1', { answer: 'done' });
		await at.reviews.resubmit(id, { base: 1, note: 'Named them.' });
		await review(at.reviews, id, at.who.mentor, approval('Both teams’ jobs are in the log.'));
		expect(shownDeclared(await at.progress.read(at.who.ada))).toMatchObject([{ claim: better.claim, confirmed: { name: 'Mina' } }]);
		const [changed] = (await at.reviews.diff(id, 2)).texts;
		expect(changed?.lines.filter(({ change }) => change !== ' ').map(({ change, text }) => [change, text])).toEqual([
			['-', tool.claim],
			['+', better.claim],
		]);
	});

	it('is confirmed in those words alone: an edit ends it, taking the edit or a removal back brings it back', async () => {
		const at = await house();
		await review(at.reviews, await sentBy(at, at.who.ada), at.who.mentor, approval('Looked at the repository.'));
		const confirmed = await at.progress.read(at.who.ada);
		const by = (learner: typeof confirmed): (string | undefined)[] => shownDeclared(learner).map((one) => one.confirmed?.name);
		const edited = declaredMoved(confirmed, put({ ...tool, count: 9 }));
		expect([by(confirmed), by(edited), by(declaredMoved(edited, put(tool)))]).toEqual([['Mina'], [undefined], ['Mina']]);
		const removed = declaredMoved(confirmed, { action: 'remove', id: tool.id });
		expect([by(removed), by(declaredMoved(removed, put(tool)))]).toEqual([[], ['Mina']]);
	});

	it(`keeps no more than LIMITS.declaredKept (${LIMITS.declaredKept}) confirmations of what is gone`, async () => {
		const at = await house();
		let learner = await at.progress.read(at.who.ada);
		const confirmation = { by: 'm', name: 'Mina', at: '', submission: 's' };
		for (let i = 0; i < LIMITS.declaredKept + 5; i++) learner = declaredConfirmed(learner, [{ ...tool, id: `gone-${i}` }], confirmation);
		learner = declaredConfirmed(declaredMoved(learner, put(tool)), [tool], confirmation);
		expect(learner.claims).toHaveLength(LIMITS.declaredKept + 1);
		expect(shownDeclared(learner)[0]?.confirmed?.name).toBe('Mina');
	});

	it('has its second mentor as any round has: blind, and confirming nothing by themselves', async () => {
		const at = await house({ secondPercent: 100 });
		const id = await sentBy(at, at.who.ada);
		await review(at.reviews, id, at.who.mentor, approval('Looked at the repository.', { automation: 'senior' }));
		expect(at.reviews.shown(id, at.who.second)).toMatchObject({ state: 'in-review', may: { second: true } });
		expect(await at.reviews.standing(id, at.who.second)).toMatchObject({ blind: true, senior: {} });
		await review(at.reviews, id, at.who.second, draft('ask-changes', [], { automation: 'senior' }));
		const learner = await at.progress.read(at.who.ada);
		expect(shownDeclared(learner)[0]?.confirmed?.by).toBe(at.who.mentor);
		const row = learner.rubric.find((one) => one.row === 'automation');
		expect(mentorStanding(row?.mentor ?? [], row?.level ?? 'none')).toEqual({ level: 'senior', by: ['Mina', 'Sol'], alone: false });
	});
});

describe('a senior mark', () => {
	it('stands alone until another mentor joins it, and both mentors are told so', async () => {
		const at = await house();
		await review(at.reviews, await sentBy(at, at.who.ada), at.who.mentor, approval('Looked.', { automation: 'senior', communication: 'senior' }));
		const again = await sentBy(at, at.who.ada, { ...tool, id: 'd-2', title: 'Restore tool' });
		const told = learnerStandingSchema.parse(await at.reviews.standing(again, at.who.second));
		expect(told).toEqual({ senior: { automation: ['Mina'], communication: ['Mina'] }, rows: { automation: 'none' }, graded: [], blind: false });
		expect((await at.reviews.standing(again, at.who.mentor)).senior).toEqual({});
		const standing = async (): Promise<unknown> => mentorStanding((await at.progress.read(at.who.ada)).assessment?.mentor.communication ?? [], 'none');
		expect(await standing()).toEqual({ level: 'mid', by: ['Mina'], alone: true });
		await review(at.reviews, again, at.who.second, approval('Looked, too.', { communication: 'senior' }));
		expect(await standing()).toEqual({ level: 'senior', by: ['Sol', 'Mina'], alone: false });
	});

	it('outlives its mentor, and the confirmation does, both without the name', async () => {
		const at = await house();
		const id = await sentBy(at, at.who.ada);
		await review(at.reviews, id, at.who.mentor, approval('Looked.', { automation: 'senior', communication: 'senior' }));
		await at.reviews.forget(at.who.mentor);
		const learner = await at.progress.read(at.who.ada);
		expect(JSON.stringify(learner)).not.toMatch(new RegExp(`Mina|${at.who.mentor}`));
		expect(shownDeclared(learner)[0]?.confirmed).toMatchObject({ name: '', why: 'Looked.' });
		expect(mentorStanding(learner.assessment?.mentor.communication ?? [], 'none')).toEqual({ level: 'mid', by: [''], alone: true });
	});
});
