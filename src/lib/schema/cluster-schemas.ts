/** The cluster's kinds and schemas, fetched as they are needed and dropped when the cluster serves others (a CustomResourceDefinition came). */
import type { Knowledge } from './check.ts';
import type { Document, Kind } from './schema.ts';
import { documentPath } from './schema.ts';

/** ms for which live objects' names are taken as they are. */
const NAMES_MS = 5000;
/** ms between two looks at what is served. */
const LOOK_MS = 4000;
const NAMES = 200;

type Get = (path: string) => Promise<unknown>;

interface Discovery {
	readonly items?: readonly {
		readonly metadata?: { readonly name?: string };
		readonly versions?: readonly {
			readonly version: string;
			readonly resources?: readonly {
				readonly resource: string;
				readonly scope?: string;
				readonly responseKind?: { readonly kind?: string; readonly group?: string; readonly version?: string };
			}[];
		}[];
	}[];
}

/** Kinds of an aggregated discovery document (APIGroupDiscoveryList). */
export function kindsOf(discovery: Discovery): Kind[] {
	return (discovery.items ?? []).flatMap((group) =>
		(group.versions ?? []).flatMap((version) =>
			(version.resources ?? []).flatMap(({ resource, scope, responseKind }) => {
				const name = group.metadata?.name ?? '';
				const apiVersion = name === '' ? version.version : `${name}/${version.version}`;
				return responseKind?.kind ? [{ apiVersion, kind: responseKind.kind, resource, namespaced: scope === 'Namespaced' }] : [];
			}),
		),
	);
}

export class ClusterSchemas implements Knowledge {
	kinds: readonly Kind[] = [];
	private readonly get: Get;
	private readonly now: () => number;
	private hashes: Readonly<Record<string, string>> = {};
	private readonly documents = new Map<string, Document>();
	private readonly names = new Map<string, { readonly at: number; readonly names: Promise<readonly string[]> }>();
	private looked = Number.NEGATIVE_INFINITY;
	private looking: Promise<boolean> | undefined;

	/** `get`: JSON of a path of the cluster's API. */
	constructor(get: Get, now: () => number = () => performance.now()) {
		this.get = get;
		this.now = now;
	}

	document(apiVersion: string): Document | undefined {
		return this.documents.get(documentPath(apiVersion));
	}

	/** Fetches what is not there yet of these; what cannot be had is asked for again the next time. */
	async need(apiVersions: Iterable<string>): Promise<void> {
		if (this.kinds.length === 0) await this.refresh();
		const missing = [...apiVersions].map(documentPath).filter((path) => this.hashes[path] !== undefined && !this.documents.has(path));
		await Promise.all(
			missing.map(async (path) => {
				this.documents.set(path, (await this.get(this.hashes[path] ?? '')) as Document);
			}),
		);
	}

	/** Looks what is served, at most every few seconds unless `force`; true where it has changed. */
	refresh(force = false): Promise<boolean> {
		if (!force && this.now() - this.looked < LOOK_MS) return Promise.resolve(false);
		this.looking ??= this.look().finally(() => {
			this.looking = undefined;
		});
		return this.looking;
	}

	private async look(): Promise<boolean> {
		const index = (await this.get('/openapi/v3')) as { readonly paths?: Readonly<Record<string, { readonly serverRelativeURL: string }>> };
		this.looked = this.now();
		const hashes = Object.fromEntries(Object.entries(index.paths ?? {}).map(([path, { serverRelativeURL }]) => [path, serverRelativeURL]));
		if (JSON.stringify(hashes) === JSON.stringify(this.hashes)) return false;
		const found = (await Promise.all(['/api', '/apis'].map(this.get))) as Discovery[];
		for (const path of this.documents.keys()) if (hashes[path] !== this.hashes[path]) this.documents.delete(path);
		this.hashes = hashes;
		this.kinds = found.flatMap(kindsOf);
		return true;
	}

	/** Names of the objects of a kind that exist now. */
	liveNames(kind: Kind, namespace: string): Promise<readonly string[]> {
		const prefix = kind.apiVersion.includes('/') ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
		const path = `${prefix}${namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${kind.resource}`;
		const kept = this.names.get(path);
		if (kept && this.now() - kept.at < NAMES_MS) return kept.names;
		const names = this.get(path).then((list) => {
			const { items = [] } = list as { readonly items?: readonly { readonly metadata?: { readonly name?: string } }[] };
			return [...new Set(items.flatMap((one) => one.metadata?.name ?? []))].slice(0, NAMES);
		});
		names.catch(() => this.names.delete(path));
		this.names.set(path, { at: this.now(), names });
		return names;
	}
}
