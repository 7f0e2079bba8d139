/**
 * The real OpenAI client against a served model: through `kubectl port-forward`'s channels as bytes over TCP, and through the lab's
 * ingress. It streams, and it maps errors to its own classes.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { LIMITS } from '../../server/limits.ts';
import { testTerminal } from '../../server/shell/testing/terminal.ts';
import { Template } from '../../server/sandboxes/simulated/template.ts';

const MODEL = 'Qwen/Qwen2.5-7B-Instruct';
const KEY = 'sk-lab';
const LABELS = { app: 'llm' };

const OBJECTS: readonly (readonly [path: string, object: unknown])[] = [
	[
		'/apis/apps/v1/namespaces/default/deployments',
		{
			apiVersion: 'apps/v1',
			kind: 'Deployment',
			metadata: { name: 'llm' },
			spec: {
				replicas: 1,
				selector: { matchLabels: LABELS },
				template: {
					metadata: { labels: LABELS },
					spec: {
						tolerations: [{ operator: 'Exists' }],
						containers: [
							{
								name: 'vllm',
								image: 'vllm/vllm-openai:v0.11.0',
								args: ['--model', MODEL, '--max-model-len', '8192', '--served-model-name', 'qwen', '--api-key', KEY],
								ports: [{ containerPort: 8000 }],
								resources: { limits: { 'nvidia.com/gpu': '1' } },
								readinessProbe: { httpGet: { path: '/health', port: 8000 }, periodSeconds: 5 },
							},
						],
					},
				},
			},
		},
	],
	[
		'/api/v1/namespaces/default/services',
		{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'llm' }, spec: { selector: LABELS, ports: [{ port: 80, targetPort: 8000 }] } },
	],
	[
		'/apis/networking.k8s.io/v1/namespaces/default/ingresses',
		{
			apiVersion: 'networking.k8s.io/v1',
			kind: 'Ingress',
			metadata: { name: 'llm' },
			spec: {
				ingressClassName: 'nginx',
				rules: [{ host: 'llm.lab', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'llm', port: { number: 80 } } } }] } }],
			},
		},
	],
];

describe('the OpenAI client', () => {
	let sandbox: SimulatorSandbox;
	let forward: Server;
	let release: () => void;
	const sockets = new Set<Socket>();
	let pod = '';

	beforeAll(async () => {
		sandbox = await SimulatorSandbox.create(Template.build({ gpus: 'l4=1', seed: 5, hosts: ['llm.lab'] }), { id: 'openai', seed: 5, speed: 100 });
		release = sandbox.hold();
		for (const [path, object] of OBJECTS) {
			const made = await sandbox.cluster.fetch(
				new Request(`http://cluster${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) }),
			);
			expect(made.status, await made.text()).toBe(201);
		}
		pod = await readyPod();
		// What kubectl port-forward does: a listener here, a pair of channels for each connection.
		forward = createServer((socket) => {
			sockets.add(socket);
			socket.on('error', () => socket.destroy());
			void sandbox.cluster.connect(new Request(`http://cluster/api/v1/namespaces/default/pods/${pod}/portforward?ports=8000`)).then((channels) => {
				channels.onMessage((channel, data) => {
					if (channel === 0) socket.write(data);
				});
				channels.onClose(() => socket.end());
				socket.on('data', (bytes: Buffer) => channels.send(0, bytes));
				socket.on('close', () => channels.close());
			});
		});
		await new Promise<void>((resolve) => {
			forward.listen(0, '127.0.0.1', resolve);
		});
	}, 120_000);

	afterAll(async () => {
		for (const socket of sockets) socket.destroy();
		forward.close();
		release();
		await sandbox.dispose();
	});

	async function readyPod(): Promise<string> {
		for (let i = 0; i < 600; i++) {
			const response = await sandbox.cluster.fetch(new Request('http://cluster/api/v1/namespaces/default/pods?labelSelector=app%3Dllm'));
			const { items } = (await response.json()) as { items: { metadata: { name: string }; status: { conditions?: { type: string; status: string }[] } }[] };
			const ready = items.find((p) => p.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true);
			if (ready !== undefined) return ready.metadata.name;
			await new Promise((resolve) => {
				setTimeout(resolve, 100);
			});
		}
		throw new Error('the server never became ready');
	}

	const client = (options: { readonly apiKey?: string; readonly fetch?: typeof fetch } = {}): OpenAI =>
		new OpenAI({
			apiKey: options.apiKey ?? KEY,
			baseURL: options.fetch === undefined ? `http://127.0.0.1:${(forward.address() as AddressInfo).port}/v1` : 'http://llm.lab/v1',
			maxRetries: 0,
			timeout: 60_000,
			...(options.fetch === undefined ? {} : { fetch: options.fetch }),
		});

	/** The learner's machine knows the lab's host names: a fetch over the sandbox's network, streaming. */
	const throughIngress: typeof fetch = (input, init) =>
		new Promise((resolve, reject) => {
			const request = new Request(input, init);
			const body = new TransformStream<Uint8Array, Uint8Array>();
			const writer = body.writable.getWriter();
			const encoder = new TextEncoder();
			void (async () => {
				const result = await sandbox.network.request({
					method: request.method,
					url: request.url,
					headers: Object.fromEntries(request.headers),
					body: await request.text(),
					resolve: { 'llm.lab': '172.18.0.100' },
					signal: request.signal,
					onPiece: (text, head) => {
						// The head comes first, by itself.
						if (text === '') resolve(new Response(body.readable, { status: head.status, headers: head.headers }));
						if (text !== '') void writer.write(encoder.encode(text));
					},
				});
				if (!result.ok || result.response.protocol !== 'http') throw new Error(result.ok ? 'no HTTP' : result.error);
				if (result.firstByteMs === undefined) resolve(new Response(result.response.body, { status: result.response.status, headers: result.response.headers }));
				else await writer.close();
			})().catch(reject);
		});

	for (const [way, make] of [
		['port-forward', () => client()],
		['the ingress', () => client({ fetch: throughIngress })],
	] as const) {
		it(`gets an answer with its usage through ${way}`, async () => {
			const answer = await make().chat.completions.create({ model: 'qwen', messages: [{ role: 'user', content: 'Why is my pod pending?' }], max_tokens: 40 });
			expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(80);
			expect(answer.choices[0]?.finish_reason).toBe('length');
			expect(answer.usage).toMatchObject({ completion_tokens: 40 });
		}, 30_000);

		it(`streams through ${way}, token by token`, async () => {
			const stream = await make().chat.completions.create({
				model: 'qwen',
				messages: [{ role: 'user', content: 'Tell me about queues.' }],
				max_tokens: 100,
				stream: true,
				stream_options: { include_usage: true },
			});
			const at: number[] = [];
			let text = '';
			let usage: unknown;
			for await (const chunk of stream) {
				at.push(sandbox.clock.now());
				text += chunk.choices[0]?.delta.content ?? '';
				usage = chunk.usage ?? usage;
			}
			expect(at.length).toBeGreaterThan(100);
			// An L4 takes about 55 ms a token for this model: what comes is spread over virtual time, not handed over at once.
			expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(2000);
			expect(new Set(at).size).toBeGreaterThan(4);
			expect(text.length).toBeGreaterThan(300);
			expect(usage).toMatchObject({ completion_tokens: 100 });
		}, 30_000);

		it(`maps errors through ${way}`, async () => {
			const openai = make();
			const ask = { messages: [{ role: 'user' as const, content: 'Hello' }] };
			await expect(openai.chat.completions.create({ ...ask, model: 'gpt-4o' })).rejects.toThrow(NotFoundError);
			await expect(openai.chat.completions.create({ ...ask, model: 'gpt-4o' })).rejects.toThrow('The model `gpt-4o` does not exist.');
			await expect(openai.chat.completions.create({ ...ask, model: 'qwen', max_tokens: -1 })).rejects.toThrow(BadRequestError);
			await expect(openai.completions.create({ model: 'qwen', prompt: 'word '.repeat(9000) })).rejects.toThrow(/maximum context length is 8192 tokens/);
		}, 30_000);
	}

	it('is measured by vllm bench serve', async () => {
		const terminal = testTerminal(sandbox);
		await terminal.run(`export OPENAI_API_KEY=${KEY}`);
		const said = await terminal.run(
			'vllm bench serve --base-url http://llm.lab --num-prompts 40 --random-input-len 200 --random-output-len 40 --request-rate 4 --max-concurrency 8 --result-filename run.json',
		);
		expect(said).toContain('============ Serving Benchmark Result ============');
		expect(said).toMatch(/Successful requests: {21}40 /);
		expect(said).toMatch(/Total generated tokens: {18}1600 /);
		const itl = Number(/Mean ITL \(ms\): +([\d.]+)/.exec(said)?.[1]);
		// A step of this model on an L4 reads 14.2 GiB at 300 GB/s: 50 ms and a little.
		expect(itl).toBeGreaterThan(48);
		expect(itl).toBeLessThan(80);
		expect(JSON.parse(await terminal.run('cat run.json'))).toMatchObject({ model_id: 'qwen', completed: 40 });
		expect(await terminal.run(`vllm bench serve --num-prompts ${LIMITS.benchPrompts + 1}`)).toContain(`at most ${LIMITS.benchPrompts} here`);
		expect(await terminal.run('vllm bench serve --base-url http://llm.lab --model gpt --num-prompts 1')).toContain('The model `gpt` does not exist.');
	}, 60_000);

	it('streams into a pod through the Service, and times its first byte', async () => {
		const terminal = testTerminal(sandbox);
		const body = JSON.stringify({ prompt: 'Hello', max_tokens: 60, stream: true, ignore_eos: true });
		const said = await terminal.run(
			`kubectl exec ${pod} -- curl -sN http://llm/v1/completions -H 'authorization: Bearer ${KEY}' -H 'content-type: application/json' -d '${body}' -w '%{http_code} %{time_starttransfer} %{time_total}'`,
		);
		expect(said.split('data: {').length - 1).toBe(60);
		const [, code, first, total] = /data: \[DONE\]\s+(\d+) ([\d.]+) ([\d.]+)/.exec(said) ?? [];
		expect(code).toBe('200');
		expect(Number(first)).toBeLessThan(0.5);
		expect(Number(total)).toBeGreaterThan(2.5);
	}, 60_000);

	it('a server without a GPU ends in a crash loop that says why', async () => {
		const terminal = testTerminal(sandbox);
		await terminal.run(`kubectl run bare --image=vllm/vllm-openai:v0.11.0 -- --model ${MODEL}`);
		let row = '';
		for (let i = 0; i < 400 && !row.includes('CrashLoopBackOff'); i++) row = await terminal.run('kubectl get pod bare --no-headers; sleep 2');
		expect(row).toContain('CrashLoopBackOff');
		expect(await terminal.run('kubectl logs bare --previous')).toContain('RuntimeError: Failed to infer device type');
	}, 60_000);

	it('is refused without the key', async () => {
		await expect(client({ apiKey: 'sk-wrong' }).models.list()).rejects.toThrow(AuthenticationError);
		expect((await client().models.list()).data.map((m) => m.id)).toEqual(['qwen']);
	}, 30_000);

	it('frees the blocks of a stream that is aborted', async () => {
		const metrics = async (): Promise<string> => {
			const { port } = forward.address() as AddressInfo;
			return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
		};
		const stream = await client().completions.create({ model: 'qwen', prompt: 'Count', max_tokens: 4000, stream: true, ...{ ignore_eos: true } });
		for await (const _chunk of stream) break;
		stream.controller.abort();
		let page = '';
		for (let i = 0; i < 50 && !/vllm:request_success_total\{[^}]*finished_reason="abort"\} 1\.0/.test(page); i++) {
			page = await metrics();
		}
		expect(page).toMatch(/vllm:request_success_total\{[^}]*finished_reason="abort"\} 1\.0/);
		expect(page).toMatch(/vllm:num_requests_running\{[^}]*\} 0\.0/);
		expect(page).toMatch(/vllm:kv_cache_usage_perc\{[^}]*\} 0\.0/);
	}, 30_000);
});
