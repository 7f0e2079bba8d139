import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import { rec, recs, str } from '../../apiserver/registry/fields.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { parseGpuPools } from '../../gpu/pools.ts';
import type { HttpRequest } from '../../network/types.ts';
import { SYSTEM_USERS } from '../../services.ts';
import { buildSystem, Simulator } from '../../simulator.ts';
import { SERIES_KEPT, withScrape } from './store.ts';

const NOW = Date.UTC(2026, 0, 1);
const system = buildSystem();
const pools = parseGpuPools('l4=2');
const base = Simulator.boot({ seed: 3, now: NOW, gpus: 'pools' in pools ? pools.pools : [] }, system);
const client = system.services.api.client(SYSTEM_USERS.loopback);

/** The manifests of the README, block by block. */
const BLOCKS: readonly (readonly KubeObject[])[] = readFileSync(new URL('README.md', import.meta.url), 'utf8')
	.split('```yaml\n')
	.slice(1)
	.map((block) => parseAllDocuments(block.split('```')[0] ?? '').map((d) => d.toJS() as KubeObject));

class Cluster {
	readonly sim: Simulator;
	constructor(sim: Simulator) {
		this.sim = sim;
	}

	apply(objects: readonly unknown[]): void {
		for (const object of objects as readonly KubeObject[]) {
			const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
			const strategy = system.services.api.strategies.find((s) => s.kind === object.kind && s.group === group);
			const path = `${object.apiVersion}/${strategy?.resource}`;
			const made = client.create(this.sim.world, path, strategy?.namespaced === true ? (object.metadata.namespace ?? 'default') : undefined, object);
			if (!made.ok) throw new Error(made.status.message);
		}
	}

	run(ms: number): void {
		this.sim.world.advanceTo(this.sim.world.now + ms);
	}

	until(what: () => boolean, limitMs: number): boolean {
		const end = this.sim.world.now + limitMs;
		while (!what() && this.sim.world.now < end) this.run(1000);
		return what();
	}

	get(path: string, name: string, namespace: string | undefined = 'default'): KubeObject | undefined {
		return client.get(this.sim.world, path, namespace, name);
	}

	/** As the administrator; an answer from the cluster's network is waited for in a copy. */
	raw(
		url: string,
		user: { readonly name: string; readonly groups: readonly string[] } = SYSTEM_USERS.admin,
	): { readonly status: number; readonly text: string } {
		const world = this.sim.world.fork();
		const response = system.services.api.handle(world, { method: 'GET', url, headers: { accept: 'application/json' }, user });
		if (response.forward === undefined) return { status: response.status, text: response.text ?? JSON.stringify(response.json) };
		const copy = this.sim.fork();
		copy.apply({ at: copy.now, kind: 'dial', id: 'raw', dial: response.forward.dial });
		copy.world.advanceTo(copy.now + 5000, () => copy.outcome('raw') !== undefined);
		const outcome = copy.outcome('raw');
		if (outcome?.ok !== true || outcome.response.protocol !== 'http') throw new Error(JSON.stringify(outcome));
		return { status: outcome.response.status, text: outcome.response.body };
	}

	condition(path: string, name: string, type: string, namespace?: string): string {
		const status = rec(client.get(this.sim.world, path, namespace, name)?.['status']);
		const found = recs(status['conditions']).find((c) => c['type'] === type);
		return `${str(found?.['status'])} ${str(found?.['reason'])}: ${str(found?.['message'])}`;
	}

	events(name: string): readonly string[] {
		const all = client.list(this.sim.world, 'v1/events', 'default') as readonly (KubeObject & { readonly [k: string]: unknown })[];
		return all.filter((e) => rec(e['involvedObject'])['name'] === name).map((e) => `${str(e['reason'])}: ${str(e['message'])}`);
	}
}

const HPA = 'autoscaling/v2/horizontalpodautoscalers';
const API = 'apiregistration.k8s.io/v1/apiservices';
const page = (text: string): readonly unknown[] => [
	{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'page' }, data: { metrics: text } },
	{
		apiVersion: 'apps/v1',
		kind: 'Deployment',
		metadata: { name: 'web' },
		spec: {
			replicas: 2,
			selector: { matchLabels: { app: 'web' } },
			template: {
				metadata: { labels: { app: 'web' }, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8000' } },
				spec: {
					containers: [
						{
							name: 'web',
							image: 'python:3.13-slim',
							command: ['python3', '-m', 'http.server', '8000', '-d', '/page'],
							volumeMounts: [{ name: 'page', mountPath: '/page' }],
						},
					],
					volumes: [{ name: 'page', configMap: { name: 'page' } }],
				},
			},
		},
	},
];
const autoscaler = (name: string, metrics: readonly unknown[]): unknown => ({
	apiVersion: 'autoscaling/v2',
	kind: 'HorizontalPodAutoscaler',
	metadata: { name },
	spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 6, metrics },
});
const ofPods = (name: string, averageValue: string): unknown => ({ type: 'Pods', pods: { metric: { name }, target: { type: 'AverageValue', averageValue } } });
const WAITING = 'vllm:num_requests_waiting{model_name="m"} 9\nother_metric 3\n';

describe('prometheus-adapter', () => {
	let adapted: Simulator;
	beforeAll(() => {
		const c = new Cluster(base.fork());
		c.apply(BLOCKS[0] ?? []);
		c.apply(page(WAITING));
		expect(c.until(() => c.condition(API, 'v1beta1.custom.metrics.k8s.io', 'Available').startsWith('True'), 120_000)).toBe(true);
		c.run(60_000);
		adapted = c.sim;
	}, 60_000);
	const cluster = (): Cluster => new Cluster(adapted.fork());

	it('is found available and told of by discovery of both kinds', () => {
		const c = cluster();
		expect(c.condition(API, 'v1beta1.external.metrics.k8s.io', 'Available')).toBe('True Passed: all checks passed');
		const names = recs(rec(JSON.parse(c.raw('/apis/custom.metrics.k8s.io/v1beta1').text))['resources']).map((r) => r['name']);
		expect(names).toEqual(['namespaces/vllm_num_requests_waiting', 'pods/vllm_num_requests_waiting']);
		const groups = recs(rec(JSON.parse(c.raw('/apis').text))['groups']);
		expect(groups.find((g) => g['name'] === 'custom.metrics.k8s.io')).toMatchObject({ preferredVersion: { version: 'v1beta2' } });
		const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
		const all = system.services.api.handle(c.sim.world, { method: 'GET', url: '/apis', headers: { accept }, user: SYSTEM_USERS.admin }).json;
		const found = recs(rec(all)['items']).find((g) => rec(g['metadata'])['name'] === 'external.metrics.k8s.io');
		expect(found).toMatchObject({ versions: [{ version: 'v1beta1', freshness: 'Current', resources: [{ resource: 'vllm_queue_length', verbs: ['get'] }] }] });
	});

	it('serves the metrics of pods, namespaces and external ones', () => {
		const c = cluster();
		const pods = rec(JSON.parse(c.raw('/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/vllm_num_requests_waiting?labelSelector=app%3Dweb').text));
		expect(pods).toMatchObject({ kind: 'MetricValueList', apiVersion: 'custom.metrics.k8s.io/v1beta1', metadata: {} });
		expect(recs(pods['items']).map((i) => [rec(i['describedObject'])['kind'], i['metricName'], i['value'], i['selector']])).toEqual([
			['Pod', 'vllm_num_requests_waiting', '9', null],
			['Pod', 'vllm_num_requests_waiting', '9', null],
		]);
		const namespace = rec(JSON.parse(c.raw('/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/metrics/vllm_num_requests_waiting').text));
		expect(recs(namespace['items'])[0]).toMatchObject({
			describedObject: { kind: 'Namespace', name: 'default' },
			metric: { name: 'vllm_num_requests_waiting' },
			value: '18',
		});
		const queue = rec(JSON.parse(c.raw('/apis/external.metrics.k8s.io/v1beta1/namespaces/default/vllm_queue_length').text));
		expect(recs(queue['items'])[0]).toMatchObject({ metricName: 'vllm_queue_length', value: '18' });
		expect(c.raw('/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/other_metric')).toMatchObject({
			status: 404,
			text: expect.stringContaining('the server could not find the metric other_metric for pods') as string,
		});
	});

	it('lets only those in whom RBAC does', () => {
		const answer = cluster().raw('/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/x', { name: 'eve', groups: ['system:authenticated'] });
		expect(answer.status).toBe(403);
		expect(answer.text).toContain('User \\"eve\\" cannot get resource \\"pods/x\\" in API group \\"custom.metrics.k8s.io\\" in the namespace \\"default\\"');
	});

	it('is missed: no endpoints, 503 to whoever asks, and an autoscaler that says so', () => {
		const c = cluster();
		client.delete(c.sim.world, 'apps/v1/deployments', 'monitoring', 'prometheus-adapter');
		expect(c.until(() => c.condition(API, 'v1beta1.custom.metrics.k8s.io', 'Available').startsWith('False'), 120_000)).toBe(true);
		expect(c.condition(API, 'v1beta1.custom.metrics.k8s.io', 'Available')).toBe(
			'False MissingEndpoints: endpointslices for service/prometheus-adapter in "monitoring" have no addresses with port name "https"',
		);
		expect(c.raw('/apis/custom.metrics.k8s.io/v1beta1')).toEqual({ status: 503, text: 'service unavailable\n' });
		c.apply([autoscaler('web', [ofPods('vllm_num_requests_waiting', '3')])]);
		c.run(16_000);
		expect(c.condition(HPA, 'web', 'ScalingActive', 'default')).toContain(
			'unable to fetch metrics from custom metrics API: the server is currently unable to handle the request (get pods.custom.metrics.k8s.io *)',
		);
	});

	it('scales by pods, objects and external metrics', () => {
		const c = cluster();
		const external = (target: object): unknown => ({ type: 'External', external: { metric: { name: 'vllm_queue_length' }, target } });
		const object = {
			type: 'Object',
			object: {
				metric: { name: 'vllm_num_requests_waiting' },
				describedObject: { apiVersion: 'v1', kind: 'Namespace', name: 'x' },
				target: { type: 'Value', value: '18' },
			},
		};
		c.apply([
			autoscaler('web', [
				ofPods('vllm_num_requests_waiting', '6'),
				external({ type: 'AverageValue', averageValue: '9' }),
				external({ type: 'Value', value: '18' }),
				object,
			]),
		]);
		c.run(16_000);
		expect(rec(c.get('apps/v1/deployments', 'web')?.['spec'])['replicas']).toBe(3);
		expect(c.events('web')).toContain('SuccessfulRescale: New size: 3; reason: pods metric vllm_num_requests_waiting above target');
		expect(rec(c.get(HPA, 'web')?.['status'])['currentMetrics']).toEqual([
			{ type: 'Pods', pods: { metric: { name: 'vllm_num_requests_waiting' }, current: { averageValue: '9' } } },
			{ type: 'External', external: { metric: { name: 'vllm_queue_length' }, current: { averageValue: '9' } } },
			{ type: 'External', external: { metric: { name: 'vllm_queue_length' }, current: { value: '18' } } },
			{
				type: 'Object',
				object: {
					metric: { name: 'vllm_num_requests_waiting' },
					describedObject: { apiVersion: 'v1', kind: 'Namespace', name: 'x' },
					current: { value: '18' },
				},
			},
		]);
	});

	it('says which metric is missing', () => {
		const c = cluster();
		c.apply([autoscaler('web', [ofPods('nosuch', '6')])]);
		c.run(16_000);
		const text = 'unable to get metric nosuch: unable to fetch metrics from custom metrics API: the server could not find the metric nosuch for pods';
		expect(c.condition(HPA, 'web', 'ScalingActive', 'default')).toBe(`False FailedGetPodsMetric: the HPA was unable to compute the replica count: ${text}`);
		expect(c.events('web')).toContain(
			`FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get pods metric value: ${text}`,
		);
	});

	it('scales vLLM by its queue', () => {
		const c = cluster();
		const [, objects = []] = BLOCKS;
		c.apply(objects.filter((o) => o.kind !== 'HorizontalPodAutoscaler'));
		const ready = (): number => Number(rec(c.get('apps/v1/deployments', 'llm')?.['status'])['readyReplicas'] ?? 0);
		expect(c.until(() => ready() === 1, 900_000)).toBe(true);
		// kube-proxy follows up to a second later.
		c.run(2000);
		// Not before: what it says while the model is loaded would use its events up (client-go's spam filter).
		c.apply(objects.filter((o) => o.kind === 'HorizontalPodAutoscaler'));
		const host = str(rec(c.get('v1/services', 'llm')?.['spec'])['clusterIP']);
		const body = JSON.stringify({ model: 'Qwen/Qwen2.5-7B-Instruct', prompt: 'Tell me a long story', max_tokens: 4000, ignore_eos: true });
		const ask: HttpRequest = { protocol: 'http', method: 'POST', path: '/v1/completions', headers: { 'content-type': 'application/json' }, body };
		for (let i = 0; i < 20; i++) {
			const dial = { from: { kind: 'node', name: 'foothold-worker' }, host, port: 80, request: ask } as const;
			system.services.network.dial(c.sim.world, dial, { kind: 'call', id: `ask-${i}` });
		}
		expect(c.until(() => rec(c.get('apps/v1/deployments', 'llm')?.['spec'])['replicas'] === 2, 90_000)).toBe(true);
		c.run(1000);
		expect(c.events('llm')).toContain('SuccessfulRescale: New size: 2; reason: pods metric vllm_num_requests_waiting above target');
	}, 60_000);
});

describe('an API without its server', () => {
	it('is told apart by what is missing', () => {
		const c = new Cluster(base.fork());
		c.apply((BLOCKS[0] ?? []).filter((o) => o.kind === 'APIService' || o.kind === 'Namespace'));
		c.run(1000);
		const available = (): string => c.condition(API, 'v1beta1.custom.metrics.k8s.io', 'Available');
		expect(available()).toBe('False ServiceNotFound: service/prometheus-adapter in "monitoring" is not present');
		c.apply([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'prometheus-adapter', namespace: 'monitoring' }, spec: { ports: [{ port: 443 }] } }]);
		c.run(1000);
		expect(available()).toBe('False EndpointsNotFound: cannot find endpointslices for service/prometheus-adapter in "monitoring"');
	});

	it('asks in vain where the server speaks no TLS', () => {
		const c = new Cluster(base.fork());
		const labels = { app: 'plain' };
		const service = (BLOCKS[0] ?? []).filter((o) => o.kind === 'APIService' || o.kind === 'Namespace');
		c.apply(service);
		c.run(1000);
		c.apply([
			{
				apiVersion: 'v1',
				kind: 'Service',
				metadata: { name: 'prometheus-adapter', namespace: 'monitoring' },
				spec: { selector: labels, ports: [{ port: 443, targetPort: 8080 }] },
			},
			{
				apiVersion: 'v1',
				kind: 'Pod',
				metadata: { name: 'plain', namespace: 'monitoring', labels },
				spec: { containers: [{ name: 'c', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: ['netexec'] }] },
			},
		]);
		c.run(60_000);
		const said = c.condition(API, 'v1beta1.custom.metrics.k8s.io', 'Available');
		expect(said).toMatch(
			/^False FailedDiscoveryCheck: failing or missing response from https:\/\/10\.96\.\d+\.\d+:443\/apis\/custom\.metrics\.k8s\.io\/v1beta1: Get ".*": http: server gave HTTP response to HTTPS client$/,
		);
	});
});

describe('what is kept of scrapes', () => {
	it('has a ceiling, and ends with a mark where a target is silent', () => {
		const target = { job: 'j', instance: 'i' };
		const many = Array.from({ length: SERIES_KEPT + 10 }, (_x, i) => ({ name: 'm', labels: { n: String(i) }, value: i }));
		expect(Object.keys(withScrape({}, target, many, NOW))).toHaveLength(SERIES_KEPT);
		const once = withScrape({}, target, many.slice(0, 1), NOW);
		const silent = withScrape(once, target, undefined, NOW + 15_000);
		expect(Object.values(silent)[0]?.values).toEqual([0, Number.NaN]);
	});
});
