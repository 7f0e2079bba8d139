/** A server's rooms around reviews, on a fresh folder: two mentors and learners in one cohort, a stranger outside. For tests. */
import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directorySchema } from '../../people/directory.ts';
import { People } from '../../people/people.ts';
import { checked, labStarted, submitted } from '../../progress/changes.ts';
import { Progress } from '../../progress/progress.ts';
import { documentMade } from '../../progress/writing.ts';
import { type LabDefinition, labSchema, type Verdict } from '../../protocol/lab.ts';
import type { Draft, Finding, Place, ShownSubmission } from '../../protocol/reviews.ts';
import { JsonFile } from '../../store/json-file.ts';
import { LowdbStore } from '../../store/lowdb.ts';
import { ReviewFiles } from '../files.ts';
import { Reviews, type ReviewsOptions } from '../reviews.ts';

const words = { why: 'Because it matters in production.', see: 'kubectl get pods' };
export const lab: LabDefinition = labSchema.parse({
	id: 'notes',
	title: 'Notes',
	month: 2,
	minutes: 60,
	summary: 'The notes service has to answer again.',
	objectives: ['Bring it up'],
	namespace: 'notes',
	tasks: [{ id: 'up', title: 'The API answers', text: 'Make the API answer.', checks: ['answers', 'survives'] }],
	checks: [
		{ id: 'answers', title: 'Requests are answered', points: 60, ...words },
		{ id: 'survives', title: 'A pod may go', points: 40, ...words },
	],
	evidence: { deliverable: 'month-2-three-tier-app', rubric: ['automation'] },
});

export const FILE = '/home/learner/api.yaml';

export function verdict(attempt: number, survives: boolean, at: string): Verdict {
	const check = (id: string, title: string, points: number, pass: boolean) => ({
		id,
		title,
		outcome: pass ? ('pass' as const) : ('fail' as const),
		points,
		earned: pass ? points : 0,
		critical: false,
		...words,
	});
	return {
		lab: lab.id,
		attempt,
		score: survives ? 100 : 60,
		passed: survives,
		capped: false,
		checks: [check('answers', 'Requests are answered', 60, true), check('survives', 'A pod may go', 40, survives)],
		gradedAt: at,
		tookMs: 1,
		seed: 1,
		graderVersion: '1',
		provider: 'simulator',
	};
}

export interface House {
	readonly folder: string;
	readonly reviews: Reviews;
	readonly progress: Progress;
	readonly people: People;
	readonly cohort: string;
	/** Person ids. */
	readonly who: { readonly ada: string; readonly bo: string; readonly cy: string; readonly mentor: string; readonly second: string; readonly stranger: string };
	/** The clock, ISO; moves by a minute with every look. */
	pass(ms: number): void;
	/** Another server on the same folder, as after a restart. */
	again(): Promise<Reviews>;
	/** A submitted attempt in the learner's record; its evidence id. */
	attempt(learner: string, options?: { readonly survives?: boolean; readonly files?: { readonly [path: string]: string } }): Promise<string>;
	/** A submitted lab with a round that waits. */
	sent(learner: string, survives?: boolean): Promise<ShownSubmission>;
	close(): Promise<void>;
}

export async function house(options: Partial<ReviewsOptions> & { readonly folder?: string } = {}): Promise<House> {
	const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'foothold-reviews-')));
	let time = Date.parse('2026-11-20T09:00:00.000Z');
	const now = (): Date => {
		time += 1000;
		return new Date(time);
	};
	const progress = new Progress(new LowdbStore(join(folder, 'learners')), { now });
	const people = new People(new JsonFile(join(folder, 'people.json'), directorySchema), { now });
	await people.load();
	const someone = async (name: string): Promise<string> => (await people.signedIn({ issuer: 'test', subject: name, name, email: undefined }, false)).id;
	const [ada, bo, cy, mentor, second, stranger] = [
		await someone('Ada'),
		await someone('Bo'),
		await someone('Cy'),
		await someone('Mina'),
		await someone('Sol'),
		await someone('Stranger'),
	];
	const cohort = (await people.makeCohort('Autumn', stranger)).id;
	const join_ = async (as: 'learner' | 'mentor', ...ids: string[]): Promise<void> => {
		const { path } = await people.invite(cohort, stranger, { as, days: 1, uses: 10 });
		for (const id of ids) await people.accept(path.split('#')[1] ?? '', id);
	};
	await join_('learner', ada, bo, cy);
	await join_('mentor', mentor, second);
	const make = async (): Promise<Reviews> => {
		const made = new Reviews({
			files: new ReviewFiles(join(folder, 'reviews')),
			progress,
			people,
			labs: () => [{ definition: lab, brief: 'Bring the notes service up.' }],
			recordings: async () => [{ id: 't1', title: 'Terminal 1', seconds: 90, digest: 'aa' }],
			html: (text) => `<p>${text.replace(/</g, '&lt;')}</p>`,
			log: () => {},
			now,
			retryMs: 5,
			secondPercent: 0,
			...options,
		});
		await made.load();
		return made;
	};
	const reviews = await make();
	const attempts = new Map<string, number>();
	const attempt: House['attempt'] = async (learner, { survives = false, files = { [FILE]: 'kind: Deployment\nreplicas: 1\nspec: {}\n' } } = {}) => {
		const n = (attempts.get(learner) ?? 0) + 1;
		attempts.set(learner, n);
		const id = randomUUID();
		const at = now().toISOString();
		await progress.append(learner, `attempt:${id}`, (old) => {
			const given = verdict(n, survives, at);
			const started = labStarted(old, lab.id, at);
			return submitted(checked(started, lab.id, given), lab, { id, verdict: given, files, at }).learner;
		});
		return id;
	};
	return {
		folder,
		reviews,
		progress,
		people,
		cohort,
		who: { ada, bo, cy, mentor, second, stranger },
		pass: (ms) => {
			time += ms;
		},
		again: make,
		attempt,
		sent: async (learner, survives = false) =>
			reviews.submit(learner, { request: randomUUID(), kind: 'lab', of: await attempt(learner, { survives }), note: 'Is one replica enough?' }),
		close: async () => {
			await reviews.close();
			await progress.close();
			await people.close();
		},
	};
}

export const finding = (id: string, type: Finding['type'], place: Place = { at: 'whole' }, text = `About ${id}.`): Finding => ({ id, type, text, place });
export const draft = (decision: Draft['decision'], findings: Finding[], marks: Draft['marks'] = {}): Draft => ({
	findings,
	marks,
	summary: '',
	...(decision === undefined ? {} : { decision }),
});

/** Claims, writes and sends a review. */
export async function review(reviews: Reviews, id: string, mentor: string, what: Draft): Promise<ShownSubmission> {
	const claimed = await reviews.claim(id, mentor);
	const base = claimed.history.at(-1)?.reviews.find(({ mine }) => mine)?.version ?? 0;
	await reviews.draft(id, mentor, base, what);
	return reviews.send(id, mentor, base + 1);
}

/** A short postmortem in the learner's record; its id. */
export async function written(progress: Progress, learner: string, summary: string): Promise<string> {
	const id = randomUUID();
	const content = { title: 'Notes were down', texts: { summary }, timeline: [], actions: [], options: [] };
	await progress.append(learner, `document:${id}`, (l) => documentMade(l, { id, kind: 'postmortem', content }, '2026-11-20T09:00:00.000Z'));
	return id;
}
