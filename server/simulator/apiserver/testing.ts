/** A small API server for tests: a few resources without rules of their own. */
import { initialState } from '../kernel/state.ts';
import { World } from '../kernel/world.ts';
import type { Services } from '../services.ts';
import { createApiServer } from './apiserver.ts';
import type { AdmissionPlugin, Change, Strategy } from './types.ts';
import type { ApiResponse, ApiWireRequest } from './wire.ts';

const plain = { versions: ['v1'], shortNames: [], categories: [], namespaced: true } as const;

export const testStrategies: readonly Strategy[] = [
	{ ...plain, group: '', resource: 'namespaces', singular: 'namespace', kind: 'Namespace', namespaced: false, shortNames: ['ns'], subresources: ['status'] },
	{ ...plain, group: '', resource: 'configmaps', singular: 'configmap', kind: 'ConfigMap', shortNames: ['cm'] },
	{
		...plain,
		group: '',
		resource: 'pods',
		singular: 'pod',
		kind: 'Pod',
		shortNames: ['po'],
		categories: ['all'],
		subresources: ['status'],
		indexes: { byNode: (o) => [String((o['spec'] as { nodeName?: string } | undefined)?.nodeName ?? '')] },
		selectableFields: (o) => ({ 'spec.nodeName': String((o['spec'] as { nodeName?: string } | undefined)?.nodeName ?? '') }),
		gracePeriodSeconds: (_world, o, asked) => ((o['spec'] as { nodeName?: string } | undefined)?.nodeName === undefined ? 0 : (asked ?? 30)),
	},
	{
		...plain,
		group: 'apps',
		resource: 'deployments',
		singular: 'deployment',
		kind: 'Deployment',
		shortNames: ['deploy'],
		categories: ['all'],
		subresources: ['status'],
		scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector: '.spec.selector' },
		prepareForCreate: (_world, o) => ({ ...o, metadata: { ...o.metadata, generation: 1 }, status: {} }),
		prepareForUpdate: (_world, o, old) => ({ ...o, status: old['status'] }),
		validate: (_world, o) => {
			const spec = o['spec'] as { replicas?: number } | undefined;
			if (spec === undefined) return [];
			return (spec.replicas ?? 1) < 0
				? [{ field: 'spec.replicas', type: 'FieldValueInvalid', message: `Invalid value: ${spec.replicas}: must be greater than or equal to 0` }]
				: [];
		},
	},
];

export interface TestServer {
	readonly world: World;
	readonly api: ReturnType<typeof createApiServer>['api'];
	readonly changes: Change[];
	/** A request as kubernetes-admin. */
	send(method: string, url: string, body?: unknown, headers?: { readonly [name: string]: string }): ApiResponse;
}

export const adminUser = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

export function testServer(strategies: readonly Strategy[] = testStrategies, admission: readonly AdmissionPlugin[] = []): TestServer {
	const changes: Change[] = [];
	const services = { admission } as unknown as Services;
	const { api } = createApiServer(services, strategies, (_world, change) => changes.push(change));
	const world = new World(initialState(7, 1_800_000_000_000), { timers: new Map() });
	return {
		world,
		api,
		changes,
		send(method, url, body, headers = {}) {
			const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
			const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
			const request: ApiWireRequest = {
				method,
				url,
				headers: { 'content-type': type, ...headers },
				user: adminUser,
				...(text === undefined ? {} : { body: text }),
			};
			return api.handle(world, request);
		},
	};
}
