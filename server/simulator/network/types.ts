/**
 * The cluster's network as messages, not packets: a dial names host, port and one request, and comes to one outcome.
 * Names are resolved, service addresses balanced, policies enforced in both directions, and failures take the
 * time and the form that they take for a real client.
 */
import type { World } from '../kernel/world.ts';

export interface HttpRequest {
	readonly protocol: 'http';
	/** True where the client speaks TLS. A server without it fails the handshake, and the other way round. */
	readonly tls?: boolean;
	readonly method: string;
	/** Path with query, e.g. `/notes?limit=5`. */
	readonly path: string;
	/** Lower-case names. */
	readonly headers: { readonly [name: string]: string };
	readonly body: string;
}

export interface HttpResponse {
	readonly protocol: 'http';
	readonly status: number;
	readonly headers: { readonly [name: string]: string };
	readonly body: string;
	/** The body goes on: this is its beginning, the rest follows by `send` (chunked transfer, server-sent events). */
	readonly open?: true;
}

/** What comes of an open response after its head: more of the body, its end, or why it broke off. */
export interface Piece {
	readonly data: string;
	readonly last: boolean;
	readonly error?: NetworkError;
}
/** A piece with the virtual ms at which it arrived: readers outside look at the world only now and then. */
export type TimedPiece = Piece & { readonly at: number };

/** One round trip of PostgreSQL's protocol with the start-up that precedes it. */
export interface PostgresRequest {
	readonly protocol: 'postgres';
	readonly user: string;
	readonly password: string;
	readonly database: string;
	readonly sql: string;
	readonly parameters: readonly (string | number | boolean | null)[];
}

export interface PostgresResponse {
	readonly protocol: 'postgres';
	readonly error?: { readonly severity: string; readonly code: string; readonly message: string; readonly detail?: string; readonly hint?: string };
	readonly fields?: readonly { readonly name: string; readonly type: string }[];
	readonly rows?: readonly (readonly (string | number | boolean | null)[])[];
	/** Command tag, e.g. `INSERT 0 1`, `SELECT 3`. */
	readonly tag?: string;
}

/** Opens a connection and closes it: what a TCP probe and `nc -z` do. */
export interface TcpConnect {
	readonly protocol: 'tcp';
	readonly data?: string;
	/** A datagram instead: what answers is what listens with `udp` at that port. */
	readonly udp?: true;
}
export interface TcpReply {
	readonly protocol: 'tcp';
	readonly data: string;
}

export type Request = HttpRequest | PostgresRequest | TcpConnect;
export type Response = HttpResponse | PostgresResponse | TcpReply;

/** Why a dial failed, in the words of errno; a client program turns them into its own message. */
export type NetworkError =
	| 'ENOTFOUND' // the name does not exist (NXDOMAIN)
	| 'EAI_AGAIN' // the name could not be looked up (DNS unreachable)
	| 'ECONNREFUSED' // nothing listens there, or the service has no endpoints (REJECT)
	| 'ETIMEDOUT' // packets are dropped: a policy, an absent host, or a server that never answers
	| 'EHOSTUNREACH'
	| 'ECONNRESET' // the server went away, or spoke another protocol
	| 'EPROTO'; // TLS to a plain port

export type Outcome =
	| { readonly ok: true; readonly response: Response; readonly address: string; readonly port: number }
	| { readonly ok: false; readonly error: NetworkError; readonly address?: string; readonly port: number; readonly phase: 'dns' | 'connect' | 'response' };

/** Where a dial starts: decides DNS search path, source address and which egress policies hold. */
export type Source =
	| { readonly kind: 'pod'; readonly uid: string }
	/** A node's own network namespace: kubelet probes, hostNetwork. NetworkPolicy never stops a node's own kubelet. */
	| { readonly kind: 'node'; readonly name: string }
	/** The learner's workstation and other hosts beside the cluster: reach node ports, load balancers and ingress, not pod addresses. */
	| { readonly kind: 'external' };

export interface Dial {
	readonly from: Source;
	/** A name or an address. */
	readonly host: string;
	readonly port: number;
	readonly request: Request;
	/** Overall limit in virtual ms; 0 for none but the kernel's (connect: about 130 s). */
	readonly timeoutMs?: number;
	/** Limit for the connection alone, virtual ms. */
	readonly connectTimeoutMs?: number;
	/**
	 * Takes an open response as it comes: its head is the outcome (`open: true`), pieces follow (`onPiece`, or `piece` in a timer's
	 * data). Without it the outcome comes once the response is whole.
	 */
	readonly stream?: true;
	/** Limit between one piece and the next, and before the head, once connected; virtual ms (a proxy's read timeout). */
	readonly idleTimeoutMs?: number;
	/** Addresses given for names, as curl's `--resolve`. */
	readonly resolve?: { readonly [host: string]: string };
}

/** Who gets the outcome: a process of a container, or a call that stands outside (its result is kept until read). */
export type Reply =
	| { readonly kind: 'process'; readonly container: string; readonly pid: number; readonly token: string }
	| { readonly kind: 'timer'; readonly timer: string; readonly key: string; readonly data?: unknown }
	| { readonly kind: 'call'; readonly id: string };

/** A request that has arrived at a listening process and waits for its answer. */
export interface Connection {
	readonly id: string;
	/** Source address as the server sees it. */
	readonly remoteAddress: string;
	readonly port: number;
}

export interface ListenOptions {
	readonly tls?: boolean;
	/** On the loopback address alone. */
	readonly localOnly?: boolean;
	/** Datagrams; TCP and UDP ports are apart. */
	readonly udp?: boolean;
}

export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'NS' | 'TXT' | 'MX' | 'SOA' | 'ANY';

export interface DnsRecord {
	readonly name: string;
	readonly type: 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR';
	/** An address, a name without its last dot, or `priority weight port name`. */
	readonly data: string;
}

export type DnsReply =
	| { readonly rcode: 'NOERROR' | 'NXDOMAIN'; readonly authoritative: boolean; readonly records: readonly DnsRecord[] }
	| { readonly error: 'timeout' };

export interface NetworkApi {
	/** Starts a dial; its outcome is delivered to `reply` in later virtual time, never at once. Returns the dial's id. */
	dial(world: World, dial: Dial, reply: Reply): string;
	/** Gives up a dial; its outcome is never delivered. */
	abort(world: World, dialId: string): void;
	/** Declares that a process accepts connections. Fails with false where the port of that pod is taken. */
	listen(world: World, container: string, pid: number, port: number, options?: ListenOptions): boolean;
	/** Closes a listener of this process's; its connections stay. */
	unlisten(world: World, container: string, pid: number, port: number): void;
	/** Answers a connection. An answer that is `open` goes on with `send`. */
	respond(world: World, connectionId: string, response: Response): void;
	/** More of an open answer's body; the last piece ends it, `broken` cuts it off. Without effect where the client is gone. */
	send(world: World, connectionId: string, data: string, last: boolean | 'broken'): void;
	/** Ends everything a process had: listeners are closed, its open connections reset. */
	processEnded(world: World, container: string, pid: number): void;
	/** One query for a full name, without search domains; `server` is the address of another one than resolv.conf's. For `nslookup`, `dig`. */
	query(world: World, from: Source, name: string, type: DnsType, server?: string): DnsReply;
	/** Looks a name up as a resolver in `from` would, at once: addresses, or the error. */
	resolve(
		world: World,
		from: Source,
		name: string,
	): { readonly addresses: readonly string[]; readonly canonical?: string } | { readonly error: 'ENOTFOUND' | 'EAI_AGAIN' };
}
