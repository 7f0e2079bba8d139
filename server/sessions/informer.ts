/** Keeps a copy of a resource's objects by list and watch, as client-go's reflector does: relists where the watch breaks. */
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';

export interface ApiItem {
	readonly metadata: {
		readonly name: string;
		readonly namespace?: string;
		readonly uid: string;
		readonly creationTimestamp?: string;
		readonly deletionTimestamp?: string;
		readonly labels?: { readonly [key: string]: string };
		readonly annotations?: { readonly [key: string]: string };
		readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[];
		readonly resourceVersion?: string;
	};
	readonly [field: string]: unknown;
}

interface ListAnswer {
	readonly metadata?: { readonly resourceVersion?: string };
	readonly items?: readonly ApiItem[];
}

interface WatchLine {
	readonly type: string;
	readonly object: ApiItem;
}

/** Real ms before a broken watch or a refused list is tried again. */
const RETRY_MS = 1000;

export class Informer {
	readonly items = new Map<string, ApiItem>();
	/** The first list is in. */
	synced = false;
	private readonly endpoint: ClusterEndpoint;
	private readonly path: string;
	private readonly changed: () => void;
	private readonly abort = new AbortController();

	/** `path`: of the collection over all namespaces, e.g. `/api/v1/pods`. */
	constructor(endpoint: ClusterEndpoint, path: string, changed: () => void) {
		this.endpoint = endpoint;
		this.path = path;
		this.changed = changed;
	}

	start(): void {
		void this.run();
	}

	stop(): void {
		this.abort.abort();
	}

	private async run(): Promise<void> {
		const { signal } = this.abort;
		while (!signal.aborted) {
			try {
				let revision: string | undefined = await this.list();
				while (revision !== undefined && !signal.aborted) revision = await this.watch(revision);
			} catch {
				// The cluster is away or refuses: the view keeps what it has and asks again.
			}
			if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
		}
	}

	private async list(): Promise<string | undefined> {
		const response = await this.endpoint.fetch(new Request(`http://cluster${this.path}`, { signal: this.abort.signal }));
		if (!response.ok) throw new Error(`${response.status}`);
		const list = (await response.json()) as ListAnswer;
		this.items.clear();
		for (const item of list.items ?? []) this.items.set(item.metadata.uid, item);
		this.synced = true;
		this.changed();
		return list.metadata?.resourceVersion ?? '0';
	}

	/** Follows changes; returns the revision to go on from, or undefined where a new list is needed. */
	private async watch(from: string): Promise<string | undefined> {
		const url = `http://cluster${this.path}?watch=true&allowWatchBookmarks=true&resourceVersion=${from}`;
		const response = await this.endpoint.fetch(new Request(url, { signal: this.abort.signal }));
		if (!response.ok || response.body === null) return undefined;
		let revision: string | undefined = from;
		let rest = '';
		const decoder = new TextDecoder();
		for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
			const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
			rest = lines.pop() ?? '';
			let touched = false;
			for (const line of lines) {
				if (line === '') continue;
				const event = JSON.parse(line) as WatchLine;
				if (event.type === 'ERROR') return undefined;
				revision = event.object.metadata.resourceVersion ?? revision;
				if (event.type === 'BOOKMARK') continue;
				touched = true;
				if (event.type === 'DELETED') this.items.delete(event.object.metadata.uid);
				else this.items.set(event.object.metadata.uid, event.object);
			}
			if (touched) this.changed();
		}
		return revision;
	}
}
