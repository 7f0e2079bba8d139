/** The portfolio's own words and its ways out: `protocol/portfolio.ts` over HTTP. Who asks is known by then: `api.ts` saw to it. */
import { Hono } from 'hono';
import { fault } from '../errors/catalogue.ts';
import { pdf } from '../portfolio/pdf.ts';
import { badgeFiles, type ExportSource, siteFiles, zipped } from '../portfolio/site.ts';
import { contents } from '../portfolio/contents.ts';
import { resume } from '../portfolio/resume.ts';
import { declaredFault, declaredMoved, shownDeclared } from '../progress/declared.ts';
import type { Progress } from '../progress/progress.ts';
import { declaredChangeSchema } from '../protocol/portfolio.ts';
import { readJson } from './read-json.ts';

type Variables = { readonly Variables: { learner: string } };

const TYPES: Readonly<Record<string, string>> = { 'badge.json': 'application/json', 'badge.jwt': 'application/vc+jwt', 'badge.svg': 'image/svg+xml' };

export function portfolioRoutes(progress: Progress, source: ExportSource): Hono<Variables> {
	const app = new Hono<Variables>();
	const now = (): string => new Date().toISOString();
	const attached = (type: string, name: string) => ({ headers: { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` } });

	app.get('/issuer', (c) => c.json(source.signer.issuer));
	app.get('/portfolio/declared', async (c) => c.json(shownDeclared(await progress.read(c.var.learner))));
	app.post('/portfolio/declared', async (c) => {
		const parsed = declaredChangeSchema.safeParse(await readJson(c));
		if (!parsed.success) throw fault('body-invalid', { why: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
		const why = declaredFault(await progress.read(c.var.learner), parsed.data);
		if (why !== undefined) throw fault('body-invalid', { why });
		const { learner } = await progress.append(c.var.learner, `declared:${now()}:${crypto.randomUUID()}`, (l) => declaredMoved(l, parsed.data));
		return c.json(shownDeclared(learner));
	});
	app.get('/portfolio/site.zip', async (c) => {
		const at = now();
		return new Response(zipped(await siteFiles(await progress.read(c.var.learner), source, at), at), attached('application/zip', 'foothold-portfolio.zip'));
	});
	app.get(
		'/portfolio/portfolio.pdf',
		async (c) =>
			new Response(await pdf(await siteFiles(await progress.read(c.var.learner), source, now())), attached('application/pdf', 'foothold-portfolio.pdf')),
	);
	app.get('/portfolio/resume.json', async (c) => {
		const all = contents(await progress.read(c.var.learner), source.labs, source.deliverables);
		return new Response(`${JSON.stringify(resume(all, now()), null, 2)}\n`, attached('application/json', 'resume.json'));
	});
	app.get('/badges/:evidence/:file', async (c) => {
		const { evidence: id, file } = c.req.param();
		const learner = await progress.read(c.var.learner);
		const evidence = learner.evidence.find((one) => one.id === id && one.passed);
		const lab = source.labs.find((one) => one.id === evidence?.lab);
		const type = TYPES[file];
		if (evidence === undefined || lab === undefined || type === undefined) throw fault('not-found', { path: c.req.path });
		const made = await badgeFiles(source.signer, { id: learner.id, name: contents(learner, [], []).name }, lab, evidence);
		return new Response(made[file], attached(type, `${lab.id}-${file}`));
	});
	return app;
}
