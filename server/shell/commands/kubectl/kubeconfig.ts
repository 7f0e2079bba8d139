/** `~/.kube/config` as client-go's clientcmd reads and writes it: KUBECONFIG's files merged, the first to set a value wins. */
import { parse } from 'yaml';
import type { CommandContext } from '../../command.ts';
import { CliError } from './errors.ts';
import { toYaml } from './yaml-out.ts';

export interface Named<K extends string> {
	name: string;
	value: { [field: string]: unknown };
	readonly key: K;
}

export interface KubeConfig {
	/** Files read, in order; a change is written to the first. */
	readonly paths: readonly string[];
	/** At least one of `paths` exists. */
	readonly exists: boolean;
	currentContext: string;
	readonly clusters: Map<string, { [field: string]: unknown }>;
	readonly users: Map<string, { [field: string]: unknown }>;
	readonly contexts: Map<string, { [field: string]: unknown }>;
	preferences: unknown;
}

const entries = (value: unknown, key: string): (readonly [string, { [field: string]: unknown }])[] =>
	Array.isArray(value)
		? value.filter((e) => e !== null && typeof e === 'object').map((e) => [String(e.name), (e[key] ?? {}) as { [field: string]: unknown }] as const)
		: [];

/** Reads the configuration. Rejects with a `CliError` for a file named by `--kubeconfig` that isn't there, or that is no YAML. */
export async function loadConfig(context: Omit<CommandContext, 'io'>, flag: string): Promise<KubeConfig> {
	const fromEnv = (context.env['KUBECONFIG'] ?? '').split(':').filter((p) => p !== '');
	const paths = flag !== '' ? [flag] : fromEnv.length > 0 ? fromEnv : [`${context.env['HOME'] ?? '/home/learner'}/.kube/config`];
	const config: KubeConfig = { paths, exists: false, currentContext: '', clusters: new Map(), users: new Map(), contexts: new Map(), preferences: {} };
	let exists = false;
	for (const path of paths) {
		let text: string;
		try {
			text = await context.files.read(path);
		} catch {
			if (flag !== '') throw new CliError(`stat ${path}: no such file or directory`);
			continue;
		}
		exists = true;
		let raw: Record<string, unknown>;
		try {
			raw = (parse(text) ?? {}) as Record<string, unknown>;
		} catch (err) {
			throw new CliError(`error loading config file "${path}": ${err instanceof Error ? err.message.split('\n')[0] : String(err)}`);
		}
		config.currentContext ||= String(raw['current-context'] ?? '');
		for (const [name, value] of entries(raw['clusters'], 'cluster')) if (!config.clusters.has(name)) config.clusters.set(name, value);
		for (const [name, value] of entries(raw['users'], 'user')) if (!config.users.has(name)) config.users.set(name, value);
		for (const [name, value] of entries(raw['contexts'], 'context')) if (!config.contexts.has(name)) config.contexts.set(name, value);
	}
	return { ...config, exists };
}

/** The document form, with names sorted as clientcmd writes them. */
export function configObject(config: KubeConfig): Record<string, unknown> {
	const named = (map: Map<string, { [field: string]: unknown }>, key: string) =>
		map.size === 0 ? null : [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ({ [key]: value, name }));
	return {
		apiVersion: 'v1',
		kind: 'Config',
		clusters: named(config.clusters, 'cluster'),
		contexts: named(config.contexts, 'context'),
		'current-context': config.currentContext,
		users: named(config.users, 'user'),
	};
}

export async function saveConfig(context: CommandContext, config: KubeConfig): Promise<void> {
	const path = config.paths[0];
	if (path === undefined) return;
	const folder = path.slice(0, path.lastIndexOf('/'));
	if (folder !== '' && (await context.files.stat(folder)) === undefined) await context.files.mkdir(folder);
	await context.files.write(path, toYaml(configObject(config)));
}
