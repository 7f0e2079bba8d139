/** One command line that both clients run. */
export interface Case {
	/** What follows `kubectl`; single quotes keep words together. */
	readonly run: string;
	readonly stdin?: string;
	/** Why the two differ on purpose. Such a case fails when they agree. */
	readonly differs?: string;
	/** What ours does not do yet; counted as different, and listed. Such a case fails when they agree, so that the note goes. */
	readonly open?: string;
	/** Why the real one's order is not fixed (Go's maps, unstable sorts): parts are compared in any order. */
	readonly unordered?: string;
	/** Virtual seconds that pass afterwards, besides the one that passes after every case. */
	readonly settle?: number;
	/** Time passes while it runs even where it opens no watch: for commands that poll. */
	readonly drive?: boolean;
}

/** Cases of one area run in order, against clusters of their own. */
export interface Area {
	readonly name: string;
	readonly cases: readonly Case[];
}

/** Plain lines become cases. */
export function area(name: string, lines: readonly (string | Case)[]): Area {
	return { name, cases: lines.map((line) => (typeof line === 'string' ? { run: line } : line)) };
}
