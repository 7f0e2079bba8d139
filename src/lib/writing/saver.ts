/** Saves what is written a moment after the last change, one save at a time, and says how that stands. */
import { ApiError } from '../api.ts';

const QUIET_MS = 800;
const RETRY_MS = 4000;

export type SaveState =
	| { readonly state: 'saved'; readonly at: string }
	| { readonly state: 'waiting' }
	| { readonly state: 'saving' }
	| { readonly state: 'failed'; readonly why: string };

interface SaverOptions<T> {
	readonly read: () => T;
	readonly save: (base: number, content: T) => Promise<{ readonly version: number; readonly updatedAt: string }>;
	readonly tell: (state: SaveState) => void;
	/** Code of the error that says that somebody else saved. */
	readonly conflict: string;
}

export class Saver<T> {
	version: number;
	private readonly options: SaverOptions<T>;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private running: Promise<boolean> | undefined;
	private dirty = false;
	/** Somebody else saved: going on would overwrite theirs. */
	private stopped = false;

	constructor(version: number, options: SaverOptions<T>) {
		this.version = version;
		this.options = options;
	}

	get unsaved(): boolean {
		return this.dirty || this.running !== undefined;
	}

	changed(): void {
		this.dirty = true;
		if (this.stopped) return;
		this.options.tell({ state: 'waiting' });
		this.later(QUIET_MS);
	}

	/** Saves now what is not saved yet; false where that did not succeed. */
	async flush(): Promise<boolean> {
		clearTimeout(this.timer);
		if (this.running !== undefined && !(await this.running)) return false;
		if (!this.dirty) return true;
		if (this.stopped) return false;
		this.running ??= this.run().finally(() => {
			this.running = undefined;
		});
		return this.running;
	}

	private later(ms: number): void {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => void this.flush(), ms);
	}

	private async run(): Promise<boolean> {
		this.dirty = false;
		this.options.tell({ state: 'saving' });
		try {
			const saved = await this.options.save(this.version, this.options.read());
			this.version = saved.version;
			this.options.tell(this.dirty ? { state: 'waiting' } : { state: 'saved', at: saved.updatedAt });
			return true;
		} catch (error) {
			this.dirty = true;
			const known = error instanceof ApiError;
			this.options.tell({ state: 'failed', why: known ? `${error.message} ${error.next}` : String(error) });
			if (known && error.status >= 400 && error.status < 500 && error.status !== 429) this.stopped = error.code === this.options.conflict;
			else this.later(RETRY_MS);
			return false;
		}
	}
}
