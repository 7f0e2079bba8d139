/** G4: a start that is killed before it is over. */
import { type CheckFunction, type CheckTable, fail, pass } from '../../../server/grading/check.ts';
import { allAnew, diagnosis, mitigated, NAMESPACE, ready, restarts, restartsTheDead } from '../served.ts';

/** Seconds that a startup probe may wait at the most: three times the longest start from an empty cache. */
const LONGEST_BUDGET = 360;

export const symptom: CheckFunction = async (c) => {
	const [up, again] = [(await ready(c)).length, await restarts(c)];
	const events = (await c.api.list('v1/events', NAMESPACE)).filter((e) => String(e['message']).includes('failed liveness probe')).length;
	const seen = `${up} ready, ${again} restarts, ${events} events of a kill by the liveness probe`;
	return up === 0 && again > 0 && events > 0 ? pass(seen) : fail('no server is ready; the liveness probe ends each', seen);
};

const durable: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'with the cache emptied and the server deleted, the next comes up without one restart';
		for (const p of await ready(c)) await c.api.exec(NAMESPACE, p.metadata.name, ['sh', '-c', 'rm -rf "$HOME"/.cache/*/*']);
		const back = await allAnew(c, 1);
		const again = await restarts(c);
		if (again > 0) return fail(expected, `${again} restart${again === 1 ? '' : 's'} before it was ready`);
		return back ? pass('a cold start, no restart') : fail(expected, 'none came up');
	});

const invariants: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = `a server whose engine has died is restarted; a start that hangs is waited for ${LONGEST_BUDGET} seconds at most`;
		const probe = (await c.api.get('apps/v1/deployments', NAMESPACE, 'llama'))?.spec?.template?.spec?.containers?.[0]?.startupProbe;
		const budget = probe == null ? 0 : Number(probe.initialDelaySeconds ?? 0) + Number(probe.periodSeconds ?? 10) * Number(probe.failureThreshold ?? 3);
		if (budget > LONGEST_BUDGET) return fail(expected, `the startup probe waits ${budget} s`);
		return (await restartsTheDead(c)) ? pass('a dead engine was restarted') : fail(expected, 'five minutes after its engine died the server was still down');
	});

export const checks: CheckTable = { mitigated: mitigated(1), durable, invariants, diagnosis: diagnosis(['deployment/llama'], ['liveness-wrong']) };
