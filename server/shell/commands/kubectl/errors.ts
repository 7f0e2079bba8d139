/**
 * What goes wrong in a kubectl command, and how it is said. These are thrown inside kubectl only; `kubectl.ts` turns them
 * into output and an exit code. Wording follows k8s.io/kubectl `pkg/cmd/util/helpers.go` (checkErr, StandardErrorMessage).
 */
import type { Status } from '../../../simulator/apiserver/types.ts';

/** A message for stderr, printed with `error: ` before it unless `raw`. */
export class CliError extends Error {
	readonly raw: boolean;
	readonly exitCode: number;
	constructor(message: string, options: { readonly raw?: boolean; readonly exitCode?: number } = {}) {
		super(message);
		this.raw = options.raw ?? false;
		this.exitCode = options.exitCode ?? 1;
	}
}

/** The server answered with a Status of failure. */
export class StatusError extends Error {
	readonly status: Status;
	constructor(status: Status) {
		super(status.message ?? status.reason ?? `status ${status.code}`);
		this.status = status;
	}
	get reason(): string {
		return this.status.reason ?? '';
	}
	get code(): number {
		return this.status.code;
	}
}

/** No answer came from the server at all. */
export class ConnectionError extends Error {}

/** Several errors of a command that went on after each. */
export class AggregateError_ extends Error {
	readonly errors: readonly Error[];
	constructor(errors: readonly Error[]) {
		super(errors.map((e) => e.message).join(', '));
		this.errors = errors;
	}
}

/** A usage fault: `error: …` and a pointer to the command's help. */
export function usageError(path: string, message: string): CliError {
	return new CliError(`${message}\nSee '${path} -h' for help and examples`);
}

/** Throws the only error as it is, several together, or nothing for none. */
export function throwAll(errors: readonly Error[]): void {
	const [first] = errors;
	if (first === undefined) return;
	throw errors.length === 1 ? first : new AggregateError_(errors);
}

/** `err` with where it came from, as AddSourceToErr does. */
export function withSource(verb: string, source: string, err: Error): Error {
	if (err instanceof StatusError) return new StatusError({ ...err.status, message: `error when ${verb} "${source}": ${err.status.message ?? ''}` });
	return new CliError(`error when ${verb} "${source}": ${err.message}`);
}

export function isNotFound(err: unknown): boolean {
	return err instanceof StatusError && err.reason === 'NotFound';
}

export function toError(err: unknown): Error {
	return err instanceof Error ? err : new Error(String(err));
}

function standardMessage(err: Error): string | undefined {
	if (err instanceof StatusError) {
		const { reason, message } = err.status;
		if (reason === undefined || reason === '') return `Error from server: ${message ?? ''}`;
		return `Error from server (${reason}): ${message ?? ''}`;
	}
	if (err instanceof ConnectionError) return err.message;
	return undefined;
}

function invalidMessage(status: Status): string {
	const { details } = status;
	let text = 'The request is invalid';
	if (details === undefined) return status.message ? `${text}: ${status.message}` : text;
	const causes = details.causes ?? [];
	if (details.kind || details.name) text = `The ${details.kind ?? ''} "${details.name ?? ''}" is invalid`;
	else if (status.message && causes.length === 0) text += `: ${status.message}`;
	if (causes.length === 0) return text;
	const lines = [...new Set(causes.map((c) => `${c.field ?? ''}: ${c.message ?? ''}`))];
	// MultilineError ends each line itself, whatever the message ends with.
	if (lines.length === 1) return `${text}: ${lines[0]}\n`;
	return `${text}: \n${lines.map((l) => `* ${l}\n`).join('')}`;
}

/** What stderr gets for an error, without the final newline. */
export function errorText(err: Error): string {
	if (err instanceof AggregateError_) return err.errors.map((e) => standardMessage(e) ?? e.message).join('\n');
	if (err instanceof StatusError) {
		if (err.reason === 'Invalid') return invalidMessage(err.status);
		if (err.reason === 'Unauthorized') return `error: You must be logged in to the server (${err.status.message ?? 'Unauthorized'})`;
	}
	if (err instanceof CliError && err.raw) return err.message;
	const standard = standardMessage(err);
	if (standard !== undefined) return standard;
	return err.message.startsWith('error: ') ? err.message : `error: ${err.message}`;
}
