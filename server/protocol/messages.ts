/**
 * The lab page's WebSocket, `GET /api/labs/<lab>/socket`: JSON text messages, one object each. Terminal output is text, too
 * (UTF-8 decoded); the browser side acknowledges it so that a slow reader slows its own terminal only.
 */
import { z } from 'zod';
import { verdictSchema } from './lab.ts';

const terminalId = z.string().min(1).max(32);

export const clientMessageSchema = z.discriminatedUnion('type', [
	/** Opens (or comes back to) a terminal; the answer is `terminal.opened` with its scrollback. */
	z.object({ type: z.literal('terminal.open'), terminal: terminalId, columns: z.number().int().min(2).max(1000), rows: z.number().int().min(1).max(500) }),
	z.object({ type: z.literal('terminal.input'), terminal: terminalId, data: z.string() }),
	z.object({ type: z.literal('terminal.resize'), terminal: terminalId, columns: z.number().int().min(2).max(1000), rows: z.number().int().min(1).max(500) }),
	/** `characters` of output have been drawn: flow control. */
	z.object({ type: z.literal('terminal.ack'), terminal: terminalId, characters: z.number().int().nonnegative() }),
	/** Ends a terminal: its shell, what runs in it, its tab on every page. Answered by `done`. */
	z.object({ type: z.literal('terminal.close'), request: z.string(), terminal: terminalId }),
	/** What runs in these terminals (all of them where none is named): `programs`. */
	z.object({ type: z.literal('terminal.programs'), request: z.string() }),
	z.object({ type: z.literal('files.list'), request: z.string() }),
	z.object({ type: z.literal('files.read'), request: z.string(), path: z.string() }),
	/** `base`: the mtime the editor started from; where the file has moved on since, the answer is `error` with code `file-changed`. */
	z.object({ type: z.literal('files.write'), request: z.string(), path: z.string(), content: z.string(), base: z.number().optional() }),
	z.object({ type: z.literal('lab.check'), request: z.string() }),
	z.object({ type: z.literal('lab.submit'), request: z.string() }),
	z.object({ type: z.literal('lab.hint'), request: z.string(), task: z.string() }),
	z.object({ type: z.literal('lab.reset'), request: z.string() }),
	/** Takes the last reset back: the sandbox that it put aside returns, the present one is put aside instead. */
	z.object({ type: z.literal('lab.undo-reset'), request: z.string() }),
	/** The places to go back to; the answer is `checkpoints`. */
	z.object({ type: z.literal('checkpoint.list'), request: z.string() }),
	z.object({ type: z.literal('checkpoint.save'), request: z.string(), name: z.string().trim().min(1).max(80) }),
	z.object({ type: z.literal('checkpoint.remove'), request: z.string(), checkpoint: z.string().max(32) }),
	/** What going back would change: `checkpoint.changes`. */
	z.object({ type: z.literal('checkpoint.look'), request: z.string(), checkpoint: z.string().max(32) }),
	/** Goes back, after making a checkpoint of the present. Answered by `done`; `session`, `terminal.opened` and `checkpoints` tell every page. */
	z.object({ type: z.literal('checkpoint.rewind'), request: z.string(), checkpoint: z.string().max(32) }),
	/** Answers `edit`: the learner has saved (or given up) the file that a command waits for. */
	z.object({ type: z.literal('edit.done'), edit: z.string(), saved: z.boolean() }),
	z.object({ type: z.literal('ping'), at: z.number() }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

/** Why there is a checkpoint: the lab began, a task turned green, time passed, the learner asked, or somebody went back. */
export const checkpointReason = z.enum(['start', 'task', 'time', 'hand', 'rewind']);
export type CheckpointReason = z.infer<typeof checkpointReason>;

export const checkpointSchema = z.object({
	id: z.string(),
	reason: checkpointReason,
	/** The learner's name for it, the tasks that turned green, or ''. */
	name: z.string(),
	/** ISO time, and ms of the cluster's clock. */
	savedAt: z.string(),
	at: z.number(),
	/** Command lines that were run since, and the last of them. */
	commandsSince: z.number(),
	lastCommands: z.array(z.string()),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

const changeKind = z.enum(['comes-back', 'vanishes', 'changes']);

/** A program in a terminal, and whether it goes on by itself where the terminal is started anew. */
export const programSchema = z.object({ terminal: terminalId, text: z.string(), foreground: z.boolean(), goesOn: z.boolean() });
export type Program = z.infer<typeof programSchema>;

/** What going back to a checkpoint would do. */
export const checkpointChangesSchema = z.object({
	/** ms that the cluster's clock will show. */
	at: z.number(),
	files: z.array(z.object({ path: z.string(), change: changeKind, diff: z.string() })),
	objects: z.array(z.object({ kind: z.string(), namespace: z.string(), name: z.string(), change: changeKind, detail: z.array(z.string()) })),
	/** How many more there are than listed, and how many objects that follow from others (pods of a Deployment). */
	more: z.object({ files: z.number(), objects: z.number(), owned: z.number() }),
	programs: z.array(programSchema),
});
export type CheckpointChanges = z.infer<typeof checkpointChangesSchema>;

export const fileEntrySchema = z.object({ path: z.string(), kind: z.enum(['file', 'directory', 'symlink']), size: z.number(), mtime: z.number() });
export type FileEntry = z.infer<typeof fileEntrySchema>;

/** One line of the live cluster view, ready to show. `text` columns follow `kubectl get`. */
export const clusterViewSchema = z.object({
	/** Virtual time, ms since the epoch. */
	now: z.number(),
	nodes: z.array(
		z.object({
			name: z.string(),
			ready: z.boolean(),
			schedulable: z.boolean(),
			roles: z.string(),
			pods: z.number(),
			cpuRequested: z.number(),
			cpuAllocatable: z.number(),
			memoryRequested: z.number(),
			memoryAllocatable: z.number(),
		}),
	),
	workloads: z.array(z.object({ namespace: z.string(), kind: z.string(), name: z.string(), ready: z.number(), wanted: z.number(), message: z.string() })),
	pods: z.array(
		z.object({
			namespace: z.string(),
			name: z.string(),
			node: z.string(),
			status: z.string(),
			ready: z.string(),
			restarts: z.number(),
			owner: z.string(),
			ip: z.string(),
			ok: z.boolean(),
			message: z.string(),
			/** Why it is Pending: one line a node and cause (`where` is '' for what holds everywhere), and what would help. */
			pending: z
				.array(z.object({ where: z.string(), what: z.string(), next: z.string() }))
				.readonly()
				.optional(),
		}),
	),
	services: z.array(z.object({ namespace: z.string(), name: z.string(), type: z.string(), address: z.string(), ports: z.string(), endpoints: z.number() })),
	ingresses: z.array(z.object({ namespace: z.string(), name: z.string(), hosts: z.string(), address: z.string() })),
	events: z.array(
		z.object({ namespace: z.string(), object: z.string(), type: z.string(), reason: z.string(), message: z.string(), count: z.number(), at: z.number() }),
	),
});
export type ClusterView = z.infer<typeof clusterViewSchema>;

export const taskStateSchema = z.object({
	id: z.string(),
	done: z.boolean(),
	doneAt: z.string().optional(),
	hintsOpened: z.array(z.string()),
	hintsLeft: z.number(),
});
export type TaskState = z.infer<typeof taskStateSchema>;

export const serverMessageSchema = z.discriminatedUnion('type', [
	/** First message: the sandbox stands. `readyMs`: from request to prompt, real time. */
	z.object({
		type: z.literal('session'),
		lab: z.string(),
		resumed: z.boolean(),
		readyMs: z.number(),
		provider: z.string(),
		capabilities: z.record(z.string(), z.boolean()),
		tasks: z.array(taskStateSchema),
		verdict: verdictSchema.optional(),
		tabs: z.number(),
	}),
	z.object({ type: z.literal('terminal.opened'), terminal: terminalId, scrollback: z.string(), columns: z.number(), rows: z.number() }),
	z.object({ type: z.literal('terminal.output'), terminal: terminalId, data: z.string() }),
	z.object({ type: z.literal('terminal.closed'), terminal: terminalId, reason: z.string() }),
	z.object({ type: z.literal('cluster'), view: clusterViewSchema }),
	z.object({ type: z.literal('tasks'), tasks: z.array(taskStateSchema) }),
	z.object({ type: z.literal('file.changed'), path: z.string(), mtime: z.number(), removed: z.boolean() }),
	/** A command (`kubectl edit`) asks for this file to be opened in the editor; answer with `edit.done` once it is saved or closed. `edit` is '' where nobody waits for an answer (`vi`). */
	z.object({ type: z.literal('edit'), edit: z.string(), path: z.string() }),
	/** Answers `checkpoint.list`, and comes by itself (without `request`) when there are others. */
	z.object({ type: z.literal('checkpoints'), request: z.string().optional(), checkpoints: z.array(checkpointSchema) }),
	z.object({ type: z.literal('checkpoint.changes'), request: z.string(), changes: checkpointChangesSchema }),
	z.object({ type: z.literal('programs'), request: z.string(), programs: z.array(programSchema) }),
	/** Answers to requests, by their `request`. */
	z.object({ type: z.literal('files'), request: z.string(), files: z.array(fileEntrySchema) }),
	z.object({ type: z.literal('file'), request: z.string(), path: z.string(), content: z.string(), mtime: z.number() }),
	z.object({ type: z.literal('done'), request: z.string(), mtime: z.number().optional() }),
	/** Progress of a grading under way. */
	z.object({ type: z.literal('checking'), request: z.string(), done: z.number(), total: z.number(), title: z.string() }),
	z.object({ type: z.literal('verdict'), request: z.string(), verdict: verdictSchema }),
	z.object({
		type: z.literal('submitted'),
		request: z.string(),
		evidence: z.string(),
		score: z.number(),
		passed: z.boolean(),
		moved: z.array(z.object({ row: z.string(), from: z.string(), to: z.string() })),
	}),
	z.object({ type: z.literal('hint'), request: z.string(), task: z.string(), text: z.string(), left: z.number() }),
	/** From the error catalogue: what happened, and the next step. Without `request`: about the session itself. */
	z.object({ type: z.literal('error'), request: z.string().optional(), code: z.string(), message: z.string(), next: z.string() }),
	z.object({ type: z.literal('pong'), at: z.number() }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;
