/** What the page and the worker that reads the cluster's schemas say to each other. */
import type { Meaning, Offers } from './complete.ts';
import type { Fault } from './check.ts';

export interface Questions {
	check: [{ readonly text: string }, readonly Fault[]];
	offers: [{ readonly text: string; readonly offset: number }, Offers | undefined];
	meaning: [{ readonly text: string; readonly offset: number }, Meaning | undefined];
	/** Looks whether the cluster serves other kinds than before. */
	refresh: [Record<string, never>, boolean];
}
export type Question = keyof Questions;

export interface Asked {
	readonly id: number;
	readonly question: Question;
	readonly input: Questions[Question][0];
}

export interface Answered {
	readonly id: number;
	readonly value: Questions[Question][1];
}

/** The first message to the worker: where the cluster's API is. */
export interface Start {
	readonly base: string;
}
