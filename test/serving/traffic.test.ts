/** Load from the workstation at the pace of a person's sandbox: minutes of traffic take seconds, and say what they would have said. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../server/limits.ts';
import { Template } from '../../server/sandboxes/simulated/template.ts';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { type TestTerminal, testTerminal } from '../../server/shell/testing/terminal.ts';

const LABELS = { app: 'llm' };
const OBJECTS: readonly (readonly [path: string, object: unknown])[] = [
	[
		'/api/v1/namespaces/default/pods',
		{
			apiVersion: 'v1',
			kind: 'Pod',
			metadata: { name: 'llm', labels: LABELS },
			spec: {
				tolerations: [{ operator: 'Exists' }],
				containers: [
					{
						name: 'vllm',
						image: 'vllm/vllm-openai:v0.11.0',
						args: ['--model', 'Qwen/Qwen2.5-7B-Instruct', '--max-model-len', '8192', '--served-model-name', 'qwen'],
						resources: { limits: { 'nvidia.com/gpu': '1' } },
						readinessProbe: { httpGet: { path: '/health', port: 8000 }, periodSeconds: 5 },
					},
				],
			},
		},
	],
	[
		'/api/v1/namespaces/default/services',
		{
			apiVersion: 'v1',
			kind: 'Service',
			metadata: { name: 'llm' },
			spec: { type: 'NodePort', selector: LABELS, ports: [{ port: 80, targetPort: 8000, nodePort: 30800 }] },
		},
	],
];
const BASE = 'http://172.18.0.2:30800';

describe('traffic from the workstation', () => {
	let sandbox: SimulatorSandbox;
	let release: () => void;
	let terminal: TestTerminal;
	const figure = (said: string, label: string): number => Number(new RegExp(`${label.replace(/[().]/g, '\\$&')}\\s+([\\d.]+)`).exec(said)?.[1]);

	beforeAll(async () => {
		sandbox = await SimulatorSandbox.create(Template.build({ gpus: 'h100=1', seed: 5 }), { id: 'traffic', seed: 5 });
		release = sandbox.hold();
		for (const [path, object] of OBJECTS) {
			const made = await sandbox.cluster.fetch(
				new Request(`http://cluster${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) }),
			);
			expect(made.status, await made.text()).toBe(201);
		}
		terminal = testTerminal(sandbox);
		const hurried = sandbox.clock.hurry?.();
		await terminal.run('kubectl wait --for=condition=Ready pod/llm --timeout=20m');
		// Nodes learn of an endpoint up to a second after it is ready.
		await terminal.run(`until curl -sf ${BASE}/health; do sleep 1; done`);
		hurried?.();
	}, 120_000);

	afterAll(async () => {
		release();
		await sandbox.dispose();
	});

	it('five minutes of requests take a fraction of that, with other terminals awake', async () => {
		const other = testTerminal(sandbox);
		const [before, real] = [sandbox.clock.now(), performance.now()];
		const run = terminal.run(
			`vllm bench serve --base-url ${BASE} --dataset-name sharegpt --num-prompts 300 --request-rate 1 --goodput ttft:500 e2el:9000 --metric-percentiles 50,99 --save-result --result-filename run.json --metadata card=h100`,
		);
		expect(await other.run('kubectl get pod llm --no-headers')).toContain('1/1');
		const said = await run;
		const virtual = sandbox.clock.now() - before;
		expect(virtual).toBeGreaterThan(240_000);
		expect(virtual / (performance.now() - real)).toBeGreaterThan(3);
		expect(said).toMatch(/100%\|█+\| 300\/300 \[0[45]:\d\d<00:00, +[\d.]+it\/s\]|100%\|█+\| 300\/300 \[/);
		expect(figure(said, 'Successful requests:')).toBe(300);
		expect(figure(said, 'Request goodput (req/s):')).toBeGreaterThan(0);
		expect(figure(said, 'Request goodput (req/s):')).toBeLessThanOrEqual(figure(said, 'Request throughput (req/s):'));
		expect(figure(said, 'Peak concurrent requests:')).toBeGreaterThan(2);
		// What an H100 reads in 15.2 GB of weights: 5.2 ms, and a little. Were events not exact, waking-ups of 20 ms would show.
		expect(figure(said, 'Mean TPOT (ms):')).toBeGreaterThan(5);
		expect(figure(said, 'Mean TPOT (ms):')).toBeLessThan(12);
		expect(figure(said, 'P50 TTFT (ms):')).toBeLessThan(90);
		expect(JSON.parse(await terminal.run('cat run.json'))).toMatchObject({ model_id: 'qwen', completed: 300, card: 'h100', request_rate: 1, burstiness: 1 });
	}, 120_000);

	it('guidellm sweeps from one request at a time to as many as there can be', async () => {
		const said = await terminal.run(
			`guidellm benchmark --target ${BASE} --rate-type sweep --rate 5 --max-seconds 10 --max-requests 250 --data "prompt_tokens=128,output_tokens=32,output_tokens_stdev=8,output_tokens_min=8" --output-path sweep.json`,
		);
		for (const words of ['Benchmarks Metadata:', 'Benchmarks Info:', 'Benchmarks Stats:', 'Metadata', 'Req Latency (sec)', '| Per Second| Concurrency|'])
			expect(said).toContain(words);
		const report = JSON.parse(await terminal.run('cat sweep.json')) as {
			benchmarks: {
				strategy: string;
				request_totals: { successful: number; errored: number };
				metrics: { requests_per_second: { successful: { mean: number } } };
			}[];
		};
		expect(report.benchmarks.map((b) => b.strategy.replace(/@.*/, ''))).toEqual(['synchronous', 'throughput', 'constant', 'constant', 'constant']);
		expect(report.benchmarks.every((b) => b.request_totals.successful > 10 && b.request_totals.errored === 0)).toBe(true);
		const rates = report.benchmarks.map((b) => b.metrics.requests_per_second.successful.mean);
		expect(rates[1]).toBeGreaterThan(5 * (rates[0] ?? 0));
		// A constant rate below the limit is kept.
		const asked = Number(report.benchmarks[2]?.strategy.split('@')[1]);
		expect(Math.abs((rates[2] ?? 0) / asked - 1)).toBeLessThan(0.2);
	}, 120_000);

	it('guidellm says what is wrong', async () => {
		expect(await terminal.run('guidellm benchmark')).toContain("Error: Missing option '--target'.");
		expect(await terminal.run(`guidellm benchmark --target ${BASE} --rate-type fast --max-seconds 1`)).toContain(
			"Invalid value for '--rate-type': 'fast' is not one of",
		);
		expect(await terminal.run(`guidellm benchmark --target ${BASE} --rate-type constant --max-seconds 1`)).toContain('rate must be provided');
		expect(await terminal.run(`guidellm benchmark --target ${BASE} --max-seconds 1 --data tokens=3`)).toContain("Invalid value for '--data'");
		expect(await terminal.run(`guidellm benchmark --target ${BASE} --max-requests ${LIMITS.benchPrompts + 1}`)).toContain(
			`at most ${LIMITS.benchPrompts} here`,
		);
		expect(await terminal.run('guidellm benchmark --target http://172.18.0.2:30801 --max-seconds 1')).toContain('Backend validation request failed.');
	}, 60_000);

	it('Ctrl-C ends a run, and time goes at its own pace again', async () => {
		terminal.type(`vllm bench serve --base-url ${BASE} --num-prompts 4000 --request-rate 2\r`);
		await terminal.until(/ [1-9]\d*\/4000 /, 60_000);
		terminal.type('\x03');
		await terminal.until(/learner@workstation:[^\n]*\$ $/, 60_000);
		expect(terminal.commands.at(-1)?.exitCode).toBe(130);
		expect(await terminal.run(`curl -s ${BASE}/metrics | grep -c 'vllm:num_requests_running'`)).toContain('3');
		const [virtual, real] = [sandbox.clock.now(), performance.now()];
		await terminal.run('sleep 0.5');
		expect(sandbox.clock.now() - virtual).toBeLessThan(3 * (performance.now() - real) + 100);
	}, 120_000);

	it('a thousand streams at once', async () => {
		const said = await terminal.run(
			`vllm bench serve --base-url ${BASE} --num-prompts 1000 --random-input-len 64 --random-output-len 24 --max-concurrency 1000`,
		);
		expect(figure(said, 'Successful requests:')).toBe(1000);
		expect(figure(said, 'Total generated tokens:')).toBe(24_000);
		expect(figure(said, 'Peak concurrent requests:')).toBe(1000);
	}, 120_000);

	it('a port-forward streams: curl -N shows tokens as they come, and one that is interrupted is aborted on the server', async () => {
		await terminal.run('kubectl port-forward pod/llm 8080:8000 >/dev/null 2>&1 &');
		await expect.poll(() => terminal.run("curl -s -o /dev/null -w '%{http_code}' http://localhost:8080/health"), { timeout: 30_000 }).toContain('200');
		const ask = (tokens: number): string =>
			`curl -sN http://localhost:8080/v1/completions -H 'content-type: application/json' -d '{"prompt":"Hi","max_tokens":${tokens},"stream":true,"ignore_eos":true}' -w '%{http_code} %{time_starttransfer} %{time_total}'`;
		const said = await terminal.run(ask(60));
		expect(said.split('data: {').length - 1).toBe(60);
		const [, code, first, total] = /data: \[DONE\]\s+(\d+) ([\d.]+) ([\d.]+)/.exec(said) ?? [];
		expect(code).toBe('200');
		expect(Number(total)).toBeGreaterThan(0.3);
		expect(Number(first)).toBeLessThan(Number(total) / 2);
		const before = terminal.raw().length;
		terminal.type(`${ask(7000)}\r`);
		await expect.poll(() => terminal.raw().slice(before).split('data: {').length, { timeout: 30_000 }).toBeGreaterThan(3);
		terminal.type('\x03');
		await expect.poll(() => terminal.commands.at(-1)?.exitCode, { timeout: 30_000 }).toBe(130);
		await expect
			.poll(async () => terminal.run('curl -s http://localhost:8080/metrics'), { timeout: 30_000 })
			.toMatch(/vllm:request_success_total\{[^}]*finished_reason="abort"\} [1-9]/);
		await terminal.run('kill %1');
	}, 120_000);

	it('says what is wrong with its flags', async () => {
		expect(await terminal.run(`vllm bench serve --base-url ${BASE} --dataset-name books`)).toContain("argument --dataset-name: invalid choice: 'books'");
		expect(await terminal.run(`vllm bench serve --base-url ${BASE} --goodput speed:3`)).toContain('ValueError: Invalid metric name found, speed: 3.');
		expect(await terminal.run(`vllm bench serve --base-url ${BASE} --goodput ttft`)).toContain('as "KEY:VALUE" pairs');
		expect(await terminal.run('vllm bench serve --base-url http://172.18.0.2:30801 --num-prompts 1')).toContain('Cannot connect to host');
	}, 60_000);
});
