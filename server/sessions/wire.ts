/** What the main thread and a worker say to each other: calls with an answer, posts without, and events back. All of it is structured-cloned. */
import type { FaultWords } from '../errors/catalogue.ts';
import type { Verdict } from '../protocol/lab.ts';
import type { Checkpoint, CheckpointChanges, ClusterView, FileEntry, Program } from '../protocol/messages.ts';
import type { Capture } from '../protocol/reviews.ts';
import type { AttemptFacts } from '../protocol/progress.ts';
import type { Applied, FileChange, FileDone } from '../protocol/workspace.ts';
import type { ArchiveFormat } from './archive/folder.ts';

interface OpenSession {
	readonly session: string;
	readonly lab: string;
	/** The session's own folder, absolute. */
	readonly folder: string;
	/** The learner's own tokens derive from it. */
	readonly seed: number;
}

export interface SessionOpened {
	/** The sandbox was there already, in memory or on disk. */
	readonly resumed: boolean;
	readonly provider: string;
	readonly capabilities: { readonly [name: string]: boolean };
	/** Something to tell the learner about how it came back. */
	readonly notice?: FaultWords;
}

export interface ClusterHead {
	readonly status: number;
	readonly headers: readonly (readonly [string, string])[];
	/** The whole body; undefined where it follows in pieces as `body` events. */
	readonly body?: Uint8Array;
}

/** name → [what is sent, what comes back] */
export interface WorkerCalls {
	open: [OpenSession, SessionOpened];
	/** Puts a session on disk and forgets it. */
	close: [{ readonly session: string }, null];
	terminalOpen: [
		{ readonly session: string; readonly terminal: string; readonly columns: number; readonly rows: number },
		{ readonly scrollback: string; readonly columns: number; readonly rows: number },
	];
	terminalEnd: [{ readonly session: string; readonly terminal: string }, null];
	programs: [{ readonly session: string }, Program[]];
	checkpointList: [{ readonly session: string }, Checkpoint[]];
	/** `name` is a learner's own, or the tasks that turned green. */
	checkpointSave: [{ readonly session: string; readonly reason: 'hand' | 'task'; readonly name: string }, null];
	checkpointRemove: [{ readonly session: string; readonly checkpoint: string }, null];
	checkpointLook: [{ readonly session: string; readonly checkpoint: string }, CheckpointChanges];
	/** Puts the session on disk as it was then; open it again. */
	checkpointRewind: [{ readonly session: string; readonly checkpoint: string }, null];
	/** Recordings are written up to now; the folder that they lie in. */
	recordings: [{ readonly session: string }, string];
	fileList: [{ readonly session: string }, readonly FileEntry[]];
	fileRead: [{ readonly session: string; readonly path: string }, { readonly content: string; readonly mtime: number }];
	fileWrite: [{ readonly session: string; readonly path: string; readonly content: string; readonly base?: number }, { readonly mtime: number }];
	fileApply: [{ readonly session: string; readonly path: string; readonly dryRun: boolean }, Applied];
	fileChange: [{ readonly session: string; readonly change: FileChange }, FileDone];
	filePack: [{ readonly session: string; readonly folder: string; readonly format: ArchiveFormat }, Uint8Array];
	filePut: [
		{ readonly session: string; readonly folder: string; readonly name: string; readonly bytes: Uint8Array; readonly replace: boolean },
		{ readonly files: number; readonly taken: readonly string[] },
	];
	grade: [{ readonly session: string; readonly request: string; readonly attempt: number; readonly seed: number }, Verdict];
	/** What in the cluster differs from the lab's start; null where the provider keeps no start. */
	changes: [{ readonly session: string }, Capture | null];
	/** What the sandbox knows of how the attempt went, for evidence. */
	facts: [{ readonly session: string }, AttemptFacts];
	/** The learner's text files, for evidence. */
	workspace: [{ readonly session: string }, { readonly [path: string]: string }];
	clusterFetch: [
		{
			readonly session: string;
			readonly exchange: string;
			readonly method: string;
			/** Path and query. */
			readonly url: string;
			readonly headers: readonly (readonly [string, string])[];
			readonly body?: Uint8Array;
		},
		ClusterHead,
	];
	clusterConnect: [
		{ readonly session: string; readonly exchange: string; readonly url: string; readonly headers: readonly (readonly [string, string])[] },
		{ readonly refused?: ClusterHead },
	];
	stop: [null, null];
}
export type CallName = keyof WorkerCalls;

export type Post =
	/** Whether any page looks at the session: time runs and the view is kept up only then. */
	| { readonly post: 'attached'; readonly session: string; readonly pages: number }
	| { readonly post: 'input'; readonly session: string; readonly terminal: string; readonly data: string }
	| { readonly post: 'resize'; readonly session: string; readonly terminal: string; readonly columns: number; readonly rows: number }
	| { readonly post: 'ack'; readonly session: string; readonly terminal: string; readonly characters: number }
	| { readonly post: 'editDone'; readonly session: string; readonly edit: string; readonly saved: boolean }
	/** The next piece of a streamed body is wanted; or no more of it. */
	| { readonly post: 'more'; readonly exchange: string }
	| { readonly post: 'cancel'; readonly exchange: string }
	| { readonly post: 'channel'; readonly exchange: string; readonly channel: number; readonly data: Uint8Array };

export type ToWorker = { readonly call: CallName; readonly id: number; readonly input: unknown } | Post;

export type WorkerEvent =
	| { readonly event: 'output'; readonly session: string; readonly terminal: string; readonly data: string }
	| { readonly event: 'closed'; readonly session: string; readonly terminal: string; readonly reason: string }
	| { readonly event: 'view'; readonly session: string; readonly view: ClusterView }
	| { readonly event: 'file'; readonly session: string; readonly path: string; readonly mtime: number; readonly removed: boolean }
	| { readonly event: 'tasks'; readonly session: string; readonly done: readonly string[] }
	| { readonly event: 'checking'; readonly session: string; readonly request: string; readonly done: number; readonly total: number; readonly title: string }
	| { readonly event: 'checkpoints'; readonly session: string; readonly checkpoints: Checkpoint[] }
	| { readonly event: 'edit'; readonly session: string; readonly edit: string; readonly path: string }
	| { readonly event: 'fault'; readonly session: string; readonly fault: FaultWords }
	| { readonly event: 'body'; readonly exchange: string; readonly data: Uint8Array | null }
	| { readonly event: 'channel'; readonly exchange: string; readonly channel: number; readonly data: Uint8Array }
	| { readonly event: 'channelEnd'; readonly exchange: string };

export type FromWorker =
	| { readonly answer: number; readonly value: unknown }
	| { readonly answer: number; readonly fault: FaultWords }
	| { readonly beat: true; readonly heapMb: number }
	| { readonly ready: true }
	/** An error that no call led to, for the log. */
	| { readonly stray: string }
	| WorkerEvent;

/** What a worker is started with. */
export interface WorkerStart {
	/** Module that exports `parts` (`sessions/parts.ts`; tests give another). */
	readonly parts: string;
	readonly labs: string;
	/** Folder for templates' snapshots; emptied by the main thread at start. */
	readonly templates: string;
	readonly provider: string;
	readonly kubeconfig?: string;
	/** Virtual seconds a real second. */
	readonly speed?: number;
	/** Where the worker notes whom it computes for (`busy.ts`). */
	readonly busy?: SharedArrayBuffer;
}
