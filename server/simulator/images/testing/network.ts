/** A network in which a container's name is its address: dials with one outcome each, and answers that follow in pieces. */
import type { Connection, Dial, HttpResponse, NetworkError, Outcome, Piece, Request, Response } from '../../network/types.ts';
import type { TestClock } from './clock.ts';

/** What listens on a port. */
export interface Listener {
	request(connection: Connection, request: Request): void;
	hangup(connection: string): void;
}

export interface Host {
	readonly name: string;
	listener(port: number): Listener | undefined;
}

interface Open {
	readonly from: string;
	readonly address: string;
	readonly port: number;
	readonly settle: (outcome: Outcome) => void;
	readonly piece: (piece: Piece) => void;
	readonly hangup: () => void;
	readonly streamed: boolean;
	/** An open answer that is wanted whole. */
	held?: HttpResponse;
}

export class TestNetwork {
	/** Names and addresses that drop packets; `dns` for the name server. */
	readonly dropped = new Set<string>();
	private readonly clock: TestClock;
	private readonly hosts: ReadonlyMap<string, Host>;
	private readonly open = new Map<string, Open>();
	private connections = 0;

	/** `hosts` in the order of their start: it gives them their addresses. */
	constructor(clock: TestClock, hosts: ReadonlyMap<string, Host>) {
		this.clock = clock;
		this.hosts = hosts;
	}

	addressOf(name: string): string {
		return `10.244.1.${[...this.hosts.keys()].indexOf(name) + 2}`;
	}

	lookup(name: string): { readonly addresses: readonly string[] } | { readonly error: 'ENOTFOUND' } {
		if (/^[\d.]+$/.test(name)) return { addresses: [name] };
		if (name === 'localhost') return { addresses: ['127.0.0.1'] };
		return this.hosts.has(name) ? { addresses: [this.addressOf(name)] } : { error: 'ENOTFOUND' };
	}

	/** Gives the dial's id; '' where it fails before there is a connection. */
	dial(from: string, dial: Omit<Dial, 'from'>, settle: (outcome: Outcome) => void, piece: (piece: Piece) => void = () => undefined): string {
		const fail = (error: NetworkError, phase: 'dns' | 'connect' | 'response', afterMs = 1): void => {
			this.clock.at(afterMs, () => settle({ ok: false, error, phase, port: dial.port, ...(address === undefined ? {} : { address }) }));
		};
		const given = dial.resolve?.[dial.host];
		const found = given === undefined ? this.lookup(dial.host) : { addresses: [given] };
		const address = 'addresses' in found ? found.addresses[0] : undefined;
		if (address === undefined) {
			fail('ENOTFOUND', 'dns');
			return '';
		}
		if (this.dropped.has('dns') && given === undefined) {
			fail('ETIMEDOUT', 'dns', dial.connectTimeoutMs ?? (dial.timeoutMs || 10_000));
			return '';
		}
		if (this.dropped.has(dial.host)) {
			fail('ETIMEDOUT', 'connect', dial.connectTimeoutMs ?? (dial.timeoutMs || 130_000));
			return '';
		}
		const target = address === '127.0.0.1' ? this.hosts.get(from) : [...this.hosts.values()].find((c) => this.addressOf(c.name) === address);
		if (target === undefined) {
			fail('EHOSTUNREACH', 'connect', 3000);
			return '';
		}
		const server = target.listener(dial.port);
		if (server === undefined) {
			fail('ECONNREFUSED', 'connect');
			return '';
		}
		const id = `c${++this.connections}`;
		const hangup = (): void => server.hangup(id);
		this.open.set(id, { from, address, port: dial.port, settle, piece, hangup, streamed: dial.stream === true });
		const connection: Connection = { id, remoteAddress: address === '127.0.0.1' ? address : this.addressOf(from), port: dial.port };
		this.clock.at(1, () => server.request(connection, dial.request));
		if (dial.timeoutMs !== undefined && dial.timeoutMs > 0) {
			this.clock.at(dial.timeoutMs, () => {
				if (!this.open.has(id)) return;
				this.finish(id, { ok: false, error: 'ETIMEDOUT', phase: 'response', port: dial.port, address });
				this.clock.at(1, hangup);
			});
		}
		return id;
	}

	giveUp(id: string): void {
		const open = this.open.get(id);
		this.open.delete(id);
		if (open !== undefined) this.clock.at(1, open.hangup);
	}

	send(id: string, data: string, last: boolean): void {
		const open = this.open.get(id);
		if (open === undefined) return;
		if (open.streamed) {
			if (last) this.open.delete(id);
			this.clock.at(1, () => open.piece({ data, last }));
			return;
		}
		if (open.held === undefined) return;
		open.held = { ...open.held, body: open.held.body + data };
		if (!last) return;
		const { open: _open, ...response } = open.held;
		this.finish(id, { ok: true, response, address: open.address, port: open.port });
	}

	private finish(id: string, outcome: Outcome): void {
		const open = this.open.get(id);
		if (open === undefined) return;
		this.open.delete(id);
		this.clock.at(1, () => open.settle(outcome));
	}

	respond(id: string, response: Response): void {
		const open = this.open.get(id);
		if (open === undefined) return;
		if (response.protocol === 'http' && response.open === true) {
			open.held = response;
			if (open.streamed) this.clock.at(1, () => open.settle({ ok: true, response, address: open.address, port: open.port }));
		} else this.finish(id, { ok: true, response, address: open.address, port: open.port });
	}
}
