/** `agnhost crd-conversion-webhook`: turns v1's `hostPort` of stable.example.com into v2's `host` and `port`, and back. Models test/images/agnhost/crd-conversion-webhook. */
import { rec, recs, str } from '../../apiserver/registry/fields.ts';
import { startTls } from './tls.ts';
import type { Program } from '../program.ts';

type Fields = { readonly [key: string]: unknown };

const GROUP = 'stable.example.com';

/** The converted fields, or why there are none. */
function converted(object: Fields, to: string): Fields | string {
	const from = str(object.apiVersion);
	if (from === to) return `conversion from a version to itself should not call the webhook: ${to}`;
	if (from === `${GROUP}/v1` && to === `${GROUP}/v2`) {
		const { hostPort, ...rest } = object;
		if (hostPort === undefined) return rest;
		const parts = str(hostPort).split(':');
		return parts.length === 2 ? { ...rest, host: parts[0], port: parts[1] } : `invalid hostPort value \`${str(hostPort)}\``;
	}
	if (from === `${GROUP}/v2` && to === `${GROUP}/v1`) {
		const { host, port, ...rest } = object;
		return host === undefined && port === undefined ? rest : { ...rest, hostPort: `${str(host)}:${str(port)}` };
	}
	return `unexpected conversion version ${JSON.stringify(from === `${GROUP}/v1` || from === `${GROUP}/v2` ? to : from)}`;
}

function answer(body: string): string {
	const review = rec(JSON.parse(body));
	const request = rec(review.request);
	const to = str(request.desiredAPIVersion);
	const convertedObjects: Fields[] = [];
	let message: string | undefined;
	for (const object of recs(request.objects)) {
		const made = converted(object, to);
		if (typeof made === 'string') message ??= made;
		else convertedObjects.push({ ...made, apiVersion: to });
	}
	const response =
		message === undefined
			? { convertedObjects, result: { metadata: {}, status: 'Success' } }
			: { convertedObjects: [], result: { metadata: {}, status: 'Failure', message } };
	return JSON.stringify({ kind: 'ConversionReview', apiVersion: review.apiVersion, response: { uid: request.uid, ...response } });
}

export const crdConversionWebhook: Program<object> = {
	name: 'crd-conversion-webhook',
	start(process) {
		process.data = {};
		startTls(process);
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') return;
		const path = request.path.split('?', 1)[0];
		const known = path === '/crdconvert' || path === '/readyz';
		const body = path === '/crdconvert' ? answer(request.body) : path === '/readyz' ? 'ok' : '404 page not found\n';
		process.respond(connection.id, { protocol: 'http', status: known ? 200 : 404, headers: { 'content-type': 'application/json' }, body });
	},
};
