/** The pages (browser tabs) that look at a session. */
import { fault, toFault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { ServerMessage } from '../protocol/messages.ts';
import type { Page } from './page.ts';

export class Pages {
	private readonly all = new Set<Page>();
	private readonly log: (message: string, detail?: unknown) => void;

	constructor(log: (message: string, detail?: unknown) => void) {
		this.log = log;
	}

	get size(): number {
		return this.all.size;
	}

	[Symbol.iterator](): Iterator<Page> {
		return this.all.values();
	}

	has(page: Page): boolean {
		return this.all.has(page);
	}

	add(page: Page): void {
		if (this.all.size >= LIMITS.tabsPerSession) throw fault('too-many-tabs', { limit: LIMITS.tabsPerSession });
		this.all.add(page);
	}

	/** False where it was not here. */
	remove(page: Page): boolean {
		return this.all.delete(page);
	}

	tell(message: ServerMessage): void {
		for (const page of this.all) page.send(message);
	}

	/** Tells all but those that are behind: the next message of its kind replaces this one. */
	tellIfRoom(message: ServerMessage): void {
		for (const page of this.all) page.sendIfRoom(message);
	}

	tellFault(error: unknown): void {
		const words = toFault(error).toJSON();
		if (words.code === 'internal') this.log('a session’s work failed', error);
		this.tell({ type: 'error', ...words });
	}
}
