import type { PostgresResponse } from '../../../network/types.ts';

/** A statement's failure on its way to the edge of the engine, where it becomes a response. Never leaves this folder. */
export class SqlError extends Error {
	readonly code: string;
	readonly detail: string | undefined;
	readonly hint: string | undefined;

	/** @param code SQLSTATE, PostgreSQL's appendix A. */
	constructor(code: string, message: string, detail?: string, hint?: string) {
		super(message);
		this.code = code;
		this.detail = detail;
		this.hint = hint;
	}
}

export function errorResponse(
	code: string,
	message: string,
	options: { readonly severity?: string; readonly detail?: string; readonly hint?: string } = {},
): PostgresResponse {
	return {
		protocol: 'postgres',
		error: {
			severity: options.severity ?? 'ERROR',
			code,
			message,
			...(options.detail === undefined ? {} : { detail: options.detail }),
			...(options.hint === undefined ? {} : { hint: options.hint }),
		},
	};
}
