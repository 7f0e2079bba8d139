/** Counts what the terminal has drawn and reports it in lumps: flow control, so that a flood slows its own terminal only. */
export class Acks {
	private drawn = 0;
	private readonly report: (characters: number) => void;
	private readonly lump: number;

	/** `lump`: characters after which to report; well below any window a server would keep open. */
	constructor(report: (characters: number) => void, lump = 4096) {
		this.report = report;
		this.lump = lump;
	}

	/** Told after each write has been drawn. `idle`: nothing more is waiting, so the rest is reported too. */
	add(characters: number, idle: boolean): void {
		this.drawn += characters;
		if (this.drawn === 0 || (this.drawn < this.lump && !idle)) return;
		const { drawn } = this;
		this.drawn = 0;
		this.report(drawn);
	}

	/** A new connection starts counting anew. */
	reset(): void {
		this.drawn = 0;
	}
}
