/** Signing in with OpenID Connect: authorisation code with PKCE, state and nonce. What a flow has to remember travels sealed in a cookie of its own. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import * as client from 'openid-client';
import { z } from 'zod';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { Identity } from '../people/people.ts';
import type { Team } from '../people/team.ts';

const flowSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string(), until: z.number() });
type Flow = z.infer<typeof flowSchema>;

export interface Finished {
	readonly identity: Identity;
	/** Only an address that the provider has verified speaks for anybody. */
	readonly verifiedEmail: string | undefined;
	readonly idToken: string | undefined;
	/** Path to go on to. */
	readonly to: string;
}

export class Oidc {
	private readonly team: Team;
	private readonly key: Buffer;
	private readonly now: () => number;
	private found: Promise<client.Configuration> | undefined;

	/** `secret`: the data folder's own. */
	constructor(team: Team, secret: Buffer, now: () => number = () => Date.now()) {
		this.team = team;
		this.key = Buffer.from(hkdfSync('sha256', secret, '', 'foothold sign-in flow', 32));
		this.now = now;
	}

	/** Where to send the browser, and what its flow cookie holds. */
	async begin(to: string): Promise<{ readonly url: string; readonly flow: string }> {
		const config = await this.configuration();
		const flow: Flow = {
			state: client.randomState(),
			nonce: client.randomNonce(),
			verifier: client.randomPKCECodeVerifier(),
			to: safePath(to),
			until: this.now() + LIMITS.signInFlowMs,
		};
		const url = client.buildAuthorizationUrl(config, {
			redirect_uri: this.callback,
			scope: 'openid profile email',
			state: flow.state,
			nonce: flow.nonce,
			code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
			code_challenge_method: 'S256',
		});
		return { url: url.href, flow: this.seal(flow) };
	}

	/** The provider led back with `query` (with its `?`). Rejects with `sign-in-failed` where anything about it is not as it was begun. */
	async finish(query: string, sealed: string | undefined): Promise<Finished> {
		const flow = sealed === undefined ? undefined : this.unseal(sealed);
		if (flow === undefined || flow.until < this.now()) throw fault('sign-in-failed', { why: 'it was not begun in this browser, or took too long' });
		const config = await this.configuration();
		const tokens = await client
			.authorizationCodeGrant(config, new URL(`${this.callback}${query}`), {
				expectedState: flow.state,
				expectedNonce: flow.nonce,
				pkceCodeVerifier: flow.verifier,
				idTokenExpected: true,
			})
			.catch((error: unknown) => {
				throw fault('sign-in-failed', { why: reasonOf(error) }, error);
			});
		const claims = tokens.claims();
		if (claims === undefined) throw fault('sign-in-failed', { why: 'the provider sent no identity' });
		// Many providers put name and address into the userinfo answer alone.
		const more = await client.fetchUserInfo(config, tokens.access_token, claims.sub).catch(() => undefined);
		const claim = (name: string): unknown => claims[name] ?? more?.[name];
		const text = (name: string): string | undefined => textOf(claim(name));
		const email = text('email');
		return {
			identity: { issuer: claims.iss, subject: claims.sub, name: (text('name') ?? text('preferred_username') ?? email ?? claims.sub).slice(0, 60), email },
			verifiedEmail: claim('email_verified') === true ? email?.toLowerCase() : undefined,
			idToken: tokens.id_token,
			to: flow.to,
		};
	}

	/** Where the provider ends its own session, if it offers that. */
	async endUrl(idToken: string | undefined): Promise<string | undefined> {
		const config = await this.configuration().catch(() => undefined);
		if (config?.serverMetadata().end_session_endpoint === undefined) return undefined;
		return client.buildEndSessionUrl(config, {
			post_logout_redirect_uri: new URL('/', this.team.publicUrl).href,
			...(idToken === undefined ? {} : { id_token_hint: idToken }),
		}).href;
	}

	/** Whether the issuer answers; rejects with `issuer-unreachable`. */
	async reach(): Promise<void> {
		await this.configuration();
	}

	private get callback(): string {
		return new URL('/sign-in/callback', this.team.publicUrl).href;
	}

	/** The issuer's own description, asked for when first needed and again where that failed: a team's server starts without it. */
	private configuration(): Promise<client.Configuration> {
		const { issuer, clientId, clientSecret } = this.team;
		this.found ??= client
			.discovery(issuer, clientId, clientSecret, undefined, {
				timeout: LIMITS.issuerSeconds,
				...(issuer.protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}),
			})
			.catch((error: unknown) => {
				this.found = undefined;
				throw fault('issuer-unreachable', { issuer: issuer.href, why: reasonOf(error) }, error);
			});
		return this.found;
	}

	private seal(flow: Flow): string {
		const iv = randomBytes(12);
		const cipher = createCipheriv('aes-256-gcm', this.key, iv);
		const body = Buffer.concat([cipher.update(JSON.stringify(flow)), cipher.final()]);
		return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
	}

	private unseal(text: string): Flow | undefined {
		const bytes = Buffer.from(text, 'base64url');
		try {
			const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, 12));
			decipher.setAuthTag(bytes.subarray(12, 28));
			return flowSchema.parse(JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()));
		} catch {
			// Not one of ours, or changed on the way: the same as none.
			return undefined;
		}
	}
}

/** A path on this server, whatever was asked for: never another site. */
export function safePath(to: string): string {
	return /^\/(?![/\\])[^\\\u0000-\u001f]*$/.test(to) ? to : '/';
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined);

/** What went wrong, without what was sent. */
function reasonOf(error: unknown): string {
	if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) return error.error_description ?? error.error;
	if (!(error instanceof Error)) return String(error);
	const { cause } = error;
	return cause instanceof Error && 'code' in cause ? `${error.message} (${String(cause.code)})` : error.message;
}
