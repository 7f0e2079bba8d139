/** A client's connection: a statement sent to the server, and libpq's words where that fails. */
import type { Outcome } from '../../../network/types.ts';
import type { Process } from '../../program.ts';
import type { Target } from './arguments.ts';

/** By the socket of the same machine. */
export const isLocal = (t: Target): boolean => t.host === '' || t.host.startsWith('/');

/** The socket's path up to the port. */
export const SOCKET = '/var/run/postgresql/.s.PGSQL';

/** Sends one statement; the answer comes as a reply with the token `sql`. `timeoutMs` 0: as long as the network waits. */
export function dial<D>(process: Process<D>, t: Target, sql: string, timeoutMs: number): void {
	const request = { protocol: 'postgres', user: t.user, password: t.password, database: t.database, sql, parameters: [] } as const;
	process.dial({ host: isLocal(t) ? '127.0.0.1' : t.host, port: t.port, request, ...(timeoutMs > 0 ? { connectTimeoutMs: timeoutMs } : {}) }, 'sql');
}

/** libpq's words for a failed connection. */
export function connectionFailure(t: Target, o: Outcome & { readonly ok: false }): string {
	if (isLocal(t))
		return `connection to server on socket "${SOCKET}.${t.port}" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?`;
	const where = `connection to server at "${t.host}" (${o.address ?? t.host}), port ${t.port} failed: `;
	switch (o.error) {
		case 'ENOTFOUND':
			return `could not translate host name "${t.host}" to address: Name or service not known`;
		case 'EAI_AGAIN':
			return `could not translate host name "${t.host}" to address: Temporary failure in name resolution`;
		case 'ECONNREFUSED':
			return `${where}Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?`;
		case 'ETIMEDOUT':
			return `${where}${o.phase === 'connect' ? 'Connection timed out\n\tIs the server running on that host and accepting TCP/IP connections?' : 'timeout expired'}`;
		case 'EHOSTUNREACH':
			return `${where}No route to host\n\tIs the server running on that host and accepting TCP/IP connections?`;
		default:
			return `${where}server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.`;
	}
}
