/**
 * Who may talk to a local server: only this machine's own names (a foreign name is DNS rebinding), only pages of our own
 * origin, only browsers that have opened the printed link. The cookie outlives restarts; the token is of this run.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fault, fault } from '../errors/catalogue.ts';
import { writeDurably } from '../durable.ts';

const COOKIE = 'foothold';
const YEAR_S = 365 * 86_400;

/** What the server asks of whichever security it runs under. */
export interface Door {
	/** The fault with the Host header, where there is one. */
	hostFault(host: string | undefined): Fault | undefined;
	/** The fault with the Origin header of what changes something, where there is one. A request without it comes from no page of ours. */
	originFault(origin: string | undefined): Fault | undefined;
	/** The person that a Cookie header names, or undefined. */
	learner(header: string | undefined): string | undefined;
}

export interface SecurityOptions {
	/** Port that pages use in addresses. */
	readonly port: number;
	readonly token: string;
	readonly secret: Buffer;
	/** The one learner of local mode. */
	readonly learner: string;
}

export class Security implements Door {
	private readonly options: SecurityOptions;
	private readonly hosts: ReadonlySet<string>;

	constructor(options: SecurityOptions) {
		this.options = options;
		const names = ['127.0.0.1', 'localhost', '[::1]'];
		this.hosts = new Set(names.flatMap((name) => (options.port === 80 ? [name, `${name}:80`] : [`${name}:${options.port}`])));
	}

	hostFault(host: string | undefined): Fault | undefined {
		return host !== undefined && this.hosts.has(host.toLowerCase()) ? undefined : fault('host-foreign', { host: host ?? '' });
	}

	originFault(origin: string | undefined): Fault | undefined {
		const own = origin?.startsWith('http://') === true && this.hosts.has(origin.slice(7).toLowerCase());
		return own ? undefined : fault('origin-foreign', { origin: origin ?? 'nowhere' });
	}

	tokenGood(token: string): boolean {
		return same(token, this.options.token);
	}

	/** `Set-Cookie` for a browser that brought the token. */
	cookie(): string {
		const { learner } = this.options;
		return `${COOKIE}=${learner}.${this.sign(learner)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${YEAR_S}`;
	}

	learner(header: string | undefined): string | undefined {
		for (const part of (header ?? '').split(';')) {
			const [name, value = ''] = part.trim().split('=', 2);
			if (name !== COOKIE) continue;
			const dot = value.lastIndexOf('.');
			const learner = value.slice(0, dot);
			if (dot > 0 && same(value.slice(dot + 1), this.sign(learner))) return learner;
		}
		return undefined;
	}

	private sign(learner: string): string {
		return createHmac('sha256', this.options.secret).update(`learner:${learner}`).digest('base64url');
	}
}

export function newToken(): string {
	return randomBytes(24).toString('base64url');
}

/** The data folder's own secret, made at the first start. */
export async function readSecret(data: string): Promise<Buffer> {
	const path = join(data, 'secret');
	const found = await readFile(path).catch(() => undefined);
	if (found !== undefined && found.length === 32) return found;
	const made = randomBytes(32);
	await writeDurably(path, made);
	return made;
}

export function same(a: string, b: string): boolean {
	const left = Buffer.from(a);
	const right = Buffer.from(b);
	return left.length === right.length && timingSafeEqual(left, right);
}
