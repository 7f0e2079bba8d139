/**
 * The real kubectl's streaming commands against a served cluster, over WebSocket and over SPDY/3.1: exec, attach and
 * port-forward. With npm's kubectl, and with the one on the PATH where there is one.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serveClusters, type Serving } from '../../server/sandboxes/serve.ts';
import { servingCertificate } from '../../server/sandboxes/serving/authority.ts';
import { kubeconfigText } from '../../server/sandboxes/serving/kubeconfig-text.ts';
import { Template } from '../../server/sandboxes/simulated/template.ts';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { findOracle } from './oracle.ts';

const oracle = findOracle();
const onPath = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
const binaries = [
	['npm’s', 'missing' in oracle ? undefined : oracle.binary, 'missing' in oracle ? oracle.missing : ''],
	['the PATH’s', onPath.status === 0 ? 'kubectl' : undefined, 'there is none'],
] as const;
const forms = [
	['WebSocket', {}],
	['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }],
] as const;
for (const [name, binary, why] of binaries) if (binary === undefined) console.log(`kubectl-streams: ${name} kubectl is SKIPPED: ${why}`);

const hasScript = spawnSync('script', ['--version']).status === 0;
if (!hasScript) console.log('kubectl-streams: terminals are SKIPPED: there is no `script` to make one');

const folder = mkdtempSync(join(tmpdir(), 'foothold-streams-'));
const kubeconfig = join(folder, 'kubeconfig');
let serving: Serving;
let sandbox: SimulatorSandbox;

const POD = (name: string, image: string, command?: readonly string[]): unknown => ({
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name },
	spec: { containers: [{ name, image, ...(command === undefined ? {} : { command }) }] },
});

beforeAll(async () => {
	sandbox = await SimulatorSandbox.create(Template.build({}), { id: 'streams', seed: 5, speed: 5 });
	sandbox.hold();
	const certificate = await servingCertificate();
	serving = await serveClusters({ certificate, port: 0, find: () => ({ endpoint: sandbox.cluster, token: 'streams', prefix: '' }) });
	writeFileSync(kubeconfig, kubeconfigText({ server: serving.url, authority: certificate.authority, token: 'streams' }));
	const pods = 'http://cluster/api/v1/namespaces/default/pods';
	for (const pod of [POD('web', 'nginx:1.29'), POD('box', 'busybox:1.37', ['sh', '-c', 'while true; do echo tick; sleep 1; done'])]) {
		const body = JSON.stringify(pod);
		expect((await sandbox.cluster.fetch(new Request(pods, { method: 'POST', headers: { 'content-type': 'application/json' }, body }))).status).toBe(201);
	}
	for (const name of ['web', 'box']) {
		const phase = async (): Promise<unknown> =>
			((await (await sandbox.cluster.fetch(new Request(`${pods}/${name}`))).json()) as { readonly status: { readonly phase: string } }).status.phase;
		await vi.waitFor(async () => expect(await phase()).toBe('Running'), { timeout: 20_000, interval: 100 });
	}
});
afterAll(async () => {
	await serving.close();
	await sandbox.dispose();
	rmSync(folder, { recursive: true, force: true });
});

interface Ran {
	readonly stdout: string;
	readonly stderr: string;
	readonly code: number | null;
}

function start(
	binary: string,
	args: readonly string[],
	env: { readonly [name: string]: string },
): { readonly child: ChildProcess; readonly done: Promise<Ran> } {
	const child = spawn(binary, args, { env: { ...process.env, ...env, KUBECONFIG: kubeconfig, HOME: folder }, timeout: 20_000 });
	let stdout = '';
	let stderr = '';
	child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
	child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
	return { child, done: new Promise((resolve) => child.on('close', (code) => resolve({ stdout, stderr, code }))) };
}

const fetched = (port: number, path: string, agent: Agent | false): Promise<number> =>
	new Promise((resolve, reject) => {
		get({ host: '127.0.0.1', port, path, agent }, (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0))).on('error', reject);
	});

/** A connection whose client says `text`, closes its half and reads to the end. */
const halfClosed = (port: number, text: string): Promise<string> =>
	new Promise((resolve, reject) => {
		let read = '';
		const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true }, () => socket.end(text));
		socket.on('data', (data) => (read += data.toString()));
		socket.on('end', () => resolve(read)).on('error', reject);
	});

for (const [name, binary = ''] of binaries) {
	for (const [form, env] of forms) {
		describe.skipIf(binary === '')(`${name} kubectl over ${form}`, () => {
			const run = (args: readonly string[], stdin = ''): Promise<Ran> => {
				const { child, done } = start(binary, args, env);
				child.stdin?.end(stdin);
				return done;
			};
			/** A port-forward that is ready, its local port, and its end. */
			const forward = async (remote: number): Promise<{ readonly port: number; readonly done: Promise<Ran>; readonly end: () => Promise<Ran> }> => {
				const { child, done } = start(binary, ['port-forward', 'pod/web', `:${remote}`, '--address', '127.0.0.1'], env);
				const port = await new Promise<number>((resolve, reject) => {
					child.stdout?.on('data', (data: Buffer) => resolve(Number(/127\.0\.0\.1:(\d+)/.exec(data.toString())?.[1])));
					void done.then((ran) => reject(new Error(ran.stderr)));
				});
				return {
					port,
					done,
					end: () => {
						child.kill('SIGINT');
						return done;
					},
				};
			};

			it('executes with input, both outputs and the exit code', async () => {
				expect(await run(['exec', '-i', 'box', '--', 'cat'], 'grüße\nzwei\n')).toEqual({ stdout: 'grüße\nzwei\n', stderr: '', code: 0 });
				expect(await run(['exec', 'box', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
					stdout: 'out\n',
					stderr: 'err\ncommand terminated with exit code 7\n',
					code: 7,
				});
			});

			it('is refused in the cluster’s words', async () => {
				expect(await run(['exec', 'none', '--', 'ls'])).toMatchObject({ stderr: 'Error from server (NotFound): pods "none" not found\n', code: 1 });
			});

			it('moves more than a window of input and output', async () => {
				const text = 'x'.repeat(99).concat('\n').repeat(3000);
				expect((await run(['exec', '-i', 'box', '--', 'cat'], text)).stdout === text).toBe(true);
			});

			// util-linux's script gives kubectl the terminal that it asks for.
			it.skipIf(!hasScript)('executes on a terminal, with the shell’s exit code', async () => {
				const { child, done } = start('script', ['-qec', `${binary} exec -it box -- sh`, '/dev/null'], env);
				await new Promise<void>((resolve) => child.stdout?.on('data', (data: Buffer) => data.includes('# ') && resolve()));
				child.stdin?.write('echo hi-$((40+2))\nexit 5\n');
				const { stdout, code } = await done;
				expect(stdout).toContain('\r\nhi-42\r\n');
				expect([stdout.includes('command terminated with exit code 5'), code]).toEqual([true, 5]);
			});

			it('attaches', async () => {
				const { child, done } = start(binary, ['attach', 'box'], env);
				await new Promise<void>((resolve) => child.stdout?.on('data', (data: Buffer) => data.includes('tick') && resolve()));
				child.kill('SIGINT');
				expect((await done).stdout).toContain('tick\n');
			});

			it('forwards a port: one after the other, kept alive, at a time, half closed', async () => {
				const { port, end } = await forward(80);
				for (let i = 0; i < 3; i++) expect(await fetched(port, '/', false)).toBe(200);
				const agent = new Agent({ keepAlive: true, maxSockets: 1 });
				expect([await fetched(port, '/', agent), await fetched(port, '/none', agent)]).toEqual([200, 404]);
				agent.destroy();
				expect(await Promise.all(Array.from({ length: 20 }, () => fetched(port, '/', false)))).toEqual(Array(20).fill(200));
				expect(await halfClosed(port, 'GET / HTTP/1.1\r\nHost: web\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
				expect(await halfClosed(port, '')).toBe('');
				expect((await end()).stderr).toBe('');
			});

			it('says why a port cannot be reached', async () => {
				const { port, done } = await forward(81);
				await expect(fetched(port, '/', false)).rejects.toThrow();
				// It ends on its own: "lost connection to pod".
				expect((await done).stderr).toMatch(/an error occurred forwarding \d+ -> 81: error forwarding port 81 to pod .*connection refused/);
			});
		});
	}
}
