import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { NewInvitation } from '../protocol/people.ts';
import { JsonFile } from '../store/json-file.ts';
import { type Directory, directorySchema } from './directory.ts';
import { People, type PeopleOptions } from './people.ts';

const ISSUER = 'https://id.example';
const INVITATION: NewInvitation = { as: 'learner', days: 14, uses: 2 };
const file = async (): Promise<JsonFile<Directory>> => new JsonFile(join(await mkdtemp(join(tmpdir(), 'foothold-people-')), 'directory.json'), directorySchema);

async function team(options: PeopleOptions = {}) {
	const store = await file();
	const people = new People(store, options);
	await people.load();
	const come = (subject: string, admin = false) =>
		people.signedIn({ issuer: ISSUER, subject, name: subject, email: `${subject}@x.example` }, admin).then((p) => p.id);
	const [ada, mia, leo, lin] = [await come('ada', true), await come('mia'), await come('leo'), await come('lin')];
	await people.setRoles(mia, ['learner', 'mentor']);
	return { store, people, ada, mia, leo, lin, come };
}
const codeOf = (path: string): string => path.split('#')[1] ?? '';

describe('people', () => {
	it('are recognised by issuer and subject, whatever their name and address become', async () => {
		const { people, leo } = await team();
		const again = await people.signedIn({ issuer: ISSUER, subject: 'leo', name: 'Leopold', email: undefined }, false);
		expect([again.id, again.name, again.email]).toEqual([leo, 'Leopold', undefined]);
		const other = await people.signedIn({ issuer: 'https://other.example', subject: 'leo', name: 'leo', email: 'leo@x.example' }, false);
		expect(other.id).not.toBe(leo);
		expect(people.personOf(ISSUER, 'leo')?.id).toBe(leo);
	});

	it('are there after a restart, with roles and cohorts', async () => {
		const { store, people, mia, leo } = await team();
		const cohort = await people.makeCohort('Spring', mia);
		await people.accept(codeOf((await people.invite(cohort.id, mia, INVITATION)).path), leo);
		const again = new People(store);
		await again.load();
		expect([again.everyone(), again.cohorts(), again.mentorsOf(leo)]).toEqual([people.everyone(), people.cohorts(), [mia]]);
	});

	it('keep one admin, whatever is taken away', async () => {
		const { people, ada, mia } = await team();
		await expect(people.setRoles(ada, ['learner'])).rejects.toMatchObject({ code: 'last-admin' });
		await expect(people.suspend(ada, true)).rejects.toMatchObject({ code: 'last-admin' });
		await expect(people.remove(ada)).rejects.toMatchObject({ code: 'last-admin' });
		await people.setRoles(mia, ['admin']);
		await people.remove(ada);
		expect(people.person(ada)).toBeUndefined();
	});

	it('lose every role while they are suspended, and whoever listens hears of it', async () => {
		const { people, mia, leo } = await team();
		const out: string[] = [];
		people.onOut((id) => out.push(id));
		await people.suspend(mia, true);
		expect([people.has(mia, 'mentor'), out]).toEqual([false, [mia]]);
		await people.suspend(mia, false);
		expect([people.has(mia, 'mentor'), people.has(leo, 'mentor')]).toEqual([true, false]);
	});

	it('are no more than LIMITS.people', async () => {
		const store = await file();
		const person = { id: 'p1', name: 'x', roles: ['learner' as const], createdAt: '2026-01-01T00:00:00Z' };
		await store.write({ version: 1, people: Array.from({ length: LIMITS.people }, (_, i) => ({ ...person, id: `p${i}` })), cohorts: [] });
		const people = new People(store);
		await people.load();
		await expect(people.signedIn({ issuer: ISSUER, subject: 'x', name: 'x', email: undefined }, false)).rejects.toMatchObject({ code: 'people-full' });
	});

	it('stand as they were when the disk is full', async () => {
		const path = join(await mkdtemp(join(tmpdir(), 'foothold-people-')), 'directory.json');
		const people = new People(new JsonFile(path, directorySchema, () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))));
		await people.load();
		await expect(people.signedIn({ issuer: ISSUER, subject: 'x', name: 'x', email: undefined }, true)).rejects.toMatchObject({ code: 'disk-full' });
		expect(people.everyone()).toEqual([]);
	});

	it('of a damaged directory are left on the disk, and nobody is made anew', async () => {
		const path = join(await mkdtemp(join(tmpdir(), 'foothold-people-')), 'directory.json');
		await writeFile(path, '{"version":');
		await expect(new People(new JsonFile(path, directorySchema)).load()).rejects.toMatchObject({ code: 'record-damaged' });
	});
});

describe('a cohort', () => {
	it('lets its mentors review its learners, and nobody else anybody', async () => {
		const { people, ada, mia, leo, lin } = await team();
		const cohort = await people.makeCohort('Spring', mia);
		await people.accept(codeOf((await people.invite(cohort.id, mia, INVITATION)).path), leo);
		expect([people.mayReview(mia, leo), people.confirms(mia, leo), people.mentorsOf(leo), people.learnersOf(mia)]).toEqual([true, true, [mia], [leo]]);
		for (const [mentor, learner] of [
			[mia, lin],
			[leo, mia],
			[ada, leo],
			[mia, mia],
			[leo, leo],
		] as const)
			expect(people.mayReview(mentor, learner)).toBe(false);
		await people.setRoles(mia, ['learner']);
		expect([people.mayReview(mia, leo), people.mentorsOf(leo), people.learnersOf(mia)]).toEqual([false, [], []]);
	});

	it('ends a mentor’s view when either leaves', async () => {
		const { people, mia, leo } = await team();
		const cohort = await people.makeCohort('Spring', mia);
		await people.accept(codeOf((await people.invite(cohort.id, mia, INVITATION)).path), leo);
		await people.leave(cohort.id, leo);
		expect([people.mayReview(mia, leo), people.cohortsOf(leo)]).toEqual([false, []]);
	});

	it('has at most LIMITS.invitationsPerCohort open, and there are at most LIMITS.cohorts', async () => {
		const { people, mia } = await team();
		const cohort = await people.makeCohort('Spring', mia);
		for (let i = 0; i < LIMITS.invitationsPerCohort; i++) await people.invite(cohort.id, mia, INVITATION);
		await expect(people.invite(cohort.id, mia, INVITATION)).rejects.toMatchObject({ code: 'cohorts-full' });
		const store = await file();
		const cohorts = Array.from({ length: LIMITS.cohorts }, (_, i) => ({ id: `c${i}`, name: 'x', createdAt: '', mentors: [], learners: [], invitations: [] }));
		await store.write({ version: 1, people: [], cohorts });
		const full = new People(store);
		await full.load();
		await expect(full.makeCohort('one more', 'x')).rejects.toMatchObject({ code: 'cohorts-full' });
	});

	it('takes LIMITS.cohortMembers a side', async () => {
		const { people, store, mia, leo } = await team();
		const { id } = await people.makeCohort('Spring', mia);
		const { path } = await people.invite(id, mia, INVITATION);
		await people.close();
		const directory = await store.read();
		if (directory === undefined) throw new Error('no directory');
		const learners = Array.from({ length: LIMITS.cohortMembers }, (_, i) => `x${i}`);
		await store.write({ ...directory, cohorts: directory.cohorts.map((c) => ({ ...c, learners })) });
		const full = new People(store);
		await full.load();
		await expect(full.accept(codeOf(path), leo)).rejects.toMatchObject({ code: 'cohorts-full' });
	});
});

describe('an invitation', () => {
	it('is good for so many people and so long, once each', async () => {
		let now = new Date('2026-03-01T00:00:00Z');
		const { people, mia, leo, lin, come } = await team({ now: () => now });
		const cohort = await people.makeCohort('Spring', mia);
		const code = codeOf((await people.invite(cohort.id, mia, INVITATION)).path);
		await people.accept(code, leo);
		await people.accept(code, leo);
		await people.accept(code, lin);
		await expect(people.accept(code, await come('late'))).rejects.toMatchObject({ code: 'invitation-invalid' });
		const second = codeOf((await people.invite(cohort.id, mia, INVITATION)).path);
		now = new Date('2026-03-15T00:00:01Z');
		expect(people.invitation(second)).toBeUndefined();
		await expect(people.accept(second, await come('later'))).rejects.toMatchObject({ code: 'invitation-invalid' });
		expect(people.cohort(cohort.id)?.learners).toEqual([leo, lin]);
	});

	it('ends when it is revoked', async () => {
		const { people, mia, leo } = await team();
		const cohort = await people.makeCohort('Spring', mia);
		const { path, invitation } = await people.invite(cohort.id, mia, INVITATION);
		await people.revoke(cohort.id, invitation.id);
		await expect(people.accept(codeOf(path), leo)).rejects.toMatchObject({ code: 'invitation-invalid' });
	});

	it('of mentors gives the role with the place', async () => {
		const { people, mia, lin } = await team();
		const cohort = await people.makeCohort('Spring', mia);
		await people.accept(codeOf((await people.invite(cohort.id, mia, { ...INVITATION, as: 'mentor' })).path), lin);
		expect([people.has(lin, 'mentor'), people.mentorsIn(lin, cohort.id)]).toEqual([true, true]);
	});

	it('stands in the directory as a hash only', async () => {
		const { people, store, mia } = await team();
		const cohort = await people.makeCohort('Spring', mia);
		const { path } = await people.invite(cohort.id, mia, INVITATION);
		await people.close();
		expect(JSON.stringify(await store.read())).not.toContain(codeOf(path));
	});
});

describe('local mode', () => {
	it('has one person with every role, who may try a review of their own work that confirms nothing', async () => {
		const people = new People(await file(), { local: 'local' });
		await people.load();
		expect(people.person('local')?.roles).toEqual(['learner', 'mentor', 'admin']);
		expect([people.mayReview('local', 'local'), people.confirms('local', 'local'), people.mentorsOf('local')]).toEqual([true, false, ['local']]);
	});
});
