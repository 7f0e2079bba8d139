/** A real identity provider for tests, with people who sign in by their name alone, and a browser that keeps cookies. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

export interface TestProvider {
	readonly issuer: string;
	close(): Promise<void>;
}

export const CLIENT = { clientId: 'foothold', clientSecret: 'a secret of thirty-two characters' } as const;

/** `publicUrl`: of the server that people sign in to. Everyone exists; `<name>` has the address `<name>@x.example`, verified unless they are called `unproven`. */
export async function startProvider(publicUrl: string): Promise<TestProvider> {
	let answer: ReturnType<Provider['callback']> | undefined;
	const server: Server = createServer((request, response) => void answer?.(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
	const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const configuration: Configuration = {
		clients: [
			{
				client_id: CLIENT.clientId,
				client_secret: CLIENT.clientSecret,
				redirect_uris: [`${publicUrl}/sign-in/callback`],
				post_logout_redirect_uris: [`${publicUrl}/`],
			},
		],
		cookies: { keys: ['for tests'] },
		claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
		features: { devInteractions: { enabled: true } },
		ttl: { AuthorizationCode: 60, AccessToken: 300, IdToken: 300, Interaction: 600, Session: 600, Grant: 600 },
		findAccount: (_, id) => ({
			accountId: id,
			claims: () => ({ sub: id, name: id.slice(0, 1).toUpperCase() + id.slice(1), email: `${id}@x.example`, email_verified: id !== 'unproven' }),
		}),
		// Nobody is asked for consent: that page is the provider's own business.
		loadExistingGrant: async (ctx) => {
			const { session, client, params } = ctx.oidc;
			if (session?.accountId === undefined || client === undefined) return undefined;
			const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
			grant.addOIDCScope(String(params?.['scope'] ?? 'openid'));
			await grant.save();
			return grant;
		},
	};
	const provider = new Provider(issuer, configuration);
	answer = provider.callback();
	return {
		issuer,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

let browsers = 0;

/** As much of a browser as signing in takes: cookies by host and port, redirects, one form. */
export class Browser {
	/** Every browser comes from an address of its own: sign-ins from one are counted. */
	readonly address = `10.0.${Math.floor(++browsers / 250)}.${browsers % 250}`;
	private readonly jar = new Map<string, Map<string, string>>();
	/** Looks at every address before it is gone to, and may change it. */
	onRedirect: (url: URL) => URL = (url) => url;

	cookies(url: string): string {
		return [...(this.jar.get(new URL(url).host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
	}

	/** Every `Set-Cookie` that came, as it was sent. */
	readonly received: string[] = [];

	async fetch(url: string, init: RequestInit = {}): Promise<Response> {
		const { host } = new URL(url);
		const response = await fetch(url, {
			...init,
			redirect: 'manual',
			headers: { 'x-forwarded-for': this.address, ...init.headers, cookie: this.cookies(url) },
		});
		const cookies = this.jar.get(host) ?? new Map<string, string>();
		this.jar.set(host, cookies);
		for (const line of response.headers.getSetCookie()) {
			this.received.push(line);
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
			if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
			else cookies.set(name, value);
		}
		return response;
	}

	/** Goes there and wherever it leads. */
	async go(url: string, init: RequestInit = {}): Promise<{ readonly response: Response; readonly url: string }> {
		let at = url;
		let response = await this.fetch(at, init);
		for (let n = 0; n < 12 && response.status >= 300 && response.status < 400; n++) {
			at = this.onRedirect(new URL(response.headers.get('location') ?? '', at)).href;
			response = await this.fetch(at);
		}
		return { response, url: at };
	}

	/** Signs in as `name`, from the server's own start on; resolves with where that ended. */
	async signIn(base: string, name: string, to = '/healthz'): Promise<{ readonly response: Response; readonly url: string }> {
		const asked = await this.go(`${base}/sign-in/start?to=${encodeURIComponent(to)}`);
		const form = /<form[^>]* action="([^"]+)"/.exec(await asked.response.clone().text())?.[1];
		if (form === undefined) return asked;
		return this.go(new URL(form, asked.url).href, {
			method: 'POST',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: new URLSearchParams({ prompt: 'login', login: name, password: 'x' }).toString(),
		});
	}
}
