/** An open watch: gathers what the server sends, line by line. */
import type { Cluster } from './cluster.ts';

export interface Event<T> {
	readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
	readonly object: T & { readonly metadata: { readonly name: string; readonly resourceVersion: string }; readonly code?: number; readonly reason?: string };
}

/** Real ms that an event may take to arrive. */
const PATIENCE_MS = 2_000;

export class Watching<T> {
	readonly events: Event<T>[] = [];
	/** True once the server ended it. */
	ended = false;
	readonly #body: { destroy(): unknown };

	private constructor(body: { destroy(): unknown }) {
		this.#body = body;
	}

	static async open<T>(cluster: Cluster, path: string): Promise<Watching<T>> {
		const { statusCode, body } = await cluster.raw('GET', path);
		if (statusCode !== 200) throw new Error(`watch ${path}: ${statusCode} ${await body.text()}`);
		const watching = new Watching<T>(body);
		let rest = '';
		body.setEncoding('utf8');
		body.on('data', (text: string) => {
			const lines = (rest + text).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) watching.events.push(JSON.parse(line) as Event<T>);
		});
		body.on('end', () => {
			watching.ended = true;
		});
		// Destroying it ends in an abort, which is what `stop` asks for.
		body.on('error', () => {
			watching.ended = true;
		});
		return watching;
	}

	/** `TYPE name` of what came so far, without bookmarks. */
	summary(): string[] {
		return this.events.filter((e) => e.type !== 'BOOKMARK').map((e) => `${e.type} ${e.object.metadata.name}`);
	}

	/** Waits, in real time, until `enough` says so; fails with what came. */
	async until(enough: (watching: this) => boolean): Promise<void> {
		const end = Date.now() + PATIENCE_MS;
		while (!enough(this)) {
			if (Date.now() > end) throw new Error(`the watch sent only: ${JSON.stringify(this.summary())}`);
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
	}

	async seen(event: `${Event<T>['type']} ${string}`): Promise<Event<T>> {
		await this.until(() => this.summary().includes(event));
		const [type, name] = event.split(' ');
		const found = this.events.find((e) => e.type === type && e.object.metadata.name === name);
		if (found === undefined) throw new Error(`no event ${event}`);
		return found;
	}

	stop(): void {
		this.#body.destroy();
	}
}
