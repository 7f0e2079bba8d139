/** A cluster with GPUs, for the tests of this room: requests as an administrator's, in virtual time. */
import { SYSTEM_USERS } from '../services.ts';
import { Simulator } from '../simulator.ts';
import { type GpuPool, parseGpuPools } from './pools.ts';

/** 2026-11-20T18:00:00Z. */
const START = 1_795_197_600_000;

interface Node {
	readonly metadata: { readonly labels: { readonly [l: string]: string }; readonly annotations?: { readonly [a: string]: string } };
	readonly status: { readonly capacity: { readonly [r: string]: string }; readonly allocatable: { readonly [r: string]: string } };
}

export class GpuCluster {
	readonly simulator: Simulator;

	constructor(gpus: string) {
		const read = parseGpuPools(gpus);
		const pools: readonly GpuPool[] = 'error' in read ? [] : read.pools;
		this.simulator = Simulator.boot({ seed: 7, now: START, workers: 1, gpus: pools });
	}

	run(seconds: number): void {
		this.simulator.apply({ at: this.simulator.now + seconds * 1000, kind: 'tick' });
	}

	request(method: string, url: string, body?: unknown, type = 'application/json') {
		const headers = { 'content-type': type };
		const request = { method, url, headers, user: SYSTEM_USERS.admin, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
		return this.simulator.apply({ at: this.simulator.now, kind: 'request', request }).response;
	}

	/** Creates, or says why not. */
	create(path: string, object: unknown): string {
		const answer = this.request('POST', path, object);
		return answer?.status === 201 ? '' : String((answer?.json as { readonly message?: string } | undefined)?.message ?? answer?.status);
	}

	patch(path: string, body: unknown): void {
		const answer = this.request('PATCH', path, body, 'application/merge-patch+json');
		if (answer?.status !== 200) throw new Error(`${path}: ${answer?.status}`);
	}

	/** Breaks a node's card. Throws where there is none. */
	fail(node: string, card: number, xid: number): void {
		const { done } = this.simulator.apply({ at: this.simulator.now, kind: 'fault', fault: 'gpu-xid', node, card, xid });
		if (done !== true) throw new Error(`${node} has no card ${card}`);
	}

	/** An object or a list as stored. Throws where there is none: a test that reads it is wrong. */
	read<T>(url: string): T {
		const answer = this.request('GET', url);
		if (answer?.status !== 200) throw new Error(`${url}: ${answer?.status}`);
		return answer.json as T;
	}

	node(name: string): Node {
		return this.read(`/api/v1/nodes/${name}`);
	}

	label(node: string, labels: { readonly [l: string]: string | null }): void {
		this.patch(`/api/v1/nodes/${node}`, { metadata: { labels } });
	}

	/** A pod that tolerates the taint, with one container. */
	pod(name: string, image: string, limits: { readonly [r: string]: string }, more: { readonly [f: string]: unknown } = {}): string {
		const { command, args, ...spec } = more as { readonly command?: readonly string[]; readonly args?: readonly string[] };
		const container = { name: 'main', image, ...(command === undefined ? {} : { command }), ...(args === undefined ? {} : { args }), resources: { limits } };
		const tolerations = [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];
		return this.create('/api/v1/namespaces/default/pods', {
			apiVersion: 'v1',
			kind: 'Pod',
			metadata: { name },
			spec: { restartPolicy: 'Never', tolerations, containers: [container], ...spec },
		});
	}

	status(name: string): { readonly phase: string; readonly reason?: string; readonly message?: string } {
		return this.read<{ readonly status: { readonly phase: string } }>(`/api/v1/namespaces/default/pods/${name}`).status;
	}

	log(name: string, namespace = 'default'): string {
		return this.request('GET', `/api/v1/namespaces/${namespace}/pods/${name}/log`)?.text ?? '';
	}

	/** Names of an app's pods in the operator's namespace, those on a node alone. */
	part(app: string, node: string): string {
		const list = this.request('GET', `/api/v1/namespaces/gpu-operator/pods?labelSelector=app%3D${app}&fieldSelector=spec.nodeName%3D${node}`)?.json as {
			readonly items: readonly { readonly metadata: { readonly name: string }; readonly status: { readonly podIP: string } }[];
		};
		return list.items[0]?.metadata.name ?? '';
	}

	exec(pod: string, command: readonly string[], namespace = 'default'): string {
		const query = command.map((c) => `command=${encodeURIComponent(c)}`).join('&');
		const stream = this.request('POST', `/api/v1/namespaces/${namespace}/pods/${pod}/exec?stdout=true&stderr=true&${query}`)?.stream;
		if (stream === undefined) return 'no stream';
		this.run(1);
		return this.simulator
			.readStream(stream.id, 0)
			.chunks.filter((c) => c.channel < 3)
			.map((c) => c.data)
			.join('');
	}

	/** What the exporter of a node serves. */
	metrics(node: string): string {
		const name = this.part('nvidia-dcgm-exporter', node);
		const { status } = this.read<{ readonly status: { readonly podIP: string } }>(`/api/v1/namespaces/gpu-operator/pods/${name}`);
		const address = status.podIP;
		const request = { protocol: 'http', method: 'GET', path: '/metrics', headers: {}, body: '' } as const;
		this.simulator.apply({
			at: this.simulator.now,
			kind: 'dial',
			id: 'm',
			dial: { from: { kind: 'node', name: node }, host: address, port: 9400, request, timeoutMs: 2000 },
		});
		this.run(1);
		const outcome = this.simulator.outcome('m');
		this.simulator.apply({ at: this.simulator.now, kind: 'abort', id: 'm' });
		return outcome?.ok === true && outcome.response.protocol === 'http' ? outcome.response.body : '';
	}
}
