/** The JSON API of `protocol/http.ts`. */
import { type Context, Hono } from 'hono';
import { matchedRoutes } from 'hono/route';
import { type Fault, fault, toFault } from '../errors/catalogue.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import { LIMITS } from '../limits.ts';
import { lessonMoved, named } from '../progress/changes.ts';
import type { Progress } from '../progress/progress.ts';
import { writingsOf } from '../progress/writing.ts';
import type { Audit } from '../people/audit.ts';
import type { People } from '../people/people.ts';
import type { PersonalData } from '../people/personal-data.ts';
import { chooseNameSchema, type LabPage, type LabSummary, type Me, readingChangeSchema } from '../protocol/http.ts';
import type { ExportSource } from '../portfolio/site.ts';
import type { Learner } from '../protocol/progress.ts';
import type { Reviews } from '../reviews/reviews.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Access } from './access.ts';
import { accountRoutes } from './account.ts';
import { markdownToHtml } from './markdown.ts';
import { careerRoutes } from './career.ts';
import { documentRoutes } from './documents.ts';
import { labClusterRoutes } from './lab-cluster.ts';
import { labFileRoutes } from './lab-files.ts';
import { peopleRoutes } from './people.ts';
import { portfolioRoutes } from './portfolio.ts';
import { readJson } from './read-json.ts';
import { reviewRoutes } from './reviews.ts';
import { recordingRoutes } from './recordings.ts';
import type { Buckets } from './rate.ts';
import type { Door } from './security.ts';
import type { TeamDoor } from './sign-in.ts';

export interface ApiOptions {
	/** Asked at every request: which names are ours is known once the port is. */
	readonly security: () => Door;
	readonly sessions: Sessions;
	readonly progress: Progress;
	readonly people: People;
	readonly access: Access;
	readonly audit: Audit;
	readonly personal: PersonalData;
	/** Undefined in local mode. */
	readonly team: TeamDoor | undefined;
	/** How fast each person may ask. */
	readonly rates: Buckets;
	readonly reviews: Reviews;
	/** What an exported portfolio is made of besides a learner's record. */
	readonly exports: ExportSource;
	readonly provider: string;
	/** A kubeconfig for a session's cluster. */
	readonly kubeconfig: (session: string, token: string, namespace: string) => Promise<string> | string;
	readonly log: (message: string, detail?: unknown) => void;
}

type Variables = { readonly Variables: { learner: string } };

export function createApi(options: ApiOptions): Hono<Variables> {
	const { security, sessions, progress, people } = options;
	const app = new Hono<Variables>();
	app.onError((error, c) => answerFault(c, error, options.log));
	app.notFound((c) => answerFault(c, fault('not-found', { path: c.req.path }), options.log));

	app.use('*', async (c, next) => {
		if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
			const foreign = security().originFault(c.req.header('origin'));
			if (foreign !== undefined) throw foreign;
		}
		const learner = security().learner(c.req.header('cookie'));
		const route = routeOf(c);
		await options.access.check(route, learner, parametersOf(route, c.req.path), c.req.path);
		if (learner !== undefined) {
			if (options.team !== undefined && !options.rates.take(learner))
				throw fault('requests-too-fast', { limit: `${LIMITS.requestsPerSecond} requests a second` });
			c.set('learner', learner);
		}
		c.header('cache-control', 'no-store');
		await next();
	});

	const me = (learner: Learner): Me => ({
		id: learner.id,
		name: learner.name === '' ? null : learner.name,
		roles: [...(people.person(learner.id)?.roles ?? [])],
		mode: people.isLocal ? 'local' : 'team',
		provider: options.provider,
	});
	app.get('/me', async (c) => c.json(me(await progress.read(c.var.learner))));
	app.post('/me', async (c) => {
		const parsed = chooseNameSchema.safeParse(await readJson(c));
		if (!parsed.success) throw fault('name-invalid', { name: 'what was given' });
		const { name } = parsed.data;
		const { learner } = await progress.append(c.var.learner, `name:${Date.now()}:${name}`, (l) => named(l, name));
		await people.rename(c.var.learner, name);
		return c.json(me(learner));
	});
	app.get('/labs', async (c) => {
		const learner = await progress.read(c.var.learner);
		return c.json(sessions.allLabs.map((lab) => summary(lab, learner)));
	});
	app.get('/labs/:lab', async (c) => c.json(labPage(sessions.lab(c.req.param('lab')), await progress.read(c.var.learner))));
	app.get('/labs/:lab/kubeconfig', async (c) => {
		const lab = sessions.lab(c.req.param('lab'));
		const { record } = await sessions.session(c.var.learner, lab.definition.id);
		const text = await options.kubeconfig(record.id, record.token, lab.definition.namespace ?? 'default');
		return c.text(text, 200, { 'content-type': 'application/yaml', 'content-disposition': `attachment; filename="foothold-${lab.definition.id}.kubeconfig"` });
	});
	app.get('/reading', async (c) => c.json((await progress.read(c.var.learner)).reading));
	app.post('/reading', async (c) => {
		const parsed = readingChangeSchema.safeParse(await readJson(c));
		if (!parsed.success) throw fault('body-invalid', { why: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
		const change = parsed.data;
		const at = new Date().toISOString();
		const { learner } = await progress.append(c.var.learner, `reading:${change.lesson}:${change.state}:${at}`, (l) => lessonMoved(l, change, at));
		return c.json(learner.reading);
	});
	app.route('/', labClusterRoutes(sessions));
	app.route('/', labFileRoutes(sessions));
	app.route('/', careerRoutes(progress));
	app.route('/', portfolioRoutes(progress, options.exports));
	app.route('/', peopleRoutes(people, options.audit));
	app.route('/', accountRoutes(people, options.audit, options.personal, options.team));
	app.route('/', reviewRoutes(options.reviews));
	app.route('/', recordingRoutes(sessions, progress, options.reviews));
	app.route(
		'/',
		documentRoutes(progress, () => sessions.allLabs),
	);
	app.get('/progress', async (c) => {
		const learner = await progress.read(c.var.learner);
		const written = { market: undefined, documents: undefined, writings: learner.writings && writingsOf(learner).map((w) => ({ ...w, markdown: '' })) };
		return c.json({ ...learner, ...written, applied: [], evidence: learner.evidence.map((e) => ({ ...e, files: {}, facts: undefined })) });
	});
	app.get('/evidence/:id', async (c) => {
		const learner = await progress.read(c.var.learner);
		const found = learner.evidence.find((e) => e.id === c.req.param('id'));
		if (found === undefined) throw fault('not-found', { path: c.req.path });
		return c.json(found);
	});
	return app;
}

/** The route that will answer, as `access.ts` names it; HEAD is answered as GET. '' where there is none. */
function routeOf(c: Context): string {
	const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
	const path = matchedRoutes(c).find((route) => route.method === method && route.path.startsWith('/api/'))?.path;
	return path === undefined ? '' : `${method} ${path}`;
}

/** What a path has in the places that a route names. The router tells them to the handler alone, and this is asked before. */
function parametersOf(route: string, path: string): { readonly [name: string]: string } {
	const parts = path.split('/');
	const names = route.slice(route.indexOf(' ') + 1).split('/');
	return Object.fromEntries(names.flatMap((name, i) => (name.startsWith(':') ? [[name.slice(1), parts[i] ?? '']] : [])));
}

function answerFault(c: Context, error: unknown, log: (message: string, detail?: unknown) => void): Response {
	const known: Fault = toFault(error);
	if (known.code === 'internal') log('a request failed', error);
	return c.json({ error: known.toJSON() }, known.status as 400);
}

function summary(lab: LoadedLab, learner: Learner): LabSummary {
	const { id, title, month, minutes, summary: text, checks } = lab.definition;
	const progress = learner.labs[id];
	return { id, title, month, minutes, summary: text, points: checks.reduce((sum, c) => sum + c.points, 0), ...(progress === undefined ? {} : { progress }) };
}

function labPage(lab: LoadedLab, learner: Learner): LabPage {
	const { objectives, namespace, tasks, checks, passScore } = lab.definition;
	const points = new Map(checks.map((c) => [c.id, c.points]));
	return {
		...summary(lab, learner),
		objectives,
		brief: markdownToHtml(lab.brief),
		namespace,
		tasks: tasks.map((task) => ({
			id: task.id,
			title: task.title,
			text: markdownToHtml(task.text),
			hints: task.hints.length,
			points: task.checks.reduce((sum, id) => sum + (points.get(id) ?? 0), 0),
		})),
		passScore,
	};
}
