/**
 * What runs for a program that is not simulated: it listens where the pod says that its container does, is healthy, and lets
 * through what it is asked about as a webhook. What starts it hands over its part as `process.data` (`kubelet/stand-in.ts`).
 */
import { STAND_IN_HEADER } from '../../network/stand-in.ts';
import type { HttpResponse } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import type { MadeSecret } from './secrets.ts';

export interface StandInPort {
	readonly port: number;
	readonly tls: boolean;
}

/** What a stand-in does: serves, or ends well after so many ms; and the secret that it makes first. */
export type StandInPart = ({ readonly ports: readonly StandInPort[] } | { readonly endsAfterMs: number }) & { readonly secret?: MadeSecret };

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const TIMEOUT_MS = 10_000;

/** Asks the API server for a secret with made-up content, as the pod's service account. */
function makeSecret(process: Process<StandInPart | null>, { name, keys }: MadeSecret): void {
	const [token, namespace] = [process.fs.read(`${ACCOUNT}/token`), process.fs.read(`${ACCOUNT}/namespace`)];
	if (!token.ok || !namespace.ok) {
		process.stdout(`The stand-in has no service account to make the secret ${name} with.\n`);
		return;
	}
	const data = Object.fromEntries(keys.map((key) => [key, Math.floor(process.random() * 2 ** 48).toString(16)]));
	const body = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: namespace.value }, type: 'Opaque', stringData: data });
	const headers = { accept: 'application/json', 'content-type': 'application/json', authorization: `Bearer ${token.value}` };
	const request = { protocol: 'http', tls: true, method: 'POST', path: `/api/v1/namespaces/${namespace.value}/secrets`, headers, body } as const;
	const host = process.env['KUBERNETES_SERVICE_HOST'] ?? 'kubernetes.default.svc';
	process.dial({ host, port: Number(process.env['KUBERNETES_SERVICE_PORT'] ?? 443), request, timeoutMs: TIMEOUT_MS }, name);
}

const MEMORY_BYTES = 12 << 20;

type Fields = { readonly [key: string]: unknown };
const isFields = (v: unknown): v is Fields => typeof v === 'object' && v !== null && !Array.isArray(v);

/** A webhook's answer: all is allowed, and conversion changes the version alone. */
function reviewed(body: string): Fields | undefined {
	let review: unknown;
	try {
		review = JSON.parse(body);
	} catch (e) {
		if (e instanceof SyntaxError) return undefined;
		throw e;
	}
	if (!isFields(review) || !isFields(review['request'])) return undefined;
	const { apiVersion, kind, request } = review;
	if (kind === 'AdmissionReview') return { apiVersion, kind, response: { uid: request['uid'], allowed: true } };
	if (kind !== 'ConversionReview' || !Array.isArray(request['objects'])) return undefined;
	const convertedObjects = request['objects'].map((object: unknown) => ({ ...(isFields(object) ? object : {}), apiVersion: request['desiredAPIVersion'] }));
	return { apiVersion, kind, response: { uid: request['uid'], convertedObjects, result: { status: 'Success' } } };
}

function answer(process: Process<StandInPart | null>, contentType: string | undefined, body: string): HttpResponse {
	const head = { [STAND_IN_HEADER]: 'true' };
	if (contentType === 'application/grpc')
		return { protocol: 'http', status: 200, headers: { ...head, 'content-type': 'application/grpc', 'grpc-status': '0' }, body: 'SERVING' };
	const review = body === '' ? undefined : reviewed(body);
	if (review !== undefined) return { protocol: 'http', status: 200, headers: { ...head, 'content-type': 'application/json' }, body: JSON.stringify(review) };
	const text = `A stand-in answers for ${process.argv[0] ?? ''}: this image's program is not simulated.\n`;
	return { protocol: 'http', status: 200, headers: { ...head, 'content-type': 'text/plain; charset=utf-8' }, body: text };
}

export const standInProgram: Program<StandInPart | null> = {
	name: 'stand-in',
	start(process) {
		const part = process.data;
		if (part === null || ('endsAfterMs' in part && part.endsAfterMs === 0)) {
			process.exit(0);
			return;
		}
		if (part.secret !== undefined) makeSecret(process, part.secret);
		if ('endsAfterMs' in part) {
			process.timer(part.endsAfterMs, 'end');
			return;
		}
		process.usage({ cpuMilli: 2, memoryBytes: MEMORY_BYTES });
		const heard = part.ports.filter(({ port, tls }) => process.listen(port, { tls })).map(({ port }) => port);
		const where = heard.length === 0 ? 'runs' : `listens on ${heard.join(', ')}`;
		process.stdout(`This image's program is not simulated: a stand-in ${where} in its place.\n`);
	},
	onTimer(process) {
		process.stdout("This image's program is not simulated: a stand-in has ended well in its place.\n");
		process.exit(0);
	},
	onReply(process, name, outcome) {
		const status = outcome.ok && outcome.response.protocol === 'http' ? outcome.response.status : 0;
		const said = status === 201 ? 'has made' : status === 409 ? 'has found' : 'could not make';
		process.stdout(`The stand-in ${said} the secret ${name}${said === 'could not make' ? `: ${outcome.ok ? status : outcome.error}` : ''}.\n`);
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') process.respond(connection.id, { protocol: 'tcp', data: '' });
		else process.respond(connection.id, answer(process, request.headers['content-type'], request.body));
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGQUIT') process.exit(0);
	},
};
