/** What agnhost does with the API server from inside: `inclusterclient` and `test-service-account-issuer-discovery`. Models test/images/agnhost of those names. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64Bytes, fromBase64, toBase64Bytes } from '../../apiserver/base64.ts';
import { isRecord, rec, recs, str } from '../../apiserver/registry/fields.ts';
import type { Outcome } from '../../network/types.ts';
import { goLogTime } from '../http-servers/echo.ts';
import type { Process, Program } from '../program.ts';
import { flag } from './flags.ts';
import { klog } from './log.ts';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const TIMEOUT_MS = 10_000;

/** GET with the pod's own token. */
function ask(process: Process<never> | Process<Discovery>, host: string, port: number, path: string, token: string): void {
	const secret = process.fs.read(TOKEN);
	const headers = { host, accept: 'application/json', ...(secret.ok ? { authorization: `Bearer ${secret.value}` } : {}) };
	process.dial({ host, port, request: { protocol: 'http', tls: true, method: 'GET', path, headers, body: '' }, timeoutMs: TIMEOUT_MS }, token);
}

const apiHost = (process: Process<never>): string => process.env['KUBERNETES_SERVICE_HOST'] ?? 'kubernetes.default.svc';

export const inClusterClient: Program<never> = {
	name: 'inclusterclient',
	start(process) {
		klog(process, 'started', 'I', 'main.go:60');
		process.timer(Number(flag(process.argv, 'poll-interval', '30')) * 1000, 'poll');
	},
	onTimer(process) {
		klog(process, 'calling /healthz', 'I', 'main.go:79');
		const secret = process.fs.read(TOKEN);
		const hash = secret.ok ? toBase64Bytes([...sha256(utf8ToBytes(`salt|Bearer ${secret.value}`))]) : '';
		if (secret.ok) klog(process, `authz_header=${hash.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`, 'I', 'main.go:96');
		else klog(process, 'authz_header=<empty>', 'E', 'main.go:98');
		ask(process, apiHost(process), Number(process.env['KUBERNETES_SERVICE_PORT'] ?? 443), '/healthz', 'healthz');
		process.timer(Number(flag(process.argv, 'poll-interval', '30')) * 1000, 'poll');
	},
	onReply(process, _token, outcome) {
		if (outcome.ok && outcome.response.protocol === 'http' && outcome.response.status === 200) return;
		klog(process, 'status=failed', 'E', 'main.go:82');
		klog(process, `error checking /healthz: ${outcome.ok ? 'the server rejected our request' : outcome.error}`, 'E', 'main.go:83');
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(2);
	},
};

interface Discovery {
	readonly token: string;
	readonly issuer: string;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (e) {
		if (e instanceof SyntaxError) return undefined;
		throw e;
	}
}

const bytes = (url: string): Uint8Array => Uint8Array.from(base64Bytes(plain(url)) ?? []);
const plain = (url: string): string => url.replaceAll('-', '+').replaceAll('_', '/');
const part = (token: string, i: number): { readonly [key: string]: unknown } => rec(parsed(fromBase64(plain(token.split('.')[i] ?? '')) ?? ''));
const say = (process: Process<Discovery>, text: string): void => process.stderr(`${goLogTime(process.now)} ${text}\n`);

function die(process: Process<Discovery>, text: string): void {
	say(process, text);
	process.exit(1);
}

/** Host, port and path of a URL. */
function target(url: string): readonly [string, number, string] {
	const [, host = '', port = '443', path = ''] = /^https:\/\/([^/:]+)(?::(\d+))?(.*)$/.exec(url) ?? [];
	return [host, Number(port), path];
}

function fetchFrom(process: Process<Discovery>, url: string, token: string): void {
	const [host, port, path] = target(url);
	ask(process, host, port, path, token);
}

/** Why a token does not hold under these keys for this audience; undefined where it does. */
function fault(token: string, keys: unknown, audience: string, now: number): string | undefined {
	const claims = part(token, 1);
	const audiences = Array.isArray(claims['aud']) ? claims['aud'] : [claims['aud']];
	if (!audiences.includes(audience)) return `oidc: expected audience ${JSON.stringify(audience)} got ${JSON.stringify(audiences)}`;
	if (Number(claims['exp']) * 1000 < now) return `oidc: token is expired (Token Expiry: ${String(claims['exp'])})`;
	const key = recs(rec(keys)['keys']).find((k) => k['kid'] === part(token, 0)['kid']);
	const dot = token.lastIndexOf('.');
	if (key === undefined || !ed25519.verify(bytes(token.slice(dot + 1)), utf8ToBytes(token.slice(0, dot)), bytes(str(key['x']))))
		return 'failed to verify signature: failed to verify id token signature';
	return undefined;
}

function discovered(process: Process<Discovery>, step: string, outcome: Outcome): void {
	const body = outcome.ok && outcome.response.protocol === 'http' && outcome.response.status === 200 ? parsed(outcome.response.body) : undefined;
	if (!isRecord(body)) {
		const got = outcome.ok && outcome.response.protocol === 'http' ? `${outcome.response.status}: ${outcome.response.body}` : outcome.ok ? '' : outcome.error;
		die(process, `failed to validate with in-cluster discovery: ${got}`);
		return;
	}
	if (step === 'configuration') {
		if (body['issuer'] !== process.data.issuer) {
			const got = `expected ${JSON.stringify(process.data.issuer)} got ${JSON.stringify(body['issuer'])}`;
			die(process, `oidc: issuer did not match the issuer returned by provider, ${got}`);
			return;
		}
		say(process, `OK: Constructed OIDC provider for issuer ${process.data.issuer}`);
		fetchFrom(process, str(body['jwks_uri']), 'keys');
		return;
	}
	const wrong = fault(process.data.token, body, flag(process.argv, 'audience', ''), process.now);
	if (wrong !== undefined) {
		die(process, wrong);
		return;
	}
	say(process, 'OK: Validated signature on JWT');
	say(process, 'OK: Got valid claims from token!');
	process.exit(0);
}

export const issuerDiscovery: Program<Discovery> = {
	name: 'test-service-account-issuer-discovery',
	start(process) {
		const path = flag(process.argv, 'token-path', '');
		const file = process.fs.read(path);
		if (!file.ok) return die(process, `open ${path}: no such file or directory`);
		const issuer = str(part(file.value, 1)['iss']);
		process.data = { token: file.value, issuer };
		say(process, 'OK: Got token');
		say(process, 'validating with in-cluster discovery');
		say(process, `OK: got issuer ${issuer}`);
		fetchFrom(process, `${issuer}/.well-known/openid-configuration`, 'configuration');
	},
	onReply: discovered,
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(2);
	},
};
