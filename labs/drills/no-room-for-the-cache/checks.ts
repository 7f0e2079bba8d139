/** G3: a length that the card has no room for. */
import { type CheckFunction, type CheckTable, fail, pass } from '../../../server/grading/check.ts';
import { allAnew, complete, diagnosis, mitigated, NAMESPACE, ready, restarts } from '../served.ts';

export const symptom: CheckFunction = async (c) => {
	const [up, again] = [(await ready(c)).length, await restarts(c)];
	const seen = `${up} ready, ${again} restarts`;
	return up === 0 && again > 0 ? pass(seen) : fail('no server is ready, and containers end one after the other', seen);
};

const durable: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'with the server deleted, the next comes up without a restart';
		const back = await allAnew(c, 1);
		const again = await restarts(c);
		return back && again === 0 ? pass('it came up again') : fail(expected, back ? `${again} restarts` : 'none came up');
	});

const invariants: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'a request of 12,000 tokens is answered, the probes are there, and utilisation is at most 0.95';
		const container = (await c.api.get('apps/v1/deployments', NAMESPACE, 'llama'))?.spec?.template?.spec?.containers?.[0];
		if (container?.readinessProbe == null || container?.livenessProbe == null || container?.startupProbe == null) return fail(expected, 'a probe is gone');
		const utilisation = /--gpu-memory-utilization[ =](\S+)/.exec([...(container.command ?? []), ...(container.args ?? [])].join(' '))?.[1];
		if (Number(utilisation ?? 0.9) > 0.95) return fail(expected, `utilisation ${utilisation}`);
		const long = await complete(c, 12_000, 200);
		return long.ok ? pass('12,000 tokens were answered') : fail(expected, `a request of 12,000 tokens came to ${long.words}`);
	});

export const checks: CheckTable = { mitigated: mitigated(1), durable, invariants, diagnosis: diagnosis(['deployment/llama'], ['gpu-memory']) };
