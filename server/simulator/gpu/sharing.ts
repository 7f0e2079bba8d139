/** The device plugin's configuration: MIG strategy, time-slicing and MPS, from ClusterPolicy and the ConfigMap it names. Models k8s-device-plugin's api/config/v1. */
import { parse } from 'yaml';
import type { World } from '../kernel/world.ts';
import { GPU_LIMITS } from '../limits.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { NAMESPACE } from './operator/workloads.ts';
import type { GpuNode, Sharing } from './state.ts';

interface Shared {
	readonly renameByDefault?: unknown;
	readonly failRequestsGreaterThanOne?: unknown;
	readonly resources?: unknown;
}

interface PluginConfig {
	readonly version?: unknown;
	readonly flags?: { readonly migStrategy?: unknown } | null;
	readonly sharing?: { readonly timeSlicing?: Shared; readonly mps?: Shared } | null;
}

export type Configured = { readonly strategy?: GpuNode['strategy']; readonly sharing?: Sharing } | { readonly error: string };

const STRATEGIES: ReadonlySet<unknown> = new Set(['none', 'single', 'mixed']);
const isStrategy = (value: unknown): value is GpuNode['strategy'] => STRATEGIES.has(value);

function replicasOf(resources: unknown): { readonly [resource: string]: number } | { readonly wrong: string } {
	if (!Array.isArray(resources) || resources.length === 0) return { wrong: 'no resources specified' };
	const replicas: { [resource: string]: number } = {};
	for (const entry of resources as readonly unknown[]) {
		const { name, replicas: count } = (entry ?? {}) as { readonly name?: unknown; readonly replicas?: unknown };
		if (typeof name !== 'string' || name === '') return { wrong: 'resource name not set' };
		if (typeof count !== 'number' || !Number.isInteger(count) || count < 2) return { wrong: 'number of replicas must be >= 2' };
		if (count > GPU_LIMITS.replicas) return { wrong: `number of replicas must be <= ${GPU_LIMITS.replicas}` };
		replicas[name.startsWith('nvidia.com/') ? name : `nvidia.com/${name}`] = count;
	}
	return replicas;
}

/** Reads one file of the ConfigMap. */
export function parsePluginConfig(text: string): Configured {
	let file: PluginConfig | null;
	try {
		file = parse(text) as PluginConfig | null;
	} catch (error) {
		return { error: `unable to finalize config: unable to parse config file: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}` };
	}
	if (file === null || typeof file !== 'object') return { error: 'unable to finalize config: unable to parse config file: missing version' };
	if (file.version !== 'v1') return { error: `unable to finalize config: unable to parse config file: unknown version: ${String(file.version ?? '')}` };
	const strategy = file.flags?.migStrategy;
	if (strategy !== undefined && !isStrategy(strategy)) return { error: `invalid MIG strategy: ${String(strategy)}` };
	const { timeSlicing, mps } = file.sharing ?? {};
	const shared = timeSlicing ?? mps;
	const base = strategy === undefined ? {} : { strategy };
	if (shared === undefined) return base;
	const replicas = replicasOf(shared.resources);
	if ('wrong' in replicas) return { error: `unable to finalize config: unable to parse config file: ${String(replicas.wrong)}` };
	const kind = timeSlicing === undefined ? 'mps' : 'time-slicing';
	return {
		...base,
		sharing: {
			kind,
			renameByDefault: shared.renameByDefault === true,
			// Of an MPS client nobody can have more than one.
			failRequestsGreaterThanOne: kind === 'mps' || shared.failRequestsGreaterThanOne === true,
			replicas,
		},
	};
}

/** What holds for a node: `label` is its own choice of a key (nvidia.com/device-plugin.config), else the policy's default. */
export function readSharing(world: World, services: Services, label: string | undefined): Configured {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const policy = client.get(world, 'nvidia.com/v1/clusterpolicies', undefined, 'cluster-policy');
	if (policy === undefined) return {};
	const spec = (policy['spec'] ?? {}) as {
		readonly mig?: { readonly strategy?: unknown };
		readonly devicePlugin?: { readonly config?: { readonly name?: string; readonly default?: string } | null };
	};
	const strategy = isStrategy(spec.mig?.strategy) ? { strategy: spec.mig.strategy } : {};
	const { name = '', default: fallback = '' } = spec.devicePlugin?.config ?? {};
	if (name === '') return strategy;
	const data = (client.get(world, 'v1/configmaps', NAMESPACE, String(name))?.['data'] ?? {}) as { readonly [key: string]: string };
	const keys = Object.keys(data);
	// One key alone is taken without anybody naming it (config-manager's fallback strategies).
	const key = label ?? (fallback === '' ? (keys.length === 1 ? keys[0] : undefined) : fallback);
	if (key === undefined) return strategy;
	const text = Object.hasOwn(data, key) ? data[key] : undefined;
	if (text === undefined) return { error: `specified config ${key} does not exist` };
	const read = parsePluginConfig(text);
	return 'error' in read ? read : { ...strategy, ...read };
}
