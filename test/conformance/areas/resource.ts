/** One resource of a served cluster, by plain requests: what a typed client sends, with any object in it. */
import type { Answer, Cluster, SendOptions, Status } from './cluster.ts';
import { Watching } from './watching.ts';

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';
const PATCH_TYPES: { readonly [kind in PatchKind]: string } = {
	json: 'application/json-patch+json',
	merge: 'application/merge-patch+json',
	strategic: 'application/strategic-merge-patch+json',
	apply: 'application/apply-patch+yaml',
};

export interface ListOf<T> {
	readonly kind: string;
	readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
	readonly items: readonly T[];
}

interface Named {
	readonly metadata?: { readonly name?: string };
}

export class Resource<T> {
	readonly #cluster: Cluster;
	readonly path: string;

	constructor(cluster: Cluster, resource: string, namespace: string) {
		this.#cluster = cluster;
		const parts = resource.split('/');
		const plural = parts.pop() ?? '';
		const root = parts.length === 1 ? `/api/${parts[0]}` : `/apis/${parts.join('/')}`;
		this.path = `${root}${namespace === '' ? '' : `/namespaces/${namespace}`}/${plural}`;
	}

	/** The answer as it is, whatever it says. */
	try<A = Status>(method: string, rest = '', options: SendOptions = {}): Promise<Answer<A>> {
		return this.#cluster.send<A>(method, this.path + rest, options);
	}

	async #done<A>(method: string, rest: string, options: SendOptions = {}): Promise<A> {
		const answer = await this.try<A>(method, rest, options);
		if (answer.status >= 300) throw new Error(`${method} ${this.path}${rest}: ${answer.status} ${answer.text.slice(0, 500)}`);
		return answer.body;
	}

	create(object: object, query = ''): Promise<T> {
		return this.#done('POST', query, { body: object });
	}

	get(name: string, sub = ''): Promise<T> {
		return this.#done('GET', `/${name}${sub}`);
	}

	/** Undefined where it is not there. */
	async find(name: string): Promise<T | undefined> {
		const answer = await this.try<T>('GET', `/${name}`);
		if (answer.status === 404) return undefined;
		if (answer.status !== 200) throw new Error(`GET ${this.path}/${name}: ${answer.status}`);
		return answer.body;
	}

	async gone(name: string): Promise<boolean> {
		return (await this.find(name)) === undefined;
	}

	async list(labelSelector = '', query = ''): Promise<readonly T[]> {
		return (await this.page(labelSelector, query)).items;
	}

	page(labelSelector = '', query = ''): Promise<ListOf<T>> {
		return this.#done('GET', `?labelSelector=${encodeURIComponent(labelSelector)}${query === '' ? '' : `&${query}`}`);
	}

	replace(object: T, sub = ''): Promise<T> {
		return this.#done('PUT', `/${(object as Named).metadata?.name}${sub}`, { body: object });
	}

	patch(name: string, patch: unknown, kind: PatchKind = 'merge', sub = ''): Promise<T> {
		const query = kind === 'apply' ? '?fieldManager=areas&force=true' : '';
		return this.#done('PATCH', `/${name}${sub}${query}`, { body: patch, headers: { 'content-type': PATCH_TYPES[kind] } });
	}

	tryPatch(name: string, patch: unknown, kind: PatchKind = 'merge', query = ''): Promise<Answer<Status>> {
		return this.try('PATCH', `/${name}${query}`, { body: patch, headers: { 'content-type': PATCH_TYPES[kind] } });
	}

	delete(name: string, options?: object): Promise<unknown> {
		return this.#done('DELETE', `/${name}`, options === undefined ? {} : { body: options });
	}

	deleteAll(labelSelector: string): Promise<unknown> {
		return this.#done('DELETE', `?labelSelector=${encodeURIComponent(labelSelector)}`);
	}

	/** Opens a watch; end it with `stop`. */
	watch(labelSelector = '', query = ''): Promise<Watching<T>> {
		const path = `${this.path}?watch=true&labelSelector=${encodeURIComponent(labelSelector)}${query === '' ? '' : `&${query}`}`;
		return Watching.open<T>(this.#cluster, path);
	}
}
