/** A request for a group that an extension server answers for, on its way there: kube-aggregator's `pkg/apiserver/handler_proxy.go`. */
import type { World } from '../../kernel/world.ts';
import type { Dial } from '../../network/types.ts';
import { textAnswer } from '../http/respond.ts';
import { SOURCE } from '../proxy/copy.ts';
import { OWN_HEADERS } from '../proxy/forward.ts';
import { specOf, str } from '../registry/fields.ts';
import { getObject, objectKey } from '../registry/store.ts';
import type { Strategy, UserInfo } from '../types.ts';
import type { ApiResponse, ApiWireRequest } from '../wire.ts';
import type { Extension } from './extensions.ts';

const SERVICES = { group: '', resource: 'services' } as Strategy;
const CONNECT_MS = 30_000;

/** Address and port of an extension server's service; undefined where there is none (`NewClusterIPServiceResolver`). */
export function addressOf(world: World, { service }: Pick<Extension, 'service'>): { readonly host: string; readonly port: number } | undefined {
	const found = getObject(world, SERVICES, objectKey(service.namespace, service.name));
	const host = found === undefined ? '' : str(specOf(found).clusterIP);
	return host === '' || host === 'None' ? undefined : { host, port: service.port };
}

/** How the server learns who asks: by headers, since the connection is the aggregator's own. */
function identity(user: UserInfo): { readonly [header: string]: string } {
	const extra = Object.entries(user.extra ?? {}).map(([key, values]) => [`x-remote-extra-${encodeURIComponent(key.toLowerCase())}`, values.join(', ')]);
	return { ...Object.fromEntries(extra), 'x-remote-user': user.name, ...(user.groups.length === 0 ? {} : { 'x-remote-group': user.groups.join(', ') }) };
}

export function forwardToExtension(world: World, request: ApiWireRequest, extension: Extension, user: UserInfo): ApiResponse {
	const address = extension.available ? addressOf(world, extension) : undefined;
	if (address === undefined) return textAnswer(503, 'service unavailable\n');
	const kept = Object.entries(request.headers).filter(([name]) => !OWN_HEADERS.has(name) && !name.startsWith('impersonate-') && !name.startsWith('x-remote-'));
	const dial: Dial = {
		from: SOURCE,
		...address,
		connectTimeoutMs: CONNECT_MS,
		request: {
			protocol: 'http',
			tls: true,
			method: request.method,
			path: request.url,
			headers: { ...Object.fromEntries(kept), ...identity(user) },
			body: request.body ?? '',
		},
	};
	return { status: 200, headers: {}, forward: { dial, prefix: '', head: request.method === 'HEAD', aggregated: true } };
}
