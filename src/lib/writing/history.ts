/** What can be undone: states of a text, one for each burst of typing and one for each other change. */
const BURST_MS = 1200;
const MOST = 100;

export class History<T> {
	private readonly past: T[] = [];
	private future: T[] = [];
	private lastTyped = Number.NEGATIVE_INFINITY;

	/** Called before a change, with what is there now. `typing` in quick succession is one change. */
	note(now: T, typing: boolean, at: number): void {
		const goesOn = typing && at - this.lastTyped < BURST_MS;
		this.lastTyped = typing ? at : Number.NEGATIVE_INFINITY;
		this.future = [];
		if (goesOn) return;
		this.past.push(now);
		if (this.past.length > MOST) this.past.shift();
	}

	undo(now: T): T | undefined {
		return this.move(this.past, this.future, now);
	}

	redo(now: T): T | undefined {
		return this.move(this.future, this.past, now);
	}

	get canUndo(): boolean {
		return this.past.length > 0;
	}

	get canRedo(): boolean {
		return this.future.length > 0;
	}

	private move(from: T[], to: T[], now: T): T | undefined {
		const found = from.pop();
		if (found !== undefined) to.push(now);
		this.lastTyped = Number.NEGATIVE_INFINITY;
		return found;
	}
}
