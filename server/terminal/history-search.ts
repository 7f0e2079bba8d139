/** Ctrl-R: looking backwards through the history for a line that holds what is typed, as readline's reverse-search-history. */

export interface SearchView {
	readonly prompt: string;
	readonly line: string;
	/** Index in `line` where the match begins. */
	readonly cursor: number;
}

export type SearchStep =
	| { readonly kind: 'show'; readonly view: SearchView }
	/** The search is over with this line in the editor; `rest` are the keys that ended it and what followed. */
	| { readonly kind: 'over'; readonly line: string; readonly cursor: number; readonly rest: string };

export class HistorySearch {
	/** Newest first. */
	private readonly history: readonly string[];
	private readonly before: string;
	private query = '';
	private at = -1;
	private failed = false;

	constructor(history: readonly string[], before: string) {
		this.history = history;
		this.before = before;
	}

	view(): SearchView {
		const line = this.at < 0 ? this.before : (this.history[this.at] ?? '');
		const cursor = this.at < 0 ? line.length : Math.max(0, line.lastIndexOf(this.query));
		return { prompt: `(${this.failed ? 'failed ' : ''}reverse-i-search)\`${this.query}': `, line, cursor };
	}

	keys(data: string): SearchStep {
		const all = [...data];
		for (const [i, c] of all.entries()) {
			if (c === '\x12') this.find(this.query, this.at + 1);
			else if (c === '\x7f' || c === '\b') {
				const shorter = [...this.query].slice(0, -1).join('');
				this.at = -1;
				this.find(shorter, 0);
			} else if (c === '\x07' || c === '\x03') return { kind: 'over', line: this.before, cursor: this.before.length, rest: '' };
			else if (c >= ' ') this.find(this.query + c, Math.max(0, this.at));
			else {
				const { line, cursor } = this.view();
				// A lone Escape only ends the search.
				const rest = c === '\x1b' && i === all.length - 1 ? '' : all.slice(i).join('');
				return { kind: 'over', line, cursor, rest };
			}
		}
		return { kind: 'show', view: this.view() };
	}

	/** Goes to the first line from `from` on that holds the query; stays where none does. */
	private find(query: string, from: number): void {
		this.query = query;
		this.failed = false;
		if (query === '') return;
		const found = this.history.findIndex((line, i) => i >= from && line.includes(query));
		if (found < 0) this.failed = true;
		else this.at = found;
	}
}
