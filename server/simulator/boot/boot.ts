/** What stands in a cluster's API before anything runs: kubeadm's and kind's first objects. */
import type { ApiClient } from '../apiserver/client.ts';
import { addressAt, serviceRange, setProfile } from '../apiserver/profile.ts';
import { authorityCertificate, setAuthority } from '../apiserver/certificates/authority.ts';
import { FRONT_PROXY_CA } from '../apiserver/certificates/default-authority.ts';
import { signingKey } from '../apiserver/auth/tokens.ts';
import { formatTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import { type BootOptions, type Room, type Services, SYSTEM_USERS } from '../services.ts';
import { apiServerObjects } from './apiserver-service.ts';
import { bootstrapBindings, kindBindings } from './bindings.ts';
import { apiServiceObjects, flowControlObjects, serviceRangeObject } from './api-objects.ts';
import type { BootObject } from './object.ts';
import { bootstrapNamespaceRoles, bootstrapRoles, kindRoles, kubeadmRoles } from './roles.ts';

const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

const namespace = (name: string): BootObject => ({ path: 'v1/namespaces', object: { metadata: { name } } });

const priorityClasses: readonly BootObject[] = [
	{
		path: 'scheduling.k8s.io/v1/priorityclasses',
		object: {
			metadata: { name: 'system-cluster-critical' },
			value: 2_000_000_000,
			description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
		},
	},
	{
		path: 'scheduling.k8s.io/v1/priorityclasses',
		object: {
			metadata: { name: 'system-node-critical' },
			value: 2_000_001_000,
			description: 'Used for system critical pods that must not be moved from their current node.',
		},
	},
];

/** kind's default storage: Rancher's local path provisioner. */
const storageClass: BootObject = {
	path: 'storage.k8s.io/v1/storageclasses',
	object: {
		metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
		provisioner: 'rancher.io/local-path',
		reclaimPolicy: 'Delete',
		volumeBindingMode: 'WaitForFirstConsumer',
	},
};

/** Since when the use of tokens out of secrets is kept account of (`pkg/controlplane/controller/legacytokentracking`). */
function tokenTracking(world: World): BootObject {
	const [since = ''] = formatTime(world.now).split('T');
	return {
		path: 'v1/configmaps',
		namespace: 'kube-system',
		object: { metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking' }, data: { since } },
	};
}

/** What extension API servers check their callers by (`pkg/controlplane/controller/clusterauthenticationtrust`). */
function clientAuthentication(world: World): BootObject {
	const data = {
		'client-ca-file': authorityCertificate(world),
		'requestheader-allowed-names': '["front-proxy-client"]',
		'requestheader-client-ca-file': FRONT_PROXY_CA,
		'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
		'requestheader-group-headers': '["X-Remote-Group"]',
		'requestheader-username-headers': '["X-Remote-User"]',
	};
	return { path: 'v1/configmaps', namespace: 'kube-system', object: { metadata: { name: 'extension-apiserver-authentication' }, data } };
}

function create(world: World, client: ApiClient, { path, namespace: ns, object }: BootObject): void {
	const made = client.create(world, path, ns, object);
	if (!made.ok) throw new Error(`boot: ${path} could not be created: ${made.status.message ?? made.status.reason}`);
}

/** Roles before bindings, namespaces before what is in them; a bare API server has no storage class. */
function bootObjects(world: World, services: Services, options: BootOptions): readonly BootObject[] {
	const full = options.profile === 'full';
	return [
		...SYSTEM_NAMESPACES.map(namespace),
		...(full ? [namespace('local-path-storage')] : []),
		...bootstrapRoles,
		...bootstrapNamespaceRoles,
		...bootstrapBindings,
		...(full ? [...kindRoles, ...kubeadmRoles, ...kindBindings] : []),
		...priorityClasses,
		...(full ? [storageClass] : []),
		...flowControlObjects,
		serviceRangeObject(serviceRange(world).cidr),
		...apiServiceObjects(services.api.strategies),
		tokenTracking(world),
		clientAuthentication(world),
		...apiServerObjects(addressAt(serviceRange(world), 1)),
	];
}

/** The room that creates them; it comes right after the API server's. */
export function bootRoom(services: Services): Room {
	return {
		boot(world, options) {
			setProfile(world, options.profile);
			if (options.authority !== undefined) setAuthority(world, options.authority);
			signingKey(world);
			const client = services.api.client(SYSTEM_USERS.loopback);
			for (const object of bootObjects(world, services, options)) create(world, client, object);
		},
	};
}
