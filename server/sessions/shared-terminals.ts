/** A session's terminals on all its pages: who shows which, how far each page has drawn, and the pace at which writers go. */
import type { Page } from './page.ts';
import type { Pages } from './pages.ts';
import type { WorkerLink } from './worker-link.ts';

interface OpenTerminal {
	columns: number;
	rows: number;
	/** Characters that came from the worker since it was opened, and those acknowledged to it. */
	total: number;
	acknowledged: number;
}

export class SharedTerminals {
	private readonly pages: Pages;
	private readonly link: WorkerLink;
	private readonly terminals = new Map<string, OpenTerminal>();
	/** Characters of each terminal that a page has drawn. */
	private readonly places = new WeakMap<Page, Map<string, number>>();

	constructor(pages: Pages, link: WorkerLink) {
		this.pages = pages;
		this.link = link;
	}

	async open(page: Page, id: string, columns: number, rows: number): Promise<void> {
		const opened = await this.link.call('terminalOpen', { terminal: id, columns, rows });
		const terminal = this.terminals.get(id) ?? { columns, rows, total: 0, acknowledged: 0 };
		Object.assign(terminal, { columns: opened.columns, rows: opened.rows });
		this.terminals.set(id, terminal);
		this.placesOf(page).set(id, terminal.total);
		page.terminalOpened(id, opened.scrollback, opened.columns, opened.rows);
		// A page that is up to date lets a writer go on that another, slower one had held back.
		this.acknowledge(id);
	}

	/** After the worker or the sandbox was replaced: every terminal begins anew on every page that shows it. */
	async reopen(): Promise<void> {
		for (const terminal of this.terminals.values()) Object.assign(terminal, { total: 0, acknowledged: 0 });
		for (const page of this.pages) {
			this.placesOf(page).clear();
			for (const id of [...page.shown]) {
				const { columns = 80, rows = 24 } = this.terminals.get(id) ?? {};
				await this.open(page, id, columns, rows);
			}
		}
	}

	resize(id: string, columns: number, rows: number): void {
		const terminal = this.terminals.get(id);
		if (terminal !== undefined) Object.assign(terminal, { columns, rows });
		this.link.post({ post: 'resize', terminal: id, columns, rows });
	}

	output(id: string, data: string): void {
		const terminal = this.terminals.get(id) ?? { columns: 80, rows: 24, total: 0, acknowledged: 0 };
		this.terminals.set(id, terminal);
		terminal.total += data.length;
		for (const page of this.pages) page.output(id, data);
		this.acknowledge(id);
	}

	/** A page has drawn so many characters more. */
	drawn(page: Page, id: string, characters: number): void {
		const terminal = this.terminals.get(id);
		if (!this.pages.has(page) || terminal === undefined) return;
		const places = this.placesOf(page);
		places.set(id, Math.min(terminal.total, (places.get(id) ?? 0) + characters));
		if (page.acknowledge(id, characters)) {
			// It was too slow and missed some: from the present scrollback on it is up to date.
			places.set(id, terminal.total);
			void this.open(page, id, terminal.columns, terminal.rows).catch((error: unknown) => this.pages.tellFault(error));
		}
		this.acknowledge(id);
	}

	/** A page has gone: it holds no writer back any more. */
	pageLeft(page: Page): void {
		this.places.delete(page);
		for (const id of this.terminals.keys()) this.acknowledge(id);
	}

	closed(id: string, reason: string): void {
		this.terminals.delete(id);
		for (const page of this.pages) page.terminalClosed(id, reason);
	}

	private placesOf(page: Page): Map<string, number> {
		let places = this.places.get(page);
		if (places === undefined) {
			places = new Map();
			this.places.set(page, places);
		}
		return places;
	}

	/** The writer goes at the pace of the fastest page that shows the terminal; without one it is not held back. */
	private acknowledge(id: string): void {
		const terminal = this.terminals.get(id);
		if (terminal === undefined) return;
		let place = -1;
		for (const page of this.pages) if (page.showsTerminal(id)) place = Math.max(place, this.placesOf(page).get(id) ?? 0);
		const upTo = place < 0 ? terminal.total : place;
		const characters = upTo - terminal.acknowledged;
		if (characters <= 0) return;
		terminal.acknowledged = upTo;
		this.link.post({ post: 'ack', terminal: id, characters });
	}
}
