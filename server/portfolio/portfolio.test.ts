import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
// @ts-expect-error: it ships no types
import untyped from '@jsonresume/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { declaredConfirmed, declaredFault, declaredMoved } from '../progress/declared.ts';
import { evidenceDigest } from '../progress/digest.ts';
import { badgeFacts, readBadge, verifyBadge } from '../protocol/badge.ts';
import { type Declared, declaredSchema } from '../protocol/portfolio.ts';
import type { Evidence, Learner } from '../protocol/progress.ts';
import type { Deliverable } from './deliverables.ts';
import { readDeliverables } from './deliverables.ts';
import { contents, entryStandings, type ExportLab } from './contents.ts';
import { openSigner, type Signer } from './issuer.ts';
import { type SiteFiles, siteFiles, zipped } from './site.ts';

const resumeSchema = untyped as { validate(resume: unknown, done: (errors: unknown) => void): void };
const AT = '2026-11-20T10:00:00.000Z';
const lab: ExportLab = {
	id: 'three-tiers',
	title: 'Three tiers <b>&</b> more',
	summary: 'Web, API and database.',
	objectives: ['Expose an app', 'Keep its data'],
	passScore: 80,
	deliverable: 'month-2-three-tier-app',
};

function attempt(n: number, score: number, passed = true): Evidence {
	const verdict: Evidence['verdict'] = {
		lab: lab.id,
		attempt: n,
		score,
		passed,
		capped: false,
		checks: [
			{
				id: 'up',
				title: 'It answers',
				outcome: passed ? 'pass' : 'fail',
				points: 100,
				earned: score,
				critical: false,
				seen: '<script>alert(1)</script>',
				why: '',
				see: '',
			},
		],
		gradedAt: AT,
		tookMs: 5,
		seed: 1,
		graderVersion: '1',
		provider: 'simulator',
	};
	const files = { 'app.yaml': 'kind: <Pod>\n' };
	return {
		id: `e-${n}`,
		kind: 'graded',
		lab: lab.id,
		attempt: n,
		score,
		passed,
		at: `2026-11-0${n}T10:00:00.000Z`,
		verdict,
		files,
		digest: evidenceDigest(verdict, files),
	};
}

const declared = (over: Partial<Declared> = {}): Declared =>
	declaredSchema.parse({
		id: 'd-1',
		deliverable: 'postmortems',
		kind: 'repository',
		title: 'Postmortems <img src=x>',
		url: 'https://example.com/postmortems',
		claim: 'Four postmortems of which I am the primary author.',
		count: 4,
		on: '2026-10-01',
		...over,
	});

const learner: Learner = {
	id: 'local',
	name: 'Ada "Quoted" <Q>',
	createdAt: AT,
	version: 1,
	labs: {},
	reading: {},
	evidence: [attempt(1, 40, false), attempt(2, 95), attempt(3, 85)],
	portfolio: [],
	rubric: [],
	applied: [],
	declared: [declared()],
	mentoring: { reviews: 12, approved: 7, helpful: 5, learners: 4, mentees: 1, since: '2026-09-01T10:00:00.000Z', at: '2026-10-01T10:00:00.000Z', digest: 'ab' },
	writings: [
		{
			id: 'w-1',
			kind: 'self-declared',
			document: 'doc',
			documentKind: 'postmortem',
			version: 1,
			title: 'Full disk',
			deliverable: 'postmortems',
			at: AT,
			grade: { rows: [], score: 70, graded: 60, passed: true, factual: false },
			markdown: '# Full disk',
			digest: 'd'.repeat(64),
		},
	],
};

let folder: string;
let signer: Signer;
let deliverables: readonly Deliverable[];
let files: SiteFiles;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'foothold-issuer-'));
	signer = await openSigner(folder);
	deliverables = await readDeliverables('content/portfolio/deliverables.yaml');
	files = await siteFiles(learner, { labs: [lab], deliverables, signer, html: (text) => `<p>${text}</p>` }, AT);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const file = (path: string): string => files[path] ?? '';

describe('the issuer’s key', () => {
	it('is made once, is the owner’s alone, and stays', async () => {
		expect((await stat(join(folder, 'issuer-key.json'))).mode & 0o077).toBe(0);
		expect((await openSigner(folder)).issuer).toEqual(signer.issuer);
		expect(JSON.stringify(signer.issuer)).not.toContain('"d"');
	});

	it('is never replaced by a new one where it is damaged', async () => {
		const other = await mkdtemp(join(tmpdir(), 'foothold-issuer-'));
		await writeFile(join(other, 'issuer-key.json'), '{"kty":"RSA"');
		await expect(openSigner(other)).rejects.toMatchObject({ code: 'issuer-key-damaged' });
		expect(await readFile(join(other, 'issuer-key.json'), 'utf8')).toBe('{"kty":"RSA"');
		await rm(other, { recursive: true });
	});
});

describe('a badge', () => {
	const jws = (): string => file('evidence/e-2/badge.jwt').trim();

	it('is an Open Badges 3.0 credential as a VC-JWT that another library verifies', async () => {
		const header = decodeProtectedHeader(jws());
		const { payload } = await jwtVerify(jws(), await importJWK(header.jwk ?? {}, 'RS256'));
		expect(header).toMatchObject({ alg: 'RS256', typ: 'JWT', jwk: { kty: 'RSA' } });
		expect(header.jwk).not.toHaveProperty('d');
		expect(payload).toMatchObject({
			'@context': ['https://www.w3.org/ns/credentials/v2', expect.stringContaining('/ob/v3p0/context')],
			type: ['VerifiableCredential', 'OpenBadgeCredential'],
			iss: signer.issuer.id,
			nbf: Date.parse('2026-11-02T10:00:00Z') / 1000,
			validFrom: '2026-11-02T10:00:00.000Z',
			credentialSubject: {
				type: ['AchievementSubject'],
				achievement: { type: ['Achievement'], criteria: { narrative: expect.any(String) as string } },
				result: [{ value: '95' }],
			},
		});
		expect(payload['jti']).toBe(payload['id']);
		expect(payload['sub']).toBe((payload['credentialSubject'] as { id: string }).id);
		expect(payload['id']).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
	});

	it('is verified by our own verifier from all its forms, and found out when altered', async () => {
		for (const form of ['badge.jwt', 'badge.json', 'badge.svg']) {
			const read = readBadge(file(`evidence/e-2/${form}`));
			if (read === undefined) throw new Error(`no badge in ${form}`);
			expect(await verifyBadge(read)).toMatchObject({ good: true, thumbprint: signer.issuer.thumbprint });
			expect(badgeFacts(read)).toMatchObject({ holder: learner.name, score: '95', on: '2026-11-02', digest: learner.evidence[1]?.digest });
		}
		const [head = '', body = '', signature = ''] = jws().split('.');
		const better = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"value":"95"', '"value":"99"')).toString('base64url');
		expect(better).not.toBe(body);
		expect((await verify(`${head}.${better}.${signature}`)).good).toBe(false);
	});

	it('signed with somebody else’s key does not pass for its issuer’s', async () => {
		const other = await mkdtemp(join(tmpdir(), 'foothold-issuer-'));
		const stranger = await openSigner(other);
		const forged = { key: stranger.key, issuer: { ...signer.issuer, jwk: stranger.issuer.jwk } };
		const made = await siteFiles(learner, { labs: [lab], deliverables, signer: forged, html: (t) => t }, AT);
		expect((await verify(made['evidence/e-2/badge.jwt'] ?? '')).good).toBe(false);
		await rm(other, { recursive: true });
	});

	it('is none for what was not passed', () => {
		expect(Object.keys(files).filter((path) => path.endsWith('badge.jwt'))).toEqual(['evidence/e-2/badge.jwt']);
		expect(readBadge('hello')).toBeUndefined();
		expect(readBadge('eyJhbGciOiJub25lIn0.eyJhIjoxMjM0NTY3ODkwfQ.aaaaaaaaaaaaa')).toBeUndefined();
	});

	const verify = (text: string): ReturnType<typeof verifyBadge> => {
		const read = readBadge(text);
		if (read === undefined) throw new Error('no badge');
		return verifyBadge(read);
	};
});

describe('the exported site', () => {
	it('has every page and file that it links to', () => {
		for (const [path, text] of Object.entries(files)) {
			if (!path.endsWith('.html')) continue;
			for (const [, href = ''] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
				if (href.startsWith('https:')) continue;
				expect(Object.keys(files), `${path} links to ${href}`).toContain(join(path, '..', href));
			}
		}
	});

	it('lets nothing that was typed become markup', () => {
		const pages = Object.entries(files).filter(([path]) => path.endsWith('.html'));
		for (const [path, text] of pages) expect([path, /<img src=x|<script>alert|<Q>|<Pod>|<b>&/.test(text)]).toEqual([path, false]);
		expect(file('evidence/e-2/index.html')).toContain('kind: &#60;Pod&#62;');
	});

	it('tells graded and self-declared apart, and counts towards the target', () => {
		const index = file('index.html');
		expect(index).toContain('<span class="standing graded">graded</span>');
		expect(index.match(/self-declared<\/span>/g)).toHaveLength(2);
		expect(index).toContain('5 of 10 postmortems');
		expect(index).toContain('Attempt 2, 95 of 100 points');
	});

	it('shows the attempt that a mentor confirmed, as that, before one that only scored better', () => {
		const confirmed = { by: 'm', name: 'Mina', at: AT, submission: 's-1' };
		const evidence = learner.evidence.map((one): Evidence => (one.attempt === 3 ? { ...one, kind: 'mentor-confirmed', confirmed } : one));
		const [shown] = contents({ ...learner, evidence }, [lab], deliverables).attempts;
		expect([shown?.evidence.attempt, shown && entryStandings(shown)]).toEqual([3, ['graded', 'mentor-confirmed']]);
		expect(contents(learner, [lab], deliverables).attempts.map((one) => one.evidence.attempt)).toEqual([2]);
	});

	it('tells what a mentor confirmed from what a program graded, in pages, résumé and badge', async () => {
		const confirmed = { by: 'm', name: 'Mina <i>', at: AT, submission: 's-1', why: 'For you alone.' };
		const evidence = learner.evidence.map((one): Evidence => (one.attempt === 2 ? { ...one, kind: 'mentor-confirmed', confirmed } : one));
		const sure = declaredConfirmed({ ...learner, evidence }, [declared()], confirmed);
		const made = await siteFiles(sure, { labs: [lab], deliverables, signer, html: (t) => t }, AT);
		const index = made['index.html'] ?? '';
		const line = (link: string): string => index.split('<li>').find((one) => one.includes(link)) ?? '';
		expect(line('evidence/e-2').match(/class="standing [a-z-]+/g)).toEqual(['class="standing graded', 'class="standing mentor-confirmed']);
		expect(line('example.com/postmortems').match(/class="standing [a-z-]+/g)).toEqual(['class="standing mentor-confirmed']);
		expect(line('example.com/postmortems')).toContain('Confirmed by Mina &#60;i&#62; on 2026-11-20.');
		expect(JSON.stringify(made)).not.toContain('For you alone.');
		expect(JSON.parse(made['resume.json'] ?? '')).toMatchObject({
			certificates: [{ issuer: 'Foothold, graded by checks, and confirmed by a mentor' }],
			projects: [{ type: 'repository, confirmed by a mentor' }],
		});
		expect(JSON.parse(file('resume.json'))).toMatchObject({
			certificates: [{ issuer: 'Foothold, graded by checks' }],
			projects: [{ type: 'repository, self-declared' }],
		});
		const [before, after] = [readBadge(file('evidence/e-2/badge.jwt')), readBadge(made['evidence/e-2/badge.jwt'] ?? '')];
		if (before === undefined || after === undefined) throw new Error('no badge');
		expect(badgeFacts(before).how).toEqual(['Lab attempt, graded by checks: Attempt 2, 95 of 100 points']);
		expect(badgeFacts(after).how).toEqual([...badgeFacts(before).how, 'Review by a mentor: Confirmed by Mina <i> on 2026-11-20.']);
		expect(after.payload['id']).not.toBe(before.payload['id']);
		// Nobody's word alone is signed: no badge but for what was graded.
		expect(Object.keys(made).filter((path) => path.endsWith('badge.jwt'))).toEqual(['evidence/e-2/badge.jwt']);
	});

	it('counts reviews that were given here towards their target, and takes them along', () => {
		expect(file('index.html')).toContain('Reviews: 12, for learners: 4, of whom mentored: 1. 2026-09-01 to 2026-10-01.');
		expect(file('index.html')).toContain('12 of 50 reviews');
		const { volunteer } = JSON.parse(file('resume.json')) as { readonly volunteer: readonly { readonly position: string }[] };
		expect(volunteer[0]?.position).toBe('Reviews given at Foothold');
	});

	it('holds a résumé after the JSON Resume schema', () => {
		const resume = JSON.parse(file('resume.json')) as Record<string, unknown>;
		let faults: unknown;
		resumeSchema.validate(resume, (errors: unknown) => {
			faults = errors;
		});
		expect(faults).toBeNull();
		expect(resume).toMatchObject({
			certificates: [{ date: '2026-11-02' }],
			projects: [{ url: 'https://example.com/postmortems' }],
			publications: [{ name: 'Full disk' }],
		});
	});

	it('packs into one archive, the same for the same time, and no larger than LIMITS.exportBytes', () => {
		const zip = zipped(files, AT);
		expect(Object.keys(unzipSync(zip))).toContain('portfolio/index.html');
		expect(Buffer.from(zipped(files, AT)).equals(Buffer.from(zip))).toBe(true);
		const huge = { 'a.txt': 'x'.repeat(LIMITS.exportBytes + 1) };
		expect(() => zipped(huge, AT)).toThrow(expect.objectContaining({ code: 'export-too-large' }) as Error);
	});

	it('says so where there is nothing yet', async () => {
		const bare: Learner = { ...learner, name: '', evidence: [], declared: [], writings: [], mentoring: undefined };
		const made = await siteFiles(bare, { labs: [lab], deliverables, signer, html: (t) => t }, AT);
		expect(made['index.html']).toContain('Nothing has been graded, written or declared yet.');
	});
});

describe('declared work', () => {
	it('is added, replaced in place and removed, up to LIMITS.declaredKept', () => {
		const two = declaredMoved(declaredMoved({ ...learner, declared: [] }, { action: 'put', declared: declared() }), {
			action: 'put',
			declared: declared({ id: 'd-2' }),
		});
		const changed = declaredMoved(two, { action: 'put', declared: declared({ count: 9 }) });
		expect(changed.declared?.map(({ id, count }) => [id, count])).toEqual([
			['d-1', 9],
			['d-2', 4],
		]);
		expect(declaredMoved(changed, { action: 'remove', id: 'd-1' }).declared).toHaveLength(1);
		const full = { ...learner, declared: Array.from({ length: LIMITS.declaredKept }, (_, i) => declared({ id: `x-${i}` })) };
		expect(declaredFault(full, { action: 'put', declared: declared({ id: 'new' }) })).toContain(String(LIMITS.declaredKept));
		expect(declaredFault(full, { action: 'put', declared: declared({ id: 'x-0' }) })).toBeUndefined();
	});

	it('needs an https address and a sentence', () => {
		expect(declaredSchema.safeParse({ ...declared(), url: 'javascript:alert(1)' }).success).toBe(false);
		expect(declaredSchema.safeParse({ ...declared(), claim: 'good' }).success).toBe(false);
	});
});
