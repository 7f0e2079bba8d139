/** Load that checks send to served models, and what it comes to. */
import type { Measured, Sender } from '../traffic/drive.ts';
import { percentile, tpots, ttfts } from '../traffic/figures.ts';
import type { CheckContext } from './check.ts';

/** Traffic on the clock and network of a check's copy. */
export const senderIn = (c: CheckContext): Sender => ({ network: c.network, clock: c.clock, sleep: (ms) => c.clock.advance(ms) });

export interface Run {
	readonly sent: number;
	readonly failed: number;
	/** The first failure's words. */
	readonly failure: string;
	/** ms, 95th percentile. */
	readonly ttft: number;
	readonly tpot: number;
	/** Output tokens a second. */
	readonly throughput: number;
}

export function summed(all: readonly Measured[]): Run {
	const done = all.filter((m) => m.ok);
	const bad = all.find((m) => !m.ok);
	const seconds = (Math.max(...all.map((m) => m.endedAt)) - Math.min(...all.map((m) => m.startedAt))) / 1000;
	return {
		sent: all.length,
		failed: all.length - done.length,
		failure: bad === undefined ? '' : (bad.error === '' ? 'a stream that broke off' : bad.error).slice(0, 160),
		ttft: percentile(ttfts(done), 95),
		tpot: percentile(tpots(done), 95),
		throughput: done.reduce((n, m) => n + m.output, 0) / Math.max(0.001, seconds),
	};
}

/** `44.9 ms`, `220 ms`. */
export const inMs = (n: number): string => `${n < 100 ? n.toFixed(1) : Math.round(n)} ms`;
