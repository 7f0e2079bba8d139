/** What the program in the foreground keeps for the case that the shell ends under it, and what one before it kept. */
import type { ProgramMemory } from '../shell/command.ts';
import { unsavedOf } from './resume.ts';

/** Real ms between two times that what a program keeps is handed on. */
const KEEP_EVERY_MS = 1000;

export class ProgramKeeper {
	readonly memory: ProgramMemory;
	private readonly handOver: ((kept: unknown) => void) | undefined;
	/** The command line that was cut short with the shell before this one; taken up before the first prompt. */
	private line: string | undefined;
	/** What its program kept. */
	private kept: unknown;
	/** What the present one keeps. */
	private keeps: (() => unknown) | undefined;
	private timer: ReturnType<typeof setTimeout> | undefined;

	constructor(cutShort: string | undefined, kept: unknown, handOver: ((kept: unknown) => void) | undefined) {
		this.line = cutShort;
		this.kept = cutShort === undefined ? undefined : kept;
		this.handOver = handOver;
		this.memory = { before: () => (this.line === undefined ? undefined : this.kept), keep: (now) => this.keepForLater(now) };
	}

	get cutShort(): string | undefined {
		return this.line;
	}

	/** An editor's text that was not written when it was cut short. */
	get unsaved(): ReturnType<typeof unsavedOf> {
		return unsavedOf(this.kept);
	}

	/** Nothing runs that could be cut short. */
	forget(): void {
		this.line = undefined;
		this.stopTimer();
		if (this.kept !== undefined || this.keeps !== undefined) this.handOver?.(undefined);
		this.kept = undefined;
		this.keeps = undefined;
	}

	/** Hands on what is still to be handed on. */
	close(): void {
		if (this.timer !== undefined) this.handOn();
	}

	/** Hands on what a program keeps, now and then: an editor changes with every key. */
	private keepForLater(now: () => unknown): void {
		this.keeps = now;
		this.timer ??= setTimeout(() => this.handOn(), KEEP_EVERY_MS).unref();
	}

	private handOn(): void {
		this.stopTimer();
		if (this.keeps !== undefined) this.handOver?.(this.keeps());
	}

	private stopTimer(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
	}
}
