/** NamespaceLifecycle: nothing comes into a namespace that is not there or on its way out; some namespaces never go. */
import type { World } from '../../kernel/world.ts';
import type { ApiClient } from '../client.ts';
import { failure, forbidden, groupResourceText, notFound } from '../errors.ts';
import { rec } from '../registry/fields.ts';
import { type AdmissionPlugin, type AdmissionRequest, ApiError, type KubeObject } from '../types.ts';
import { isAbout, nameFor } from './refuse.ts';

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);
const NAMESPACES = { group: '', resource: 'namespaces' };

function terminating(request: AdmissionRequest, namespace: string): ApiError {
	const { strategy, object } = request;
	const name = nameFor(object);
	return new ApiError(
		failure({
			code: 403,
			reason: 'Forbidden',
			message: `${groupResourceText(strategy)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
			details: {
				name,
				...(strategy.group === '' ? {} : { group: strategy.group }),
				kind: strategy.resource,
				causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
			},
		}),
	);
}

function mutate(client: ApiClient, world: World, request: AdmissionRequest): KubeObject {
	const { strategy, call, object, operation } = request;
	const namespace = call.namespace;
	if (!strategy.namespaced || namespace === undefined) return object;
	const found = client.get(world, 'v1/namespaces', undefined, namespace);
	if (found === undefined) throw notFound(NAMESPACES, namespace);
	const ending = found.metadata.deletionTimestamp !== undefined || rec(found.status).phase === 'Terminating';
	if (operation === 'CREATE' && ending) throw terminating(request, namespace);
	return object;
}

export function namespaceLifecycle(client: () => ApiClient): AdmissionPlugin {
	return {
		name: 'NamespaceLifecycle',
		mutate: (world, request) => mutate(client(), world, request),
		validate: (_world, request) => {
			if (request.operation === 'DELETE' && isAbout(request, '', 'namespaces') && IMMORTAL.has(request.object.metadata.name)) {
				throw forbidden(NAMESPACES, request.object.metadata.name, 'this namespace may not be deleted');
			}
			return undefined;
		},
	};
}
