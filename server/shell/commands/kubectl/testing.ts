/** A workstation for kubectl's tests: files in memory, captured output, a cluster of the caller's. */
import { InMemoryFs } from 'just-bash';
import type { ChannelSocket, ClusterEndpoint, SandboxNetwork } from '../../../sandboxes/sandbox.ts';
import type { CommandContext } from '../../command.ts';
import { kubectl } from '../kubectl.ts';

export interface Result {
	readonly stdout: string;
	readonly stderr: string;
	readonly code: number;
}

export interface BenchOptions {
	readonly cluster?: ClusterEndpoint;
	readonly now?: () => number;
	readonly sleep?: (ms: number) => Promise<void>;
	readonly files?: { readonly [path: string]: string };
	readonly edit?: (path: string, bench: Bench) => Promise<boolean>;
}

export const KUBECONFIG = `apiVersion: v1
kind: Config
clusters:
- cluster:
    server: https://127.0.0.1:6443
  name: kind-foothold
contexts:
- context:
    cluster: kind-foothold
    user: kind-foothold
  name: kind-foothold
current-context: kind-foothold
users:
- name: kind-foothold
  user: {}
`;

const HOME = '/home/learner';

/** No cluster: every call fails as a refused connection does. */
export const noCluster: ClusterEndpoint = {
	fetch: () => Promise.reject(new TypeError('fetch failed')),
	connect: (): Promise<ChannelSocket> => Promise.reject(new TypeError('fetch failed')),
};

const noNetwork: SandboxNetwork = {
	request: () => Promise.reject(new Error('no network in this test')),
	load: () => Promise.reject(new Error('no network in this test')),
};

export class Bench {
	readonly files = new Map<string, string>();
	readonly ports = new Map<number, (request: Request) => Promise<Response>>();
	readonly #options: BenchOptions;
	/** What was written so far by the command that runs. */
	stdout = '';
	stderr = '';

	constructor(options: BenchOptions = {}) {
		this.#options = options;
		this.files.set(`${HOME}/.kube/config`, KUBECONFIG);
		for (const [path, content] of Object.entries(options.files ?? {})) this.files.set(this.#path(path), content);
	}

	#path(path: string): string {
		return path === '.' ? HOME : path.startsWith('/') ? path : `${HOME}/${path.replace(/^\.\//, '')}`;
	}

	#missing(path: string): Error {
		return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
	}

	context(stdin: string | undefined, signal: AbortSignal, env: { readonly [name: string]: string } = {}): CommandContext {
		const now = this.#options.now ?? (() => Date.parse('2026-11-20T10:00:00Z'));
		return {
			io: {
				stdout: (t) => {
					this.stdout += t;
				},
				stderr: (t) => {
					this.stderr += t;
				},
				drain: () => Promise.resolve(),
				stdinIsTerminal: stdin === undefined,
				stdoutIsTerminal: false,
				stdin: stdin ?? '',
				read: async () => null,
				columns: 120,
				rows: 40,
				signal,
			},
			cwd: HOME,
			env: { HOME, ...env },
			disk: new InMemoryFs(),
			shell: async () => ({ exitCode: 127, stdout: '' }),
			files: {
				read: async (path) => {
					const found = this.files.get(this.#path(path));
					if (found === undefined) throw this.#missing(path);
					return found;
				},
				write: async (path, content) => void this.files.set(this.#path(path), content),
				list: async (path, options) => {
					const base = this.#path(path).replace(/\/+$/, '');
					return [...this.files.keys()]
						.filter((f) => f.startsWith(`${base}/`) && (options?.recursive === true || !f.slice(base.length + 1).includes('/')))
						.sort();
				},
				stat: async (path) => {
					const full = this.#path(path).replace(/\/+$/, '');
					const found = this.files.get(full);
					if (found !== undefined) return { kind: 'file', size: found.length, mtime: 0 };
					return [...this.files.keys()].some((f) => f.startsWith(`${full}/`)) ? { kind: 'directory', size: 0, mtime: 0 } : undefined;
				},
				mkdir: () => Promise.resolve(),
				remove: async (path) => void this.files.delete(this.#path(path)),
			},
			cluster: this.#options.cluster ?? noCluster,
			network: noNetwork,
			ports: {
				open: () => [...this.ports.keys()],
				listen: async (port, handle) => {
					this.ports.set(port, handle);
					return { port, close: () => void this.ports.delete(port) };
				},
			},
			clock: { now, advance: () => Promise.resolve() },
			sleep: this.#options.sleep ?? (() => new Promise((resolve) => setTimeout(resolve, 1))),
			spawn: async () => 127,
			measured: () => undefined,
			processes: () => [],
			edit: async (path) => (await this.#options.edit?.(this.#path(path), this)) ?? false,
		};
	}

	/** Runs `kubectl <words>`. */
	async run(
		words: readonly string[],
		options: { readonly stdin?: string; readonly signal?: AbortSignal; readonly env?: { readonly [name: string]: string } } = {},
	): Promise<Result> {
		this.stdout = '';
		this.stderr = '';
		const code = await kubectl.run(words, this.context(options.stdin, options.signal ?? new AbortController().signal, options.env));
		return { stdout: this.stdout, stderr: this.stderr, code };
	}

	/** The same from a line split at blanks; single quotes keep words together. */
	sh(line: string, stdin?: string): Promise<Result> {
		const words = (line.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((w) => w.replaceAll("'", ''));
		return this.run(words, stdin === undefined ? {} : { stdin });
	}
}
