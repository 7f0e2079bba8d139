/**
 * Recordings of terminals, asciicast v3: a learner's own while they work, those that evidence carries, and those of a submission
 * for whoever may read it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { fault } from '../errors/catalogue.ts';
import type { Progress } from '../progress/progress.ts';
import type { Reviews } from '../reviews/reviews.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';

type Env = { readonly Variables: { learner: string } };

const nameOf = (c: Context): string => (c.req.param('recording') ?? '').replace(/\.cast$/, '');
const missing = (c: Context) => fault('recording-missing', { recording: nameOf(c) });
const headers = (c: Context) => ({
	'content-type': 'application/x-asciicast',
	'content-disposition': `attachment; filename="${nameOf(c).replace(/[^\w.-]/g, '-')}.cast"`,
});

/** Mounted at the API's root. */
export function recordingRoutes(sessions: Sessions, progress: Progress, reviews: Reviews): Hono<Env> {
	const app = new Hono<Env>();
	const session = (c: Context<Env>): Promise<Session> => sessions.session(c.var.learner, sessions.lab(c.req.param('lab') ?? '').definition.id);
	app.get('/labs/:lab/recordings', async (c) => c.json(await (await session(c)).recordings()));
	app.get('/labs/:lab/recordings/:recording', async (c) => {
		const path = await (await session(c)).recording(nameOf(c));
		if (path === undefined) throw missing(c);
		return c.body(Readable.toWeb(createReadStream(path)) as ReadableStream, 200, headers(c));
	});
	app.get('/evidence/:id/recordings/:recording', async (c) => {
		const { evidence } = await progress.read(c.var.learner);
		const known = evidence.find(({ id }) => id === c.req.param('id'))?.recordings?.find(({ name }) => name === nameOf(c));
		if (known === undefined) throw missing(c);
		return carried(c, c.var.learner, c.req.param('id'), known.sha256);
	});
	app.get('/submissions/:submission/rounds/:round/recordings/:attempt/:recording', async (c) => {
		const bundle = await reviews.bundle(c.req.param('submission'), Number(c.req.param('round')));
		const attempt = bundle.attempts.find(({ evidence }) => evidence === c.req.param('attempt'));
		const known = attempt?.recordings.find(({ id }) => id === nameOf(c));
		if (attempt === undefined || known === undefined) throw missing(c);
		return carried(c, bundle.learner, attempt.evidence, known.digest);
	});

	/** What lies on disk must be what the evidence vouches for. */
	async function carried(c: Context<Env>, learner: string, evidence: string, digest: string): Promise<Response> {
		const text = await sessions.evidenceRecording(learner, evidence, nameOf(c));
		if (text === undefined) throw missing(c);
		if (createHash('sha256').update(text).digest('hex') !== digest)
			throw fault('record-damaged', { path: `${nameOf(c)}.cast`, why: 'it is not what was submitted' });
		return c.body(text as Uint8Array<ArrayBuffer>, 200, headers(c));
	}
	return app;
}
