/** Small plugins that fill something in: tolerations, default classes, finalizers that protect storage in use. */
import type { World } from '../../kernel/world.ts';
import type { ApiClient } from '../client.ts';
import { arr, recs, specOf, str } from '../registry/fields.ts';
import { compareQuantities } from '../registry/quantity.ts';
import { isDefaultClass } from '../registry/storage/storageclasses.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../types.ts';
import { rec } from '../registry/fields.ts';
import { isFull } from '../profile.ts';
import { isAbout, refused } from './refuse.ts';

const NOT_READY = { effect: 'NoExecute', key: 'node.kubernetes.io/not-ready', operator: 'Exists', tolerationSeconds: 300 };
const UNREACHABLE = { effect: 'NoExecute', key: 'node.kubernetes.io/unreachable', operator: 'Exists', tolerationSeconds: 300 };

const isCreate = (request: AdmissionRequest, group: string, resource: string): boolean => request.operation === 'CREATE' && isAbout(request, group, resource);

/** DefaultTolerationSeconds: a pod outlives its node's silence by five minutes unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
	name: 'DefaultTolerationSeconds',
	mutate(world, request) {
		const { object } = request;
		if (!isCreate(request, '', 'pods') || !isFull(world)) return object;
		const spec = specOf(object);
		const present = recs(spec.tolerations);
		const covers = (key: string): boolean =>
			present.some((t) => (str(t.key) === key || str(t.key) === '') && (str(t.effect) === 'NoExecute' || str(t.effect) === ''));
		const added = [NOT_READY, UNREACHABLE].filter((t) => !covers(t.key));
		return added.length === 0 ? object : { ...object, spec: { ...spec, tolerations: [...arr(spec.tolerations), ...added] } };
	},
};

/** The newest of those marked as default, then the first by name. */
function newest(classes: readonly KubeObject[]): KubeObject | undefined {
	return [...classes].sort((a, b) => {
		const [x, y] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
		return x === y ? (a.metadata.name < b.metadata.name ? -1 : 1) : x > y ? -1 : 1;
	})[0];
}

/** DefaultStorageClass. */
export function defaultStorageClass(client: () => ApiClient): AdmissionPlugin {
	return {
		name: 'DefaultStorageClass',
		mutate(world, request) {
			const { object } = request;
			if (!isCreate(request, '', 'persistentvolumeclaims') || !isFull(world)) return object;
			const spec = specOf(object);
			if (typeof spec.storageClassName === 'string' || object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return object;
			const found = newest(client().list(world, 'storage.k8s.io/v1/storageclasses').filter(isDefaultClass));
			return found === undefined ? object : { ...object, spec: { ...spec, storageClassName: found.metadata.name } };
		},
	};
}

const DEFAULT_INGRESS_CLASS = 'ingressclass.kubernetes.io/is-default-class';

function defaultIngressClassFor(client: ApiClient, world: World, request: AdmissionRequest): KubeObject {
	const { object } = request;
	const spec = specOf(object);
	if (typeof spec.ingressClassName === 'string' || object.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return object;
	const classes = client.list(world, 'networking.k8s.io/v1/ingressclasses').filter((c) => c.metadata.annotations?.[DEFAULT_INGRESS_CLASS] === 'true');
	const found = newest(classes);
	return found === undefined ? object : { ...object, spec: { ...spec, ingressClassName: found.metadata.name } };
}

/** DefaultIngressClass. */
export function defaultIngressClass(client: () => ApiClient): AdmissionPlugin {
	return {
		name: 'DefaultIngressClass',
		mutate: (world, request) => (isCreate(request, 'networking.k8s.io', 'ingresses') ? defaultIngressClassFor(client(), world, request) : request.object),
	};
}

function withFinalizer(object: KubeObject, finalizer: string): KubeObject {
	const present = object.metadata.finalizers ?? [];
	return present.includes(finalizer) ? object : { ...object, metadata: { ...object.metadata, finalizers: [...present, finalizer] } };
}

/** StorageObjectInUseProtection: the pvc- and pv-protection controllers take the finalizers off again. */
export const storageObjectInUseProtection: AdmissionPlugin = {
	name: 'StorageObjectInUseProtection',
	mutate(world, request) {
		if (!isFull(world)) return request.object;
		if (isCreate(request, '', 'persistentvolumeclaims')) return withFinalizer(request.object, 'kubernetes.io/pvc-protection');
		if (isCreate(request, '', 'persistentvolumes')) return withFinalizer(request.object, 'kubernetes.io/pv-protection');
		return request.object;
	},
};

/** PersistentVolumeClaimResize: growing needs a class that allows it. */
export function persistentVolumeClaimResize(client: () => ApiClient): AdmissionPlugin {
	return {
		name: 'PersistentVolumeClaimResize',
		validate(world, request) {
			const { operation, object, old } = request;
			if (operation !== 'UPDATE' || old === undefined || !isAbout(request, '', 'persistentvolumeclaims')) return undefined;
			const size = (claim: KubeObject): unknown => rec(rec(specOf(claim).resources).requests).storage;
			if (compareQuantities(size(object), size(old)) <= 0) return undefined;
			if (rec(old.status).phase !== 'Bound') throw refused(request, 'Only bound persistent volume claims can be expanded');
			const sc = client().get(world, 'storage.k8s.io/v1/storageclasses', undefined, str(specOf(object).storageClassName));
			if (sc?.allowVolumeExpansion === true) return undefined;
			throw refused(request, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
		},
	};
}
