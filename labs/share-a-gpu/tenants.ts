/** The two tenants, and the load that tells how much one feels of the other. */
import { applyThrough } from '../../server/grading/apply.ts';
import type { CheckContext } from '../../server/grading/check.ts';
import { isReady, podsBehind } from '../../server/grading/kube.ts';
import type { KubeObject } from '../../server/grading/readers.ts';
import { type Run, senderIn, summed } from '../../server/grading/traffic.ts';
import { drive, type Plan } from '../../server/traffic/drive.ts';
import { prompts } from '../../server/traffic/prompts.ts';
import { turns } from './turns.ts';

export type Tenant = 'chat' | 'batch';
export const TENANTS: readonly Tenant[] = ['chat', 'batch'];
export const hostOf = (t: Tenant): string => `${t}.foothold.test`;
/** The brief's promises: ms at the 95th percentile, output tokens a second, workers. */
export const PROMISE = { ttft: 400, tpot: 30, batch: 1200, workers: 3 };

/** Ready servers of a tenant; none where nothing leads to them. */
export async function serversOf(c: CheckContext, t: Tenant): Promise<readonly KubeObject[]> {
	const pods = await podsBehind(c, t, hostOf(t));
	return typeof pods === 'string' ? [] : pods.filter(isReady);
}

/** The node with the card. */
export async function gpuNode(c: CheckContext): Promise<KubeObject | undefined> {
	return (await c.api.list('v1/nodes')).find((n) => n.metadata.labels?.['nvidia.com/gpu.present'] === 'true');
}

/** As in ~/share/measure.sh: requests under way at a time, and ms that the flood runs ahead. */
const FLOOD = { atOnce: 48, aheadMs: 5000, input: 400, output: 200 };

function planFor(c: CheckContext, t: Tenant): Plan {
	const lengths = t === 'chat' ? { count: 60, input: 300, output: 120, ratio: 0.5 } : { count: 1, input: FLOOD.input, output: FLOOD.output, ratio: 0 };
	return {
		base: `http://${hostOf(t)}`,
		endpoint: '/v1/completions',
		chat: false,
		model: t,
		apiKey: undefined,
		prompts: prompts({ dataset: 'random', prefix: 0, seed: c.seed, ...lengths }),
		rate: 2,
		burstiness: 1,
		concurrency: undefined,
		ignoreEos: true,
	};
}

export interface Both {
	readonly chat: Run;
	/** Output tokens a second while chat was asked. */
	readonly batch: number;
	readonly batchFailed: number;
}

/** Floods batch and asks chat meanwhile. The flood is not streamed: only what comes of it matters. */
export async function flooded(c: CheckContext): Promise<Both> {
	const plan = planFor(c, 'batch');
	const [asked] = plan.prompts;
	let over = false;
	let tokens = 0;
	let batchFailed = 0;
	let serial = 0;
	const client = async (): Promise<void> => {
		while (!over && batchFailed < FLOOD.atOnce) {
			const prompt = `${asked?.text} ${serial++}`;
			const r = await c.network.request({
				method: 'POST',
				url: `${plan.base}${plan.endpoint}`,
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ model: plan.model, prompt, max_tokens: FLOOD.output, ignore_eos: true }),
				timeoutMs: 120_000,
			});
			if (!r.ok || r.response.protocol !== 'http' || r.response.status !== 200) batchFailed++;
			else if (!over) tokens += FLOOD.output;
		}
	};
	const clients = Array.from({ length: FLOOD.atOnce }, client);
	const begun = c.clock.now();
	await c.clock.advance(FLOOD.aheadMs);
	const chat = summed(await drive(planFor(c, 'chat'), c.seed, senderIn(c)));
	const batch = tokens / ((c.clock.now() - begun) / 1000);
	over = true;
	await Promise.all(clients);
	return { chat, batch, batchFailed };
}

const measured = new WeakMap<object, Promise<Both>>();

/** The learner's set-up under the flood; once for all checks of a grading. */
export function asItStands(context: CheckContext): Promise<Both> {
	const held = measured.get(context.network);
	if (held !== undefined) return held;
	const run = context.inFork(flooded);
	measured.set(context.network, run);
	return run;
}

/** The same servers and the same flood with the card taken in turns, set up anew on a copy; or what stood in the way. */
export function inTurns(context: CheckContext): Promise<Both | string> {
	return context.inFork(async (c) => {
		const node = await gpuNode(c);
		if (node === undefined) return 'the node with the card is gone';
		for (const t of TENANTS) {
			for (const resource of [
				'apps/v1/deployments',
				'apps/v1/statefulsets',
				'v1/resourcequotas',
				'v1/limitranges',
				'networking.k8s.io/v1/ingresses',
				'v1/pods',
			])
				for (const o of await c.api.list(resource, t)) await c.api.delete(resource, t, o.metadata.name);
		}
		await c.until(async () => (await c.api.list('v1/pods', 'chat')).length + (await c.api.list('v1/pods', 'batch')).length === 0, { timeoutMs: 120_000 });
		await c.api.patch('v1/nodes', undefined, node.metadata.name, {
			metadata: { labels: { 'nvidia.com/mig.config': 'all-disabled', 'nvidia.com/device-plugin.config': null } },
		});
		await c.clock.advance(60_000);
		await applyThrough(c.api, turns(), (ms) => c.clock.advance(ms));
		const ready = await c.until(async () => (await serversOf(c, 'chat')).length === 1 && (await serversOf(c, 'batch')).length === PROMISE.workers, {
			timeoutMs: 600_000,
			intervalMs: 5000,
		});
		return ready ? flooded(c) : 'the servers did not come up with the card taken in turns';
	});
}
