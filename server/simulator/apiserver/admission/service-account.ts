/** ServiceAccount: gives a pod its account and mounts the account's token. `plugin/pkg/admission/serviceaccount`. */
import type { World } from '../../kernel/world.ts';
import type { ApiClient } from '../client.ts';
import { arr, changeItems, type Fields, recs, specOf, str } from '../registry/fields.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../types.ts';
import { isFull } from '../profile.ts';
import { isAbout, refused } from './refuse.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
/** Seconds; asked for as a little over an hour so that such tokens can be told from others (`WarnOnlyBoundTokenExpirationPeriod`). */
const TOKEN_SECONDS = 3607;
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

const TOKEN_VOLUME = {
	defaultMode: 420,
	sources: [
		{ serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
		{ configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
		{ downwardAPI: { items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }] } },
	],
};

function volumeName(world: World): string {
	let out = VOLUME_PREFIX;
	for (let i = 0; i < 5; i++) out += NAME_ALPHABET.charAt(world.randomInt(NAME_ALPHABET.length));
	return out;
}

const hasMount = (container: Fields): boolean => recs(container.volumeMounts).some((m) => m.mountPath === MOUNT_PATH);

function withToken(world: World, spec: Fields): Fields {
	const present = recs(spec.volumes).find((v) => str(v.name).startsWith(VOLUME_PREFIX));
	const all = [...recs(spec.initContainers), ...recs(spec.containers)];
	if (all.every(hasMount)) return spec;
	const name = present === undefined ? volumeName(world) : str(present.name);
	const mount = { mountPath: MOUNT_PATH, name, readOnly: true };
	const mounted = (c: Fields): Fields => (hasMount(c) ? c : { ...c, volumeMounts: [...arr(c.volumeMounts), mount] });
	const next = changeItems(changeItems(spec, 'initContainers', mounted), 'containers', mounted);
	return present === undefined ? { ...next, volumes: [...arr(next.volumes), { name, projected: TOKEN_VOLUME }] } : next;
}

function admitPod(client: ApiClient, world: World, request: AdmissionRequest): KubeObject {
	const { object: pod, call } = request;
	let spec = specOf(pod);
	// A mirror of a static pod has no account: the kubelet started it without asking.
	if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return pod;
	const name = str(spec.serviceAccountName) || 'default';
	const account = client.get(world, 'v1/serviceaccounts', call.namespace, name);
	if (account === undefined) {
		throw refused(request, `error looking up service account ${call.namespace ?? ''}/${name}: serviceaccount "${name}" not found`);
	}
	if (spec.serviceAccountName !== name || spec.serviceAccount !== name) spec = { ...spec, serviceAccountName: name, serviceAccount: name };
	const automount = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
	if (automount !== false) spec = withToken(world, spec);
	if (arr(spec.imagePullSecrets).length === 0 && arr(account.imagePullSecrets).length > 0) spec = { ...spec, imagePullSecrets: account.imagePullSecrets };
	return { ...pod, spec };
}

export function serviceAccount(client: () => ApiClient): AdmissionPlugin {
	return {
		name: 'ServiceAccount',
		mutate(world, request) {
			const applies = request.operation === 'CREATE' && isAbout(request, '', 'pods') && isFull(world);
			return applies ? admitPod(client(), world, request) : request.object;
		},
	};
}
