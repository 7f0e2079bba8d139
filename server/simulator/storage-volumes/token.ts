/** Tokens of projected volumes, asked for through the TokenRequest API as the kubelet does. */
import { asPod } from '../kubelet/pod.ts';
import type { World } from '../kernel/world.ts';
import { SYSTEM_USERS, type Services } from '../services.ts';
import type { FsLazy } from './tree.ts';

/** A token for the pod's service account; empty where the API refuses it (the account is gone). */
export function serviceAccountToken(
	world: World,
	services: Services,
	bound: { readonly namespace: string; readonly pod: string; readonly podUid: string },
	make: FsLazy['make'],
): string {
	const pod = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/pods', bound.namespace, bound.pod);
	const spec = pod === undefined ? undefined : asPod(pod).spec;
	const account = spec?.serviceAccountName ?? 'default';
	const answer = services.api.client(SYSTEM_USERS.node(spec?.nodeName ?? '')).create(
		world,
		'v1/serviceaccounts/token',
		bound.namespace,
		{
			apiVersion: 'authentication.k8s.io/v1',
			kind: 'TokenRequest',
			metadata: {},
			spec: {
				audiences: make.audience === undefined ? [] : [make.audience],
				expirationSeconds: make.expirationSeconds ?? 3607,
				boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: bound.pod, uid: bound.podUid },
			},
		},
		account,
	);
	if (!answer.ok) return '';
	const status = answer.value['status'];
	return typeof status === 'object' && status !== null && 'token' in status && typeof status.token === 'string' ? status.token : '';
}
