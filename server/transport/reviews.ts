/** Submissions and reviews over HTTP: `protocol/reviews.ts`. Whose submission it is and who may review it has been checked by then (`access.ts`). */
import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import { fault } from '../errors/catalogue.ts';
import type { Reviews } from '../reviews/reviews.ts';
import {
	answerFindingSchema,
	draftSaveSchema,
	helpfulSchema,
	newSavedCommentSchema,
	newSubmissionSchema,
	nextRoundSchema,
	previewMarkdownSchema,
	sendSchema,
} from '../protocol/reviews.ts';
import { markdownToHtml } from './markdown.ts';
import { readJson } from './read-json.ts';

type Variables = { readonly Variables: { learner: string } };

export function reviewRoutes(reviews: Reviews): Hono<Variables> {
	const app = new Hono<Variables>();
	const body = async <T extends z.ZodType>(c: Context, schema: T): Promise<z.output<T>> => {
		const result = schema.safeParse(await readJson(c));
		if (result.success) return result.data;
		throw fault('body-invalid', { why: result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
	};
	const round = (c: Context): number => Number(c.req.param('round'));

	app.get('/submissions', (c) => c.json(reviews.list(c.var.learner)));
	app.post('/submissions', async (c) => c.json(await reviews.submit(c.var.learner, await body(c, newSubmissionSchema))));
	app.get('/notices', (c) => c.json(reviews.notices(c.var.learner)));

	app.get('/submissions/:submission', (c) => c.json(reviews.shown(c.req.param('submission'), c.var.learner)));
	app.get('/submissions/:submission/rounds/:round', async (c) => c.json(await reviews.bundle(c.req.param('submission'), round(c))));
	app.get('/submissions/:submission/rounds/:round/documents/:document', async (c) => {
		const { documents } = await reviews.bundle(c.req.param('submission'), round(c));
		const found = documents.find(({ document }) => document === c.req.param('document'));
		if (found === undefined) throw fault('not-found', { path: c.req.path });
		return c.json({ html: markdownToHtml(found.markdown) });
	});
	app.get('/submissions/:submission/rounds/:round/diff', async (c) => c.json(await reviews.diff(c.req.param('submission'), round(c))));

	app.post('/submissions/:submission/rounds', async (c) => c.json(await reviews.resubmit(c.req.param('submission'), await body(c, nextRoundSchema))));
	app.post('/submissions/:submission/withdraw', async (c) => c.json(await reviews.withdraw(c.req.param('submission'), c.var.learner)));
	app.post('/submissions/:submission/answers', async (c) => {
		const { finding, answer } = await body(c, answerFindingSchema);
		return c.json(await reviews.answer(c.req.param('submission'), c.var.learner, finding, answer));
	});
	app.post('/submissions/:submission/helpful', async (c) => {
		const said = await body(c, helpfulSchema);
		return c.json(await reviews.helpful(c.req.param('submission'), c.var.learner, said.round, said.helpful));
	});
	app.post('/submissions/:submission/seen', async (c) => c.json(await reviews.seen(c.req.param('submission'), c.var.learner)));

	app.post('/submissions/:submission/claim', async (c) => c.json(await reviews.claim(c.req.param('submission'), c.var.learner)));
	app.post('/submissions/:submission/release', async (c) => c.json(await reviews.release(c.req.param('submission'), c.var.learner)));
	app.put('/submissions/:submission/draft', async (c) => {
		const { base, draft } = await body(c, draftSaveSchema);
		return c.json(await reviews.draft(c.req.param('submission'), c.var.learner, base, draft));
	});
	app.post('/submissions/:submission/review', async (c) => {
		const { base } = await body(c, sendSchema);
		return c.json(await reviews.send(c.req.param('submission'), c.var.learner, base));
	});

	app.get('/submissions/:submission/standing', async (c) => c.json(await reviews.standing(c.req.param('submission'), c.var.learner)));

	app.get('/mentor/queue', (c) => c.json(reviews.queue(c.var.learner)));
	app.post('/mentor/preview', async (c) => c.json({ html: markdownToHtml((await body(c, previewMarkdownSchema)).markdown) }));
	app.get('/mentor/comments', async (c) => {
		const submission = c.req.query('submission');
		return c.json(submission === undefined ? await reviews.comments(c.var.learner) : await reviews.offered(c.var.learner, submission));
	});
	app.post('/mentor/comments', async (c) => c.json(await reviews.saveComment(c.var.learner, await body(c, newSavedCommentSchema))));
	app.put('/mentor/comments/:comment', async (c) =>
		c.json(await reviews.editComment(c.var.learner, c.req.param('comment'), await body(c, newSavedCommentSchema))),
	);
	app.delete('/mentor/comments/:comment', async (c) => c.json(await reviews.removeComment(c.var.learner, c.req.param('comment'))));
	app.get('/mentor/cohorts/:cohort', async (c) => c.json(await reviews.cohortPage(c.req.param('cohort'))));
	return app;
}
