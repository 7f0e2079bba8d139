/** The notes API's way to PostgreSQL, with errors in the words of Node and node-postgres. */
import type { Outcome, PostgresResponse } from '../../network/types.ts';
import type { Process } from '../program.ts';
import type { Settings } from './settings.ts';

export const CREATE_TABLE = 'CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())';

const CONNECT_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 10_000;

type Value = string | number | boolean | null;

export function query<D>(process: Process<D>, settings: Settings, token: string, sql: string, parameters: readonly Value[] = []): void {
	process.dial(
		{
			host: settings.host,
			port: settings.databasePort,
			request: { protocol: 'postgres', user: settings.user, password: settings.password, database: settings.database, sql, parameters },
			connectTimeoutMs: CONNECT_TIMEOUT_MS,
			timeoutMs: QUERY_TIMEOUT_MS,
		},
		token,
	);
}

export type QueryResult =
	| { readonly ok: true; readonly response: PostgresResponse }
	| { readonly ok: false; readonly message: string; readonly code: string; readonly reached: boolean };

/** Sorts an outcome into a result or an error; `reached` tells whether the server itself refused. */
export function queryResult(settings: Settings, outcome: Outcome): QueryResult {
	if (outcome.ok) {
		const response = outcome.response;
		if (response.protocol !== 'postgres') {
			return { ok: false, message: 'Connection terminated unexpectedly', code: 'ECONNRESET', reached: false };
		}
		if (response.error !== undefined) return { ok: false, message: response.error.message, code: response.error.code, reached: true };
		return { ok: true, response };
	}
	return { ok: false, message: networkMessage(settings, outcome), code: outcome.error, reached: false };
}

function networkMessage(settings: Settings, outcome: Outcome & { readonly ok: false }): string {
	const at = `${outcome.address ?? settings.host}:${outcome.port}`;
	switch (outcome.error) {
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `getaddrinfo ${outcome.error} ${settings.host}`;
		case 'ETIMEDOUT':
			return outcome.phase === 'response' ? 'Query read timeout' : `connect ETIMEDOUT ${at}`;
		case 'ECONNRESET':
		case 'EPROTO':
			return outcome.phase === 'connect' ? `connect ECONNRESET ${at}` : 'Connection terminated unexpectedly';
		case 'ECONNREFUSED':
		case 'EHOSTUNREACH':
			return `connect ${outcome.error} ${at}`;
	}
}
