import { LIMITS } from '../limits.ts';

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

/** A bucket a key (an address, a person). The longest unused go first beyond LIMITS.rateKeys: they are full again by then. */
export class Buckets {
	private readonly perSecond: number;
	private readonly most: number;
	private readonly now: () => number;
	private readonly byKey = new Map<string, Bucket>();

	constructor(perSecond: number, most: number, now: () => number = () => performance.now()) {
		this.perSecond = perSecond;
		this.most = most;
		this.now = now;
	}

	get size(): number {
		return this.byKey.size;
	}

	take(key: string): boolean {
		const bucket = this.byKey.get(key) ?? new Bucket(this.perSecond, this.most, this.now);
		this.byKey.delete(key);
		this.byKey.set(key, bucket);
		const [oldest] = this.byKey.keys();
		if (this.byKey.size > LIMITS.rateKeys && oldest !== undefined) this.byKey.delete(oldest);
		return bucket.take(1);
	}
}
