/**
 * Every fault of the system that a person may meet: a code, a sentence that holds the offending value, and the next step.
 * `docs/errors.md` documents each; a test compares the two. A learner's own fault (a bad manifest) is never in here: the
 * tool that they used words it.
 */
interface Entry {
	/** HTTP status where it is answered over HTTP. */
	readonly status: number;
	/** `{name}` is replaced by the value of that name. */
	readonly message: string;
	readonly next: string;
}

export const CATALOGUE = {
	'token-stale': {
		status: 403,
		message: 'This link’s token is not valid (any more).',
		next: 'Open the link that the server printed when it was last started.',
	},
	'not-signed-in': {
		status: 401,
		message: 'This browser is not signed in to this server.',
		next: 'Open the link that the server printed when it was last started.',
	},
	'origin-foreign': { status: 403, message: 'A page from “{origin}” may not use this server.', next: 'Open Foothold by the address that the server printed.' },
	'host-foreign': {
		status: 421,
		message: 'This server does not answer to the name “{host}”.',
		next: 'Use the address that the server printed (127.0.0.1 or localhost).',
	},
	'sign-in-needed': { status: 401, message: 'You are not signed in.', next: 'Sign in, then come back to this page.' },
	'sign-in-failed': { status: 400, message: 'Signing in did not work: {why}.', next: 'Go to the start page and sign in again.' },
	'not-admitted': { status: 403, message: 'This server does not let you in.', next: 'Ask its administrator for an invitation.' },
	'issuer-unreachable': {
		status: 502,
		message: 'The identity provider “{issuer}” does not answer: {why}.',
		next: 'Try again in a moment; administrators check the issuer with npm run doctor.',
	},
	'team-invalid': {
		status: 400,
		message: 'The team configuration in “{file}” cannot be used: {why}.',
		next: 'Correct it, then start again; README.md shows a complete one.',
	},
	'requests-too-fast': { status: 429, message: 'This is more than {limit}.', next: 'Wait a moment, then try again.' },
	'not-allowed': { status: 403, message: 'Your roles do not allow this.', next: 'Ask an administrator of this server.' },
	'person-unknown': { status: 404, message: 'There is no person “{person}” here.', next: 'Choose one from the list of people.' },
	'people-full': { status: 507, message: 'This server knows {limit} people and takes no more.', next: 'Delete people who have left.' },
	'last-admin': { status: 409, message: 'This is the last person who may administer this server.', next: 'Make somebody else an administrator first.' },
	'cohort-unknown': { status: 404, message: 'There is no cohort “{cohort}”.', next: 'Choose one from the list of cohorts.' },
	'cohorts-full': { status: 507, message: 'There is room for {limit}.', next: 'Remove what is not needed any more.' },
	'invitation-invalid': { status: 404, message: 'This invitation cannot be used (any more).', next: 'Ask your mentor for a new link.' },
	'not-found': { status: 404, message: 'There is nothing at “{path}”.', next: 'Go back to the start page.' },
	'method-wrong': { status: 405, message: '{method} is not possible at “{path}”.', next: 'Reload the page; if it stays, report it with this message.' },
	'name-invalid': { status: 400, message: 'A name has 1 to 60 characters; “{name}” does not.', next: 'Choose a shorter name.' },
	'issuer-key-damaged': {
		status: 500,
		message: 'The key that signs badges, “{path}”, cannot be read: {why}.',
		next: 'Put the file back from a backup; without it badges that were given out cannot be told from forged ones.',
	},
	'export-too-large': {
		status: 413,
		message: 'The portfolio is larger than {limit}.',
		next: 'Remove documents that are not meant to be shown, then export again.',
	},
	'no-printer': {
		status: 501,
		message: 'There is no Chromium on the server’s machine to print with.',
		next: 'Use Print on the page and choose “Save as PDF”, or install chromium.',
	},
	'pdf-failed': { status: 500, message: 'The PDF could not be made: {why}.', next: 'Use Print on the page and choose “Save as PDF”.' },
	'body-invalid': { status: 400, message: 'The request could not be read: {why}.', next: 'Reload the page and try again.' },
	'body-too-large': { status: 413, message: 'The request is larger than {limit}.', next: 'Send less at once.' },
	'lab-unknown': { status: 404, message: 'There is no lab “{lab}”.', next: 'Choose a lab from the track.' },
	'labs-damaged': { status: 500, message: 'The labs could not be loaded: {why}.', next: 'Fix the named file, or check the folder out again.' },
	'message-invalid': { status: 400, message: 'A message from the page could not be read: {why}.', next: 'Reload the page.' },
	'message-too-large': { status: 413, message: 'A message of more than {limit} was sent.', next: 'Write large files in the terminal, or in parts.' },
	'messages-too-fast': { status: 429, message: 'The page sent more than {limit}.', next: 'Wait a second; paste large texts into a file with the editor.' },
	'too-many-tabs': { status: 429, message: 'This lab is open in {limit} tabs already.', next: 'Close one of them.' },
	'terminals-full': { status: 429, message: 'A session has {limit} terminals at most.', next: 'Close one of them.' },
	'file-missing': { status: 404, message: 'There is no file “{path}”.', next: 'Refresh the list of files.' },
	'file-changed': {
		status: 409,
		message: '“{path}” was changed elsewhere since the editor opened it.',
		next: 'Compare with the newer version, then save again.',
	},
	'file-too-large': { status: 413, message: '“{path}” would be larger than {limit}.', next: 'Split it, or keep less in it.' },
	'file-refused': { status: 400, message: '“{path}” cannot be used: {why}.', next: 'Choose a path in your home folder, /home/learner.' },
	'file-there': { status: 409, message: 'There is something at “{path}” already.', next: 'Choose another name.' },
	'removal-gone': { status: 409, message: 'What was deleted cannot be brought back any more.', next: 'Go back to a checkpoint that still has it.' },
	'archive-refused': {
		status: 422,
		message: 'Nothing was unpacked, because of “{entry}”: {why}.',
		next: 'Pack it again without that, then upload it once more.',
	},
	'workstation-full': { status: 507, message: 'The workstation’s disk is full ({limit}).', next: 'Remove files that you do not need, then try again.' },
	'document-unknown': { status: 404, message: 'There is no document “{document}”.', next: 'Go back to the list of documents.' },
	'document-version-unknown': { status: 404, message: 'There is no version {version} to go back to.', next: 'Choose one from the list.' },
	'document-changed': {
		status: 409,
		message: '“{title}” was saved elsewhere since this page opened it (version {version}).',
		next: 'Copy what you wrote here, reload, and put it in again.',
	},
	'document-too-large': { status: 413, message: 'A document may hold {limit}.', next: 'Shorten it, or link to what is long.' },
	'documents-full': { status: 507, message: 'There is room for {limit}.', next: 'Delete documents that you do not need.' },
	'submission-unknown': { status: 404, message: 'There is no submission “{submission}”.', next: 'Go back to the list of submissions.' },
	'submission-state': { status: 409, message: 'This is not possible now: {why}.', next: 'Reload the page to see how things stand.' },
	'submission-too-large': { status: 413, message: 'A submission may hold {limit}.', next: 'Remove large files from the home folder, or submit less at once.' },
	'submissions-full': { status: 507, message: 'There is room for {limit}.', next: 'Withdraw or finish some of them first.' },
	'review-refused': { status: 400, message: 'The review cannot be sent like this: {why}.', next: 'Change it, then send it again.' },
	'review-changed': { status: 409, message: 'This review was saved elsewhere since this page opened it.', next: 'Copy what you wrote here, then reload.' },
	'task-unknown': { status: 404, message: 'This lab has no task “{task}”.', next: 'Reload the page.' },
	'hint-none': {
		status: 404,
		message: 'There are no more hints for “{task}”.',
		next: 'Read the brief again, or look at the check’s “see for yourself” command.',
	},
	'grading-busy': { status: 409, message: 'Your work is being checked already.', next: 'Wait for the verdict.' },
	'grading-failed': { status: 500, message: 'Grading stopped: {why}. It costs you nothing.', next: 'Try again; if it stays, report it with this message.' },
	'checkpoint-unknown': { status: 404, message: 'There is no checkpoint “{checkpoint}” (any more).', next: 'Choose one from the list.' },
	'checkpoints-full': { status: 507, message: 'There is room for {limit} checkpoints of your own.', next: 'Remove one that you do not need.' },
	'rewind-unable': {
		status: 409,
		message: 'This lab runs on a real cluster (the {provider} provider), which cannot go back.',
		next: 'Undo by hand, or keep copies of your files.',
	},
	'recording-missing': { status: 404, message: 'There is no recording “{recording}”.', next: 'Choose one from the list.' },
	'reset-none': { status: 409, message: 'There is no reset to take back.', next: 'Go on with the present sandbox.' },
	'disk-full': {
		status: 507,
		message: 'The disk that holds “{path}” is full; nothing was lost, but this was not saved.',
		next: 'Free some space, then try again.',
	},
	'disk-failed': {
		status: 500,
		message: 'Writing “{path}” failed ({why}); this was not saved.',
		next: 'Look at the disk and the folder’s permissions, then try again.',
	},
	'record-damaged': {
		status: 500,
		message: 'The record “{path}” cannot be read: {why}. It was left as it is.',
		next: 'Restore it from a backup, or move it away to start anew.',
	},
	'journal-damaged': {
		status: 500,
		message: 'Part of the sandbox’s journal could not be read back ({why}); all before it stands.',
		next: 'Look over your files and cluster, or reset the lab.',
	},
	'sandbox-unknown': { status: 404, message: 'There is no sandbox “{session}” here.', next: 'Open the lab in the browser once, then use its kubeconfig.' },
	'sandbox-full': { status: 507, message: 'The sandbox holds more than {limit}.', next: 'Delete objects that you do not need, or reset the lab.' },
	'sandbox-broken': {
		status: 500,
		message: 'This sandbox took its worker down {times} times in a row and was set aside: {why}.',
		next: 'Reset the lab; what you saved stays in the archive.',
	},
	'simulator-failed': {
		status: 500,
		message: 'The simulator failed at this step and took it back: {why}.',
		next: 'Try another way, and report it with this message.',
	},
	'worker-restarted': {
		status: 503,
		message: 'The part of the server that ran this lab was restarted ({why}); your work was resumed.',
		next: 'Go on; a command that was running has to be started again.',
	},
	'worker-missing': { status: 503, message: 'The part of the server that runs this lab is not up yet.', next: 'Wait a second, then try again.' },
	'cluster-unreachable': {
		status: 502,
		message: 'The cluster at “{server}” does not answer: {why}.',
		next: 'Check the kubeconfig and that the cluster is up.',
	},
	'lab-gpus-missing': {
		status: 409,
		message: 'The lab “{lab}” cannot run on this cluster: {why}.',
		next: 'Give a kubeconfig of a cluster with such nodes and the GPU Operator, or use the simulator: it has them all.',
	},
	'kubeconfig-invalid': { status: 400, message: 'The kubeconfig “{path}” cannot be used: {why}.', next: 'Give another with --kubeconfig, or set KUBECONFIG.' },
	'provider-unknown': { status: 400, message: 'There is no provider “{provider}”.', next: 'Use simulator or kubeconfig.' },
	'flag-wrong': { status: 400, message: '{why}.', next: 'See --help.' },
	'port-taken': { status: 500, message: 'Port {port} is in use.', next: 'Stop the other program, or give another with --port (0 takes any free one).' },
	'data-locked': {
		status: 500,
		message: 'The data folder “{path}” is in use by process {pid}.',
		next: 'Stop that process, or give another folder with --data.',
	},
	'server-silent': {
		status: 503,
		message: 'A server runs on the data folder “{path}”, but does not answer operators.',
		next: 'Wait until it is ready and try again; if it stays, stop the server, then run the command again.',
	},
	'backup-damaged': { status: 400, message: 'The backup “{file}” cannot be used: {why}.', next: 'Nothing was changed. Use another backup.' },
	'backup-busy': { status: 503, message: '“{path}” changes faster than it can be backed up.', next: 'Try again; if it stays, stop the server for the backup.' },
	'data-not-empty': { status: 409, message: 'The data folder “{path}” is not empty.', next: 'Give another with --data, or put this one aside with --replace.' },
	'local-person': {
		status: 409,
		message: 'The one person of a local server cannot be deleted while it runs.',
		next: 'Stop the server, then run npm run person -- delete local.',
	},
	'site-missing': { status: 503, message: 'The site has not been built yet.', next: 'Run npm run build, then reload.' },
	'site-unbuildable': { status: 500, message: 'Building the site failed: {why}.', next: 'Run npm run build to see all of it.' },
	internal: { status: 500, message: 'Something went wrong here: {why}.', next: 'Try again; if it stays, report it with this message.' },
} as const satisfies { readonly [code: string]: Entry };

export type FaultCode = keyof typeof CATALOGUE;

/** The names in braces of a message. */
type Names<T extends string> = T extends `${string}{${infer N}}${infer R}` ? N | Names<R> : never;
export type FaultValues<C extends FaultCode> = { readonly [N in Names<(typeof CATALOGUE)[C]['message']>]: string | number };

/** A system fault from the catalogue. */
export class Fault extends Error {
	readonly code: FaultCode;
	readonly next: string;
	readonly status: number;
	constructor(code: FaultCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'Fault';
		this.code = code;
		this.next = CATALOGUE[code].next;
		this.status = CATALOGUE[code].status;
	}
	/** As it travels: `errorSchema`'s inner part. */
	toJSON(): FaultWords {
		return { code: this.code, message: this.message, next: this.next };
	}
}

export interface FaultWords {
	readonly code: FaultCode;
	readonly message: string;
	readonly next: string;
}

export function fault<C extends FaultCode>(code: C, values: FaultValues<C>, cause?: unknown): Fault {
	const given: { readonly [name: string]: string | number | undefined } = values;
	const message = CATALOGUE[code].message.replace(/\{(\w+)\}/g, (_, name: string) => short(String(given[name] ?? '')));
	return new Fault(code, message, cause === undefined ? undefined : { cause });
}

/** Any thrown thing as a fault: its own, or `internal` with its message. */
export function toFault(error: unknown): Fault {
	if (error instanceof Fault) return error;
	return fault('internal', { why: error instanceof Error ? error.message : String(error) }, error);
}

/** A failed file operation, worded: a full disk is told apart from the rest. */
export function diskFault(path: string, error: unknown): Fault {
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	if (code === 'ENOSPC' || code === 'EDQUOT') return fault('disk-full', { path }, error);
	return fault('disk-failed', { path, why: code || (error instanceof Error ? error.message : String(error)) }, error);
}

const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
