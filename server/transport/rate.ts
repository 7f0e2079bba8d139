/** A token bucket: so much a second on average, so much at once. */
export class Bucket {
	private readonly perSecond: number;
	private readonly most: number;
	private readonly now: () => number;
	private level: number;
	private at: number;

	/** `now`: monotonic ms. */
	constructor(perSecond: number, most: number, now: () => number = () => performance.now()) {
		this.perSecond = perSecond;
		this.most = most;
		this.now = now;
		this.level = most;
		this.at = now();
	}

	/** Takes `n`; false where there is not enough. */
	take(n: number): boolean {
		const at = this.now();
		this.level = Math.min(this.most, this.level + ((at - this.at) / 1000) * this.perSecond);
		this.at = at;
		if (this.level < n) return false;
		this.level -= n;
		return true;
	}
}
