/** How the simulator bears many objects: an empty cluster's heap, 10,000 pods brought to Running, and what a create costs among many. */
import { SYSTEM_USERS } from '../../server/simulator/services.ts';
import { buildSystem, Simulator } from '../../server/simulator/simulator.ts';
import { heap, print } from './figures.ts';

const NODES = 1000;
const PODS = 10_000;
const DEPLOYMENTS = 20;
/** Empty clusters that are weighed together: so many that what V8 compiles and drops meanwhile counts for little. */
const EMPTY = 100;
const EPOCH = Date.UTC(2026, 0, 1);

function post(s: Simulator, url: string, body: unknown): void {
	const response = s.apply({
		at: s.now,
		kind: 'request',
		request: { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), user: SYSTEM_USERS.admin },
	}).response;
	if (response?.status !== 201) throw new Error(`POST ${url}: ${response?.status} ${JSON.stringify(response?.json)}`);
}

function emptyHeap(): number {
	const system = buildSystem('full');
	const boot = (seed: number): Simulator => Simulator.boot({ seed, now: EPOCH }, system);
	for (let seed = 0; seed < 40; seed++) boot(seed);
	let kept = Array.from({ length: EMPTY }, (_, seed) => boot(seed));
	const before = heap();
	if (kept.some((s) => s.nextDue() === undefined)) throw new Error('an empty cluster has no timer');
	// What is freed with them is theirs.
	kept = [];
	return (before - heap()) / EMPTY / 1024 / 1024;
}

/** Pods of a cluster that are Running, asked of the API. */
function running(s: Simulator): number {
	const api = s.system.services.api.client(SYSTEM_USERS.admin);
	return api.list(s.world, 'v1/pods', 'default').filter((p) => (p['status'] as { readonly phase?: string }).phase === 'Running').length;
}

/**
 * Brings pods up on nodes, all at once, as deployments; real seconds until the API shows them all Running. Their image is pause, as in
 * the scale tests of Kubernetes (clusterloader2, KWOK): what is measured is the cluster, not what the containers run.
 */
export function podsRunning(nodes: number, pods: number): { readonly seconds: number; readonly simulator: Simulator } {
	const s = Simulator.boot({ seed: 1, now: EPOCH, workers: nodes });
	const started = performance.now();
	for (let d = 0; d < DEPLOYMENTS; d++) {
		const labels = { app: `app-${d}` };
		post(s, '/apis/apps/v1/namespaces/default/deployments', {
			apiVersion: 'apps/v1',
			kind: 'Deployment',
			metadata: { name: `app-${d}`, namespace: 'default' },
			spec: {
				replicas: pods / DEPLOYMENTS,
				selector: { matchLabels: labels },
				template: {
					metadata: { labels },
					spec: { containers: [{ name: 'web', image: 'registry.k8s.io/pause:3.10', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] },
				},
			},
		});
	}
	const limit = s.now + 3_600_000;
	while (running(s) < pods) {
		if (s.now > limit) throw new Error(`${running(s)} of ${pods} pods are Running after an hour`);
		s.apply({ at: s.now + 5000, kind: 'tick' });
	}
	return { seconds: (performance.now() - started) / 1000, simulator: s };
}

/** Microseconds a create takes while `around` objects are there, over 500 creates. */
function createCosts(sizes: readonly number[]): readonly number[] {
	const s = Simulator.boot({ seed: 1, now: EPOCH, profile: 'apiserver', settleMs: 0 });
	let made = 0;
	const create = (): void =>
		post(s, '/api/v1/namespaces/default/configmaps', {
			apiVersion: 'v1',
			kind: 'ConfigMap',
			metadata: { name: `c${(made++).toString(36)}`, namespace: 'default', labels: { app: `a${made % 50}` } },
			data: { n: String(made) },
		});
	return sizes.map((size) => {
		while (made < size) create();
		const started = performance.now();
		for (let i = 0; i < 500; i++) create();
		return ((performance.now() - started) * 1000) / 500;
	});
}

export async function scale(): Promise<void> {
	print({ bench: 'scale', metric: 'empty_heap_mb', value: emptyHeap(), unit: 'MB', n: EMPTY });
	const sizes = [1000, 10_000, 50_000];
	createCosts(sizes).forEach((value, i) => {
		print({ bench: 'scale', metric: `create_us_${(sizes[i] ?? 0) / 1000}k`, value, unit: 'us', n: 500 });
	});
	print({ bench: 'scale', metric: 'pods_10k_running_s', value: podsRunning(NODES, PODS).seconds, unit: 's', n: PODS });
}
