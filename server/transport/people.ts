/** People, roles and cohorts over HTTP: `protocol/people.ts`. Who may call what stands in `access.ts`, which every request has passed by then. */
import { Hono } from 'hono';
import type { z } from 'zod';
import { fault } from '../errors/catalogue.ts';
import type { People } from '../people/people.ts';
import {
	type Cohort,
	type CohortView,
	invitationCodeSchema,
	type InvitationView,
	newCohortSchema,
	newInvitationSchema,
	rolesChangeSchema,
	suspensionSchema,
} from '../protocol/people.ts';
import { readJson } from './read-json.ts';

type Variables = { readonly Variables: { learner: string } };

export function peopleRoutes(people: People): Hono<Variables> {
	const app = new Hono<Variables>();

	app.get('/people', (c) => c.json(people.everyone()));
	app.post('/people/:person/roles', async (c) => {
		const { roles } = parsed(rolesChangeSchema, await readJson(c));
		return c.json(await people.setRoles(c.req.param('person'), roles));
	});
	app.post('/people/:person/suspend', async (c) => {
		const { suspended } = parsed(suspensionSchema, await readJson(c));
		return c.json(await people.suspend(c.req.param('person'), suspended));
	});

	app.get('/cohorts', (c) => {
		const actor = c.var.learner;
		const cohorts = people.has(actor, 'admin') ? people.cohorts() : people.cohortsOf(actor);
		return c.json(cohorts.map((cohort) => cohortView(people, cohort, actor)));
	});
	app.post('/cohorts', async (c) => {
		const { name } = parsed(newCohortSchema, await readJson(c));
		return c.json(cohortView(people, await people.makeCohort(name, c.var.learner), c.var.learner));
	});
	const shown = (id: string, actor: string): CohortView => {
		const cohort = people.cohort(id);
		if (cohort === undefined) throw fault('cohort-unknown', { cohort: id });
		return cohortView(people, cohort, actor);
	};
	app.get('/cohorts/:cohort', (c) => c.json(shown(c.req.param('cohort'), c.var.learner)));
	app.delete('/cohorts/:cohort', async (c) => {
		await people.removeCohort(c.req.param('cohort'));
		return c.json({ removed: true });
	});
	app.post('/cohorts/:cohort/invitations', async (c) => {
		const wanted = parsed(newInvitationSchema, await readJson(c));
		// Whoever accepts becomes a mentor and may read learners' work: that is an admin's to give.
		if (wanted.as === 'mentor' && !people.has(c.var.learner, 'admin')) throw fault('not-allowed', {});
		return c.json(await people.invite(c.req.param('cohort'), c.var.learner, wanted));
	});
	app.delete('/cohorts/:cohort/invitations/:invitation', async (c) => {
		await people.revoke(c.req.param('cohort'), c.req.param('invitation'));
		return c.json(shown(c.req.param('cohort'), c.var.learner));
	});
	app.delete('/cohorts/:cohort/members/:person', async (c) => {
		await people.leave(c.req.param('cohort'), c.req.param('person'));
		return c.json(shown(c.req.param('cohort'), c.var.learner));
	});
	app.post('/cohorts/:cohort/leave', async (c) => {
		await people.leave(c.req.param('cohort'), c.var.learner);
		return c.json({ left: true });
	});

	app.post('/invitations/look', async (c) => {
		const found = people.invitation(parsed(invitationCodeSchema, await readJson(c)).code);
		if (found === undefined) throw fault('invitation-invalid', {});
		const { cohort, invitation } = found;
		const place = invitation.as === 'mentor' ? cohort.mentors : cohort.learners;
		const view: InvitationView = { cohort: cohort.name, as: invitation.as, expiresAt: invitation.expiresAt, member: place.includes(c.var.learner) };
		return c.json(view);
	});
	app.post('/invitations/accept', async (c) => {
		const { code } = parsed(invitationCodeSchema, await readJson(c));
		return c.json(cohortView(people, await people.accept(code, c.var.learner), c.var.learner));
	});
	return app;
}

/** What this person may see of a cohort: learners do not see each other's names. */
function cohortView(people: People, cohort: Cohort, actor: string): CohortView {
	const manages = people.mentorsIn(actor, cohort.id) || people.has(actor, 'admin');
	const named = (ids: readonly string[]): { id: string; name: string }[] => ids.map((id) => ({ id, name: people.person(id)?.name ?? '' }));
	return {
		id: cohort.id,
		name: cohort.name,
		as: [...(cohort.learners.includes(actor) ? (['learner'] as const) : []), ...(cohort.mentors.includes(actor) ? (['mentor'] as const) : [])],
		mentors: named(cohort.mentors),
		learners: manages ? named(cohort.learners) : [],
		learnerCount: cohort.learners.length,
		manages,
		invitations: manages ? cohort.invitations : [],
	};
}

function parsed<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
	const result = schema.safeParse(body);
	if (result.success) return result.data;
	throw fault('body-invalid', { why: result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
}
