import type { Outcome } from '../../network/types.ts';

/** Why a dial of the API server's came to nothing, in the words of Go's HTTP client. */
export function failureText(outcome: Extract<Outcome, { readonly ok: false }>, host: string): string {
	const address = `${outcome.address ?? host}:${outcome.port}`;
	switch (outcome.error) {
		case 'ENOTFOUND':
			return `dial tcp: lookup ${host} on 172.18.0.1:53: no such host`;
		case 'EAI_AGAIN':
			return `dial tcp: lookup ${host} on 172.18.0.1:53: server misbehaving`;
		case 'ECONNREFUSED':
			return `dial tcp ${address}: connect: connection refused`;
		case 'EHOSTUNREACH':
			return `dial tcp ${address}: connect: no route to host`;
		case 'EPROTO':
			return 'http: server gave HTTP response to HTTPS client';
		case 'ECONNRESET':
			return 'EOF';
		case 'ETIMEDOUT':
			return outcome.phase === 'connect' ? `dial tcp ${address}: i/o timeout` : 'context deadline exceeded';
	}
}
