/** Does a request make it through, and what happens when a tier is away? */
import { type CheckContext, type CheckFunction, fail, pass } from '../../../server/grading/check.ts';
import { bodyOf, describe, statusOf } from '../../../server/grading/kube.ts';
import { application, door, endpoints, NAMESPACE, readNote, readyCount, scaleTo, servingContainer, type Tier, type TierName, writeNote } from '../app.ts';

/** The database's own client inside its pod: how often a text is in the notes. Settings come from the container's environment, as the image reads them. */
const COUNT = (text: string): string =>
	`PGPASSWORD="\${POSTGRES_PASSWORD:-$(cat "$POSTGRES_PASSWORD_FILE" 2>/dev/null)}" psql -h 127.0.0.1 -U "\${POSTGRES_USER:-postgres}" -d "\${POSTGRES_DB:-\${POSTGRES_USER:-postgres}}" -Atc "SELECT count(*) FROM notes WHERE text = '${text}'"`;

/** API pods that give a note back: each asked at its own address or, where no pod's network can be used, as the front door happens to choose them. */
async function readersOf(
	c: CheckContext,
	app: { readonly [n in TierName]: Tier },
	note: { readonly id: string },
	text: string,
): Promise<readonly string[] | string> {
	const ready = (await endpoints(c, 'api')).filter((e) => e.ready);
	const readers = new Set<string>();
	const web = app.web.pods[0];
	if (!c.capabilities.podNetwork || web === undefined) {
		for (let i = 0; i < 40 && readers.size < ready.length; i++) {
			const r = await door(c, 'GET', `/api/notes/${note.id}`);
			if (statusOf(r) !== 200 || !bodyOf(r).includes(text)) return `GET /api/notes/${note.id} came to ${describe(r)}`;
			readers.add((r.ok && r.response.protocol === 'http' ? r.response.headers['x-served-by'] : undefined) ?? 'an API pod');
		}
		return [...readers];
	}
	for (const e of ready) {
		const pod = app.api.pods.find((p) => p.metadata.name === e.pod);
		if (pod === undefined) continue;
		const port = (servingContainer(app.api, pod)?.['ports']?.[0]?.containerPort as number | undefined) ?? 8080;
		const r = await c.network.request({
			method: 'GET',
			url: `http://${e.address}:${port}/api/notes/${note.id}`,
			timeoutMs: 5000,
			fromPod: { namespace: NAMESPACE, name: web.metadata.name },
		});
		if (statusOf(r) !== 200 || !bodyOf(r).includes(text)) return `the API pod ${e.pod} does not give the note back: ${describe(r)}`;
		readers.add(e.pod);
	}
	return [...readers];
}

export const frontDoor: CheckFunction = (context) =>
	context.inCopy(async (c) => {
		const app = await application(c);
		const expected = 'a note posted at http://notes.foothold.test/api/notes comes back through every API pod and is in the database';
		if (typeof app === 'string') return fail(expected, app);
		const text = c.token('front-door');
		const note = await writeNote(c, text);
		if (typeof note === 'string') return fail(expected, note);
		try {
			const readers = await readersOf(c, app, note, text);
			if (typeof readers === 'string') return fail(expected, readers);
			if (!(await readNote(c, note.id, text))) return fail(expected, 'the note does not come back at the front door');
			if (readers.length === 0) return fail(expected, 'no API pod is ready');
			const db = app.db.pods[0];
			if (db === undefined) return fail(expected, 'no database pod');
			const count = await c.api.exec(NAMESPACE, db.metadata.name, ['sh', '-c', COUNT(text)], String(servingContainer(app.db, db)?.['name'] ?? ''));
			if (!/^[1-9]\d*$/.test(count.stdout.trim()))
				return fail(
					expected,
					`the database pod ${db.metadata.name} does not hold the note (${(count.stderr || count.stdout || 'no rows').trim().slice(0, 160)})`,
				);
			return pass(`the note went through ${readers.length} API pod${readers.length === 1 ? '' : 's'} (${readers.join(', ')}) and is in ${db.metadata.name}`);
		} finally {
			// Where this is no copy, nothing is left behind.
			await door(c, 'DELETE', `/api/notes/${note.id}`);
		}
	});

export const threeTiers: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'without the database: GET / answers 200, GET /api/notes answers a 5xx within a minute; with it again: 200';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const restore = await scaleTo(c, app.db, 0);
		if (typeof restore === 'string') return fail(expected, restore);
		const api = await c.until(
			async () => {
				const r = await door(c, 'GET', '/api/notes');
				return statusOf(r) >= 500 ? r : undefined;
			},
			{ timeoutMs: 60_000, intervalMs: 2000 },
		);
		if (api === undefined) return fail(expected, `without the database GET /api/notes still comes to ${describe(await door(c, 'GET', '/api/notes'))}`);
		const page = await door(c, 'GET', '/');
		if (statusOf(page) !== 200) return fail(expected, `without the database GET / comes to ${describe(page)}`);
		await restore();
		const back = await c.until(async () => statusOf(await door(c, 'GET', '/api/notes')) === 200, { timeoutMs: 180_000, intervalMs: 2000 });
		return back
			? pass(`without the database / answered 200 and the API ${describe(api)}; it came back with the database`)
			: fail(expected, 'the API did not come back within three minutes of the database');
	});

export const dataSurvives: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'a note written before the database pod is deleted can be read after its replacement is ready';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const text = c.token('data-survives');
		const note = await writeNote(c, text);
		if (typeof note === 'string') return fail(expected, note);
		const old = app.db.pods.map((p) => p.metadata.uid);
		for (const p of app.db.pods) await c.api.delete('v1/pods', NAMESPACE, p.metadata.name);
		const ready = await c.until(
			async () => {
				const now = await application(c);
				return (
					typeof now !== 'string' &&
					now.db.pods.every((p) => !old.includes(p.metadata.uid)) &&
					(await readyCount(c, 'db')) > 0 &&
					(await readyCount(c, 'api')) > 0
				);
			},
			{ timeoutMs: 240_000, intervalMs: 2000 },
		);
		if (!ready) return fail(expected, 'no new database pod was ready within four minutes');
		const there = await c.until(() => readNote(c, note.id, text), { timeoutMs: 60_000, intervalMs: 2000 });
		return there ? pass('the note was there after the database pod had been replaced') : fail(expected, 'the note was gone');
	});
