/**
 * Two forks of one simulated cluster: one served over https to the real kubectl, the other asked by ours. Both get the same
 * commands, and their clocks are brought to the same moment after each.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ClusterEndpoint } from '../../server/sandboxes/sandbox.ts';
import { type ServedCluster, serveClusters, type Serving } from '../../server/sandboxes/serve.ts';
import { servingCertificate } from '../../server/sandboxes/serving/authority.ts';
import { kubeconfigText } from '../../server/sandboxes/serving/kubeconfig-text.ts';
import { SimulatedEndpoint } from '../../server/sandboxes/simulated/endpoint.ts';
import { ForkHost } from '../../server/sandboxes/simulated/host.ts';
import { SimulatorFork } from '../../server/sandboxes/simulator.ts';
import { Bench, type Result } from '../../server/shell/commands/kubectl/testing.ts';
import { SYSTEM_USERS } from '../../server/simulator/services.ts';
import type { Simulator } from '../../server/simulator/simulator.ts';

const TOKEN = 'conformance';
/** Real ms after which a command that hangs is ended. */
const PATIENCE_MS = 8_000;
/** While a command waits, this much virtual time passes every few real ms. */
const STEP_MS = 200;

export interface Line {
	readonly words: readonly string[];
	readonly stdin?: string;
	/** Lets time pass from the start, for commands that poll instead of watching. */
	readonly drive?: boolean;
}

/** Quotes as a shell has them, single ones only. */
export const wordsOf = (line: string): string[] => (line.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((w) => w.replaceAll("'", ''));

/** Takes the administrator's token off, as the https server does: any other goes to the cluster. */
function asAdmin(request: Request): Request {
	if (request.headers.get('authorization') !== `Bearer ${TOKEN}`) return request;
	const out = new Request(request);
	out.headers.delete('authorization');
	return out;
}

/** A fork whose time begins to pass once somebody watches, follows or holds a stream: only then is anybody waiting. */
class Side {
	readonly host: ForkHost;
	readonly sandbox: SimulatorFork;
	readonly endpoint: SimulatedEndpoint;
	#waiting = false;
	#over = true;

	constructor(id: string, simulator: Simulator) {
		this.host = new ForkHost(simulator);
		this.sandbox = new SimulatorFork(id, this.host);
		const begin = (): void => {
			this.#waiting = true;
		};
		this.endpoint = new (class extends SimulatedEndpoint {
			override fetch(request: Request): Promise<Response> {
				if (/[?&](watch|follow)=/.test(request.url)) begin();
				return super.fetch(asAdmin(request));
			}
			override connect(request: Request): ReturnType<ClusterEndpoint['connect']> {
				begin();
				return super.connect(asAdmin(request));
			}
		})({ host: this.host, user: SYSTEM_USERS.admin });
	}

	/** Runs a command with time passing beside it where it waits. */
	async during<T>(drive: boolean, command: () => Promise<T>): Promise<T> {
		this.#waiting = drive;
		this.#over = false;
		const time = this.#drive();
		try {
			return await command();
		} finally {
			this.#over = true;
			await time;
		}
	}

	async #drive(): Promise<void> {
		while (!this.#over) {
			if (this.#waiting) await this.sandbox.clock.advance(STEP_MS);
			await new Promise((resolve) => setTimeout(resolve, 3));
		}
	}

	async to(at: number): Promise<void> {
		if (at > this.host.now()) await this.sandbox.clock.advance(at - this.host.now());
	}
}

export class Pair {
	readonly #binary: string;
	readonly #folder: string;
	readonly #real: Side;
	readonly #ours: Side;
	readonly #bench: Bench;
	readonly served: ServedCluster;

	constructor(id: string, options: { readonly binary: string; readonly base: Simulator; readonly serving: Host; readonly files: Files }) {
		const { binary, base, serving, files } = options;
		this.#binary = binary;
		this.#real = new Side(`${id}-real`, base.fork());
		this.#ours = new Side(`${id}-ours`, base.fork());
		this.served = { endpoint: this.#real.endpoint, token: TOKEN, prefix: `/${id}` };
		const kubeconfig = serving.kubeconfig(id);
		this.#folder = mkdtempSync(join(tmpdir(), 'kubectl-cluster-'));
		for (const [name, content] of Object.entries({ ...files, '.kube/config': kubeconfig })) {
			mkdirSync(dirname(join(this.#folder, name)), { recursive: true });
			writeFileSync(join(this.#folder, name), content, { mode: 0o600 });
		}
		this.#bench = new Bench({
			cluster: this.#ours.endpoint,
			now: () => Date.now(),
			sleep: (ms) => this.#ours.sandbox.clock.advance(ms),
			files: { ...files, '.kube/config': kubeconfig },
		});
	}

	async run(line: Line): Promise<{ readonly real: Result; readonly ours: Result }> {
		const drive = line.drive ?? false;
		const [real, ours] = await Promise.all([this.#real.during(drive, () => this.#spawn(line)), this.#ours.during(drive, () => this.#ask(line))]);
		await this.pass(1000);
		return { real, ours };
	}

	/** Lets at least so many virtual ms pass on both sides, which then stand at the same moment. */
	async pass(ms: number): Promise<void> {
		const at = Math.max(this.#real.host.now(), this.#ours.host.now()) + ms;
		await Promise.all([this.#real.to(at), this.#ours.to(at)]);
	}

	async #ask(line: Line): Promise<Result> {
		const signal = AbortSignal.timeout(PATIENCE_MS);
		// Standard input is a pipe on both sides, an empty one where nothing is given.
		const result = await this.#bench.run(line.words, { stdin: line.stdin ?? '', signal });
		return signal.aborted ? { ...result, stderr: `${result.stderr}(ended by impatience)` } : result;
	}

	#spawn(line: Line): Promise<Result> {
		return new Promise((resolve, reject) => {
			const child = spawn(this.#binary, line.words, {
				cwd: this.#folder,
				// Go's collector only costs time in a process that lives for a tenth of a second.
				env: { HOME: this.#folder, PATH: process.env['PATH'] ?? '', TZ: 'UTC', GOGC: 'off' },
				stdio: 'pipe',
			});
			let stdout = '';
			let stderr = '';
			const limit = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
			child.stdout.on('data', (d: Buffer) => {
				stdout += d.toString();
			});
			child.stderr.on('data', (d: Buffer) => {
				stderr += d.toString();
			});
			child.stdin.on('error', () => undefined);
			child.stdin.end(line.stdin ?? '');
			child.on('error', reject);
			child.on('close', (code, signal) => {
				clearTimeout(limit);
				const home = (text: string): string => text.replaceAll(this.#folder, '/home/learner');
				resolve({ stdout: home(stdout), stderr: home(stderr) + (signal === null ? '' : `(ended by ${signal})`), code: code ?? -1 });
			});
		});
	}

	async dispose(): Promise<void> {
		rmSync(this.#folder, { recursive: true, force: true });
		await Promise.all([this.#real.sandbox.dispose(), this.#ours.sandbox.dispose()]);
	}
}

export interface Files {
	readonly [name: string]: string;
}

/** One https server for all pairs, each under a path of its own. */
export class Host {
	readonly #clusters = new Map<string, ServedCluster>();
	#serving: Serving | undefined;
	#authority = '';

	async start(): Promise<void> {
		const certificate = await servingCertificate();
		this.#authority = certificate.authority;
		this.#serving = await serveClusters({ certificate, port: 0, find: (path) => this.#clusters.get(path.split(/[/?]/)[1] ?? '') });
	}

	add(id: string, cluster: ServedCluster): void {
		this.#clusters.set(id, cluster);
	}

	kubeconfig(id: string): string {
		if (this.#serving === undefined) throw new Error('the server was not started');
		return kubeconfigText({ server: `${this.#serving.url}/${id}`, authority: this.#authority, token: TOKEN, name: 'kind-foothold' });
	}

	async close(): Promise<void> {
		await this.#serving?.close();
	}
}
