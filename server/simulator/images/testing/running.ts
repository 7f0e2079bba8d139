/** A process that runs in a test's container, and what its handlers may ask of that container. */
import type { VisibleGpu } from '../../gpu/contract.ts';
import type { FileResult, Process, Program, Signal } from '../program.ts';
import type { TestClock } from './clock.ts';
import type { TestFiles } from './files.ts';
import type { TestNetwork } from './network.ts';

type ChildEnd = (result: { readonly pid: number; readonly exitCode: number; readonly stdout: string; readonly stderr: string }) => void;

export interface Running {
	readonly pid: number;
	readonly ppid: number;
	argv: readonly string[];
	env: { readonly [name: string]: string };
	cwd: string;
	data: unknown;
	program: Program<unknown>;
	stdin: { text: string; ended: boolean; waiting: boolean };
	readonly out: (text: string) => void;
	readonly err: (text: string) => void;
	readonly timers: Map<string, number>;
	readonly onEnd: ChildEnd;
	collected: { out: string; err: string };
	ended: boolean;
	tty: boolean;
	readonly startedAt: number;
}

/** A program found for a command line. */
export interface Found {
	readonly program: Program<unknown>;
	readonly argv: readonly string[];
}

export interface StartOptions {
	readonly out: (text: string) => void;
	readonly err: (text: string) => void;
	readonly end: ChildEnd;
	readonly ppid: number;
	readonly env: Running['env'];
	readonly cwd: string;
	readonly stdin: Running['stdin'];
	readonly tty: boolean;
}

export type Run = (program: Program<unknown>, handle: Process<unknown>) => void;

/** What containers share. */
export interface Surroundings {
	readonly clock: TestClock;
	readonly network: TestNetwork;
	readonly roundTrip: boolean;
	readonly privilegedPorts: boolean;
	random(): number;
}

export interface Container {
	readonly world: Surroundings;
	readonly name: string;
	readonly uid: number;
	readonly gpus: readonly VisibleGpu[];
	readonly files: TestFiles;
	/** Process ids by number. */
	readonly processes: ReadonlyMap<number, Running>;
	/** Process ids by the port they listen on. */
	readonly listeners: Map<number, number>;
	readonly cpu: { spent: number; milli: number; memory: number };
	find(argv: readonly string[], env: Running['env'], cwd: string): Found | undefined;
	start(argv: readonly string[], options: StartOptions): FileResult<number>;
	/** Runs a handler of a process, unless it has ended. */
	call(process: Running, run: Run): void;
	/** `inside`: sent by a process of the container. */
	signal(signal: Signal, pid: number, inside: boolean): boolean;
}
