/** Durable storage. Whoever implements it: a write that resolved survives `kill -9` and a power cut. */
import type { Learner } from '../protocol/progress.ts';

export interface LearnerStore {
	/** The record, or undefined where there is none. Rejects with `record-damaged` where it cannot be read. */
	read(id: string): Promise<Learner | undefined>;
	/** Replaces the record. Rejects with `disk-full` or `disk-failed`; the old record then stands. One write a learner at a time. */
	write(learner: Learner): Promise<void>;
	/** Removes the record for good; nothing happens where there is none. */
	remove(id: string): Promise<void>;
	/** Ids of all learners. */
	list(): Promise<readonly string[]>;
}

/** One document that is read and replaced as a whole; the same promises as above. */
export interface DocumentStore<T> {
	read(): Promise<T | undefined>;
	write(document: T): Promise<void>;
}
