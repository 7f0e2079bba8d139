/**
 * Asks a webhook's server. A request waits for the answer, but no time passes while the API server handles one; so the
 * question is put in a copy of the world, whose clock runs until the answer is there or the webhook's timeout is over.
 * What the server does on the side stays in the copy.
 */
import { parseExact } from '../../../kernel/int64.ts';
import type { World } from '../../../kernel/world.ts';
import { STAND_IN_HEADER } from '../../../network/stand-in.ts';
import type { HttpResponse, Outcome } from '../../../network/types.ts';
import type { Services } from '../../../services.ts';
import { dialInCopy, SOURCE } from '../../proxy/copy.ts';
import { failureText } from '../../proxy/failure.ts';
import { type Fields, isRecord, rec, recs, specOf, str } from '../../registry/fields.ts';
import { getObject, objectKey } from '../../registry/store.ts';
import type { Strategy } from '../../types.ts';

/** The body of the answer, or why there is none, in the words of Go's HTTP client. */
export type Answer = { readonly body: string } | { readonly error: string };

const SERVICES = { group: '', resource: 'services' } as Strategy;
const DEFAULT_TIMEOUT_S = 10;

interface Target {
	/** As the URL names it, and where it leads. */
	readonly name: string;
	readonly host: string;
	readonly port: number;
	readonly path: string;
}

/** Where a service's webhook is: its cluster IP (`NewClusterIPServiceResolver`). */
function serviceTarget(world: World, service: Fields): Target | { readonly name: string; readonly path: string; readonly error: string } {
	const [name, namespace, path] = [str(service.name), str(service.namespace), str(service.path) || '/'];
	const port = Number(service.port ?? 443);
	const place = { name: `${name}.${namespace}.svc:${port}`, path: path.startsWith('/') ? path : `/${path}` };
	const found = getObject(world, SERVICES, objectKey(namespace, name));
	if (found === undefined) return { ...place, error: `service ${JSON.stringify(name)} not found` };
	const spec = specOf(found);
	if (!recs(spec.ports).some((p) => p.port === port)) return { ...place, error: `no service port ${port} found for service ${JSON.stringify(name)}` };
	const address = str(spec.clusterIP);
	if (address === '' || address === 'None') return { ...place, error: `cannot route to service with ClusterIP ${JSON.stringify(address)}` };
	return { ...place, host: address, port };
}

function urlTarget(url: string): Target {
	const m = /^https:\/\/([^/:]+|\[[^\]]*\])(?::(\d+))?([^?#]*)/.exec(url);
	const [, host = '', port, path = ''] = m ?? [];
	return { name: port === undefined ? host : `${host}:${port}`, host, port: Number(port ?? 443), path: path === '' ? '/' : path };
}

export function ask(services: Services, world: World, webhook: Fields, review: unknown): Answer {
	const config = rec(webhook.clientConfig);
	const seconds = Number(webhook.timeoutSeconds ?? DEFAULT_TIMEOUT_S);
	const target = isRecord(config.service) ? serviceTarget(world, config.service) : urlTarget(str(config.url));
	const post = (why: string): Answer => ({ error: `Post "https://${target.name}${target.path}?timeout=${seconds}s": ${why}` });
	if ('error' in target) return post(target.error);
	const outcome = exchange(services, world, target, seconds, JSON.stringify(review));
	if (outcome === undefined || (!outcome.ok && outcome.error === 'ETIMEDOUT')) return post('context deadline exceeded');
	if (!outcome.ok) return post(failureText(outcome, target.host));
	if (outcome.response.protocol !== 'http') return post('EOF');
	// Nobody vouches for a server inside the cluster but the bundle that the configuration brings along. What stands in for an
	// operator does not bring it, as the operator itself or its injector would by now.
	if (str(config.caBundle) === '' && outcome.response.headers[STAND_IN_HEADER] === undefined)
		return post('tls: failed to verify certificate: x509: certificate signed by unknown authority');
	const error = statusError(outcome.response);
	return error === undefined ? { body: outcome.response.body } : { error };
}

function exchange(services: Services, world: World, target: Target, seconds: number, body: string): Outcome | undefined {
	const headers = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'kube-apiserver-admission' };
	const path = `${target.path}?timeout=${seconds}s`;
	const request = { protocol: 'http', tls: true, method: 'POST', path, headers, body } as const;
	return dialInCopy(services, world, { from: SOURCE, host: target.host, port: target.port, request }, seconds * 1000);
}

/** What client-go makes of an answer that is no success. */
function statusError({ status, body }: HttpResponse): string | undefined {
	if (status >= 200 && status < 300) return undefined;
	const said = parsed(body);
	if (isRecord(said) && said.kind === 'Status' && str(said.message) !== '') return str(said.message);
	switch (status) {
		case 401:
			return 'the server has asked for the client to provide credentials';
		case 403:
			return `forbidden: User "kubernetes-admin" cannot post path: ${body.trim()}`;
		case 404:
			return 'the server could not find the requested resource';
		case 405:
			return 'the server does not allow this method on the requested resource';
		case 503:
			return 'the server is currently unable to handle the request';
		default:
			return status >= 500
				? `an error on the server (${JSON.stringify(body.trim() || 'unknown')}) has prevented the request from succeeding`
				: 'the server rejected our request for an unknown reason';
	}
}

/** JSON, or undefined. */
export function parsed(text: string): unknown {
	try {
		return parseExact(text);
	} catch (e) {
		if (e instanceof SyntaxError) return undefined;
		throw e;
	}
}
