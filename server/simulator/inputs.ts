/**
 * All that can happen to a simulated cluster from outside. A list of these and a starting state say everything about
 * a sandbox: replaying them gives the same bytes. Every input carries the virtual time at which it arrives; applying it
 * moves the clock there first.
 */
import type { ApiResponse, ApiWireRequest } from './apiserver/wire.ts';
import type { Dial, Outcome } from './network/types.ts';

export type Input = { readonly at: number } & InputBody;

export type InputBody =
	/** Nothing but the passing of time, to `at`. */
	| { readonly kind: 'tick' }
	| { readonly kind: 'request'; readonly request: ApiWireRequest }
	/** A dial from outside the cluster; read its outcome with `Simulator.outcome(id)`. */
	| { readonly kind: 'dial'; readonly id: string; readonly dial: Dial }
	| { readonly kind: 'abort'; readonly id: string }
	/** Something sent into a stream that a request opened (exec, attach, port-forward), or its end. */
	| { readonly kind: 'stream'; readonly id: string; readonly op: StreamInput }
	| { readonly kind: 'file'; readonly op: FileInput }
	/** Remembers something about the sandbox beside the cluster (a command line run, a shell's variables): `hosts/notes.ts`. */
	| { readonly kind: 'note'; readonly topic: string; readonly value: unknown }
	/** Something breaks, or is repaired, that no API can break. */
	| ({ readonly kind: 'fault' } & FaultInput)
	/** Gives a fork of a template randomness of its own. */
	| { readonly kind: 'reseed'; readonly seed: number };

/** Hardware's own faults: of a node's card (counted from 0) by the driver's Xid, and the reset or reboot after which all its cards are well. */
export type FaultInput =
	| { readonly fault: 'gpu-xid'; readonly node: string; readonly card: number; readonly xid: number }
	| { readonly fault: 'gpu-reset'; readonly node: string };

export type StreamInput =
	| { readonly op: 'stdin'; readonly data: string }
	| { readonly op: 'stdin-end' }
	| { readonly op: 'resize'; readonly columns: number; readonly rows: number }
	| { readonly op: 'close' };

/** A change of the workstation's files. Contents are text; binary content is kept as latin-1 text with `binary`. */
export type FileInput =
	| { readonly op: 'write'; readonly path: string; readonly content: string; readonly mode?: number; readonly binary?: boolean }
	| { readonly op: 'mkdir'; readonly path: string; readonly mode?: number }
	| { readonly op: 'remove'; readonly path: string }
	| { readonly op: 'symlink'; readonly path: string; readonly target: string }
	| { readonly op: 'chmod'; readonly path: string; readonly mode: number }
	| { readonly op: 'utimes'; readonly path: string; readonly mtime: number };

/** What applying an input answers, by its kind. */
export type InputResult = {
	readonly response?: ApiResponse;
	readonly outcome?: Outcome /** Of a fault: whether there was something to break. */;
	readonly done?: boolean;
};
