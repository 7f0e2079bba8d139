import fc from 'fast-check';
import { treeValues } from '../kernel/tree.ts';
import { describe, expect, it } from 'vitest';
import { BLOCK, deployment } from './deployment.ts';
import {
	abort,
	advance,
	type EngineConfig,
	type EngineEvent,
	type EngineState,
	emptyEngine,
	engineConfig,
	generatedTokens,
	longestRequest,
	nextEventMs,
	nextStepMs,
	type RequestRecord,
	type StepSpan,
	submit,
} from './engine.ts';
import { findGpu } from './hardware.ts';
import { findModel } from './models.ts';
import { decodeRun, stepMs } from './step.ts';

const FAR = 1e12;

function config(over: Partial<EngineConfig> = {}, version = 15): EngineConfig {
	const model = findModel('Llama-3.1-8B');
	const gpu = findGpu('H100');
	if (model === undefined || gpu === undefined) throw new Error('tables');
	return { ...engineConfig(deployment(model, gpu, 1, version, { maxModelLen: 8192 })), ...over };
}

interface Ask {
	readonly at: number;
	readonly prompt: number;
	readonly output: number;
	readonly shared?: number;
}

function load(c: EngineConfig, asks: readonly Ask[], state = emptyEngine(c)): EngineState {
	return asks.reduce((s, a, i) => {
		const segments = a.shared === undefined ? {} : { segments: [{ key: 'system', tokens: Math.min(a.shared, a.prompt) }] };
		return submit(c, s, { id: `r${i}`, arrivalMs: a.at, promptTokens: a.prompt, outputTokens: a.output, ...segments }) ?? s;
	}, state);
}

/** Blocks that requests and cached segments in use hold. */
function held(c: EngineConfig, state: EngineState): number {
	const own = state.running.reduce((n, r) => n + r.blocks, 0);
	const shared = treeValues(state.cache.segments).reduce((n, s) => n + (s.users > 0 ? s.blocks : 0), 0);
	expect(own + shared + state.freeBlocks).toBe(c.blocks);
	return own + shared;
}

const asks = fc.array(
	fc.record({ at: fc.integer({ min: 0, max: 3000 }), prompt: fc.integer({ min: 1, max: 900 }), output: fc.integer({ min: 1, max: 300 }) }),
	{
		minLength: 1,
		maxLength: 40,
	},
);
/** Schedulers with little room, so that queues and preemption are common. */
const tight = fc.record({
	blocks: fc.integer({ min: 80, max: 400 }),
	maxNumSeqs: fc.integer({ min: 1, max: 12 }),
	budget: fc.integer({ min: 16, max: 2048 }),
	chunked: fc.boolean(),
});

describe('the engine', () => {
	it('finishes every request with all its tokens and gives every block back', () => {
		fc.assert(
			fc.property(asks, tight, (list, over) => {
				const c = config(over);
				const { state, events } = advance(c, load(c, list), FAR);
				const finished = events.filter((e) => e.kind === 'finished');
				expect(finished).toHaveLength(list.length);
				expect(events.filter((e) => e.kind === 'first')).toHaveLength(list.length);
				for (const e of finished) {
					const ask = list[Number(e.id.slice(1))];
					expect(e.record.generated).toBe(Math.min(ask?.output ?? 0, longestRequest(c) - (ask?.prompt ?? 0)));
					expect(e.record.firstMs).toBeGreaterThan(e.record.arrivalMs);
					expect(e.atMs).toBeGreaterThanOrEqual(e.record.firstMs ?? Number.POSITIVE_INFINITY);
				}
				expect(state.running).toEqual([]);
				expect(state.waiting).toEqual([]);
				expect(state.freeBlocks).toBe(c.blocks);
				expect(state.counters.generatedTokens).toBe(finished.reduce((n, e) => n + e.record.generated, 0));
			}),
			{ numRuns: 150 },
		);
	});

	it('never holds more blocks, sequences or prompt tokens than it may, and counts every block at every moment', () => {
		fc.assert(
			fc.property(asks, tight, (list, over) => {
				const c = config(over);
				let state = load(c, list);
				for (let to = nextStepMs(c, state); to !== undefined; to = nextStepMs(c, state)) {
					const a = advance(c, state, Math.max(to, state.nowMs + 1e-9));
					state = a.state;
					expect(held(c, state)).toBeLessThanOrEqual(c.blocks);
					expect(state.freeBlocks).toBeGreaterThanOrEqual(0);
					expect(state.running.length).toBeLessThanOrEqual(c.maxNumSeqs);
					if (c.chunked) for (const s of a.spans) expect(s.promptTokens + s.decodes).toBeLessThanOrEqual(c.budget);
				}
			}),
			{ numRuns: 40 },
		);
	});

	it('admits in the order of arrival', () => {
		fc.assert(
			fc.property(asks, tight, (list, over) => {
				const c = config(over);
				const { events } = advance(c, load(c, list), FAR);
				const records = events.filter((e): e is Extract<EngineEvent, { kind: 'finished' }> => e.kind === 'finished').map((e) => e.record);
				const inOrder = [...records].sort((a, b) => a.queuedMs - b.queuedMs);
				const scheduled = inOrder.map((r: RequestRecord) => r.scheduledMs ?? -1);
				for (let i = 1; i < scheduled.length; i++)
					if (inOrder[i]?.queuedMs !== inOrder[i - 1]?.queuedMs) expect(scheduled[i]).toBeGreaterThanOrEqual(scheduled[i - 1] ?? 0);
			}),
			{ numRuns: 100 },
		);
	});

	it('gives the same numbers however the time is cut, and whenever the arrivals become known', () => {
		fc.assert(
			fc.property(asks, tight, fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 30 }), (list, over, cuts) => {
				const c = config(over);
				const whole = advance(c, load(c, list), FAR);
				const byArrival = list.map((a, i) => ({ ...a, id: `r${i}` })).sort((a, b) => a.at - b.at);
				let state = emptyEngine(c);
				const events: EngineEvent[] = [];
				const go = (to: number): void => {
					const a = advance(c, state, to);
					state = a.state;
					events.push(...a.events);
				};
				const times = [...cuts, ...byArrival.map((a) => a.at), FAR].sort((a, b) => a - b);
				for (const t of times) {
					for (let next = byArrival[0]; next !== undefined && next.at <= t; next = byArrival[0]) {
						byArrival.shift();
						go(next.at);
						state = submit(c, state, { id: next.id, arrivalMs: next.at, promptTokens: next.prompt, outputTokens: next.output }) ?? state;
					}
					go(t);
				}
				const order = (e: EngineEvent): string => `${e.kind} ${e.id} ${e.atMs}`;
				expect(events.map(order).sort()).toEqual(whole.events.map(order).sort());
				expect(state.counters.steps).toBe(whole.state.counters.steps);
			}),
			{ numRuns: 80 },
		);
	});

	it('skips over decode steps with the same end as step by step', () => {
		const c = config({ promptMs: 0 });
		const list: Ask[] = [1, 2, 3].map((i) => ({ at: 0, prompt: 100 * i, output: 200 + i }));
		const whole = advance(c, load(c, list), FAR);
		let at = 0;
		let context = 0;
		// All three prompts fit into the first step; from then on the batch only decodes.
		const first = whole.events.find((e) => e.kind === 'first');
		at = first?.atMs ?? 0;
		context = 603;
		for (let i = 0; i < 200; i++) {
			at += stepMs(c.costs, { promptTokens: 0, promptWork: 0, promptContext: 0, promptsDone: 0, prompts: 0, decodes: 3, context });
			context += 3;
		}
		const finished = whole.events.find((e) => e.kind === 'finished' && e.id === 'r0');
		expect(finished?.atMs).toBeCloseTo(at, 6);
		expect(whole.spans.length).toBeLessThan(10);
		const run = decodeRun(c.costs, 3, 603);
		expect(run.growth).toBeGreaterThan(0);
	});

	it('is as slow as the host where that has more to do than the GPU, until the cache is long enough', () => {
		const c = config();
		// Beside a GPU that is done in `gpu` ms the host works 3 ms longer.
		const decode = (context: number) => ({ promptTokens: 0, promptWork: 0, promptContext: 0, promptsDone: 0, prompts: 0, decodes: 4, context });
		const idle = { ...c.costs, launch: 0, besideSequence: 0 };
		const gpu = stepMs(idle, decode(400)) - idle.fixed - idle.perSequence * 4;
		const busy = { ...idle, launch: gpu + 3 };
		expect(stepMs(busy, decode(400)) - stepMs(idle, decode(400))).toBeCloseTo(3, 9);
		const run = decodeRun(busy, 4, 400);
		expect(run.growth).toBe(0);
		// Every step of the run is as long as the first, the one after it longer.
		expect(stepMs(busy, decode(400 + 4 * (run.steps - 1)))).toBeCloseTo(run.first, 9);
		expect(stepMs(busy, decode(400 + 4 * (run.steps + 1)))).toBeGreaterThan(run.first);
		expect(decodeRun(idle, 4, 400)).toMatchObject({ steps: Number.POSITIVE_INFINITY });
		const played = advance({ ...c, costs: busy }, load({ ...c, costs: busy }, [{ at: 0, prompt: 50, output: 8 }]), FAR);
		expect(played.events.map((e) => e.kind)).toEqual(['first', 'finished']);
	});

	it('gives outputs of V0 out during the next step, of V1 at the end of their own', () => {
		const times = (version: number): readonly [number, number, number] => {
			const c = config({ frontMs: 0, promptMs: 0 }, version);
			const events = advance(c, load(c, [{ at: 0, prompt: 500, output: 20 }]), FAR).events;
			const at = (kind: EngineEvent['kind']) => events.find((e) => e.kind === kind)?.atMs ?? Number.NaN;
			const prompt = { promptTokens: 500, promptWork: (500 * 501) / 2, promptContext: 0, promptsDone: 1, prompts: 1, decodes: 0, context: 0 };
			return [stepMs(c.costs, prompt), at('first'), at('finished')];
		};
		const [v1Step, v1First] = times(15);
		expect(v1First).toBeCloseTo(v1Step, 6);
		const [v0Step, v0First, v0Last] = times(7.3);
		expect(v0First).toBeGreaterThan(v0Step);
		// Not later than the next step's end.
		expect(v0First).toBeLessThan(v0Step + (v0Last - v0Step) / 10);
	});

	it('reports each finished step once', () => {
		const c = config();
		let state = load(c, [{ at: 0, prompt: 50, output: 400 }]);
		const spans: StepSpan[] = [];
		for (let t = 100; state.running.length + state.waiting.length > 0; t += 100) {
			const a = advance(c, state, t);
			state = a.state;
			spans.push(...a.spans);
		}
		expect(spans.reduce((n, s) => n + s.steps, 0)).toBe(400);
		expect(spans.reduce((n, s) => n + s.endMs - s.startMs, 0)).toBeCloseTo(state.counters.busyMs, 6);
		for (let i = 1; i < spans.length; i++) expect(spans[i]?.startMs).toBeCloseTo(spans[i - 1]?.endMs ?? 0, 9);
	});

	it('preempts the youngest when blocks run out, and computes it again', () => {
		const c = config({ blocks: 100 });
		const { state, events } = advance(
			c,
			load(
				c,
				[0, 1].map((at) => ({ at, prompt: 700, output: 400 })),
			),
			FAR,
		);
		expect(events.filter((e) => e.kind === 'preempted').map((e) => e.id)).toEqual(['r1']);
		expect(state.counters.preemptions).toBe(1);
		expect(state.counters.promptTokens).toBeGreaterThan(1400);
		const second = events.find((e) => e.kind === 'finished' && e.id === 'r1');
		expect(second?.kind === 'finished' && second.record.preemptions).toBe(1);
	});

	it('computes a shared beginning once and forgets it only for room', () => {
		const c = config({ prefixCaching: true, blocks: 200, budget: 4096 });
		const one = { prompt: 1100, output: 10, shared: 1024 };
		const { state, events } = advance(
			c,
			load(c, [
				{ ...one, at: 0 },
				{ ...one, at: 5000 },
			]),
			FAR,
		);
		const records = events.flatMap((e) => (e.kind === 'finished' ? [e.record] : []));
		expect(records.map((r) => r.cachedTokens)).toEqual([0, 1024]);
		expect((records[1]?.firstMs ?? 0) - 5000).toBeLessThan(records[0]?.firstMs ?? 0);
		expect(state.counters).toMatchObject({ prefixQueries: 2200, prefixHits: 1024 });
		expect(state.cache.idle).toBe(1024 / BLOCK);
		const later = submit(c, state, { id: 'big', arrivalMs: state.nowMs, promptTokens: 3000, outputTokens: 5 });
		expect(later).toBeDefined();
		if (later !== undefined) expect(advance(c, later, later.nowMs + FAR).state.cache.idle).toBe(0);
	});

	it('keeps count of shared blocks in every order of arrivals', () => {
		const shared = fc.array(
			fc.record({
				at: fc.integer({ min: 0, max: 2000 }),
				prompt: fc.integer({ min: 200, max: 600 }),
				output: fc.integer({ min: 1, max: 200 }),
				shared: fc.constantFrom(150, 150, 100),
			}),
			{ minLength: 1, maxLength: 25 },
		);
		fc.assert(
			fc.property(shared, fc.integer({ min: 60, max: 200 }), (list, blocks) => {
				const c = config({ prefixCaching: true, blocks, maxNumSeqs: 8, budget: 512 });
				let state = load(c, list);
				let finished = 0;
				for (let t = 200; state.running.length + state.waiting.length > 0 && t < 1e6; t += 200) {
					const a = advance(c, state, t);
					state = a.state;
					finished += a.events.filter((e) => e.kind === 'finished').length;
					held(c, state);
				}
				expect(finished).toBe(list.length);
				expect(state.freeBlocks).toBe(c.blocks);
				expect(state.cache.idle).toBe(treeValues(state.cache.segments).reduce((n, s) => n + s.blocks, 0));
			}),
			{ numRuns: 60 },
		);
	});

	it('ends an aborted request at the next boundary', () => {
		const c = config();
		let state = advance(
			c,
			load(
				c,
				[0, 0].map((at) => ({ at, prompt: 100, output: 1000 })),
			),
			500,
		).state;
		expect(generatedTokens(state, 'r0')).toBeGreaterThan(10);
		const a = advance(c, abort(state, 'r0'), 600);
		state = a.state;
		expect(a.events.map((e) => [e.kind, e.id])).toEqual([['aborted', 'r0']]);
		expect(state.running.map((r) => r.id)).toEqual(['r1']);
		expect(generatedTokens(state, 'r0')).toBeUndefined();
		const end = advance(c, state, FAR);
		expect(end.state.freeBlocks).toBe(c.blocks);
		expect(end.events.filter((e) => e.kind === 'finished').map((e) => e.id)).toEqual(['r1']);
	});

	it('aborts what still waits, and forgets an id that it does not know', () => {
		const c = config({ maxNumSeqs: 1 });
		const state = advance(
			c,
			load(
				c,
				[0, 0].map((at) => ({ at, prompt: 100, output: 100 })),
			),
			100,
		).state;
		const a = advance(c, abort(abort(state, 'r1'), 'nobody'), FAR);
		expect(a.events.map((e) => e.kind)).toEqual(['aborted', 'finished']);
		expect(a.state.aborting).toEqual([]);
	});

	it('refuses a prompt that leaves no room for a token', () => {
		const c = config({ blocks: 20 });
		const s = emptyEngine(c);
		expect(submit(c, s, { id: 'x', arrivalMs: 0, promptTokens: 20 * BLOCK, outputTokens: 1 })).toBeUndefined();
		expect(submit(c, s, { id: 'x', arrivalMs: 0, promptTokens: 0, outputTokens: 1 })).toBeUndefined();
		expect(submit(c, s, { id: 'x', arrivalMs: 0, promptTokens: 20 * BLOCK - 1, outputTokens: 9 })?.waiting[0]?.outputTokens).toBe(1);
	});

	it('is plain data that survives JSON', () => {
		const c = config();
		const half = advance(
			c,
			load(c, [
				{ at: 0, prompt: 3000, output: 500 },
				{ at: 90, prompt: 9, output: 50 },
			]),
			333,
		).state;
		const again = JSON.parse(JSON.stringify(half)) as EngineState;
		expect(advance(c, again, FAR)).toEqual(advance(c, half, FAR));
	});

	it('says when something happens next', () => {
		const c = config();
		expect(nextEventMs(c, emptyEngine(c))).toBeUndefined();
		let state = load(c, [{ at: 0, prompt: 100, output: 300 }]);
		const seen: number[] = [];
		for (let to = nextEventMs(c, state); to !== undefined; to = nextEventMs(c, state)) {
			const a = advance(c, state, to);
			seen.push(a.events.length);
			state = a.state;
			expect(state.nowMs).toBe(to);
		}
		// The first token, then the end: nothing between needs a look.
		expect(seen).toEqual([1, 1]);
	});

	it('takes 1,000 streams at once', () => {
		const c = config({ maxNumSeqs: 256 });
		const { events } = advance(
			c,
			load(
				c,
				Array.from({ length: 1000 }, () => ({ at: 0, prompt: 200, output: 100 })),
			),
			FAR,
		);
		expect(events.filter((e) => e.kind === 'finished')).toHaveLength(1000);
	});
});
