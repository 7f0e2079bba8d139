/** Team mode against a real identity provider: signing in, being refused, signing out, and who sees whose things. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { backUp } from '../cli/backup.ts';
import { restoreTo } from '../cli/restore.ts';
import type { Running } from '../cli/start.ts';
import { startServer } from '../foothold.ts';
import { LIMITS } from '../limits.ts';
import { checkAudit, readAudit } from '../people/audit.ts';
import { readTeam } from '../people/team.ts';
import type { Account, AuditPage, CohortView, Erasure, MadeInvitation, Person } from '../protocol/people.ts';
import { TestPage } from '../sessions/testing/client.ts';
import { smallLab } from '../sessions/testing/parts.ts';
import { Browser, CLIENT, startProvider, type TestProvider } from './testing/provider.ts';
import { freePort } from './testing/free-port.ts';

const DOUBLES = { parts: new URL('../sessions/testing/parts.ts', import.meta.url).href, loadLabs: async () => [smallLab] };

const ROOT = join(import.meta.dirname, '..', '..');
let data: string;
let base: string;
let provider: TestProvider;
let running: Running;

async function start(admit: 'issuer' | 'invited' = 'issuer'): Promise<Running> {
	const team = await readTeam(undefined, {
		FOOTHOLD_OIDC_ISSUER: provider.issuer,
		FOOTHOLD_OIDC_CLIENT_ID: CLIENT.clientId,
		FOOTHOLD_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
		FOOTHOLD_PUBLIC_URL: base,
		FOOTHOLD_ADMINS: 'Ada@x.example, unproven@x.example',
		FOOTHOLD_ADMIT: admit,
	});
	const port = Number(new URL(base).port);
	return startServer({ root: ROOT, data, labs: data, port, provider: 'simulator', kubeconfig: '', workers: 1, team, log: () => {} }, DOUBLES);
}

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), 'foothold-team-'));
	base = `http://127.0.0.1:${await freePort()}`;
	provider = await startProvider(base);
	running = await start();
});
afterAll(async () => {
	await running.stop();
	await provider.close();
	await rm(data, { recursive: true, force: true });
});
afterEach(() => {
	vi.useRealTimers();
});

async function signedIn(name: string): Promise<Browser> {
	const browser = new Browser();
	const { response } = await browser.signIn(base, name);
	expect([response.status, await response.text()]).toEqual([200, 'ok']);
	return browser;
}
const call = (browser: Browser, method: string, path: string, body?: unknown): Promise<Response> =>
	browser.fetch(`${base}/api${path}`, { method, headers: { origin: base }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const ask = async <T>(browser: Browser, method: string, path: string, body?: unknown): Promise<T> => {
	const response = await call(browser, method, path, body);
	expect([path, response.status]).toEqual([path, 200]);
	return (await response.json()) as T;
};
const me = (browser: Browser): Promise<{ id: string; name: string; roles: string[]; mode: string }> => ask(browser, 'GET', '/me');
const page = (browser: Browser): Promise<TestPage> => TestPage.open(base, browser.cookies(base), 'small');
const closed = (of: TestPage): Promise<number> =>
	vi.waitFor(
		() => {
			if (of.closed === undefined) throw new Error('still open');
			return of.closed.code;
		},
		{ timeout: 20_000 },
	);

describe('signing in', () => {
	it('leads to the provider and back to the page one came from, with a sign-in of one’s own', async () => {
		const browser = new Browser();
		expect((await call(browser, 'GET', '/me')).status).toBe(401);
		const { url } = await browser.signIn(base, 'leo', '/healthz?x=1#part');
		expect(url).toBe(`${base}/healthz?x=1#part`);
		expect(await me(browser)).toMatchObject({ name: 'Leo', roles: ['learner'], mode: 'team' });
	});

	it('takes a cookie that no script reads and no other site sends along with changes', async () => {
		const browser = await signedIn('leo');
		const cookie = browser.received.find((line) => line.startsWith('foothold-team='));
		expect(cookie).toMatch(/; HttpOnly; SameSite=Lax; Max-Age=604800$/);
	});

	it('makes an administrator of whoever is named by a verified address, and of nobody else', async () => {
		expect((await me(await signedIn('ada'))).roles).toEqual(['learner', 'admin']);
		expect((await me(await signedIn('unproven'))).roles).toEqual(['learner']);
	});

	it.each(['state', 'nonce', 'code_challenge'])('refuses when the %s is not the one that it was begun with', async (parameter) => {
		const browser = new Browser();
		browser.onRedirect = (url) => {
			if (url.pathname === '/auth' && url.searchParams.has(parameter)) url.searchParams.set(parameter, 'x'.repeat(43));
			return url;
		};
		// The very first step is a redirect, too.
		const begun = await browser.fetch(`${base}/sign-in/start?to=/`);
		const url = browser.onRedirect(new URL(begun.headers.get('location') ?? ''));
		const form = await browser.go(url.href);
		const action = /<form[^>]* action="([^"]+)"/.exec(await form.response.text())?.[1] ?? '';
		const ended = await browser.go(new URL(action, form.url).href, {
			method: 'POST',
			body: new URLSearchParams({ prompt: 'login', login: 'leo', password: 'x' }),
		});
		expect([new URL(ended.url).pathname, ended.response.status]).toEqual(['/sign-in/callback', 400]);
		expect(await ended.response.text()).toContain('sign-in-failed');
		expect((await call(browser, 'GET', '/me')).status).toBe(401);
	});

	/** As far as the callback, which is then called with what `change` makes of it. */
	async function callback(change: (url: URL) => URL): Promise<{ browser: Browser; url: URL }> {
		const browser = new Browser();
		let found: URL | undefined;
		browser.onRedirect = (url) => {
			if (url.pathname !== '/sign-in/callback') return url;
			found = url;
			return new URL(`${base}/healthz`);
		};
		await browser.signIn(base, 'leo');
		browser.onRedirect = (url) => url;
		if (found === undefined) throw new Error('the provider did not lead back');
		return { browser, url: change(found) };
	}
	const failed = async (browser: Browser, url: URL): Promise<void> => {
		const response = await browser.fetch(url.href);
		expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([400, 'sign-in-failed']);
		expect((await call(browser, 'GET', '/me')).status).toBe(401);
	};

	it('refuses an answer that another issuer gave', async () => {
		const { browser, url } = await callback((u) => {
			u.searchParams.set('iss', 'https://other.example');
			return u;
		});
		await failed(browser, url);
	});

	it('refuses a code that is too old', async () => {
		const { browser, url } = await callback((u) => u);
		vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
		await failed(browser, url);
	});

	it('refuses a flow that took too long', async () => {
		const { browser, url } = await callback((u) => u);
		vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 });
		await failed(browser, url);
	});

	it('takes a code once, and only in the browser that asked for it', async () => {
		const { browser, url } = await callback((u) => u);
		await failed(new Browser(), url);
		const flow = browser.cookies(base);
		expect((await browser.fetch(url.href)).status).toBe(303);
		const again = await fetch(url.href, { headers: { cookie: flow }, redirect: 'manual' });
		expect(again.status).toBe(400);
	});

	it.each(['//evil.example/x', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)'])('does not lead on to %s', async (to) => {
		const { url } = await new Browser().signIn(base, 'leo', to);
		expect(new URL(url).origin).toBe(base);
	});

	it('gives a new token every time, and ends the one that the browser brought', async () => {
		const browser = await signedIn('leo');
		const before = browser.cookies(base);
		await browser.signIn(base, 'leo');
		expect(browser.cookies(base)).not.toBe(before);
		expect((await fetch(`${base}/api/me`, { headers: { cookie: before } })).status).toBe(401);
	});

	it('keeps no token on the disk', async () => {
		const browser = await signedIn('leo');
		const token = /foothold-team=([^;]+)/.exec(browser.cookies(base))?.[1] ?? 'none';
		const names = await readdir(join(data, 'sign-ins'));
		const texts = await Promise.all(names.map((name) => readFile(join(data, 'sign-ins', name), 'utf8')));
		expect(names.length).toBeGreaterThan(0);
		expect([...names, ...texts].join('\n')).not.toContain(token);
	});
});

describe('who may talk to a team’s server', () => {
	it('answers to its public name, and takes changes from its own pages', async () => {
		const browser = await signedIn('leo');
		for (const origin of ['https://evil.example', 'null', undefined]) {
			const response = await browser.fetch(`${base}/api/me`, { method: 'POST', body: '{"name":"Eve"}', headers: origin === undefined ? {} : { origin } });
			expect(response.status).toBe(403);
		}
		await expect(TestPage.open(base, browser.cookies(base), 'small', 'https://evil.example')).rejects.toThrow(/403/);
		expect((await fetch(`${base.replace('127.0.0.1', 'localhost')}/healthz`)).status).toBe(421);
	});

	it('counts sign-ins from one address, and lets others in meanwhile', async () => {
		const eager = new Browser();
		let status = 302;
		for (let n = 0; n <= LIMITS.signInsPerMinute && status === 302; n++) status = (await eager.fetch(`${base}/sign-in/start`)).status;
		expect(status).toBe(429);
		expect((await new Browser().fetch(`${base}/sign-in/start`)).status).toBe(302);
	});

	it('counts what one person asks for, and lets others ask meanwhile', async () => {
		const [eager, patient] = [await signedIn('eager'), await signedIn('patient')];
		const taken = async (requests: number): Promise<number> => {
			const answers = await Promise.all(Array.from({ length: requests }, () => call(eager, 'GET', '/me').then((r) => r.status)));
			expect(new Set(answers)).toEqual(new Set([200, 429]));
			return answers.filter((status) => status === 200).length;
		};
		const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
		try {
			expect(await taken(LIMITS.requestsAtOnce + 50)).toBe(LIMITS.requestsAtOnce);
			clock.mockReturnValue(performance.now() + 1000);
			expect(await taken(LIMITS.requestsPerSecond + 50)).toBe(LIMITS.requestsPerSecond);
		} finally {
			clock.mockRestore();
		}
		expect((await call(patient, 'GET', '/me')).status).toBe(200);
	});

	it('knows no printed link', async () => {
		expect(running.link).toBe(`${base}/`);
		const response = await fetch(`${base}/api/me?token=x`);
		expect(response.status).toBe(401);
	});
});

describe('signing out', () => {
	it('closes what is open at once, there and at the provider, and the cookie is worth nothing any more', async () => {
		const browser = await signedIn('leo');
		const other = await signedIn('leo');
		const [mine, elsewhere] = [await page(browser), await page(other)];
		const cookie = browser.cookies(base);
		const { next } = await ask<{ next: string }>(browser, 'POST', '/account/sign-out');
		expect(await closed(mine)).toBe(4401);
		expect(elsewhere.closed).toBeUndefined();
		expect((await fetch(`${base}/api/me`, { headers: { cookie } })).status).toBe(401);
		expect(next).toContain(`${provider.issuer}/session/end?`);
		expect((await me(other)).name).toBe('Leo');
		elsewhere.close();
	});

	it('everywhere ends every browser’s sign-in', async () => {
		const browsers = [await signedIn('lin'), await signedIn('lin')] as const;
		const open = await page(browsers[1]);
		expect((await ask<Account>(browsers[0], 'GET', '/account')).signIns).toBe(2);
		await ask(browsers[0], 'POST', '/account/sign-out-everywhere');
		expect(await closed(open)).toBe(4401);
		for (const browser of browsers) expect((await call(browser, 'GET', '/me')).status).toBe(401);
	});
});

describe('an administrator', () => {
	it('gives and takes roles, at once', async () => {
		const [ada, mia] = [await signedIn('ada'), await signedIn('mia')];
		const { id } = await me(mia);
		expect((await call(mia, 'POST', '/cohorts', { name: 'Spring' })).status).toBe(403);
		await ask(ada, 'POST', `/people/${id}/roles`, { roles: ['learner', 'mentor'] });
		const cohort = await ask<CohortView>(mia, 'POST', '/cohorts', { name: 'Spring' });
		await ask(mia, 'GET', `/cohorts/${cohort.id}`);
		await ask(ada, 'POST', `/people/${id}/roles`, { roles: ['learner'] });
		expect((await call(mia, 'GET', `/cohorts/${cohort.id}`)).status).toBe(404);
	});

	it('keeps somebody out: sockets close, sign-ins end, and signing in again is refused', async () => {
		const [ada, eve] = [await signedIn('ada'), await signedIn('eve')];
		const { id } = await me(eve);
		const open = await page(eve);
		await ask(ada, 'POST', `/people/${id}/suspend`, { suspended: true });
		expect(await closed(open)).toBe(4401);
		expect((await call(eve, 'GET', '/me')).status).toBe(401);
		expect((await new Browser().signIn(base, 'eve')).response.status).toBe(403);
		await ask(ada, 'POST', `/people/${id}/suspend`, { suspended: false });
		expect((await me(await signedIn('eve'))).id).toBe(id);
	});

	it('reads who changed what, in a trail that holds', async () => {
		const [ada, zoe] = [await signedIn('ada'), await signedIn('zoe')];
		const { id } = await me(zoe);
		await ask(ada, 'POST', `/people/${id}/roles`, { roles: ['mentor', 'learner'] });
		const { entries, names } = await ask<AuditPage>(ada, 'GET', `/audit?person=${id}`);
		expect(entries.map((e) => e.action)).toEqual(['roles changed', 'signed in']);
		expect(names[id]).toBe('Zoe');
		expect(await checkAudit(join(data, 'audit'))).toMatchObject({ broken: undefined });
		expect(JSON.stringify(await readAudit(join(data, 'audit'), {}, 1000))).not.toContain('Zoe');
		expect((await ask<Account>(zoe, 'GET', '/account')).seenBy).toEqual([expect.objectContaining({ who: 'Ada', action: 'roles changed' })]);
	});
});

describe('two learners', () => {
	it('see nothing of each other’s: attempts, documents, sockets, clusters', async () => {
		const [ann, bob] = [await signedIn('ann'), await signedIn('bob')];
		const document = await ask<{ id: string }>(ann, 'POST', '/documents', { kind: 'postmortem' });
		const open = await page(ann);
		await open.ask({ type: 'files.write', path: '/home/learner/mine.txt', content: 'only mine' });
		await open.ask({ type: 'lab.submit' });
		const progress = await ask<{ evidence: { id: string }[] }>(ann, 'GET', '/progress');
		const evidence = progress.evidence[0]?.id;
		expect(evidence).toBeDefined();
		for (const path of [`/documents/${document.id}`, `/documents/${document.id}/markdown`, `/evidence/${evidence}`]) {
			expect((await call(ann, 'GET', path)).status).toBe(200);
			expect([path, (await call(bob, 'GET', path)).status]).toEqual([path, 404]);
		}
		expect((await call(bob, 'DELETE', `/documents/${document.id}`)).status).toBe(404);
		const his = await page(bob);
		const files = await his.ask({ type: 'files.list' });
		expect(JSON.stringify(files)).not.toContain('mine.txt');
		open.close();
		his.close();

		const kubeconfig = async (browser: Browser): Promise<{ server: string; token: string }> => {
			const text = await (await call(browser, 'GET', '/labs/small/kubeconfig')).text();
			return { server: new URL(/server: "?([^\s"]+)/.exec(text)?.[1] ?? '').pathname, token: /token: "?([^\s"]+)/.exec(text)?.[1] ?? '' };
		};
		const [hers, other] = [await kubeconfig(ann), await kubeconfig(bob)];
		expect(hers.server).not.toBe(other.server);
		const cluster = (path: string, token: string) => fetch(`${base}${path}/api/v1/namespaces`, { headers: { authorization: `Bearer ${token}` } });
		expect((await cluster(hers.server, hers.token)).status).toBe(200);
		expect((await cluster(hers.server, other.token)).status).toBe(404);
		const ada = await signedIn('ada');
		const { id } = await me(ann);
		await ask(ada, 'POST', `/people/${id}/suspend`, { suspended: true });
		expect((await cluster(hers.server, hers.token)).status).toBe(404);
	});
});

describe('what is kept of a person', () => {
	const text = async (folder: string): Promise<{ path: string; text: string }[]> => {
		const entries = await readdir(folder, { withFileTypes: true, recursive: true });
		return Promise.all(
			entries
				.flatMap((e) => (e.isFile() ? [join(e.parentPath, e.name)] : []))
				.map(async (path) => {
					const bytes = await readFile(path);
					return { path: path.slice(folder.length + 1), text: (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString() };
				}),
		);
	};

	it('is given out whole, and deleted whole, with a proof; reviews given to others stay without a name', async () => {
		const [ada, una] = [await signedIn('ada'), await signedIn('unanimity')];
		const { id } = await me(una);
		await ask(ada, 'POST', `/people/${id}/roles`, { roles: ['learner', 'mentor'] });
		const open = await page(una);
		await open.ask({ type: 'files.write', path: '/home/learner/mine.txt', content: 'words of unanimity' });
		await open.ask({ type: 'lab.submit' });
		const document = await ask<{ id: string }>(una, 'POST', '/documents', { kind: 'postmortem' });
		await ask(una, 'POST', `/documents/${document.id}/attach`, { deliverable: 'month-1-five-machines' });
		const { evidence } = await ask<{ evidence: { id: string }[] }>(una, 'GET', '/progress');
		await ask(una, 'POST', '/submissions', { request: randomUUID(), kind: 'lab', of: evidence[0]?.id, note: 'unanimity asks' });
		const cohort = await ask<CohortView>(una, 'POST', '/cohorts', { name: 'Hers' });
		await ask(una, 'POST', `/cohorts/${cohort.id}/invitations`, {});

		const answer = await call(una, 'GET', `/people/${id}/export`);
		expect(answer.headers.get('content-type')).toBe('application/zip');
		const zip = unzipSync(new Uint8Array(await answer.arrayBuffer()));
		const part = (name: string): unknown => JSON.parse(strFromU8(zip[name] ?? new Uint8Array()));
		expect(part('profile.json')).toMatchObject({ id, name: 'Unanimity', email: 'unanimity@x.example', cohorts: [{ name: 'Hers', as: ['mentor'] }] });
		expect(part('record.json')).toMatchObject({ id, evidence: [expect.objectContaining({ lab: 'small' })] });
		expect((part('reviews.json') as { submissions: unknown[] }).submissions).toHaveLength(1);
		expect(Object.keys(zip).filter((name) => name.startsWith('sandboxes/small/')).length).toBeGreaterThan(0);
		expect((await text(data)).some((file) => file.text.includes('unanimity'))).toBe(true);

		const proof = await ask<Erasure>(una, 'DELETE', `/people/${id}`);
		expect(await closed(open)).toBe(4401);
		expect((await call(una, 'GET', '/me')).status).toBe(401);
		const count = (what: string): number | undefined => proof.removed.find((one) => one.what === what)?.count;
		expect([count('submissions with their reviews'), count('attempts as evidence'), count('documents'), count('places in cohorts')]).toEqual([1, 1, 1, 1]);
		expect(count('files of sandboxes')).toBeGreaterThan(1);
		const after = await text(data);
		expect(after.filter((file) => /unanimity/i.test(file.text)).map((file) => file.path)).toEqual([]);
		expect(after.filter((file) => file.text.includes(id) || file.path.includes(id)).map((file) => file.path.split('/')[0])).toEqual(['audit']);
		expect((await readAudit(join(data, 'audit'), { action: 'deleted' }, 1))[0]).toMatchObject({ person: id, ...proof.audit });
		// Who comes again is somebody new.
		expect((await me(await signedIn('unanimity'))).id).not.toBe(id);
	});
});

describe('a backup of the running server', () => {
	it('becomes a server that has everybody’s work, and nobody signed in', async () => {
		const bea = await signedIn('bea');
		const open = await page(bea);
		await open.ask({ type: 'files.write', path: '/home/learner/bea.txt', content: 'kept' });
		const document = await ask<{ id: string }>(bea, 'POST', '/documents', { kind: 'rfc' });
		const file = join(data, '..', `${randomUUID()}.tar.gz`);
		await backUp(data, file);
		open.close();
		await running.stop();
		const before = data;
		data = `${before}-restored`;
		await restoreTo(data, file, false);
		running = await start();
		expect((await call(bea, 'GET', '/me')).status).toBe(401);
		const again = await signedIn('bea');
		expect((await call(again, 'GET', `/documents/${document.id}`)).status).toBe(200);
		const there = await page(again);
		expect(await there.ask({ type: 'files.read', path: '/home/learner/bea.txt' })).toMatchObject({ content: 'kept' });
		there.close();
		await rm(before, { recursive: true, force: true });
		await rm(file);
	});
});

describe('a server that lets in whoever is invited', () => {
	it('takes admins, people with a link, and nobody else', async () => {
		await running.stop();
		running = await start('invited');
		const ada = await signedIn('ada');
		expect((await new Browser().signIn(base, 'stranger')).response.status).toBe(403);
		const cohort = await ask<CohortView>(ada, 'POST', '/cohorts', { name: 'Autumn' });
		const { path } = await ask<MadeInvitation>(ada, 'POST', `/cohorts/${cohort.id}/invitations`, { as: 'learner', days: 1, uses: 1 });
		const guest = new Browser();
		const { url } = await guest.signIn(base, 'guest', path);
		expect(url).toBe(`${base}${path}`);
		await ask(guest, 'POST', '/invitations/accept', { code: path.split('#')[1] });
		expect((await ask<CohortView[]>(guest, 'GET', '/cohorts')).map((c) => [c.name, c.as])).toEqual([['Autumn', ['learner']]]);
		const people = await ask<Person[]>(ada, 'GET', '/people');
		expect(people.map((p) => p.name)).toContain('Guest');
	});
});
