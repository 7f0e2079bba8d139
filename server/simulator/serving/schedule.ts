/** The engine's scheduler at work: a mutable draft of an `EngineState` that lives for one call of `advance`. */
import { BlockPool, type Request } from './blocks.ts';
import { endOf, stepsBy } from './decode-run.ts';
import type { Advanced, Counters, DecodeRun, EngineConfig, EngineEvent, EngineState, Flight, StepSpan } from './engine.ts';
import { decodeRun, outputMs, type StepLoad, stepMs } from './step.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** One step as decided: who gets how many tokens. */
interface Plan {
	readonly parts: { readonly request: Request; readonly tokens: number }[];
	readonly load: Draft<StepLoad>;
	/** Somebody was sent back to the queue: blocks may have come free, so the next step is decided anew. */
	preempted: boolean;
}

export class Scheduler {
	readonly #config: EngineConfig;
	#running: Request[] = [];
	#waiting: Request[] = [];
	#owned = false;
	#run: DecodeRun | undefined;
	#flight: Flight | undefined;
	readonly #blocks: BlockPool;
	#step: number;
	#aborting: readonly string[];
	readonly #counters: Draft<Counters>;
	readonly #events: EngineEvent[] = [];
	readonly #spans: StepSpan[] = [];
	readonly #from: EngineState;
	/** Steps of the current run that were already reported. */
	#reported: number;

	constructor(config: EngineConfig, state: EngineState) {
		this.#config = config;
		this.#from = state;
		this.#run = state.run;
		this.#flight = state.flight;
		this.#reported = state.run?.done ?? 0;
		this.#blocks = new BlockPool(config, state.freeBlocks, state.cache);
		this.#step = state.stepMs;
		this.#aborting = state.aborting;
		this.#counters = { ...state.counters };
	}

	/** Copies the requests before the first of them is changed; a call that only counts on a run never does. */
	#own(): void {
		if (this.#owned) return;
		this.#owned = true;
		this.#running = this.#from.running.map((r) => ({ ...r }));
		this.#waiting = this.#from.waiting.map((r) => ({ ...r }));
	}

	result(nowMs: number): Advanced {
		this.#report();
		const { run: _run, flight: _flight, ...from } = this.#from;
		const state: EngineState = {
			...from,
			nowMs,
			stepMs: this.#step,
			freeBlocks: this.#blocks.free,
			cache: this.#blocks.cache,
			aborting: this.#aborting,
			counters: this.#counters,
			...(this.#owned ? { running: this.#running, waiting: this.#waiting } : {}),
			...(this.#run === undefined ? {} : { run: this.#run }),
			...(this.#flight === undefined ? {} : { flight: this.#flight }),
		};
		return { state, events: this.#events, spans: this.#spans };
	}

	playTo(toMs: number): void {
		for (;;) {
			if (this.#run !== undefined) {
				if (!this.#playRun(toMs)) return;
				continue;
			}
			if (this.#flight !== undefined) {
				if (this.#flight.endMs > toMs) return;
				this.#land(this.#flight);
				continue;
			}
			this.#own();
			this.#dropAborted();
			const start = this.#startOfNext();
			// A step that starts right now may still get an arrival of this very moment.
			if (start === undefined || start >= toMs) return;
			const plan = this.#plan(start);
			if (plan === undefined || this.#startRun(start, plan)) continue;
			this.#flight = this.#launch(start, plan);
		}
	}

	/** End of the next step. */
	nextEnd(): number | undefined {
		return this.#peek((run) => endOf(run, run.done + 1));
	}

	/** End of the next step after which something else happens than one more token for everyone. */
	nextChange(): number | undefined {
		return this.#peek((run) => {
			const stop = this.#stopOf(run);
			const n = stop === undefined ? run.limit : Math.min(run.limit, stepsBy(run, stop) + 1);
			return endOf(run, Math.max(n, run.done + 1));
		});
	}

	#peek(ofRun: (run: DecodeRun) => number): number | undefined {
		if (this.#run !== undefined) return ofRun(this.#run);
		if (this.#flight !== undefined) return this.#flight.endMs;
		this.#own();
		this.#dropAborted();
		const start = this.#startOfNext();
		if (start === undefined) return undefined;
		const plan = this.#plan(start);
		if (plan === undefined) return start;
		if (this.#startRun(start, plan) && this.#run !== undefined) return ofRun(this.#run);
		return start + stepMs(this.#config.costs, plan.load);
	}

	/** When the run must end for an arrival; undefined where none can change it. */
	#stopOf(run: DecodeRun): number | undefined {
		if (this.#aborting.length > 0) return this.#from.nowMs;
		if (run.blocked) return undefined;
		return (this.#owned ? this.#waiting : this.#from.waiting)[0]?.queuedMs;
	}

	/** Plays the run as far as it goes by `toMs`; false: it goes on beyond. */
	#playRun(toMs: number): boolean {
		const run = this.#run;
		if (run === undefined) return true;
		const stop = this.#stopOf(run);
		let last = run.limit;
		if (stop !== undefined && endOf(run, last) > stop) {
			const before = stepsBy(run, stop);
			// The first boundary at or after the arrival.
			last = endOf(run, before) >= stop ? before : before + 1;
		}
		last = Math.max(last, run.done);
		const n = Math.min(last, stepsBy(run, toMs));
		const done = Math.max(n, run.done);
		this.#run = { ...run, done };
		this.#step = endOf(run, done);
		if (done < last) return false;
		this.#own();
		this.#report();
		this.#endRun(done);
		return true;
	}

	/** Puts the finished steps of the current run into the spans and counters. */
	#report(): void {
		const run = this.#run;
		if (run === undefined || run.done === this.#reported) return;
		const steps = run.done - this.#reported;
		const startMs = endOf(run, this.#reported);
		const endMs = endOf(run, run.done);
		const decodes = (this.#owned ? this.#running : this.#from.running).length;
		this.#spans.push({ startMs, endMs, steps, decodes, promptTokens: 0 });
		this.#counters.steps += steps;
		this.#counters.busyMs += endMs - startMs;
		this.#counters.generatedTokens += steps * decodes;
		this.#reported = run.done;
	}

	#endRun(steps: number): void {
		const run = this.#run;
		this.#run = undefined;
		this.#reported = 0;
		if (steps === 0) return;
		if (this.#config.lateOutputs && run !== undefined)
			this.#giveOut(run.startMs, { promptTokens: 0, promptWork: 0, promptContext: 0, promptsDone: 0, prompts: 0, decodes: this.#running.length, context: 0 });
		for (const r of this.#running) {
			r.computed += steps;
			r.generated += steps;
			this.#blocks.grow(r, r.computed);
		}
		this.#finish(this.#step);
	}

	/** Turns a step that only decodes into a run of as many as nothing can change. */
	#startRun(start: number, plan: Plan): boolean {
		const { load, parts } = plan;
		if (load.promptTokens > 0 || plan.preempted || parts.length !== this.#running.length) return false;
		const first = this.#waiting[0];
		const blocked = first !== undefined && first.queuedMs <= start;
		let limit = Number.POSITIVE_INFINITY;
		for (const r of this.#running) limit = Math.min(limit, r.outputTokens - r.generated);
		// The step after a first token ends with something to see.
		if (this.#config.lateOutputs && this.#running.some((r) => r.firstMs === undefined)) limit = Math.min(limit, 1);
		limit = this.#blocks.stepsThatFit(this.#running, limit);
		if (limit < 1) return false;
		// The plan took this step's blocks already; a run takes them at its end.
		for (const r of this.#running) this.#blocks.shrink(r);
		const { first: firstMs, growth, steps } = decodeRun(this.#config.costs, load.decodes, load.context);
		this.#run = { startMs: start, first: firstMs, growth, limit: Math.min(limit, steps), done: 0, blocked };
		this.#step = start;
		return true;
	}

	/** When the next step can start; undefined where there is nothing to do. */
	#startOfNext(): number | undefined {
		if (this.#running.length > 0) return this.#step;
		const first = this.#waiting[0];
		return first === undefined ? undefined : Math.max(this.#step, first.queuedMs);
	}

	/** Decides the next step; undefined where nobody could be given a token (somebody was preempted: decide again). */
	#plan(start: number): Plan | undefined {
		const plan: Plan = {
			parts: [],
			load: { promptTokens: 0, promptWork: 0, promptContext: 0, promptsDone: 0, prompts: 0, decodes: 0, context: 0 },
			preempted: false,
		};
		if (this.#config.chunked) {
			const left = this.#planRunning(plan, this.#config.budget, start);
			if (!plan.preempted) this.#admit(plan, left, start);
		} else {
			this.#admit(plan, this.#config.budget, start);
			if (plan.parts.length === 0) this.#planRunning(plan, Number.POSITIVE_INFINITY, start);
		}
		return plan.parts.length === 0 ? undefined : plan;
	}

	/** Gives every running request its next tokens, oldest first; where blocks run out, the youngest goes back to the queue. */
	#planRunning(plan: Plan, budget: number, start: number): number {
		let left = budget;
		for (let i = 0; i < this.#running.length && left > 0; i++) {
			const r = this.#running[i];
			if (r === undefined) break;
			const tokens = Math.min(r.promptTokens + r.generated - r.computed, left);
			let fits = this.#blocks.grow(r, r.computed + tokens);
			while (!fits) {
				const last = this.#running.at(-1);
				if (last === undefined) break;
				this.#preempt(last, start);
				plan.preempted = true;
				if (last === r) break;
				fits = this.#blocks.grow(r, r.computed + tokens);
			}
			if (!fits) break;
			this.#take(plan, r, tokens);
			left -= tokens;
		}
		return left;
	}

	#preempt(r: Request, atMs: number): void {
		this.#running.pop();
		this.#blocks.release(r, atMs);
		r.computed = 0;
		r.preemptions++;
		this.#counters.preemptions++;
		this.#waiting.unshift(r);
		this.#events.push({ kind: 'preempted', atMs, id: r.id });
	}

	/** Takes requests from the queue, first come first served, while the batch, the budget and the blocks allow. */
	#admit(plan: Plan, budget: number, start: number): void {
		let left = budget;
		while (left > 0 && this.#running.length < this.#config.maxNumSeqs) {
			const r = this.#waiting[0];
			if (r === undefined || r.queuedMs > start) return;
			const whole = !this.#config.chunked;
			const tokens = this.#blocks.admit(r, start, whole && this.#running.length > 0, () => {
				const wanted = r.promptTokens + r.generated - r.computed;
				// A prompt longer than the budget of V0 was refused at the door; recomputed ones may exceed it alone.
				if (whole) return wanted > left && plan.parts.length > 0 ? undefined : wanted;
				return Math.min(wanted, left);
			});
			if (tokens === undefined) return;
			this.#waiting.shift();
			this.#running.push(r);
			if (this.#config.prefixCaching) {
				this.#counters.prefixQueries += r.promptTokens;
				this.#counters.prefixHits += r.computed;
			}
			if (r.scheduledMs === undefined) {
				r.scheduledMs = start;
				r.cachedTokens = r.computed;
			}
			this.#take(plan, r, tokens);
			left -= tokens;
		}
	}

	#take(plan: Plan, request: Request, tokens: number): void {
		const { load } = plan;
		plan.parts.push({ request, tokens });
		const after = request.computed + tokens;
		const total = request.promptTokens + request.generated;
		if (tokens === 1 && request.generated > 0) {
			load.decodes++;
			load.context += after;
			return;
		}
		load.prompts++;
		load.promptTokens += tokens;
		load.promptWork += tokens * (request.computed + (tokens + 1) / 2);
		load.promptContext += request.computed;
		if (after === total) load.promptsDone++;
	}

	#launch(startMs: number, plan: Plan): Flight {
		const tokens = new Map(plan.parts.map((p) => [p.request, p.tokens]));
		return { startMs, endMs: startMs + stepMs(this.#config.costs, plan.load), load: plan.load, tokens: this.#running.map((r) => tokens.get(r) ?? 0) };
	}

	#land(flight: Flight): void {
		this.#own();
		this.#flight = undefined;
		const { startMs, endMs, load } = flight;
		const c = this.#counters;
		this.#step = endMs;
		c.steps++;
		c.busyMs += endMs - startMs;
		c.promptTokens += load.promptTokens;
		c.generatedTokens += load.decodes + load.promptsDone;
		this.#spans.push({ startMs, endMs, steps: 1, decodes: load.decodes, promptTokens: load.promptTokens });
		if (this.#config.lateOutputs) this.#giveOut(startMs, load);
		this.#running.forEach((r, i) => {
			const tokens = flight.tokens[i] ?? 0;
			if (tokens > 0) this.#progress(r, tokens, endMs);
		});
		this.#finish(endMs);
	}

	#progress(r: Request, tokens: number, atMs: number): void {
		const total = r.promptTokens + r.generated;
		r.computed += tokens;
		this.#blocks.share(r, atMs);
		if (r.computed < total) return;
		r.generated++;
		// An output of one token is given out as it ends.
		if (!this.#config.lateOutputs || r.generated >= r.outputTokens) this.#first(r, atMs);
	}

	#first(r: Request, atMs: number): void {
		if (r.firstMs !== undefined) return;
		r.firstMs = atMs;
		this.#events.push({ kind: 'first', atMs, id: r.id });
	}

	/** First tokens of the step before this one. */
	#giveOut(startMs: number, load: StepLoad): void {
		const lateMs = outputMs(this.#config.costs, load);
		for (const r of this.#running) {
			if (r.generated === 0 || r.firstMs !== undefined) continue;
			r.lateMs = lateMs;
			this.#first(r, startMs + lateMs);
		}
	}

	#finish(atMs: number): void {
		const done = this.#running.filter((r) => r.generated >= r.outputTokens);
		if (done.length === 0) return;
		this.#running = this.#running.filter((r) => r.generated < r.outputTokens);
		for (const r of done) {
			this.#blocks.release(r, atMs);
			this.#events.push({ kind: 'finished', atMs, id: r.id, record: r });
		}
	}

	#dropAborted(): void {
		if (this.#aborting.length === 0) return;
		const gone = new Set(this.#aborting);
		for (const r of [...this.#running, ...this.#waiting]) {
			if (!gone.has(r.id)) continue;
			this.#blocks.release(r, this.#step);
			this.#events.push({ kind: 'aborted', atMs: this.#step, id: r.id, record: r });
		}
		this.#running = this.#running.filter((r) => !gone.has(r.id));
		this.#waiting = this.#waiting.filter((r) => !gone.has(r.id));
		this.#aborting = [];
	}
}
