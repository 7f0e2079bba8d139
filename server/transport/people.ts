/** People, roles and cohorts over HTTP: `protocol/people.ts`. Who may call what stands in `access.ts`, which every request has passed by then. */
import { Hono } from 'hono';
import { fault } from '../errors/catalogue.ts';
import type { Audit } from '../people/audit.ts';
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
import { parsed, readJson } from './read-json.ts';

type Variables = { readonly Variables: { learner: string } };

export function peopleRoutes(people: People, audit: Audit): Hono<Variables> {
	const app = new Hono<Variables>();

	app.get('/people', (c) => c.json(people.everyone()));
	app.post('/people/:person/roles', async (c) => {
		const { roles } = parsed(rolesChangeSchema, await readJson(c));
		const person = c.req.param('person');
		await audit.add({ actor: c.var.learner, action: 'roles changed', person, detail: roles.join(', ') });
		return c.json(await people.setRoles(person, roles));
	});
	app.post('/people/:person/suspend', async (c) => {
		const { suspended } = parsed(suspensionSchema, await readJson(c));
		const person = c.req.param('person');
		await audit.add({ actor: c.var.learner, action: suspended ? 'kept out' : 'let in again', person });
		return c.json(await people.suspend(person, suspended));
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
		const cohort = c.req.param('cohort');
		await audit.add({ actor: c.var.learner, action: 'cohort removed', object: cohort });
		await people.removeCohort(cohort);
		return c.json({ removed: true });
	});
	app.post('/cohorts/:cohort/invitations', async (c) => {
		const wanted = parsed(newInvitationSchema, await readJson(c));
		// Whoever accepts becomes a mentor and may read learners' work: that is an admin's to give.
		if (wanted.as === 'mentor' && !people.has(c.var.learner, 'admin')) throw fault('not-allowed', {});
		const cohort = c.req.param('cohort');
		await audit.add({ actor: c.var.learner, action: 'invitation made', object: cohort, detail: `as ${wanted.as}, ${wanted.uses} uses, ${wanted.days} days` });
		return c.json(await people.invite(cohort, c.var.learner, wanted));
	});
	app.delete('/cohorts/:cohort/invitations/:invitation', async (c) => {
		await people.revoke(c.req.param('cohort'), c.req.param('invitation'));
		return c.json(shown(c.req.param('cohort'), c.var.learner));
	});
	app.delete('/cohorts/:cohort/members/:person', async (c) => {
		const { cohort, person } = c.req.param();
		await audit.add({ actor: c.var.learner, action: 'member removed', person, object: cohort });
		await people.leave(cohort, person);
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
		const cohort = await people.accept(code, c.var.learner);
		await audit.add({ actor: c.var.learner, action: 'cohort joined', object: cohort.id });
		return c.json(cohortView(people, cohort, c.var.learner));
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
