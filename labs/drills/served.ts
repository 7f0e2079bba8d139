/** What drills about a served model have in common: its front door, its users, and the form of a diagnosis. */
import { type CheckContext, type CheckFunction, fail, pass } from '../../server/grading/check.ts';
import { bodyOf, describe, isReady, podsBehind, restartsOf, statusOf } from '../../server/grading/kube.ts';
import type { KubeObject } from '../../server/grading/readers.ts';
import { prompts } from '../../server/traffic/prompts.ts';

export const NAMESPACE = 'llm';
export const HOST = 'llm.foothold.test';
const MODEL = 'llama-3.1-8b';

export async function ready(c: CheckContext): Promise<readonly KubeObject[]> {
	const pods = await podsBehind(c, NAMESPACE, HOST);
	return typeof pods === 'string' ? [] : pods.filter(isReady);
}

/** Pods of the model that are not done, wherever they stand. */
export async function serving(c: CheckContext): Promise<readonly KubeObject[]> {
	return (await c.api.list('v1/pods', NAMESPACE)).filter((p) => p.metadata.deletionTimestamp === undefined && p.metadata.labels?.['app'] === 'llama');
}

export const restarts = async (c: CheckContext): Promise<number> => (await serving(c)).reduce((n, p) => n + restartsOf(p), 0);

/** One completion of so many tokens; what came of it. */
export async function complete(c: CheckContext, input: number, output: number, seed = c.seed): Promise<{ readonly ok: boolean; readonly words: string }> {
	const [prompt] = prompts({ dataset: 'random', count: 1, input, output, ratio: 0, prefix: 0, seed });
	const r = await c.network.request({
		method: 'POST',
		url: `http://${HOST}/v1/completions`,
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ model: MODEL, prompt: prompt?.text, max_tokens: output, ignore_eos: true }),
		timeoutMs: 600_000,
	});
	const status = statusOf(r);
	return { ok: status === 200, words: status >= 400 && bodyOf(r).startsWith('{') ? `${describe(r)} ${bodyOf(r).slice(0, 160)}` : describe(r) };
}

/** Ten samples over a minute, as the alert's probe takes them. */
export async function samples(c: CheckContext): Promise<{ readonly good: number; readonly words: string }> {
	let good = 0;
	let words = '';
	for (let i = 0; i < 10; i++) {
		const one = await complete(c, 50, 10, c.seed + i);
		if (one.ok) good++;
		else words = one.words;
		await c.clock.advance(6000);
	}
	return { good, words };
}

/** The indicator that users feel, and as many servers as there were. */
export const mitigated =
	(servers: number): CheckFunction =>
	(context) =>
		context.inFork(async (c) => {
			const expected = `ten of ten samples over a minute are answered, by ${servers} ready server${servers === 1 ? '' : 's'}`;
			const { good, words } = await samples(c);
			const up = (await ready(c)).length;
			return good === 10 && up >= servers ? pass(`10 of 10, ${up} ready`) : fail(expected, `${good} of 10${words === '' ? '' : ` (${words})`}, ${up} ready`);
		});

/** Deletes every pod of the model and waits for as many to be ready: how it ended. */
export async function allAnew(c: CheckContext, servers: number): Promise<boolean> {
	for (const p of await serving(c)) await c.api.delete('v1/pods', NAMESPACE, p.metadata.name);
	return c.until(async () => (await ready(c)).length >= servers, { timeoutMs: 900_000, intervalMs: 5000 });
}

/** A program's own error: it ends the work on a card and leaves the card well. */
const APPLICATION_XID = 13;

/** Engines that died behind an open port come back, by a probe that restarts them. */
export async function restartsTheDead(c: CheckContext): Promise<boolean> {
	const before = await ready(c);
	for (const node of new Set(before.map((p) => String(p.spec?.nodeName)))) await c.faults?.failCard(node, 0, APPLICATION_XID);
	await c.until(async () => (await ready(c)).length < before.length, { timeoutMs: 60_000 });
	return c.until(async () => (await ready(c)).length >= before.length, { timeoutMs: 300_000, intervalMs: 5000 });
}

const FILE = '/home/learner/incident.md';

/** Whether ~/incident.md names component and mechanism, and an object as evidence that is there. */
export const diagnosis =
	(components: readonly string[], mechanisms: readonly string[]): CheckFunction =>
	async (c) => {
		const expected = '~/incident.md names the component at fault (kind/name), the mechanism, and an object that shows it';
		const text = (await c.files.read(FILE)) ?? '';
		const said = (label: string): string => (new RegExp(`^\\W*${label}\\W*:\\s*(.*)$`, 'im').exec(text)?.[1] ?? '').replace(/[`*]/g, '').trim().toLowerCase();
		const [component, mechanism, evidence] = [said('component'), said('mechanism'), said('evidence')];
		const missing = Object.entries({ component, mechanism, evidence })
			.filter(([, v]) => v === '')
			.map(([k]) => k);
		if (missing.length > 0) return fail(expected, `no ${missing.join(', no ')}`);
		if (!components.includes(component)) return fail(expected, `the component is said to be ${component}`);
		if (!mechanisms.includes(mechanism)) return fail(expected, `the mechanism is said to be ${mechanism}`);
		return evidence.length >= 10 ? pass(`${component}, ${mechanism}`) : fail(expected, `“${evidence}” is no evidence that somebody else could look up`);
	};
