/** What a client asks first: groups, versions and resources, in the legacy and the aggregated (apidiscovery.k8s.io) form. */
import { hashText } from '../../kernel/random.ts';
import type { Extension } from '../aggregator/extensions.ts';
import { aggregatedLines } from './extension-lines.ts';
import { DEFAULT_VERBS, servedVersions, verbsOf } from '../dispatch.ts';
import type { Strategy, Verb } from '../types.ts';

/** kube-apiserver's order of groups (`controlplane` priorities); groups besides these follow by name. */
const GROUP_ORDER = [
	'',
	'apiregistration.k8s.io',
	'apps',
	'events.k8s.io',
	'authentication.k8s.io',
	'authorization.k8s.io',
	'autoscaling',
	'batch',
	'certificates.k8s.io',
	'networking.k8s.io',
	'policy',
	'rbac.authorization.k8s.io',
	'storage.k8s.io',
	'admissionregistration.k8s.io',
	'apiextensions.k8s.io',
	'scheduling.k8s.io',
	'coordination.k8s.io',
	'node.k8s.io',
	'discovery.k8s.io',
	'resource.k8s.io',
	'flowcontrol.apiserver.k8s.io',
];

interface Group {
	readonly name: string;
	/** Preferred first. */
	readonly versions: readonly string[];
}

interface Subresource {
	readonly name: string;
	readonly kind: string;
	readonly group?: string;
	readonly version?: string;
	readonly verbs: readonly Verb[];
}

/** Kinds that subresources take and give, where that isn't the resource's own. */
const SUBRESOURCE_KINDS: { readonly [name: string]: Omit<Subresource, 'name'> } = {
	scale: { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
	eviction: { kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
	binding: { kind: 'Binding', verbs: ['create'] },
	token: { kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
};
const OPTION_KINDS: { readonly [name: string]: Omit<Subresource, 'name'> } = {
	exec: { kind: 'PodExecOptions', verbs: ['create', 'get'] },
	attach: { kind: 'PodAttachOptions', verbs: ['create', 'get'] },
	portforward: { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
};

/** Newer and stabler first: v2, v1, v1beta2, v1beta1, v1alpha1 (`version.CompareKubeAwareVersionStrings`). */
export function compareVersions(a: string, b: string): number {
	const rank = (v: string): readonly number[] => {
		const m = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(v);
		if (m === null) return [0, 0, 0];
		return [m[2] === undefined ? 3 : m[2] === 'beta' ? 2 : 1, Number(m[1]), Number(m[3] ?? 0)];
	};
	const [x, y] = [rank(a), rank(b)];
	for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return (y[i] ?? 0) - (x[i] ?? 0);
	return a < b ? -1 : a > b ? 1 : 0;
}

const PROXY_VERBS: readonly Verb[] = ['create', 'delete', 'get', 'patch', 'update'];

function subresourcesOf(strategy: Strategy): readonly Subresource[] {
	const names = new Set([...(strategy.subresources ?? []), ...Object.keys(strategy.connect ?? {}), ...Object.keys(strategy.parts ?? {})]);
	if (strategy.scale !== undefined) names.add('scale');
	if (strategy.kind === 'Namespace') names.add('finalize');
	return [...names].sort().map((name) => {
		const known = SUBRESOURCE_KINDS[name] ?? OPTION_KINDS[name];
		if (known !== undefined) return { name, ...known };
		if (name === 'proxy') return { name, kind: `${strategy.kind}ProxyOptions`, verbs: PROXY_VERBS };
		const verbs: readonly Verb[] = name === 'log' ? ['get'] : name === 'finalize' ? ['update'] : ['get', 'patch', 'update'];
		return { name, kind: strategy.kind, verbs };
	});
}

/** One resource's lines of an APIResourceList. */
function legacyLines(strategy: Strategy): readonly object[] {
	const { resource, singular, namespaced, kind, shortNames, categories } = strategy;
	const main = {
		name: resource,
		singularName: singular,
		namespaced,
		kind,
		verbs: [...verbsOf(strategy)].sort(),
		...(shortNames.length > 0 ? { shortNames } : {}),
		...(categories.length > 0 ? { categories } : {}),
		...(verbsOf(strategy) === DEFAULT_VERBS ? { storageVersionHash: storageHash(strategy) } : {}),
	};
	const subs = subresourcesOf(strategy).map((s) => ({
		name: `${resource}/${s.name}`,
		singularName: '',
		namespaced,
		...(s.group === undefined ? {} : { group: s.group }),
		...(s.version === undefined ? {} : { version: s.version }),
		kind: s.kind,
		verbs: s.verbs,
	}));
	return [main, ...subs];
}

function storageHash({ group, versions, kind }: Strategy): string {
	return `${hashText(`${group}/${versions[0]}/${kind}`).toString(36).padStart(7, 'x')}=`;
}

function aggregatedResource(strategy: Strategy, version: string): object {
	const { group, resource, singular, namespaced, kind, shortNames, categories } = strategy;
	const subs = subresourcesOf(strategy);
	return {
		resource,
		responseKind: { group, version, kind },
		scope: namespaced ? 'Namespaced' : 'Cluster',
		singularResource: singular,
		verbs: [...verbsOf(strategy)].sort(),
		...(shortNames.length > 0 ? { shortNames } : {}),
		...(categories.length > 0 ? { categories } : {}),
		...(subs.length > 0
			? {
					subresources: subs.map((s) => ({
						subresource: s.name,
						responseKind: { group: s.group ?? group, version: s.version ?? version, kind: s.kind },
						verbs: s.verbs,
					})),
				}
			: {}),
	};
}

/** Discovery documents of a set of resources; pure, built once a server. */
export class Discovery {
	readonly #strategies: readonly Strategy[];
	readonly groups: readonly Group[];
	readonly #extensions: readonly Extension[];

	constructor(strategies: readonly Strategy[], extensions: readonly Extension[] = []) {
		this.#extensions = extensions;
		this.#strategies = [...strategies].sort((a, b) => (a.resource < b.resource ? -1 : 1));
		const versions = new Map<string, Set<string>>();
		for (const s of strategies) {
			const known = versions.get(s.group) ?? new Set<string>();
			for (const v of servedVersions(s)) known.add(v);
			if (known.size > 0) versions.set(s.group, known);
		}
		const order = (g: string): number => (GROUP_ORDER.includes(g) ? GROUP_ORDER.indexOf(g) : GROUP_ORDER.length);
		const own: readonly Group[] = [...versions]
			.map(([name, known]) => ({ name, versions: [...known].sort(compareVersions) }))
			.sort((a, b) => order(a.name) - order(b.name) || (a.name < b.name ? -1 : 1));
		this.groups = extensions.length === 0 ? own : [...own, ...extensionGroups(extensions.filter((e) => !versions.has(e.group)))];
	}

	#of(group: string, version: string): readonly Strategy[] {
		return this.#strategies.filter((s) => s.group === group && servedVersions(s).includes(version));
	}

	/** `/api` */
	legacyVersions(): object {
		return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '172.18.0.4:6443' }] };
	}

	/** `/apis` */
	groupList(): object {
		return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.groups.filter((g) => g.name !== '').map(groupBody) };
	}

	/** `/apis/<group>` */
	group(name: string): object | undefined {
		const found = name === '' ? undefined : this.groups.find((g) => g.name === name);
		return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(found) };
	}

	/** `/api/v1`, `/apis/<group>/<version>` */
	resources(group: string, version: string): object | undefined {
		const known = this.groups.find((g) => g.name === group)?.versions.includes(version) ?? false;
		if (!known) return undefined;
		const groupVersion = group === '' ? version : `${group}/${version}`;
		return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: this.#of(group, version).flatMap(legacyLines) };
	}

	#version(group: string, version: string): object {
		const extension = this.#extensions.find((e) => e.group === group && e.version === version);
		if (extension === undefined) return { version, resources: this.#of(group, version).map((s) => aggregatedResource(s, version)), freshness: 'Current' };
		const resources = aggregatedLines(extension);
		return { version, ...(resources.length === 0 ? {} : { resources }), freshness: extension.fresh ? 'Current' : 'Stale' };
	}

	/** `/api` and `/apis` in one document each; `apidiscovery.k8s.io/v2`. */
	aggregated(core: boolean, version: string): object {
		const items = this.groups
			.filter((g) => (g.name === '') === core)
			.map((g) => ({
				metadata: { ...(g.name === '' ? {} : { name: g.name }), creationTimestamp: null },
				versions: g.versions.map((v) => this.#version(g.name, v)),
			}));
		return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
	}
}

/** Groups that extension servers answer for, after all others: by priority, then by name (`SortedByGroupAndVersion`). */
function extensionGroups(extensions: readonly Extension[]): readonly Group[] {
	const byGroup = new Map<string, Extension[]>();
	for (const e of extensions) byGroup.set(e.group, [...(byGroup.get(e.group) ?? []), e]);
	const priority = (list: readonly Extension[]): number => Math.max(...list.map((e) => e.groupPriority));
	return [...byGroup]
		.sort(([a, x], [b, y]) => priority(y) - priority(x) || (a < b ? -1 : 1))
		.map(([name, list]) => ({
			name,
			versions: [...list].sort((a, b) => b.versionPriority - a.versionPriority || compareVersions(a.version, b.version)).map((e) => e.version),
		}));
}

function groupBody(group: Group): object {
	const versions = group.versions.map((version) => ({ groupVersion: `${group.name}/${version}`, version }));
	return { name: group.name, versions, preferredVersion: versions[0] };
}
