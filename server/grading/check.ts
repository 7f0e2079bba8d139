/** What a check is: a question about effects, answered through five readers. The words of a check stand in lab.yaml, its code in checks.ts. */
import type { ApiReader } from './readers.ts';
import type { Capabilities, SandboxClock, SandboxFaults, SandboxJournal, SandboxMetrics, SandboxNetwork, WorkstationFiles } from '../sandboxes/sandbox.ts';

/** Pass, fail, or could not grade. The third never costs a learner anything and always says why. */
export type CheckOutcome =
	| { readonly outcome: 'pass'; readonly seen: string }
	| { readonly outcome: 'fail'; readonly expected: string; readonly seen: string }
	| { readonly outcome: 'ungraded'; readonly reason: string };

export interface Readers {
	readonly api: ApiReader;
	readonly network: SandboxNetwork;
	readonly files: WorkstationFiles;
	readonly journal: SandboxJournal;
	readonly metrics: SandboxMetrics;
	readonly clock: SandboxClock;
	/** Undefined where the provider's hardware is real: there `inFork` can't be had either. */
	readonly faults: SandboxFaults | undefined;
}

export interface CheckContext extends Readers {
	/** A number fixed for the attempt: secrets and tokens derive from it. */
	readonly seed: number;
	/** An unguessable text for this attempt and purpose; the same on every call with the same purpose. */
	token(purpose: string): string;
	/** Readers on a throwaway copy; whatever happens there is gone afterwards. Where the provider can't fork, the check ends as 'ungraded'. */
	inFork<T>(use: (fork: CheckContext) => Promise<T>): Promise<T>;
	/** Like `inFork`, but where the provider can't fork it works on the learner's own sandbox: for checks that undo the little that they do. */
	inCopy<T>(use: (copy: CheckContext) => Promise<T>): Promise<T>;
	readonly capabilities: Capabilities;
	/** Asks again until the answer is truthy or the sandbox's clock has moved on by `timeoutMs`; the last answer is returned either way. */
	until<T>(ask: () => Promise<T>, options?: { readonly timeoutMs?: number; readonly intervalMs?: number }): Promise<T>;
}

export type CheckFunction = (context: CheckContext) => Promise<CheckOutcome>;

/** What a lab's checks.ts exports as `checks`: the code for each check id of lab.yaml. */
export type CheckTable = { readonly [checkId: string]: CheckFunction };

export const pass = (seen: string): CheckOutcome => ({ outcome: 'pass', seen });
export const fail = (expected: string, seen: string): CheckOutcome => ({ outcome: 'fail', expected, seen });
export const ungraded = (reason: string): CheckOutcome => ({ outcome: 'ungraded', reason });
