/** What a subcommand works with: flags, configuration, the client, and ways to speak. */
import type { CommandContext } from '../../command.ts';
import { RestClient } from './client.ts';
import { RestMapper } from './discovery.ts';
import { CliError } from './errors.ts';
import type { Flags, FlagSpec } from './flags.ts';
import { array, bool, int, text, time } from './flags.ts';
import { type KubeConfig, loadConfig } from './kubeconfig.ts';

export const GLOBAL_FLAGS: readonly FlagSpec[] = [
	text('as'),
	array('as-group'),
	array('as-user-extra'),
	text('as-uid'),
	text('cache-dir', { def: '/home/learner/.kube/cache' }),
	text('certificate-authority'),
	text('client-certificate'),
	text('client-key'),
	text('cluster'),
	text('context'),
	bool('disable-compression'),
	bool('insecure-skip-tls-verify'),
	text('kubeconfig'),
	text('kuberc'),
	bool('match-server-version'),
	text('namespace', { short: 'n' }),
	text('password'),
	text('profile', { def: 'none' }),
	text('profile-output', { def: 'profile.pprof' }),
	text('request-timeout', { def: '0' }),
	text('server', { short: 's' }),
	text('tls-server-name'),
	text('token'),
	text('user'),
	text('username'),
	int('v', 0, { short: 'v' }),
	text('vmodule'),
	bool('warnings-as-errors'),
	time('log-flush-frequency', '5s'),
];

/** A duration or whole seconds; 0 means no timeout. In ms. */
function requestTimeout(value: string): number {
	const match = /^(\d+)(ms|s|m|h)?$/.exec(value);
	if (match === null)
		throw new CliError(
			'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
		);
	return Number(match[1]) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000);
}

export class Kube {
	readonly context: CommandContext;
	readonly flags: Flags;
	readonly config: KubeConfig;
	readonly client: RestClient;
	readonly mapper: RestMapper;
	/** The namespace that applies: -n, else the context's, else `default`. */
	readonly namespace: string;
	/** -n was given: manifests must agree with it. */
	readonly namespaceForced: boolean;
	/** `kubectl create deployment`: for messages that point at help. */
	readonly path: string;
	#warned = new Set<string>();

	private constructor(context: CommandContext, flags: Flags, config: KubeConfig, path: string) {
		this.context = context;
		this.flags = flags;
		this.config = config;
		this.path = path;
		const current = flags.str('context') || config.currentContext;
		const entry = config.contexts.get(current);
		if (flags.str('context') !== '' && entry === undefined && !flags.knows('minify')) {
			throw new CliError(`Error in configuration: context was not found for specified context: ${current}`, { raw: true });
		}
		// Some commands have a --user of their own, which takes several.
		const user = flags.kindOf('user') === 'string' ? flags.str('user') : '';
		const cluster = flags.str('cluster');
		if (user !== '' && !config.users.has(user) && !flags.knows('current')) throw new CliError(`auth info "${user}" does not exist`);
		if (cluster !== '' && !config.clusters.has(cluster) && !flags.knows('current')) throw new CliError(`no server found for cluster "${cluster}"`);
		this.namespaceForced = flags.changed('namespace') && flags.str('namespace') !== '';
		this.namespace = flags.str('namespace') || String(entry?.['namespace'] ?? '') || 'default';
		this.client = this.#client(entry);
		this.mapper = new RestMapper(context.cluster, this.client);
	}

	static async open(context: CommandContext, flags: Flags, path: string): Promise<Kube> {
		return new Kube(context, flags, await loadConfig(context, flags.str('kubeconfig')), path);
	}

	#client(entry: { [field: string]: unknown } | undefined): RestClient {
		const { flags, config, context } = this;
		const clusterName = flags.str('cluster') || String(entry?.['cluster'] ?? '');
		const userName = flags.str('user') || String(entry?.['user'] ?? '');
		const known = String(config.clusters.get(clusterName)?.['server'] ?? '');
		const asked = flags.str('server');
		const hostOf = (server: string): string => server.replace(/^https?:\/\//, '').replace(/\/+$/, '');
		// Without any configuration the endpoint itself is used, as kubectl does inside a pod; a KUBECONFIG that leads nowhere is localhost:8080.
		const lost = !config.exists && (context.env['KUBECONFIG'] ?? '') !== '';
		const unreachable = (asked !== '' && known !== '' && hostOf(asked) !== hostOf(known)) || (config.exists && known === '' && asked === '') || lost;
		const host = hostOf(asked || known || (unreachable ? 'localhost:8080' : '127.0.0.1:6443'));
		const headers: Record<string, string> = { 'user-agent': 'kubectl/v1.36.0 (linux/amd64) kubernetes/foothold' };
		const token = flags.str('token') || String(config.users.get(userName)?.['token'] ?? '');
		if (token !== '') headers['authorization'] = `Bearer ${token}`;
		const user = config.users.get(userName);
		const as = flags.str('as') || String(user?.['as'] ?? '');
		if (as !== '') headers['impersonate-user'] = as;
		// Several groups travel as one header, joined as fetch joins repeated ones.
		const groups = flags.list('as-group');
		const uid = flags.str('as-uid');
		if (uid !== '') headers['impersonate-uid'] = uid;
		const extras = flags.list('as-user-extra');
		for (const extra of extras) headers[`impersonate-extra-${extra.slice(0, extra.indexOf('=')).toLowerCase()}`] = extra.slice(extra.indexOf('=') + 1);
		if (groups.length > 0) headers['impersonate-group'] = groups.join(', ');
		if (groups.length + extras.length + uid.length > 0 && as === '')
			throw new CliError(`requesting uid, groups or user-extra for ${userName} without impersonating a user`);
		return new RestClient({
			endpoint: context.cluster,
			headers,
			host,
			unreachable,
			warn: (t) => this.warn(t),
			...(flags.int('v') >= 6 ? { log: (line: string) => this.err(`${line}\n`) } : {}),
			timeoutMs: requestTimeout(flags.str('request-timeout')),
			signal: context.io.signal,
		});
	}

	out(output: string): void {
		this.context.io.stdout(output);
	}

	err(output: string): void {
		this.context.io.stderr(output);
	}

	/** `Warning: …`, each text once a command. */
	warn(message: string): void {
		if (this.#warned.has(message)) return;
		this.#warned.add(message);
		this.err(this.context.io.stdoutIsTerminal ? `\x1b[33;1mWarning:\x1b[0m ${message}\n` : `Warning: ${message}\n`);
	}

	get warnings(): number {
		return this.#warned.size;
	}

	get now(): number {
		return this.context.clock.now();
	}

	get signal(): AbortSignal {
		return this.context.io.signal;
	}
}
