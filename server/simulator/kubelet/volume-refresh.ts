/** Volumes made from ConfigMaps and Secrets follow their objects: the kubelet's next look at the pod rewrites them. */
import type { Change } from '../apiserver/types.ts';
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treePrefix, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { SYSTEM_USERS } from '../services.ts';
import { followedObjects, mountVolume } from '../storage-volumes/volumes.ts';
import { podFacts } from './containers.ts';
import type { Host } from './host.ts';
import { asPod, type Pod } from './pod.ts';
import { getPodRecord } from './state.ts';

export const VOLUME_TIMER = 'kubelet.volumes';
/** A pod is looked at about once a minute (syncFrequency), which bounds how long a change takes to show. */
const REFRESH_MS = 60_000;

/** `<namespace>/<configmaps|secrets>/<name>|<pod uid>` → pod uid. */
const followersSlice = defineSlice<Tree<string, string>>('volume-followers', null);

const followerKey = (namespace: string, object: string, uid: string): string => `${namespace}/${object}|${uid}`;

/** Notes which objects a pod's volumes follow; returns their names for `unfollow`. */
export function follow(world: World, pod: Pod): readonly string[] {
	const names = followedObjects(pod);
	let followers = world.read(followersSlice);
	for (const object of names) followers = treeSet(followers, followerKey(pod.metadata.namespace ?? '', object, pod.metadata.uid), pod.metadata.uid);
	world.write(followersSlice, followers);
	return names;
}

export function unfollow(world: World, pod: { readonly namespace: string; readonly uid: string; readonly follows: readonly string[] }): void {
	let followers = world.read(followersSlice);
	for (const object of pod.follows) followers = treeRemove(followers, followerKey(pod.namespace, object, pod.uid));
	world.write(followersSlice, followers);
}

/** A ConfigMap or Secret has changed: the pods that mount it look at it within the minute. */
export function volumeChanged(world: World, change: Change): void {
	const name = `${change.object.metadata.namespace ?? ''}/${change.resource}/${change.object.metadata.name}|`;
	for (const { v: uid } of treePrefix(world.read(followersSlice), name)) world.schedule(VOLUME_TIMER, uid, REFRESH_MS);
}

/** A pod's labels or annotations have changed: its own volumes may show them. */
export function labelsChanged(world: World, { object, previous }: Change): void {
	if (previous === undefined) return;
	const [now, before] = [object.metadata, previous.metadata];
	if (now.labels === before.labels && now.annotations === before.annotations) return;
	const { volumes = [] } = asPod(object).spec;
	const shows = volumes.some(
		(v) => v.downwardAPI !== undefined || v.projected?.sources?.some((s) => s.downwardAPI !== undefined && s.serviceAccountToken === undefined),
	);
	if (shows) world.schedule(VOLUME_TIMER, now.uid, REFRESH_MS);
}

export function refreshVolumes(world: World, host: Host, uid: string): void {
	const record = getPodRecord(world, uid);
	if (record === undefined || record.stage !== 'up') return;
	const client = host.services.api.client(SYSTEM_USERS.loopback);
	const object = client.get(world, 'v1/pods', record.namespace, record.name);
	if (object === undefined || object.metadata.uid !== uid) return;
	const pod = asPod(object);
	for (const volume of pod.spec.volumes ?? []) {
		// An object that is gone by now leaves the volume as it was.
		if (volume.configMap !== undefined || volume.secret !== undefined || volume.projected !== undefined || volume.downwardAPI !== undefined)
			mountVolume(world, client, pod, volume, podFacts(world, host, record));
	}
}
