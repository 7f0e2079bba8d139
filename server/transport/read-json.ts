/** The body of a request as JSON, within the ceiling for bodies. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { readBounded } from '../bounded-body.ts';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';

export async function readJson(c: Context): Promise<unknown> {
	const bytes = await readBounded(c.req.raw.body, LIMITS.bodyBytes);
	if (bytes === undefined) throw fault('body-too-large', { limit: `${LIMITS.bodyBytes / 1024} KiB` });
	try {
		return JSON.parse(bytes.toString('utf8'));
	} catch (error) {
		throw fault('body-invalid', { why: error instanceof Error ? error.message : 'it is no JSON' });
	}
}

/** What a schema makes of a body, or `body-invalid` with what is wrong. */
export function parsed<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
	const result = schema.safeParse(body);
	if (result.success) return result.data;
	throw fault('body-invalid', { why: result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
}
