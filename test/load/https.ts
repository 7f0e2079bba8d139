/** The API over https as clients outside see it: the command's start, a cluster on demand, sixteen clients at once, watches. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { serveClusters } from '../../server/sandboxes/serve.ts';
import { servingCertificate } from '../../server/sandboxes/serving/authority.ts';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { Template } from '../../server/sandboxes/simulated/template.ts';
import { print, quantile } from './figures.ts';

const CLIENTS = 16;
const CREATES = 4000;
const GETS = 8000;
const LISTED = 2300;
const WATCHED = 300;
const PODS = '/api/v1/namespaces/default/pods';

const root = resolve(import.meta.dirname, '../..');

const pod = (name: string): string =>
	JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'nginx:1.29' }] } });

/** From the process's start to its line "ready", ms: the command as a user runs it. */
async function processReady(): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), 'foothold-https-'));
	const started = performance.now();
	const child = spawn(process.execPath, ['--no-warnings', join(root, 'server/cli/cluster.ts'), '--kubeconfig', join(folder, 'kubeconfig')], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	try {
		for await (const line of createInterface({ input: child.stdout })) {
			if ((JSON.parse(line) as { readonly ready?: boolean }).ready === true) return performance.now() - started;
		}
		throw new Error('the cluster command ended before it was ready');
	} finally {
		child.kill('SIGTERM');
		rmSync(folder, { recursive: true, force: true });
	}
}

interface Client {
	readonly agent: Agent;
	readonly base: string;
	readonly token: string;
}

function send(client: Client, method: string, path: string, body?: string): Promise<IncomingMessage> {
	return new Promise((done, fail) => {
		const headers = { authorization: `Bearer ${client.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
		const out = httpsRequest(`${client.base}${path}`, { agent: client.agent, method, headers }, done);
		out.on('error', fail);
		out.end(body);
	});
}

/** One call, its body read to the end. Throws where the status is another. */
async function call(client: Client, method: string, path: string, status: number, body?: string): Promise<void> {
	const response = await send(client, method, path, body);
	if (response.statusCode !== status) throw new Error(`${method} ${path}: ${response.statusCode}`);
	for await (const _chunk of response);
}

/** Sixteen clients share `count` calls; calls a second, and the ms of each. */
async function together(count: number, one: (i: number) => Promise<void>): Promise<{ readonly perSecond: number; readonly times: readonly number[] }> {
	const times: number[] = [];
	let next = 0;
	const started = performance.now();
	await Promise.all(
		Array.from({ length: CLIENTS }, async () => {
			for (let i = next++; i < count; i = next++) {
				const from = performance.now();
				await one(i);
				times.push(performance.now() - from);
			}
		}),
	);
	return { perSecond: (count / (performance.now() - started)) * 1000, times };
}

/** From sending a change to reading its event on a watch that stands, ms. Creates one at a time. */
async function watchTimes(client: Client): Promise<readonly number[]> {
	const sent = new Map<string, number>();
	const times: number[] = [];
	const stream = await send({ ...client, agent: new Agent({ rejectUnauthorized: false }) }, 'GET', '/api/v1/namespaces/default/configmaps?watch=true');
	const lines = createInterface({ input: stream });
	lines.on('line', (line) => {
		const event = JSON.parse(line) as { readonly type: string; readonly object: { readonly metadata: { readonly name: string } } };
		const from = sent.get(event.object.metadata.name);
		if (event.type === 'ADDED' && from !== undefined) times.push(performance.now() - from);
	});
	for (let i = 0; i < WATCHED; i++) {
		sent.set(`w${i}`, performance.now());
		const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `w${i}` } });
		await call(client, 'POST', '/api/v1/namespaces/default/configmaps', 201, body);
	}
	for (let waited = 0; times.length < WATCHED; waited++) {
		if (waited > 500) throw new Error(`${times.length} of ${WATCHED} watch events came`);
		await new Promise((done) => setTimeout(done, 10));
	}
	stream.destroy();
	return times;
}

export async function https(): Promise<void> {
	const starts: number[] = [];
	for (let i = 0; i < 3; i++) starts.push(await processReady());
	print({ bench: 'https', metric: 'ready_ms', value: quantile(starts, 0.5), unit: 'ms', n: starts.length });

	const template = Template.build({ profile: 'apiserver', seed: 1 });
	const token = 'bench-token';
	const sandboxes = new Map<string, Promise<SimulatorSandbox>>();
	const serving = await serveClusters({
		certificate: await servingCertificate(),
		port: 0,
		find: async (path) => {
			const id = /^\/clusters\/([^/]+)/.exec(path)?.[1];
			if (id === undefined) return undefined;
			let made = sandboxes.get(id);
			if (made === undefined) {
				made = SimulatorSandbox.create(template, { id });
				sandboxes.set(id, made);
			}
			return { endpoint: (await made).cluster, token, prefix: `/clusters/${id}` };
		},
	});
	const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS, rejectUnauthorized: false });
	const client = (id: string): Client => ({ agent, token, base: `${serving.url}/clusters/${id}` });

	const next: number[] = [];
	for (let i = 0; i < 30; i++) {
		const from = performance.now();
		await call(client(`next-${i}`), 'GET', '/api/v1/namespaces', 200);
		next.push(performance.now() - from);
	}
	print({ bench: 'https', metric: 'next_ready_ms', value: quantile(next.slice(5), 0.5), unit: 'ms', n: next.length - 5 });

	const main = client('main');
	await together(500, (i) => call(main, 'POST', PODS, 201, pod(`warm-${i}`)));
	const created = await together(CREATES, (i) => call(main, 'POST', PODS, 201, pod(`p-${i}`)));
	print({ bench: 'https', metric: 'create_per_s_c16', value: created.perSecond, unit: '1/s', n: CREATES });
	print({ bench: 'https', metric: 'create_ms_p99_c16', value: quantile(created.times, 0.99), unit: 'ms', n: CREATES });
	const got = await together(GETS, (i) => call(main, 'GET', `${PODS}/p-${i % CREATES}`, 200));
	print({ bench: 'https', metric: 'get_per_s_c16', value: got.perSecond, unit: '1/s', n: GETS });

	const listed = client('listed');
	await together(LISTED, (i) => call(listed, 'POST', PODS, 201, pod(`p-${i}`)));
	const lists: number[] = [];
	for (let i = 0; i < 15; i++) {
		const from = performance.now();
		await call(listed, 'GET', PODS, 200);
		lists.push(performance.now() - from);
	}
	print({ bench: 'https', metric: 'list_2300_ms', value: quantile(lists, 0.5), unit: 'ms', n: lists.length });

	const watched = await watchTimes(client('watched'));
	print({ bench: 'https', metric: 'watch_ms_p50', value: quantile(watched, 0.5), unit: 'ms', n: watched.length });
	print({ bench: 'https', metric: 'watch_ms_p99', value: quantile(watched, 0.99), unit: 'ms', n: watched.length });

	agent.destroy();
	await serving.close();
	for (const made of sandboxes.values()) await (await made).dispose();
}
