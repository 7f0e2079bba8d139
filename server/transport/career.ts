/** Plans, self-assessment and the market worksheet: `protocol/plan.ts`, `protocol/assessment.ts` and `protocol/market.ts` over HTTP. Who asks is known by then: `api.ts` saw to it. */
import { Hono } from 'hono';
import type { z } from 'zod';
import { fault } from '../errors/catalogue.ts';
import { assessmentFault, assessmentMoved, NO_ASSESSMENT } from '../progress/assessment.ts';
import { calendar } from '../progress/calendar.ts';
import { marketFault, marketMoved, NO_MARKET } from '../progress/market.ts';
import { planFault, planMoved } from '../progress/plan.ts';
import type { Progress } from '../progress/progress.ts';
import { assessmentChangeSchema } from '../protocol/assessment.ts';
import { marketChangeSchema } from '../protocol/market.ts';
import { planChangeSchema, planKindSchema } from '../protocol/plan.ts';
import { readJson } from './read-json.ts';

type Variables = { readonly Variables: { learner: string } };

export function careerRoutes(progress: Progress): Hono<Variables> {
	const app = new Hono<Variables>();
	const key = (what: string): string => `${what}:${new Date().toISOString()}:${crypto.randomUUID()}`;

	app.get('/plan', async (c) => c.json((await progress.read(c.var.learner)).plans ?? {}));
	app.post('/plan', async (c) => {
		const change = parsed(planChangeSchema, await readJson(c));
		refuse(planFault(change));
		const { learner } = await progress.append(c.var.learner, key('plan'), (l) => planMoved(l, change, new Date().toISOString()));
		return c.json(learner.plans ?? {});
	});
	app.get('/plan/:file{[a-z]+\\.ics}', async (c) => {
		const kind = planKindSchema.safeParse(c.req.param('file').replace('.ics', ''));
		const learner = await progress.read(c.var.learner);
		const record = kind.success ? learner.plans?.[kind.data] : undefined;
		if (!kind.success || record?.current === undefined) throw fault('not-found', { path: c.req.path });
		const { plan, at } = record.current;
		const text = calendar(plan, { owner: `${learner.id}:${learner.createdAt}`, kind: kind.data, at, revision: record.earlier.length });
		return c.text(text, 200, { 'content-type': 'text/calendar; charset=utf-8', 'content-disposition': `attachment; filename="foothold-${kind.data}.ics"` });
	});

	app.get('/assessment', async (c) => c.json((await progress.read(c.var.learner)).assessment ?? NO_ASSESSMENT));
	app.post('/assessment', async (c) => {
		const change = parsed(assessmentChangeSchema, await readJson(c));
		refuse(assessmentFault(await progress.read(c.var.learner), change));
		const { learner } = await progress.append(c.var.learner, key('assessment'), (l) => assessmentMoved(l, change, new Date().toISOString()));
		return c.json(learner.assessment ?? NO_ASSESSMENT);
	});

	app.get('/market', async (c) => c.json((await progress.read(c.var.learner)).market ?? NO_MARKET));
	app.post('/market', async (c) => {
		const change = parsed(marketChangeSchema, await readJson(c));
		refuse(marketFault((await progress.read(c.var.learner)).market ?? NO_MARKET, change));
		const { learner } = await progress.append(c.var.learner, key('market'), (l) => marketMoved(l, change));
		return c.json(learner.market ?? NO_MARKET);
	});
	return app;
}

function parsed<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
	const result = schema.safeParse(body);
	if (result.success) return result.data;
	throw fault('body-invalid', { why: result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
}

function refuse(why: string | undefined): void {
	if (why !== undefined) throw fault('body-invalid', { why });
}
