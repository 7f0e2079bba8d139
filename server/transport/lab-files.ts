/** The routes of `protocol/workspace.ts`: what the editor does with files beyond reading and saving them. */
import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import { readBounded } from '../bounded-body.ts';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { applyFileSchema, archiveFormat, fileChangeSchema } from '../protocol/workspace.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { readJson } from './read-json.ts';

type Env = { readonly Variables: { learner: string } };

const MB = 1024 * 1024;

/** Mounted at the API's root. */
export function labFileRoutes(sessions: Sessions): Hono<Env> {
	const app = new Hono<Env>();
	const session = (c: Context<Env>): Promise<Session> => sessions.session(c.var.learner, sessions.lab(c.req.param('lab') ?? '').definition.id);
	app.post('/labs/:lab/apply', async (c) => {
		const { path, dryRun } = await body(c, applyFileSchema);
		return c.json(await (await session(c)).ask('fileApply', { path, dryRun }));
	});
	app.post('/labs/:lab/files', async (c) => {
		const change = await body(c, fileChangeSchema);
		return c.json(await (await session(c)).ask('fileChange', { change }));
	});
	app.get('/labs/:lab/archive', async (c) => {
		const folder = c.req.query('folder') ?? '';
		const format = archiveFormat.safeParse(c.req.query('format'));
		if (!format.success) throw fault('body-invalid', { why: 'format is zip or tar.gz' });
		const bytes = await (await session(c)).ask('filePack', { folder, format: format.data });
		const name = `${(folder.split('/').at(-1) ?? '').replace(/[^\w.-]+/g, '-') || 'files'}.${format.data}`;
		return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
			'content-type': format.data === 'zip' ? 'application/zip' : 'application/gzip',
			'content-disposition': `attachment; filename="${name}"`,
		});
	});
	app.post('/labs/:lab/upload', async (c) => {
		const [folder = '', name = ''] = [c.req.query('folder'), c.req.query('name')];
		const bytes = await upload(c, name);
		return c.json(await (await session(c)).ask('filePut', { folder, name, bytes, replace: c.req.query('replace') === '1' }));
	});
	return app;
}

async function body<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
	const parsed = schema.safeParse(await readJson(c));
	if (!parsed.success) throw fault('body-invalid', { why: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
	return parsed.data;
}

async function upload(c: Context, name: string): Promise<Uint8Array> {
	const bytes = await readBounded(c.req.raw.body, LIMITS.archiveBytes);
	if (bytes === undefined) throw fault('archive-refused', { entry: name, why: `it is larger than ${LIMITS.archiveBytes / MB} MiB` });
	return bytes;
}
