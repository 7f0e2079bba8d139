/** What the checks know of the served model: it is found behind the front door, never by guessing at names. */
import type { CheckContext } from '../../server/grading/check.ts';
import { isReady, serviceEndpoints } from '../../server/grading/kube.ts';
import type { KubeObject } from '../../server/grading/readers.ts';
import { drive, type Measured, type Plan, type Sender } from '../../server/traffic/drive.ts';
import { percentile, tpots, ttfts } from '../../server/traffic/figures.ts';
import { prompts } from '../../server/traffic/prompts.ts';

export const NAMESPACE = 'llm';
export const HOST = 'llm.foothold.test';
export const DOOR = `http://${HOST}`;
/** The name that clients ask for. */
export const MODEL = 'llama-3.1-8b';
/** ms at the 95th percentile. */
export const TARGETS = { ttft: 500, tpot: 50 };
/** What `~/serve/load.sh` sends: requests a second, mean lengths in tokens, by what share they differ. */
export const LOAD = { rate: 4, input: 500, output: 150, ratio: 0.5, count: 160 };
/** US dollars for an hour of one of the pool's cards, as `~/serve/README.md` says. */
export const PRICE = 1.15;

/** Pods behind the front door, or what is missing. */
export async function servers(c: CheckContext): Promise<readonly KubeObject[] | string> {
	const ingresses = await c.api.list('networking.k8s.io/v1/ingresses', NAMESPACE);
	const services = new Set(
		ingresses
			.flatMap((i) => (i.spec?.rules ?? []) as readonly KubeObject[])
			.filter((r) => r['host'] === HOST)
			.flatMap((r) => (r['http']?.paths ?? []) as readonly KubeObject[])
			.map((p) => String(p['backend']?.service?.name ?? '')),
	);
	if (services.size === 0) return `no Ingress in the namespace ${NAMESPACE} leads ${HOST} anywhere`;
	const names = new Set<string>();
	for (const s of services) for (const e of await serviceEndpoints(c, NAMESPACE, s)) names.add(e.pod);
	const pods = (await c.api.list('v1/pods', NAMESPACE)).filter((p) => names.has(p.metadata.name) && p.metadata.deletionTimestamp === undefined);
	return pods.length === 0 ? `no pod stands behind ${[...services].map((s) => `the Service "${s}"`).join(' or ')}` : pods;
}

/** Ready pods behind the front door. */
export async function readyServers(c: CheckContext): Promise<readonly KubeObject[]> {
	const all = await servers(c);
	return typeof all === 'string' ? [] : all.filter(isReady);
}

/** The container that runs the model: the one that asks for GPUs, else the first. */
export function serverContainer(pod: KubeObject): KubeObject | undefined {
	const all = (pod.spec?.containers ?? []) as readonly KubeObject[];
	return all.find((k) => Number(k['resources']?.limits?.['nvidia.com/gpu'] ?? 0) > 0) ?? all[0];
}

export const senderIn = (c: CheckContext): Sender => ({ network: c.network, clock: c.clock, sleep: (ms) => c.clock.advance(ms) });

export function planFor(c: CheckContext, load: Partial<typeof LOAD> = {}): Plan {
	const l = { ...LOAD, ...load };
	return {
		base: DOOR,
		endpoint: '/v1/completions',
		chat: false,
		model: MODEL,
		apiKey: undefined,
		prompts: prompts({ dataset: 'random', count: l.count, input: l.input, output: l.output, ratio: l.ratio, prefix: 0, seed: c.seed }),
		rate: l.rate,
		burstiness: 1,
		concurrency: undefined,
		ignoreEos: true,
	};
}

export interface Run {
	readonly sent: number;
	readonly failed: number;
	/** The first failure's words. */
	readonly failure: string;
	/** ms, 95th percentile. */
	readonly ttft: number;
	readonly tpot: number;
	/** Output tokens a second. */
	readonly throughput: number;
}

export function summed(all: readonly Measured[]): Run {
	const done = all.filter((m) => m.ok);
	const bad = all.find((m) => !m.ok);
	const seconds = (Math.max(...all.map((m) => m.endedAt)) - Math.min(...all.map((m) => m.startedAt))) / 1000;
	return {
		sent: all.length,
		failed: all.length - done.length,
		failure: bad === undefined ? '' : (bad.error === '' ? 'a stream that broke off' : bad.error).slice(0, 160),
		ttft: percentile(ttfts(done), 95),
		tpot: percentile(tpots(done), 95),
		throughput: done.reduce((n, m) => n + m.output, 0) / Math.max(0.001, seconds),
	};
}

/** A run is the same for every check of one grading: the network it was sent over stands for the sandbox. */
const runs = new WeakMap<object, Promise<Run>>();

/** The brief's load, sent to a copy. */
export function briefLoad(context: CheckContext): Promise<Run> {
	const held = runs.get(context.network);
	if (held !== undefined) return held;
	const run = context.inFork(async (c) => summed(await drive(planFor(c), c.seed, senderIn(c))));
	runs.set(context.network, run);
	return run;
}

export const ms = (n: number): string => `${n < 100 ? n.toFixed(1) : Math.round(n)} ms`;
