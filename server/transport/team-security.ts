/** Who may talk to a team's server: the public name only, pages of its own origin only, browsers that hold a sign-in. */
import { type Fault, fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { Found, SignIns } from '../people/sign-ins.ts';
import type { Door } from './security.ts';

export class TeamSecurity implements Door {
	private readonly origin: string;
	private readonly host: string;
	private readonly secure: boolean;
	private readonly signIns: SignIns;

	/** `publicUrl`: where browsers reach the server, through a proxy that ends TLS. */
	constructor(publicUrl: URL, signIns: SignIns) {
		this.origin = publicUrl.origin;
		this.host = publicUrl.host;
		this.secure = publicUrl.protocol === 'https:';
		this.signIns = signIns;
	}

	/** The Host header has to be the public name: proxies pass it on. */
	hostFault(host: string | undefined): Fault | undefined {
		return host?.toLowerCase() === this.host ? undefined : fault('host-foreign', { host: host ?? '' });
	}

	originFault(origin: string | undefined): Fault | undefined {
		return origin === this.origin ? undefined : fault('origin-foreign', { origin: origin ?? 'nowhere' });
	}

	learner(header: string | undefined): string | undefined {
		const found = this.signIn(header);
		if (found !== undefined) this.signIns.seen(found.key);
		return found?.person;
	}

	/** The sign-in that a Cookie header holds. */
	signIn(header: string | undefined): Found | undefined {
		const token = cookieOf(header, this.name('foothold-team'));
		return token === undefined ? undefined : this.signIns.find(token);
	}

	cookie(token: string): string {
		return this.set('foothold-team', token, LIMITS.signInMs);
	}

	/** The flow of a sign-in that is under way, sealed. */
	flow(header: string | undefined): string | undefined {
		return cookieOf(header, this.name('foothold-flow'));
	}

	flowCookie(flow: string): string {
		return this.set('foothold-flow', flow, LIMITS.signInFlowMs);
	}

	/** Takes a cookie away. */
	gone(which: 'foothold-team' | 'foothold-flow'): string {
		return this.set(which, '', 0);
	}

	/** Lax: a strict cookie would not come along when the identity provider leads back. The prefix binds it to this host and to TLS. */
	private set(name: string, value: string, ms: number): string {
		return `${this.name(name)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${Math.floor(ms / 1000)}${this.secure ? '; Secure' : ''}`;
	}

	private name(name: string): string {
		return this.secure ? `__Host-${name}` : name;
	}
}

function cookieOf(header: string | undefined, wanted: string): string | undefined {
	for (const part of (header ?? '').split(';')) {
		const at = part.indexOf('=');
		if (at > 0 && part.slice(0, at).trim() === wanted) return part.slice(at + 1).trim() || undefined;
	}
	return undefined;
}
