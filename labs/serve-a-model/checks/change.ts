/** Starts, losses and rollouts: does the service stay, and come back? */
import { type CheckContext, type CheckFunction, fail, pass } from '../../../server/grading/check.ts';
import { isReady, restartsOf, statusOf, workloadOf, gpuContainer } from '../../../server/grading/kube.ts';
import type { KubeObject } from '../../../server/grading/readers.ts';
import { type Measured, measure } from '../../../server/traffic/drive.ts';
import { senderIn, summed } from '../../../server/grading/traffic.ts';
import { DOOR, NAMESPACE, planFor, readyServers } from '../app.ts';

const MINUTE = 60_000;

/** Deletes the pods and waits until as many others are ready: they, or how far it got. */
async function replace(c: CheckContext, old: readonly KubeObject[], timeoutMs: number): Promise<readonly KubeObject[]> {
	for (const p of old) await c.api.delete('v1/pods', NAMESPACE, p.metadata.name);
	const uids = new Set(old.map((p) => p.metadata.uid));
	const fresh = async (): Promise<readonly KubeObject[]> => (await readyServers(c)).filter((p) => !uids.has(p.metadata.uid));
	await c.until(async () => (await fresh()).length >= old.length, { timeoutMs, intervalMs: 5000 });
	return fresh();
}

/** Empties what vLLM keeps between two starts, wherever it lies. */
const EMPTY = 'for d in "${HF_HUB_CACHE:-x}" "${HF_HOME:-$HOME/.cache/huggingface}" "${VLLM_CACHE_ROOT:-$HOME/.cache/vllm}"; do rm -rf "$d"/*; done';

export const coldStart: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'with an empty cache and all pods deleted, every server becomes ready again without one restart, within fifteen minutes';
		const old = await readyServers(c);
		for (const p of old) await c.api.exec(NAMESPACE, p.metadata.name, ['sh', '-c', EMPTY], String(gpuContainer(p)?.['name'] ?? ''));
		const started = c.clock.now();
		for (const p of old) await c.api.delete('v1/pods', NAMESPACE, p.metadata.name);
		const uids = new Set(old.map((p) => p.metadata.uid));
		const all = async (): Promise<readonly KubeObject[]> =>
			(await c.api.list('v1/pods', NAMESPACE)).filter(
				(p) => !uids.has(p.metadata.uid) && gpuContainer(p)?.['resources']?.limits?.['nvidia.com/gpu'] !== undefined,
			);
		let restarts = 0;
		const ready = await c.until(
			async () => {
				const now = await all();
				restarts = now.reduce((n, p) => n + restartsOf(p), 0);
				return restarts > 0 || now.filter(isReady).length >= old.length;
			},
			{ timeoutMs: 15 * MINUTE, intervalMs: 5000 },
		);
		const seconds = Math.round((c.clock.now() - started) / 1000);
		if (restarts > 0) return fail(expected, `a server was restarted ${seconds} s after its pod was created, before it had come up`);
		return ready
			? pass(`${old.length} cold start${old.length === 1 ? '' : 's'} in ${seconds} s, no restart`)
			: fail(expected, 'not all were ready after fifteen minutes');
	});

export const warmStart: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'pods that replace deleted ones start without downloading the weights again';
		const old = await readyServers(c);
		const started = c.clock.now();
		const fresh = await replace(c, old, 10 * MINUTE);
		if (fresh.length < old.length) return fail(expected, `${fresh.length} of ${old.length} were ready after ten minutes`);
		for (const p of fresh) {
			const log = await c.api.logs(NAMESPACE, p.metadata.name, { container: String(gpuContainer(p)?.['name'] ?? '') });
			const line = log.split('\n').find((l) => l.includes('downloading weights'));
			if (line !== undefined) return fail(expected, `${p.metadata.name} downloaded them: ${/Time spent.*/.exec(line)?.[0] ?? line}`);
		}
		return pass(`${fresh.length} new pod${fresh.length === 1 ? '' : 's'} ready after ${Math.round((c.clock.now() - started) / 1000)} s, no download`);
	});

/** A program error that ends the work on a card and leaves the card well. */
const APPLICATION_XID = 13;

export const deadEngine: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'servers whose engine has died behind an open port are restarted and answer again within five minutes';
		const before = await readyServers(c);
		const nodes = new Map<string, number>();
		for (const n of await c.api.list('v1/nodes')) nodes.set(n.metadata.name, Number(n.status?.capacity?.['nvidia.com/gpu'] ?? 0));
		for (const node of new Set(before.map((p) => String(p.spec?.nodeName)))) {
			for (let card = 0; card < (nodes.get(node) ?? 0); card++) {
				await c.faults?.failCard(node, card, APPLICATION_XID);
				await c.clock.advance(1000);
			}
		}
		const hit = await c.until(async () => statusOf(await c.network.request({ method: 'GET', url: `${DOOR}/health`, timeoutMs: 5000 })) !== 200, {
			timeoutMs: 20_000,
		});
		if (!hit) return { outcome: 'ungraded', reason: 'the engines could not be made to die' };
		const health = async (): Promise<number> => statusOf(await c.network.request({ method: 'GET', url: `${DOOR}/health`, timeoutMs: 5000 }));
		// Each server must have been seen well after the death: so many good answers in a row as there are servers.
		let good = 0;
		const back = await c.until(
			async () => {
				good = (await readyServers(c)).length >= before.length && (await health()) === 200 ? good + 1 : 0;
				return good > 2 * before.length;
			},
			{ timeoutMs: 5 * MINUTE, intervalMs: 5000 },
		);
		return back
			? pass('all engines died and came back by themselves')
			: fail(expected, `five minutes later ${(await readyServers(c)).length} of ${before.length} are ready and GET /health says HTTP ${await health()}`);
	});

/** Requests a second while a new version rolls out, fewer once it takes longer than most; and the longest that it is waited for. */
const ROLLOUT = { perSecond: 2, later: { afterMs: 3 * MINUTE, perSecond: 0.5 }, longestMs: 8 * MINUTE };

export const rollout: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = `a new version rolls out under ${ROLLOUT.perSecond} requests a second: no request fails or breaks off, and all servers are new at the end`;
		const old = await readyServers(c);
		const uids = new Set(old.map((p) => p.metadata.uid));
		const touched = new Set<string>();
		const plan = planFor(c, { count: 2000, input: 60, output: 100 });
		const sent: Promise<Measured>[] = [];
		const started = c.clock.now();
		let replacedAt: number | undefined;
		let broken = false;
		for (const prompt of plan.prompts) {
			const now = c.clock.now() - started;
			if (now > ROLLOUT.longestMs || (replacedAt !== undefined && now > replacedAt + 6000)) break;
			sent.push(
				measure(plan, prompt, senderIn(c)).then((m) => {
					broken ||= !m.ok;
					return m;
				}),
			);
			if (touched.size === 0 && sent.length === 5) {
				for (const p of old) {
					const w = await workloadOf(c, p);
					if (w === undefined) return fail(expected, `${p.metadata.name} belongs to no workload that could roll out a new version`);
					if (touched.has(w.object.metadata.uid ?? '')) continue;
					touched.add(w.object.metadata.uid ?? '');
					const template = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': String(c.clock.now()) } } };
					await c.api.patch(w.resource, NAMESPACE, w.object.metadata.name, { spec: { template } }, { strategic: true });
				}
			}
			if (replacedAt === undefined && touched.size > 0 && sent.length % 8 === 0) {
				const ready = await readyServers(c);
				const left = (await c.api.list('v1/pods', NAMESPACE)).some((p) => uids.has(p.metadata.uid));
				if (!left && ready.length >= old.length) replacedAt = c.clock.now() - started;
			}
			if (broken) break;
			await c.clock.advance(1000 / (now > ROLLOUT.later.afterMs ? ROLLOUT.later.perSecond : ROLLOUT.perSecond));
		}
		const run = summed(await Promise.all(sent));
		if (run.failed > 0) return fail(expected, `${run.failed} of ${run.sent} requests failed (${run.failure})`);
		if (replacedAt === undefined) return fail(expected, `the rollout was not through after ${ROLLOUT.longestMs / MINUTE} minutes`);
		return pass(`${run.sent} requests in the ${Math.round(replacedAt / 1000)} s of a rollout, none failed`);
	});
