/** The authorisation table, walked on a real server: every route, by everybody, for an object of one's own and of somebody else's. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Running } from '../cli/start.ts';
import { startServer } from '../foothold.ts';
import { LIMITS } from '../limits.ts';
import { directorySchema } from '../people/directory.ts';
import { People } from '../people/people.ts';
import { readTeam } from '../people/team.ts';
import type { CohortView, MadeInvitation } from '../protocol/people.ts';
import { TestPage } from '../sessions/testing/client.ts';
import { smallLab } from '../sessions/testing/parts.ts';
import { JsonFile } from '../store/json-file.ts';
import { ACCESS, Access } from './access.ts';
import { type ApiOptions, createApi } from './api.ts';
import { freePort } from './testing/free-port.ts';
import { Browser, CLIENT, startProvider, type TestProvider } from './testing/provider.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ACTORS = ['nobody', 'owner', 'learner', 'mentor', 'stranger', 'admin'] as const;
type Actor = (typeof ACTORS)[number];
/** `in`: the request reached what it asked for. `out`: 401, sign in first. `no`: 403, the role is missing. `none`: 404, as if there were no such object. */
type Outcome = 'in' | 'out' | 'no' | 'none';
type Expected = { readonly [actor in Actor]: Outcome };

/** `owner`: whose the objects are; `learner`: another of the same cohort; `mentor`: of that cohort; `stranger`: a mentor of another; `admin`: neither learns nor mentors there. */
const row = (owner: Outcome, learner: Outcome, mentor: Outcome, stranger: Outcome, admin: Outcome): Expected => ({
	nobody: 'out',
	owner,
	learner,
	mentor,
	stranger,
	admin,
});
const EVERYONE = row('in', 'in', 'in', 'in', 'in');
/** What is asked for is not there (no plan was adopted, no second round sent): 404 for those who are let in, too. */
const NOWHERE = row('none', 'none', 'none', 'none', 'none');
const OWNER = row('in', 'none', 'none', 'none', 'none');
const ADMIN = row('no', 'no', 'no', 'no', 'in');
const MANAGERS = row('none', 'none', 'in', 'none', 'in');
const SELF_OR_ADMIN = row('in', 'none', 'none', 'none', 'in');
const MENTORS = row('no', 'no', 'in', 'in', 'no');
const READERS = row('in', 'none', 'in', 'none', 'none');
const REVIEWERS = row('none', 'none', 'in', 'none', 'none');

interface Things {
	readonly document: string;
	readonly evidence: string;
	readonly writing: string;
	readonly submission: string;
	readonly person: string;
	readonly cohort: string;
	readonly invitation: string;
	readonly code: string;
}
interface Case {
	readonly expected: Expected;
	readonly path?: (things: Things) => string;
	readonly body?: (things: Things) => unknown;
	/** Takes something away: everybody tries it on things of their own. */
	readonly fresh?: boolean;
}

const CONTENT = { title: 'T', texts: {}, timeline: [], actions: [], options: [] };
const document = (expected: Expected, more: Omit<Case, 'expected' | 'path'> & { readonly end?: string } = {}): Case => ({
	expected,
	path: (t) => `/api/documents/${t.document}${more.end ?? ''}`,
	...more,
});
const cohort = (expected: Expected, end: (t: Things) => string = () => '', more: Omit<Case, 'expected' | 'path'> = {}): Case => ({
	expected,
	path: (t) => `/api/cohorts/${t.cohort}${end(t)}`,
	...more,
});
const submission = (expected: Expected, end = '', body: unknown = {}): Case => ({
	expected,
	path: (t) => `/api/submissions/${t.submission}${end}`,
	body: () => body,
});
const person = (expected: Expected, end: string, body?: unknown): Case => ({ expected, path: (t) => `/api/people/${t.person}${end}`, body: () => body });

/** Written down a second time, apart from the table that the server goes by: the two have to agree. */
const CASES: { readonly [route: string]: Case } = {
	'GET /api/me': { expected: EVERYONE },
	'POST /api/me': { expected: EVERYONE, body: () => ({ name: 'A name' }) },
	'GET /api/labs': { expected: EVERYONE },
	'GET /api/labs/:lab': { expected: EVERYONE, path: () => '/api/labs/small' },
	'GET /api/labs/:lab/kubeconfig': { expected: EVERYONE, path: () => '/api/labs/small/kubeconfig' },
	'GET /api/labs/:lab/socket': { expected: EVERYONE, path: () => '/api/labs/small/socket' },
	'GET /api/labs/:lab/cluster/*': { expected: EVERYONE, path: () => '/api/labs/small/cluster/apis' },
	'GET /api/labs/:lab/archive': { expected: EVERYONE, path: () => '/api/labs/small/archive' },
	'POST /api/labs/:lab/apply': { expected: EVERYONE, path: () => '/api/labs/small/apply', body: () => ({}) },
	'POST /api/labs/:lab/files': { expected: EVERYONE, path: () => '/api/labs/small/files', body: () => ({}) },
	'POST /api/labs/:lab/upload': { expected: EVERYONE, path: () => '/api/labs/small/upload', body: () => ({}) },
	'GET /api/labs/:lab/recordings': { expected: EVERYONE, path: () => '/api/labs/small/recordings' },
	'GET /api/labs/:lab/recordings/:recording': { expected: NOWHERE, path: () => '/api/labs/small/recordings/none' },
	'GET /api/reading': { expected: EVERYONE },
	'POST /api/reading': { expected: EVERYONE, body: () => ({ lesson: 'month-1/processes', state: 'opened' }) },
	'GET /api/plan': { expected: EVERYONE },
	'POST /api/plan': { expected: EVERYONE, body: () => ({}) },
	'GET /api/plan/:file{[a-z]+\\.ics}': { expected: NOWHERE, path: () => '/api/plan/track.ics' },
	'GET /api/assessment': { expected: EVERYONE },
	'POST /api/assessment': { expected: EVERYONE, body: () => ({}) },
	'GET /api/market': { expected: EVERYONE },
	'POST /api/market': { expected: EVERYONE, body: () => ({}) },
	'GET /api/documents': { expected: EVERYONE },
	'POST /api/documents': { expected: EVERYONE, body: () => ({ kind: 'postmortem' }) },
	'GET /api/documents/:id': document(OWNER),
	'PUT /api/documents/:id': document(OWNER, { body: () => ({ base: 1, content: CONTENT }) }),
	'DELETE /api/documents/:id': document(OWNER, { fresh: true }),
	'GET /api/documents/:id/versions': document(OWNER, { end: '/versions' }),
	'POST /api/documents/:id/restore': document(NOWHERE, { end: '/restore', body: () => ({ version: 77 }) }),
	'POST /api/documents/:id/grade': document(OWNER, { end: '/grade', body: () => ({ content: CONTENT }) }),
	'POST /api/documents/:id/preview': document(OWNER, { end: '/preview', body: () => ({ content: CONTENT }) }),
	'GET /api/documents/:id/markdown': document(OWNER, { end: '/markdown' }),
	'POST /api/documents/:id/attach': document(OWNER, { end: '/attach', body: () => ({ deliverable: 'month-2-three-tier-app' }) }),
	'GET /api/attempts': { expected: EVERYONE },
	'GET /api/writings/:id': { expected: OWNER, path: (t) => `/api/writings/${t.writing}` },
	'GET /api/progress': { expected: EVERYONE },
	'GET /api/badges/:evidence/:file': { expected: NOWHERE, path: (t) => `/api/badges/${t.evidence}/none` },
	'GET /api/issuer': { expected: { ...EVERYONE, nobody: 'in' } },
	'GET /api/portfolio/declared': { expected: EVERYONE },
	'POST /api/portfolio/declared': { expected: EVERYONE, body: () => ({}) },
	'GET /api/portfolio/portfolio.pdf': { expected: EVERYONE },
	'GET /api/portfolio/resume.json': { expected: EVERYONE },
	'GET /api/portfolio/site.zip': { expected: EVERYONE },
	'GET /api/evidence/:id/recordings/:recording': { expected: NOWHERE, path: (t) => `/api/evidence/${t.evidence}/recordings/none` },
	'GET /api/evidence/:id': { expected: OWNER, path: (t) => `/api/evidence/${t.evidence}` },

	'GET /api/account': { expected: EVERYONE },
	'POST /api/account/sign-out': { expected: EVERYONE, fresh: true },
	'POST /api/account/sign-out-everywhere': { expected: EVERYONE, fresh: true },
	'GET /api/audit': { expected: ADMIN },
	'GET /api/people': { expected: ADMIN },
	'POST /api/people/:person/roles': person(ADMIN, '/roles', { roles: ['learner'] }),
	'POST /api/people/:person/suspend': person(ADMIN, '/suspend', { suspended: false }),
	'GET /api/people/:person/export': person(SELF_OR_ADMIN, '/export'),
	'DELETE /api/people/:person': person(SELF_OR_ADMIN, ''),
	'GET /api/cohorts': { expected: EVERYONE },
	'POST /api/cohorts': { expected: row('no', 'no', 'in', 'in', 'in'), body: () => ({ name: 'One more' }) },
	'GET /api/cohorts/:cohort': cohort(MANAGERS),
	'DELETE /api/cohorts/:cohort': cohort(MANAGERS, undefined, { fresh: true }),
	'POST /api/cohorts/:cohort/invitations': cohort(MANAGERS, () => '/invitations', { body: () => ({ uses: 1 }) }),
	'DELETE /api/cohorts/:cohort/invitations/:invitation': cohort(MANAGERS, (t) => `/invitations/${t.invitation}`, { fresh: true }),
	'DELETE /api/cohorts/:cohort/members/:person': cohort(MANAGERS, (t) => `/members/${t.person}`, { fresh: true }),
	'POST /api/cohorts/:cohort/leave': cohort(row('in', 'in', 'in', 'none', 'none'), () => '/leave', { fresh: true }),
	'POST /api/invitations/look': { expected: EVERYONE, body: (t) => ({ code: t.code }) },
	'POST /api/invitations/accept': { expected: EVERYONE, body: (t) => ({ code: t.code }), fresh: true },

	'GET /api/submissions': { expected: EVERYONE },
	'POST /api/submissions': { expected: EVERYONE, body: () => ({}) },
	'GET /api/notices': { expected: EVERYONE },
	'GET /api/submissions/:submission': submission(READERS),
	'GET /api/submissions/:submission/rounds/:round': submission(READERS, '/rounds/1'),
	'GET /api/submissions/:submission/rounds/:round/documents/:document': submission(NOWHERE, '/rounds/1/documents/none'),
	'GET /api/submissions/:submission/rounds/:round/diff': submission(NOWHERE, '/rounds/1/diff'),
	'GET /api/submissions/:submission/rounds/:round/recordings/:attempt/:recording': submission(NOWHERE, '/rounds/1/recordings/none/none'),
	'POST /api/submissions/:submission/rounds': submission(OWNER, '/rounds'),
	'POST /api/submissions/:submission/withdraw': submission(OWNER, '/withdraw'),
	'POST /api/submissions/:submission/answers': submission(OWNER, '/answers'),
	'POST /api/submissions/:submission/helpful': submission(OWNER, '/helpful'),
	'POST /api/submissions/:submission/seen': submission(READERS, '/seen'),
	'POST /api/submissions/:submission/claim': submission(REVIEWERS, '/claim'),
	'POST /api/submissions/:submission/release': submission(REVIEWERS, '/release'),
	'PUT /api/submissions/:submission/draft': submission(REVIEWERS, '/draft'),
	'POST /api/submissions/:submission/review': submission(REVIEWERS, '/review'),
	'GET /api/submissions/:submission/standing': submission(REVIEWERS, '/standing'),
	'GET /api/mentor/queue': { expected: MENTORS },
	'POST /api/mentor/preview': { expected: MENTORS, body: () => ({ markdown: 'x' }) },
	'GET /api/mentor/comments': { expected: MENTORS },
	'POST /api/mentor/comments': { expected: MENTORS, body: () => ({}) },
	'PUT /api/mentor/comments/:comment': { expected: MENTORS, path: () => '/api/mentor/comments/x', body: () => ({}) },
	'DELETE /api/mentor/comments/:comment': { expected: row('no', 'no', 'none', 'none', 'no'), path: () => '/api/mentor/comments/x' },
	'GET /api/mentor/cohorts/:cohort': { expected: MANAGERS, path: (t) => `/api/mentor/cohorts/${t.cohort}` },
};

/** Never called: routes are registered without touching what they serve. */
const NOTHING = new Proxy({}, { get: () => () => undefined }) as unknown as ApiOptions;

describe('the authorisation table', () => {
	it('has one row for every route, and none besides', () => {
		const routes = createApi(NOTHING)
			.routes.filter(({ method }) => method !== 'ALL')
			.map(({ method, path }) => `${method} /api${path}`);
		// The socket is no route of the router's: `server.ts` admits it by the same function.
		expect([...new Set([...routes, 'GET /api/labs/:lab/socket'])].sort()).toEqual(Object.keys(ACCESS).sort());
	});

	it('is walked as a whole', () => {
		expect(Object.keys(CASES).sort()).toEqual(Object.keys(ACCESS).sort());
	});
});

describe('who may call', () => {
	let data: string;
	let base: string;
	let provider: TestProvider;
	let running: Running;
	const browsers = new Map<Actor, Browser>();
	const ids = new Map<Actor, string>();
	let shared: Things;

	const browserOf = (actor: Actor): Browser => browsers.get(actor) ?? new Browser();
	const call = (actor: Actor, method: string, path: string, body?: unknown): Promise<Response> =>
		browserOf(actor).fetch(`${base}${path}`, {
			method,
			headers: { origin: base },
			...(body === undefined || method === 'GET' ? {} : { body: JSON.stringify(body) }),
		});
	const ask = async <T>(actor: Actor, method: string, path: string, body?: unknown): Promise<T> => {
		const response = await call(actor, method, path, body);
		if (!response.ok) throw new Error(`${actor} ${method} ${path}: ${response.status} ${await response.text()}`);
		return (await response.json()) as T;
	};
	async function enter(actor: Actor): Promise<void> {
		const browser = new Browser();
		await browser.signIn(base, actor);
		browsers.set(actor, browser);
		ids.set(actor, (await ask<{ id: string }>(actor, 'GET', '/api/me')).id);
	}

	/** A lab submitted, a document handed in, a submission, a cohort with owner, learner and mentor. */
	async function make(sends: boolean): Promise<Things> {
		const page = await TestPage.open(base, browserOf('owner').cookies(base), 'small');
		await page.ask({ type: 'lab.submit' });
		page.close();
		const evidence = (await ask<{ evidence: { id: string }[] }>('owner', 'GET', '/api/progress')).evidence.at(-1)?.id ?? '';
		const { id } = await ask<{ id: string }>('owner', 'POST', '/api/documents', { kind: 'postmortem' });
		const writing = (await ask<{ id: string }>('owner', 'POST', `/api/documents/${id}/attach`, { deliverable: 'month-1-five-machines' })).id;
		const made = await ask<CohortView>('mentor', 'POST', '/api/cohorts', { name: 'Spring' });
		const { path, invitation } = await ask<MadeInvitation>('mentor', 'POST', `/api/cohorts/${made.id}/invitations`, { uses: 20 });
		const code = path.split('#')[1] ?? '';
		for (const actor of ['owner', 'learner'] as const) await ask(actor, 'POST', '/api/invitations/accept', { code });
		// So many may wait at once, and no more.
		const sent = !sends
			? { id: 'none' }
			: await ask<{ id: string }>('owner', 'POST', '/api/submissions', { request: randomUUID(), kind: 'lab', of: evidence, note: '' });
		return {
			document: id,
			evidence,
			writing,
			submission: sent.id,
			person: ids.get('owner') ?? '',
			cohort: made.id,
			invitation: invitation.id,
			code,
		};
	}

	beforeAll(async () => {
		data = await mkdtemp(join(tmpdir(), 'foothold-access-'));
		base = `http://127.0.0.1:${await freePort()}`;
		provider = await startProvider(base);
		const team = await readTeam(undefined, {
			FOOTHOLD_OIDC_ISSUER: provider.issuer,
			FOOTHOLD_OIDC_CLIENT_ID: CLIENT.clientId,
			FOOTHOLD_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
			FOOTHOLD_PUBLIC_URL: base,
			FOOTHOLD_ADMINS: 'admin',
		});
		const doubles = { parts: new URL('../sessions/testing/parts.ts', import.meta.url).href, loadLabs: async () => [smallLab] };
		const port = Number(new URL(base).port);
		running = await startServer({ root: ROOT, data, labs: data, port, provider: 'simulator', kubeconfig: '', workers: 1, team, log: () => {} }, doubles);
		for (const actor of ACTORS) if (actor !== 'nobody') await enter(actor);
		for (const actor of ['mentor', 'stranger'] as const) await ask('admin', 'POST', `/api/people/${ids.get(actor)}/roles`, { roles: ['learner', 'mentor'] });
		await ask('stranger', 'POST', '/api/cohorts', { name: 'Elsewhere' });
		shared = await make(true);
	}, 60_000);
	afterAll(async () => {
		await running.stop();
		await provider.close();
		await rm(data, { recursive: true, force: true });
	});

	async function outcome(actor: Actor, route: string, { path, body }: Case, things: Things): Promise<Outcome | string> {
		const [method = '', pattern = ''] = route.split(' ');
		const at = path?.(things) ?? pattern;
		if (route.endsWith('/socket')) return socket(actor);
		const response = await call(actor, method, at, body?.(things));
		if (response.status === 401) return 'out';
		if (response.status === 403) return 'no';
		if (response.status === 404) return 'none';
		return response.status < 500 ? 'in' : `${response.status} ${await response.text()}`;
	}
	async function socket(actor: Actor): Promise<Outcome | string> {
		try {
			(await TestPage.open(base, browserOf(actor).cookies(base), 'small')).close();
			return 'in';
		} catch (error) {
			return /^401 /.test(error instanceof Error ? error.message : '') ? 'out' : String(error);
		}
	}

	it.each(Object.entries(CASES))('%s', { timeout: 60_000 }, async (route, one) => {
		const found: Partial<Record<Actor, string>> = {};
		for (const actor of ACTORS) {
			const things = one.fresh === true && one.expected[actor] === 'in' ? await make(route.includes(':submission')) : shared;
			found[actor] = await outcome(actor, route, one, things);
			if (route.includes('/sign-out') && actor !== 'nobody') await enter(actor);
			if (route === 'DELETE /api/people/:person' && found[actor] === 'in') {
				// Who is gone comes again as somebody new.
				await enter('owner');
				shared = await make(true);
			}
		}
		expect(found).toEqual(one.expected);
	});
});

describe('a look at somebody else’s work', () => {
	it('is one line of the trail within LIMITS.auditAgainMs, and none where it is one’s own', async () => {
		const lines: string[] = [];
		const people = new People(new JsonFile(join(await mkdtemp(join(tmpdir(), 'foothold-looks-')), 'd.json'), directorySchema));
		await people.load();
		const come = async (subject: string): Promise<string> => (await people.signedIn({ issuer: 'x', subject, name: subject, email: undefined }, false)).id;
		const [mia, leo] = [await come('mia'), await come('leo')];
		await people.setRoles(mia, ['mentor']);
		const { id } = await people.makeCohort('Spring', mia);
		const { path } = await people.invite(id, mia, { as: 'learner', days: 1, uses: 1 });
		await people.accept(path.split('#')[1] ?? '', leo);
		const access = new Access(
			people,
			{ submission: () => leo },
			async (actor, action, owner, object) => void lines.push([actor, action, owner, object].join(' ')),
		);
		const look = (actor: string, submission: string): Promise<void> => access.check('GET /api/submissions/:submission', actor, { submission }, '/');
		await look(leo, 's1');
		for (const submission of ['s1', 's1', 's2', 's1']) await look(mia, submission);
		expect(lines).toEqual([`${mia} submission read ${leo} s1`, `${mia} submission read ${leo} s2`]);
		vi.spyOn(performance, 'now').mockReturnValue(performance.now() + LIMITS.auditAgainMs);
		await look(mia, 's1');
		vi.restoreAllMocks();
		expect(lines).toHaveLength(3);
	});
});
