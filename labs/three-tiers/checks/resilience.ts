/** Does it stay up while things around it change? */
import { type CheckContext, type CheckFunction, type CheckOutcome, fail, pass } from '../../../server/grading/check.ts';
import { describe, statusOf, workloadOf } from '../../../server/grading/kube.ts';
import { application, DOOR, door, endpoints, NAMESPACE, readyCount, restarts, scaleTo, servingContainer, type Tier, type TierName } from '../app.ts';

/** Requests a second and ms of load during a rollout: 300 requests, 15 s, and longer where the rollout takes longer. */
const LOAD = { perSecond: 20, durationMs: 40_000 };

/** Changes a pod template so that a rollout begins. */
async function restart(c: CheckContext, t: Tier, template: object): Promise<string | undefined> {
	const pod = t.pods[0];
	const w = pod === undefined ? undefined : await workloadOf(c, pod);
	if (w === undefined) return `the pods of ${t.name} belong to no workload that could roll out a new version`;
	const a = await c.api.patch(w.resource, NAMESPACE, w.object.metadata.name, { spec: { template } }, { strategic: true });
	return a.ok ? undefined : `a new version of ${t.name} was refused: ${a.message}`;
}

export const rollout: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = `kubectl rollout restart of the API under ${LOAD.perSecond} requests a second: none fails, and all API pods are new at the end`;
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const old = new Set(app.api.pods.map((p) => p.metadata.uid));
		let trouble: string | undefined;
		let replaced = false;
		const result = await c.network.load({ request: { method: 'GET', url: `${DOOR}/api/notes`, timeoutMs: 10_000 }, ...LOAD }, async () => {
			trouble = await restart(c, app.api, { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } });
			replaced = await c.until(
				async () => {
					const now = await application(c);
					return (
						typeof now !== 'string' &&
						now.api.pods.length >= old.size &&
						now.api.pods.every((p) => !old.has(p.metadata.uid)) &&
						(await readyCount(c, 'api')) >= old.size
					);
				},
				{ timeoutMs: 150_000, intervalMs: 1000 },
			);
		});
		if (trouble !== undefined) return fail(expected, trouble);
		if (!replaced) return fail(expected, 'the rollout was not through after two and a half minutes');
		if (result.sent < 200) return fail(expected, `only ${result.sent} requests could be sent`);
		if (result.failed === 0) return pass(`${result.sent} requests during the rollout, none failed`);
		return fail(
			expected,
			`${result.failed} of ${result.sent} requests failed (${Object.entries(result.failures)
				.map(([what, n]) => `${n} × ${what}`)
				.join(', ')})`,
		);
	});

export const spread: CheckFunction = async (c) => {
	const expected = 'two or more ready endpoints for web and for api, on two or more nodes';
	const seen: string[] = [];
	let ok = true;
	for (const name of ['web', 'api'] as const) {
		const ready = (await endpoints(c, name)).filter((e) => e.ready);
		const nodes = new Set(ready.map((e) => e.node));
		ok &&= ready.length >= 2 && nodes.size >= 2;
		seen.push(`${name}: ${ready.length} ready on ${nodes.size} node${nodes.size === 1 ? '' : 's'}`);
	}
	return ok ? pass(seen.join('; ')) : fail(expected, seen.join('; '));
};

/** Rolls out a version whose serving container runs but serves nothing: it must never get traffic. */
async function brokenRelease(c: CheckContext, t: Tier, path: string): Promise<CheckOutcome | undefined> {
	const expected = `a new version of ${t.name} that does not serve never becomes ready, and the old one goes on`;
	const pod = t.pods[0];
	const container = pod === undefined ? undefined : servingContainer(t, pod);
	const old = new Set(t.pods.map((p) => p.metadata.name));
	const change = t.name === 'web' ? { command: ['sleep'], args: ['3600'] } : { env: [{ name: 'DATABASE_HOST', value: 'nowhere.invalid' }] };
	const trouble = await restart(c, t, { spec: { containers: [{ name: container?.['name'], ...change }] } });
	if (trouble !== undefined) return fail(expected, trouble);
	for (let i = 0; i < 18; i++) {
		await c.clock.advance(5000);
		const fresh = (await endpoints(c, t.name)).filter((e) => e.ready && !old.has(e.pod));
		if (fresh.length > 0) return fail(expected, `the pod ${fresh[0]?.pod} of the broken version was given traffic`);
		const r = await door(c, 'GET', path);
		if (statusOf(r) !== 200) return fail(expected, `while the broken version rolled out, GET ${path} came to ${describe(r)}`);
	}
	return undefined;
}

export const readiness: CheckFunction = async (context) => {
	const expected = 'API pods leave the Service while the database is away and come back with it; broken releases of web and api get no traffic';
	const away = await context.inFork(async (c): Promise<CheckOutcome | undefined> => {
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const before = await readyCount(c, 'api');
		const restore = await scaleTo(c, app.db, 0);
		if (typeof restore === 'string') return fail(expected, restore);
		const out = await c.until(async () => (await readyCount(c, 'api')) === 0, { timeoutMs: 90_000, intervalMs: 2000 });
		if (!out) return fail(expected, `90 seconds after the database went away ${await readyCount(c, 'api')} API endpoints still take traffic`);
		await restore();
		const back = await c.until(async () => (await readyCount(c, 'api')) >= before, { timeoutMs: 180_000, intervalMs: 2000 });
		return back ? undefined : fail(expected, 'the API endpoints did not come back within three minutes of the database');
	});
	if (away !== undefined) return away;
	for (const [name, path] of [
		['web', '/'],
		['api', '/api/notes'],
	] as const) {
		const broken = await context.inFork(async (c) => {
			const app = await application(c);
			return typeof app === 'string' ? fail(expected, app) : brokenRelease(c, app[name], path);
		});
		if (broken !== undefined) return broken;
	}
	return pass('API endpoints left and came back with the database; no broken release got traffic');
};

export const liveness: CheckFunction = async (context) => {
	const calm = await context.inFork(async (c): Promise<CheckOutcome | undefined> => {
		const expected = 'no API container restarts while the database is away for 90 seconds';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const before = await restarts(c, 'api');
		const restore = await scaleTo(c, app.db, 0);
		if (typeof restore === 'string') return fail(expected, restore);
		await c.clock.advance(90_000);
		const after = (await c.api.list('v1/pods', NAMESPACE))
			.filter((p) => app.api.pods.some((q) => q.metadata.name === p.metadata.name))
			.flatMap((p) => (p.status?.containerStatuses ?? []) as readonly { readonly restartCount?: number }[])
			.reduce((n, s) => n + Number(s.restartCount ?? 0), 0);
		return after > before ? fail(expected, `${after - before} restart${after - before === 1 ? '' : 's'} of API containers`) : undefined;
	});
	if (calm !== undefined) return calm;
	return context.inFork(async (c) => {
		const expected = 'a web container whose process hangs is restarted within two minutes';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const pod = app.web.pods[0];
		if (pod === undefined) return fail(expected, 'no web pod');
		const name = String(servingContainer(app.web, pod)?.['name'] ?? '');
		// Everything in the container but its first process, which a container cannot stop from within: nginx's workers.
		const frozen = await c.api.exec(NAMESPACE, pod.metadata.name, ['sh', '-c', 'kill -STOP -1'], name);
		if (frozen.exitCode !== 0)
			return { outcome: 'ungraded', reason: `the web server of ${pod.metadata.name} could not be made to hang: ${frozen.stderr.trim()}` };
		const again = await c.until(
			async () => {
				const now = await c.api.get('v1/pods', NAMESPACE, pod.metadata.name);
				const status = ((now?.status?.containerStatuses ?? []) as readonly { readonly name: string; readonly restartCount: number }[]).find(
					(s) => s.name === name,
				);
				return status !== undefined && status.restartCount > 0;
			},
			{ timeoutMs: 180_000, intervalMs: 5000 },
		);
		return again
			? pass('an absent database restarted nothing; a hanging web server was restarted')
			: fail(expected, `the hanging container of ${pod.metadata.name} was left as it was`);
	});
};

/** Evicts the pods of a tier one after another, without waiting for replacements: how many went before the first refusal. */
async function evict(c: CheckContext, t: Tier): Promise<{ readonly gone: number; readonly refused: boolean }> {
	let gone = 0;
	for (const p of t.pods) {
		const a = await c.api.post('v1/pods', NAMESPACE, p.metadata.name, 'eviction', {
			apiVersion: 'policy/v1',
			kind: 'Eviction',
			metadata: { name: p.metadata.name, namespace: NAMESPACE },
		});
		if (a.status === 429) return { gone, refused: true };
		if (a.ok) gone++;
	}
	return { gone, refused: false };
}

export const eviction: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'of web and of api, the first eviction is allowed and one before the last is refused (429)';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const seen: string[] = [];
		let ok = true;
		for (const name of ['web', 'api'] as const satisfies readonly TierName[]) {
			const { gone, refused } = await evict(c, app[name]);
			ok &&= gone > 0 && refused;
			seen.push(`${name}: ${gone} of ${app[name].pods.length} evicted${refused ? ', then refused' : ', none refused'}`);
		}
		return ok ? pass(seen.join('; ')) : fail(expected, seen.join('; '));
	});

export const gracefulStop: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'a request that takes five seconds is answered although its API pod is deleted after one';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const answer = door(c, 'GET', '/api/slow?seconds=5', undefined, 30_000);
		await c.clock.advance(1000);
		for (const p of app.api.pods) await c.api.delete('v1/pods', NAMESPACE, p.metadata.name);
		const r = await answer;
		return statusOf(r) === 200 ? pass('answered 200') : fail(expected, describe(r));
	});
