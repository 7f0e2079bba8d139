/** Which resources the server has, and which of them a word of the command line means (client-go's restmapper and its shortcut expander). */
import type { ClusterEndpoint } from '../../../sandboxes/sandbox.ts';
import type { Obj, RestClient } from './client.ts';
import { CliError } from './errors.ts';

export interface Mapping {
	readonly group: string;
	readonly version: string;
	readonly resource: string;
	readonly singular: string;
	readonly kind: string;
	readonly namespaced: boolean;
	readonly shortNames: readonly string[];
	readonly categories: readonly string[];
	readonly verbs: readonly string[];
	readonly subresources: readonly string[];
}

export const apiVersionOf = (m: Pick<Mapping, 'group' | 'version'>): string => (m.group === '' ? m.version : `${m.group}/${m.version}`);

/** `deployments.apps`, `pods`: how messages about an object name its resource. */
export const groupResource = (m: Pick<Mapping, 'group' | 'resource'>): string => (m.group === '' ? m.resource : `${m.resource}.${m.group}`);

/** `deployment.apps`: the printed form of a single object, `deployment.apps/web`. */
export const singularName = (m: Pick<Mapping, 'group' | 'kind'>): string => (m.group === '' ? m.kind.toLowerCase() : `${m.kind.toLowerCase()}.${m.group}`);

/** Path of a collection or, with `name`, of an object. */
export function resourcePath(
	m: Pick<Mapping, 'group' | 'version' | 'resource' | 'namespaced'>,
	namespace?: string,
	name?: string,
	subresource?: string,
): string {
	const base = m.group === '' ? `/api/${m.version}` : `/apis/${m.group}/${m.version}`;
	const ns = m.namespaced && namespace !== undefined && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
	return `${base}${ns}/${m.resource}${name === undefined ? '' : `/${encodeURIComponent(name)}`}${subresource ? `/${subresource}` : ''}`;
}

/** What a cluster serves, in the server's order of preference. */
export interface Catalogue {
	readonly resources: readonly Mapping[];
	readonly groupVersions: readonly string[];
	/** Group-versions that did not answer, with why. */
	readonly failed: readonly { readonly groupVersion: string; readonly error: Error }[];
}

const cache = new WeakMap<ClusterEndpoint, Catalogue>();

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

function fromAggregated(list: Obj): { groupVersions: string[]; resources: Mapping[] } {
	const groupVersions: string[] = [];
	const resources: Mapping[] = [];
	for (const group of (list['items'] ?? []) as Obj[]) {
		for (const version of (group['versions'] ?? []) as Obj[]) {
			const g = group.metadata?.name ?? '';
			groupVersions.push(g === '' ? String(version['version']) : `${g}/${version['version']}`);
			for (const r of (version['resources'] ?? []) as Obj[]) {
				resources.push({
					group: g,
					version: String(version['version']),
					resource: String(r['resource']),
					singular: String(r['singularResource'] ?? ''),
					kind: String(r['responseKind']?.kind ?? ''),
					namespaced: r['scope'] === 'Namespaced',
					shortNames: (r['shortNames'] ?? []) as string[],
					categories: (r['categories'] ?? []) as string[],
					verbs: (r['verbs'] ?? []) as string[],
					subresources: ((r['subresources'] ?? []) as Obj[]).map((s) => String(s['subresource'])),
				});
			}
		}
	}
	return { groupVersions, resources };
}

function fromResourceList(groupVersion: string, list: Obj): Mapping[] {
	const [group, version] = groupVersion.includes('/') ? (groupVersion.split('/') as [string, string]) : ['', groupVersion];
	const entries = (list['resources'] ?? []) as Obj[];
	return entries
		.filter((r) => !String(r['name']).includes('/'))
		.map((r) => ({
			group,
			version,
			resource: String(r['name']),
			singular: String(r['singularName'] ?? ''),
			kind: String(r.kind ?? ''),
			namespaced: r['namespaced'] === true,
			shortNames: (r['shortNames'] ?? []) as string[],
			categories: (r['categories'] ?? []) as string[],
			verbs: (r['verbs'] ?? []) as string[],
			subresources: entries
				.map((s) => String(s['name']))
				.filter((n) => n.startsWith(`${r['name']}/`))
				.map((n) => n.slice(String(r['name']).length + 1)),
		}));
}

async function discover(client: RestClient): Promise<Catalogue> {
	const groupVersions: string[] = [];
	const resources: Mapping[] = [];
	const failed: { groupVersion: string; error: Error }[] = [];
	const legacy: string[] = [];
	for (const root of ['/api', '/apis']) {
		const answer = await client.json(root, { accept: AGGREGATED });
		if (answer.kind === 'APIGroupDiscoveryList') {
			const part = fromAggregated(answer);
			groupVersions.push(...part.groupVersions);
			resources.push(...part.resources);
		} else if (root === '/api') legacy.push(...((answer['versions'] ?? ['v1']) as string[]));
		else legacy.push(...((answer['groups'] ?? []) as Obj[]).flatMap((g) => ((g['versions'] ?? []) as Obj[]).map((v) => String(v['groupVersion']))));
	}
	const lists = await Promise.allSettled(legacy.map((gv) => client.json(gv.includes('/') ? `/apis/${gv}` : `/api/${gv}`)));
	lists.forEach((result, i) => {
		const gv = legacy[i] as string;
		groupVersions.push(gv);
		if (result.status === 'fulfilled') resources.push(...fromResourceList(gv, result.value));
		else failed.push({ groupVersion: gv, error: result.reason instanceof Error ? result.reason : new Error(String(result.reason)) });
	});
	return { resources, groupVersions, failed };
}

/** Reads discovery, from this session's cache unless `fresh`. */
export async function catalogue(endpoint: ClusterEndpoint, client: RestClient, fresh = false): Promise<Catalogue> {
	const known = cache.get(endpoint);
	if (known !== undefined && !fresh) return known;
	const found = await discover(client);
	cache.set(endpoint, found);
	return found;
}

/** The first version of each resource in the server's order: what a bare plural means. */
export function preferred(cat: Catalogue): readonly Mapping[] {
	const seen = new Set<string>();
	return cat.resources.filter((m) => {
		const key = groupResource(m);
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}

function matching(all: readonly Mapping[], word: string): Mapping | undefined {
	const lower = word.toLowerCase();
	return all.find((m) => m.resource === lower || m.singular === lower || m.kind.toLowerCase() === lower) ?? all.find((m) => m.shortNames.includes(lower));
}

function lookUp(cat: Catalogue, word: string): Mapping | undefined {
	const first = preferred(cat);
	const [name = '', ...rest] = word.split('.');
	if (rest.length === 0) return matching(first, name);
	if (rest.length >= 2 || /^v\d/.test(rest[0] ?? '')) {
		const [version, ...group] = rest;
		const exact = matching(
			cat.resources.filter((m) => m.version === version && m.group === group.join('.')),
			name,
		);
		if (exact !== undefined) return exact;
	}
	const group = rest.join('.');
	return (
		matching(
			first.filter((m) => m.group === group),
			name,
		) ??
		matching(
			first.filter((m) => m.group.startsWith(`${group}.`) || (group !== '' && m.group.startsWith(group))),
			name,
		)
	);
}

/** Maps words and kinds to resources; asks the server anew once when something is missing. */
export class RestMapper {
	readonly #endpoint: ClusterEndpoint;
	readonly #client: RestClient;
	#asked = false;

	constructor(endpoint: ClusterEndpoint, client: RestClient) {
		this.#endpoint = endpoint;
		this.#client = client;
	}

	async catalogue(fresh = false): Promise<Catalogue> {
		return catalogue(this.#endpoint, this.#client, fresh);
	}

	async #find<T>(look: (cat: Catalogue) => T | undefined): Promise<T | undefined> {
		const found = look(await this.catalogue());
		if (found !== undefined || this.#asked) return found;
		this.#asked = true;
		return look(await this.catalogue(true));
	}

	async byWord(word: string): Promise<Mapping> {
		const found = await this.#find((cat) => lookUp(cat, word));
		if (found === undefined) {
			// ParseResourceArg: of `pods.v9.apps` only the resource is named.
			const parts = word.split('.');
			throw new CliError(`the server doesn't have a resource type "${parts.length > 2 ? parts[0] : word}"`);
		}
		return found;
	}

	async byKind(apiVersion: string, kind: string): Promise<Mapping | undefined> {
		return this.#find((cat) => cat.resources.find((m) => apiVersionOf(m) === apiVersion && m.kind === kind));
	}

	/** Resources of a category (`all`), or undefined where there is none of that name. */
	async byCategory(word: string): Promise<readonly Mapping[] | undefined> {
		const found = preferred(await this.catalogue()).filter((m) => m.categories.includes(word) && m.verbs.includes('list'));
		return found.length === 0 ? undefined : found;
	}
}
