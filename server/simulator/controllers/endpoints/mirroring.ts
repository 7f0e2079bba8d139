/** EndpointSlices for Endpoints that somebody wrote by hand, for services without a selector (pkg/controller/endpointslicemirroring). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller } from '../controller.ts';
import { isDeleting, sameData, type Service, splitKey } from '../shared/objects.ts';
import { itself } from '../shared/watching.ts';
import { SERVICES } from './service-pods.ts';

const SLICES = 'discovery.k8s.io/v1/endpointslices';
const ENDPOINTS = 'v1/endpoints';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';

interface Address {
	readonly ip: string;
	readonly hostname?: string;
	readonly nodeName?: string;
	readonly targetRef?: unknown;
}

interface Endpoints extends KubeObject {
	readonly subsets?: readonly {
		readonly addresses?: readonly Address[];
		readonly notReadyAddresses?: readonly Address[];
		readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string; readonly appProtocol?: string }[];
	}[];
}

/** Endpoints that another controller writes, or that ask to be left alone, aren't mirrored. */
function isMirrored(endpoints: Endpoints | undefined, service: Service | undefined): boolean {
	if (endpoints === undefined || service === undefined || isDeleting(service)) return false;
	const { labels, annotations } = endpoints.metadata;
	if (labels?.[SKIP] === 'true' || labels?.['endpoints.kubernetes.io/managed-by'] !== undefined) return false;
	if (annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined) return false;
	return Object.keys(service.spec.selector ?? {}).length === 0;
}

export const endpointSliceMirroring: Controller = {
	name: 'endpointslicemirroring',
	latencyMs: 10,
	watches: { '/endpoints': itself, '/services': itself },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const endpoints = client.get(world, ENDPOINTS, namespace, name) as Endpoints | undefined;
		const service = client.get(world, SERVICES, namespace, name) as Service | undefined;
		const mirrored = endpoints !== undefined && isMirrored(endpoints, service);
		// An owner's slices are found by its uid; those of Endpoints that are gone are the garbage collector's.
		const held = endpoints === undefined ? [] : client.byIndex(world, SLICES, 'byOwner', endpoints.metadata.uid);
		const wanted = mirrored ? slicesOf(endpoints) : [];
		if (!replace(world, client, held, wanted)) queue.failed(key);
	},
};

type Wanted = { readonly [k: string]: unknown } & { readonly metadata: { readonly namespace?: string; readonly labels: { readonly [k: string]: string } } };

function slicesOf(endpoints: Endpoints): readonly Wanted[] {
	const { name, namespace, uid, labels } = endpoints.metadata;
	const owner = { apiVersion: 'v1', kind: 'Endpoints', name, uid, controller: true, blockOwnerDeletion: true };
	const metadata = {
		generateName: `${name}-`,
		...(namespace === undefined ? {} : { namespace }),
		labels: { ...labels, 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': MANAGER },
		ownerReferences: [owner],
	};
	return (endpoints.subsets ?? []).map((subset) => {
		const endpoint = (a: Address, ready: boolean): unknown => ({
			addresses: [a.ip],
			conditions: { ready },
			...(a.hostname === undefined ? {} : { hostname: a.hostname }),
			...(a.nodeName === undefined ? {} : { nodeName: a.nodeName }),
			...(a.targetRef === undefined ? {} : { targetRef: a.targetRef }),
		});
		return {
			apiVersion: 'discovery.k8s.io/v1',
			kind: 'EndpointSlice',
			metadata,
			addressType: 'IPv4',
			endpoints: [...(subset.addresses ?? []).map((a) => endpoint(a, true)), ...(subset.notReadyAddresses ?? []).map((a) => endpoint(a, false))],
			ports: (subset.ports ?? []).map((p) => ({ ...p, name: p.name ?? '', protocol: p.protocol ?? 'TCP' })),
		};
	});
}

/** Keeps slices that say the same, and replaces the others. */
function replace(world: World, client: ApiClient, held: readonly KubeObject[], wanted: readonly Wanted[]): boolean {
	const left = [...wanted];
	let ok = true;
	for (const slice of held) {
		const at = left.findIndex(
			(w) => sameData(w['endpoints'], slice['endpoints']) && sameData(w['ports'], slice['ports']) && sameData(w.metadata.labels, slice.metadata.labels),
		);
		if (at >= 0) left.splice(at, 1);
		else ok = client.delete(world, SLICES, slice.metadata.namespace, slice.metadata.name).ok && ok;
	}
	for (const w of left) ok = client.create(world, SLICES, w.metadata.namespace, w).ok && ok;
	return ok;
}
