/**
 * Tells the APIServices of extension servers whether these can be reached, and remembers what they say of their resources.
 * Models kube-aggregator's available controller (`pkg/controllers/status/remote`) and discovery manager.
 */
import { extensionFor, forgetDiscovery, noteDiscovery, resourceLines } from '../apiserver/aggregator/extensions.ts';
import { addressOf } from '../apiserver/aggregator/forward.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { SOURCE } from '../apiserver/proxy/copy.ts';
import { failureText } from '../apiserver/proxy/failure.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { TimerHandler, World } from '../kernel/world.ts';
import { endpointsOf } from '../network/services.ts';
import type { Outcome } from '../network/types.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import type { Controller } from './controller.ts';
import { setCondition } from './shared/conditions.ts';
import type { Condition } from './shared/objects.ts';

const PATH = 'apiregistration.k8s.io/v1/apiservices';
const NAME = 'apiservice-availability';
const SERVICE_LABEL = 'kubernetes.io/service-name';
const CHECKED_TIMER = 'apiservice-checked';
/** Limit of one look, and the time between two, ms. */
const CHECK_MS = 5000;
const RESYNC_MS = 30_000;

interface APIService extends KubeObject {
	readonly spec: {
		readonly group?: string;
		readonly version: string;
		readonly service?: { readonly namespace: string; readonly name: string; readonly port: number };
	};
	readonly status?: { readonly conditions?: readonly Condition[] };
}

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;
const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });

/** APIServices that lead to a service; few clusters have any. */
function leadingTo(world: World, client: ApiClient, namespace: string, service: string): readonly string[] {
	return client.byIndex(world, PATH, 'byService', `${namespace}/${service}`).map((a) => a.metadata.name);
}

/** What is wrong with the way to an extension server, before anybody has gone there. */
function obstacle(world: World, client: ApiClient, { namespace, name, port }: NonNullable<APIService['spec']['service']>): Verdict | undefined {
	const service = client.get(world, 'v1/services', namespace, name);
	if (service === undefined) return no('ServiceNotFound', `service/${name} in "${namespace}" is not present`);
	const { ports = [], type } = service['spec'] as { readonly type?: string; readonly ports?: readonly { readonly port: number; readonly name?: string }[] };
	if (type !== undefined && type !== 'ClusterIP') return undefined;
	const found = ports.find((p) => p.port === port);
	if (found === undefined) return no('ServicePortError', `service/${name} in "${namespace}" is not listening on port ${port}`);
	const slices = client.list(world, 'discovery.k8s.io/v1/endpointslices', namespace, { labels: { [SERVICE_LABEL]: name } });
	if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for service/${name} in "${namespace}"`);
	if (endpointsOf(world, client, namespace, name, found.name ?? '').length > 0) return undefined;
	return no('MissingEndpoints', `endpointslices for service/${name} in "${namespace}" have no addresses with port name "${found.name ?? ''}"`);
}

function conclude(world: World, client: ApiClient, api: APIService, verdict: Verdict): boolean {
	const held = api.status?.conditions;
	const conditions = setCondition(held, { type: 'Available', ...verdict }, world.now);
	return conditions === held || client.updateStatus(world, PATH, { ...api, status: { conditions } }).ok;
}

/** What came of asking for `/apis/<group>/<version>`. */
function verdictOf(outcome: Outcome, url: string, trusted: boolean): Verdict {
	const failed = (why: string): Verdict => no('FailedDiscoveryCheck', `failing or missing response from ${url}: ${why}`);
	if (!outcome.ok) {
		const limit = outcome.phase === 'connect' ? 'net/http: request canceled while waiting for connection' : 'context deadline exceeded';
		const slow = outcome.error === 'ETIMEDOUT';
		return failed(`Get "${url}": ${slow ? `${limit} (Client.Timeout exceeded while awaiting headers)` : failureText(outcome, '')}`);
	}
	if (!trusted) return failed(`Get "${url}": tls: failed to verify certificate: x509: certificate signed by unknown authority`);
	const { response } = outcome;
	if (response.protocol !== 'http') return failed(`Get "${url}": EOF`);
	if (response.status < 200 || response.status >= 300) return failed(`bad status from ${url}: ${response.status}`);
	return { status: 'True', reason: 'Passed', message: 'all checks passed' };
}

export function apiServiceAvailability(services: Services): Controller {
	return {
		name: NAME,
		watches: {
			'apiregistration.k8s.io/apiservices': (_world, change) =>
				(change.object as APIService).spec.service !== undefined && change.object['spec'] !== change.previous?.['spec'] ? [change.object.metadata.name] : [],
			'/services': (world, change, client) => leadingTo(world, client, change.object.metadata.namespace ?? '', change.object.metadata.name),
			'discovery.k8s.io/endpointslices': (world, change, client) =>
				leadingTo(world, client, change.object.metadata.namespace ?? '', change.object.metadata.labels?.[SERVICE_LABEL] ?? ''),
		},
		reconcile(world, name, client, queue) {
			const api = client.get(world, PATH, undefined, name) as APIService | undefined;
			if (api?.spec.service === undefined) {
				forgetDiscovery(world, name);
				return;
			}
			queue.after(name, RESYNC_MS);
			const wrong = obstacle(world, client, api.spec.service);
			const address = wrong === undefined ? addressOf(world, { service: api.spec.service }) : undefined;
			if (address === undefined) {
				noteDiscovery(world, name, undefined);
				if (wrong !== undefined && !conclude(world, client, api, wrong)) queue.failed(name);
				return;
			}
			const path = `/apis/${api.spec.group ?? ''}/${api.spec.version}`;
			const user = { 'x-remote-user': 'system:kube-aggregator', 'x-remote-group': 'system:masters' };
			const request = { protocol: 'http', tls: true, method: 'GET', path, headers: { accept: 'application/json', ...user }, body: '' } as const;
			const url = `https://${address.host}:${address.port}${path}`;
			services.network.dial(world, { from: SOURCE, ...address, request, timeoutMs: CHECK_MS }, { kind: 'timer', timer: CHECKED_TIMER, key: name, data: url });
		},
	};
}

/** Takes in what the looks of `apiServiceAvailability` came to. */
export function availabilityTimers(services: Services): { readonly [timer: string]: TimerHandler } {
	return {
		[CHECKED_TIMER](world, name, raw) {
			const { data: url, outcome } = raw as { readonly data: string; readonly outcome: Outcome };
			const client = services.api.client(SYSTEM_USERS.controller(NAME));
			const api = client.get(world, PATH, undefined, name) as APIService | undefined;
			if (api?.spec.service === undefined) return;
			const verdict = verdictOf(outcome, url, extensionFor(world, api.spec.group ?? '', api.spec.version)?.trusted === true);
			const well = verdict.status === 'True' && outcome.ok && outcome.response.protocol === 'http';
			noteDiscovery(world, name, well ? resourceLines(outcome.response.body) : undefined);
			conclude(world, client, api, verdict);
		},
	};
}
