/** The lab page's state, changed by one pure function. Terminals and files stream past it (lab-client.ts): they are not state of the page. */
import type { Verdict } from '../../server/protocol/lab.ts';
import type { ClusterView, ServerMessage, TaskState } from '../../server/protocol/messages.ts';

type Connection =
	| { readonly state: 'connecting' }
	| { readonly state: 'open' }
	/** Lost; the next try is at `retryAt` (ms since the epoch). */
	| { readonly state: 'waiting'; readonly retryAt: number }
	/** Not to be had without the learner doing something; `problem` says what. */
	| { readonly state: 'closed' };

export interface Problem {
	readonly code: string;
	readonly message: string;
	readonly next: string;
}

export type Job = 'check' | 'submit' | 'reset' | 'undo-reset';

interface Submission {
	readonly evidence: string;
	readonly score: number;
	readonly passed: boolean;
	readonly moved: readonly { readonly row: string; readonly from: string; readonly to: string }[];
}

export interface LabState {
	readonly connection: Connection;
	readonly provider: string;
	readonly readyMs: number | undefined;
	readonly resumed: boolean;
	readonly tabs: number;
	readonly capabilities: Readonly<Record<string, boolean>>;
	readonly tasks: readonly TaskState[];
	/** Tasks that turned green since the page was opened, newest last: what is announced. */
	readonly justDone: readonly string[];
	readonly cluster: ClusterView | undefined;
	readonly verdict: Verdict | undefined;
	readonly job: Job | undefined;
	readonly checking: { readonly done: number; readonly total: number; readonly title: string } | undefined;
	readonly submission: Submission | undefined;
	/** A reset that can still be taken back. */
	readonly canUndoReset: boolean;
	readonly problem: Problem | undefined;
}

export type LabAction =
	| { readonly type: 'connection'; readonly connection: Connection }
	| { readonly type: 'message'; readonly message: ServerMessage }
	| { readonly type: 'job'; readonly job: Job }
	| { readonly type: 'job-done'; readonly job: Job }
	| { readonly type: 'problem'; readonly problem: Problem }
	| { readonly type: 'dismiss' };

export const initialLabState: LabState = {
	connection: { state: 'connecting' },
	provider: '',
	readyMs: undefined,
	resumed: false,
	tabs: 1,
	capabilities: {},
	tasks: [],
	justDone: [],
	cluster: undefined,
	verdict: undefined,
	job: undefined,
	checking: undefined,
	submission: undefined,
	canUndoReset: false,
	problem: undefined,
};

export function reduceLab(state: LabState, action: LabAction): LabState {
	switch (action.type) {
		case 'connection':
			return reduceConnection(state, action.connection);
		case 'message':
			return reduceMessage(state, action.message);
		case 'job':
			return { ...state, job: action.job, checking: undefined, problem: undefined };
		case 'job-done':
			return {
				...state,
				job: undefined,
				checking: undefined,
				canUndoReset: action.job === 'reset',
				...(action.job === 'reset' ? { verdict: undefined, submission: undefined } : {}),
			};
		case 'problem':
			return { ...state, problem: action.problem, job: undefined, checking: undefined };
		case 'dismiss':
			return { ...state, problem: undefined };
	}
}

/** A lost connection ends the job under way: its answer cannot arrive any more. */
function reduceConnection(state: LabState, connection: Connection): LabState {
	if (connection.state === 'open' || connection.state === 'connecting') return { ...state, connection };
	return { ...state, connection, job: undefined, checking: undefined };
}

function reduceMessage(state: LabState, message: ServerMessage): LabState {
	switch (message.type) {
		case 'session': {
			// It stands: what was wrong before it did is over. What is still wrong comes after it.
			const { provider, readyMs, resumed, tabs, capabilities, tasks, verdict } = message;
			return { ...state, provider, readyMs, resumed, tabs, capabilities: capabilities ?? {}, tasks, verdict: verdict ?? state.verdict, problem: undefined };
		}
		case 'tasks':
			return { ...state, tasks: message.tasks, justDone: [...state.justDone, ...newlyDone(state.tasks, message.tasks)] };
		case 'cluster':
			return { ...state, cluster: message.view };
		case 'checking':
			return { ...state, checking: { done: message.done, total: message.total, title: message.title } };
		case 'verdict':
			return { ...state, verdict: message.verdict, job: undefined, checking: undefined, submission: undefined };
		case 'submitted': {
			const { evidence, score, passed, moved } = message;
			return { ...state, submission: { evidence, score, passed, moved }, job: undefined, checking: undefined };
		}
		case 'hint':
			return { ...state, tasks: state.tasks.map((task) => (task.id === message.task ? withHint(task, message.text, message.left) : task)) };
		case 'error':
			// An answer to a request is its asker's to show; only a fault of the session itself is the page's.
			return message.request === undefined ? { ...state, problem: { code: message.code, message: message.message, next: message.next } } : state;
		default:
			return state;
	}
}

/** Before the first list nothing is news: a page that is opened again must not announce yesterday's tasks. */
function newlyDone(before: readonly TaskState[], after: readonly TaskState[]): string[] {
	if (before.length === 0) return [];
	const done = new Set(before.filter((task) => task.done).map((task) => task.id));
	return after.filter((task) => task.done && !done.has(task.id)).map((task) => task.id);
}

/** `tasks` may have brought the hint before `hint` does. */
function withHint(task: TaskState, text: string, left: number): TaskState {
	return task.hintsOpened.includes(text) ? { ...task, hintsLeft: left } : { ...task, hintsOpened: [...task.hintsOpened, text], hintsLeft: left };
}

export interface Store<S, A> {
	get(): S;
	dispatch(action: A): void;
	subscribe(listener: () => void): () => void;
}

/** A store as useSyncExternalStore wants it. */
export function createStore<S, A>(reduce: (state: S, action: A) => S, initial: S): Store<S, A> {
	let state = initial;
	const listeners = new Set<() => void>();
	return {
		get: () => state,
		dispatch(action) {
			const next = reduce(state, action);
			if (next === state) return;
			state = next;
			for (const listener of listeners) listener();
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}
