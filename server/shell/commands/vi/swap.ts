/** The swap file: what is not written is put by, so that a terminal that goes away loses nothing. Upstream: `:help recovery`. */
import type { CommandContext } from '../../command.ts';
import { linesOf, type Place } from './text.ts';
import type { Steps, Vi } from './vi.ts';

const swapPath = (path: string): string => path.replace(/([^/]*)$/, '.$1.swp');
/** ms of the sandbox's clock between two writes of it ('updatetime'). */
const EVERY_MS = 4000;

export class Swap {
	private readonly vi: Vi;
	private readonly context: CommandContext;
	private kept: unknown;
	private at = 0;

	constructor(vi: Vi, context: CommandContext) {
		this.vi = vi;
		this.context = context;
	}

	/** Called after every key: writes it now and then, takes it away once there is nothing to lose. */
	async follow(): Promise<void> {
		const { vi } = this;
		if ((!vi.modified || vi.ended !== undefined) && vi.swap !== undefined) {
			await this.forget();
			return;
		}
		if (vi.ended !== undefined) return;
		if (!vi.modified || vi.path === undefined || vi.ended !== undefined || vi.lines === this.kept) return;
		if (this.at === 0) this.at = this.context.clock.now();
		if (this.context.clock.now() - this.at >= EVERY_MS) await this.keep();
	}

	async keep(): Promise<void> {
		const { vi } = this;
		if (vi.path === undefined || !vi.modified || vi.ended !== undefined) return;
		this.kept = vi.lines;
		this.at = this.context.clock.now();
		vi.swap = swapPath(vi.path);
		const { files } = this.context;
		await files.write(vi.swap, vi.content()).catch((e: unknown) => vi.fail(`E72: Close error on swap file: ${e instanceof Error ? e.message : String(e)}`));
	}

	private async forget(): Promise<void> {
		const path = this.vi.swap ?? '';
		this.vi.swap = undefined;
		this.kept = undefined;
		this.at = 0;
		if ((await this.context.files.stat(path)) !== undefined) await this.context.files.remove(path);
	}
}

/** Offers what a swap file holds that the file does not: asked for with -r, or named as Vim's E325 would. */
export function* readSwap(vi: Vi, recover: boolean): Steps<void> {
	if (vi.path === undefined) return;
	const path = swapPath(vi.path);
	const stat = (yield vi.host.stat(path).catch(() => undefined)) as { kind: string } | undefined;
	if (stat?.kind !== 'file') {
		if (recover) vi.fail(`E305: No swap file found for ${vi.path}`);
		return;
	}
	if (!recover) {
		vi.fail(`E325: ATTENTION Found a swap file by the name "${path}": vi -r ${vi.path} brings back what was not written`);
		return;
	}
	const { lines } = linesOf((yield vi.host.read(path)) as string);
	vi.lines = lines;
	vi.swap = path;
	vi.say(`Recovery completed. You should check if everything is OK; :w keeps it`);
}

interface Remembered {
	readonly path: string;
	readonly cursor: Place;
	readonly top: number;
	readonly unsaved?: { readonly path: string; readonly text: string };
}

/** What the editor goes on from, where the shell ends under it. */
export function remember(vi: Vi): Remembered | undefined {
	if (vi.path === undefined) return undefined;
	const { path, cursor, top } = vi;
	return { path, cursor, top, ...(vi.modified ? { unsaved: { path, text: vi.content() } } : {}) };
}

export function rememberedOf(value: unknown): Remembered | undefined {
	return typeof value === 'object' && value !== null && 'path' in value && 'cursor' in value ? (value as Remembered) : undefined;
}

/** Brings text and cursor back as they were; the file has been opened. */
export function* goOn(vi: Vi, before: Remembered): Steps<void> {
	const path = swapPath(before.path);
	const stat = (yield vi.host.stat(path).catch(() => undefined)) as { kind: string } | undefined;
	if (stat?.kind === 'file') vi.swap = path;
	if (before.unsaved !== undefined) {
		vi.lines = linesOf(before.unsaved.text).lines;
		vi.say('Back again: this text is not written yet');
	}
	vi.top = before.top;
	vi.cursor = before.cursor;
	vi.clamp();
}
