/** Does more traffic bring up another server, and does rest keep cards free? */
import { type CheckContext, type CheckFunction, fail, pass } from '../../../server/grading/check.ts';
import { gpuContainer, gpuLimits } from '../../../server/grading/kube.ts';
import { DOOR, GROWTH, MODEL, NAMESPACE, planFor, readyServers } from '../app.ts';

/** Cards that pods of the namespace hold or wait for. */
async function cardsHeld(c: CheckContext): Promise<number> {
	const pods = (await c.api.list('v1/pods', NAMESPACE)).filter((p) => p.metadata.deletionTimestamp === undefined);
	return pods.reduce((n, p) => n + Object.values(gpuLimits(gpuContainer(p))).reduce((a, b) => a + b, 0), 0);
}

export const scales: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = `at rest at most ${GROWTH.restingCards} cards are held; with ${GROWTH.atOnce} requests under way another server is ready within ${GROWTH.withinMs / 60_000} minutes`;
		const cards = await cardsHeld(c);
		if (cards > GROWTH.restingCards) return fail(expected, `${cards} cards are held while nobody asks`);
		const before = (await readyServers(c)).length;
		const [prompt] = planFor(c, { count: 1, input: 60, ratio: 0 }).prompts;
		let over = false;
		let failed = 0;
		const client = async (i: number): Promise<void> => {
			for (let n = 0; !over && failed < GROWTH.atOnce; n++) {
				const r = await c.network.request({
					method: 'POST',
					url: `${DOOR}/v1/completions`,
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify({ model: MODEL, prompt: `${prompt?.text} ${i} ${n}`, max_tokens: 600, ignore_eos: true }),
				});
				if (!r.ok) failed++;
			}
		};
		const started = c.clock.now();
		const clients = Array.from({ length: GROWTH.atOnce }, (_, i) => client(i));
		const grown = await c.until(async () => (await readyServers(c)).length > before, { timeoutMs: GROWTH.withinMs, intervalMs: 10_000 });
		over = true;
		const seconds = Math.round((c.clock.now() - started) / 1000);
		const now = (await readyServers(c)).length;
		await Promise.all(clients);
		return grown
			? pass(`${cards} cards at rest; ${before} servers became ${now} after ${seconds} s`)
			: fail(expected, `after ${seconds} s there were still ${now} servers for ${GROWTH.atOnce} requests at a time`);
	});
