/**
 * Static pods: what the manifests in a node's /etc/kubernetes/manifests say, as pods of the API's (mirror pods). Models
 * pkg/kubelet/config/{file,common}.go. The control plane's own came with the cluster (`boot-workloads.ts`); from the first change of a
 * manifest on, the folder is compared with what it last held.
 */
import { readBody } from '../../apiserver/http/body.ts';
import { type Fields, isRecord, rec, str } from '../../apiserver/registry/fields.ts';
import { reloadControlPlaneFile, AUDIT_POLICY_FILE, ENCRYPTION_CONFIG_FILE } from '../../apiserver/config/control-plane.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { hashText } from '../../kernel/random.ts';
import { defineSlice } from '../../kernel/state.ts';
import { formatTime } from '../../kernel/time.ts';
import { type Tree, treeGet, treeSet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../../services.ts';
import { splitPath } from '../../storage-volumes/tree.ts';
import { logApiServer } from '../api-server-log.ts';
import { diskFiles, diskKey, diskNode } from './disk.ts';
import { nodeTree } from './files.ts';
import { CONTROL_PLANE_NODE, MIRROR } from './paths.ts';
import { entry, type FsNode } from '../../storage-volumes/tree.ts';

const FOLDER = ['etc', 'kubernetes', 'manifests'];
/** Manifests of one node that are read; the rest are left alone. */
export const MANIFESTS_READ = 100;

/** What a manifest's pod is called, and the text that it came from. */
interface Known {
	readonly namespace: string;
	readonly name: string;
	readonly hash: string;
}

/** By node, once its manifests have been touched: file → pod. */
const knownSlice = defineSlice<Tree<string, { readonly [file: string]: Known }>>('kubelet.manifests', null);

const digest = (text: string): string => {
	let out = '';
	for (let i = 0; i < 4; i++) out += hashText(`${i}${text}`).toString(16).padStart(8, '0').slice(-8);
	return out;
};

interface Wanted extends Known {
	readonly object: Fields;
}

/** The pod that a manifest asks for on a node; undefined where it holds none. */
function podOf(world: World, node: KubeObject, text: string): Wanted | undefined {
	const body = readBody({ method: 'PUT', url: '', headers: { 'content-type': 'application/yaml' }, body: text });
	const value = rec(body.value);
	if (body.error !== undefined || value['kind'] !== 'Pod' || !isRecord(value['spec']) || str(rec(value['metadata']).name) === '') return undefined;
	const { name: given, namespace = 'default', labels, annotations } = rec(value['metadata']);
	const nodeName = node.metadata.name;
	const hash = digest(`${nodeName}${text}`);
	const name = `${str(given)}-${nodeName}`;
	const tolerations = [{ effect: 'NoExecute', operator: 'Exists' }, ...((rec(value['spec']).tolerations ?? []) as readonly unknown[])];
	const object = {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: {
			name,
			namespace: str(namespace),
			...(isRecord(labels) ? { labels } : {}),
			annotations: {
				...rec(annotations),
				'kubernetes.io/config.hash': hash,
				[MIRROR]: hash,
				'kubernetes.io/config.seen': formatTime(world.now),
				'kubernetes.io/config.source': 'file',
			},
			ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid, controller: true }],
		},
		spec: { ...value['spec'], nodeName, tolerations },
	};
	return { namespace: str(namespace), name, hash, object };
}

function wantedOn(world: World, node: KubeObject): { readonly [file: string]: Wanted } {
	const out: { [file: string]: Wanted } = {};
	for (const [file, text] of [...diskFiles(world, diskKey(node.metadata.name), FOLDER)].slice(0, MANIFESTS_READ)) {
		// The kubelet reads every file but hidden ones, whatever its ending.
		if (file.startsWith('.')) continue;
		const pod = podOf(world, node, text);
		if (pod !== undefined) out[file] = pod;
	}
	return out;
}

/** What a folder held before anybody touched it: the pods that came with the cluster. */
function booted(world: World, services: Services, node: KubeObject, wanted: { readonly [file: string]: Wanted }): { readonly [file: string]: Known } {
	const out: { [file: string]: Known } = {};
	const tree = nodeTree({
		name: node.metadata.name,
		address: '',
		podCIDR: '',
		controlPlane: node.metadata.name === CONTROL_PLANE_NODE,
		gpu: false,
		audit: '',
		encryption: '',
		authority: '',
	});
	let folder: FsNode | undefined = tree;
	for (const part of FOLDER) folder = folder?.t === 'd' ? entry(folder, part) : undefined;
	const client = services.api.client(SYSTEM_USERS.loopback);
	for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
		const file = `${component}.yaml`;
		const original = folder?.t === 'd' ? entry(folder, file) : undefined;
		const name = `${component}-${node.metadata.name}`;
		if (original?.t !== 'f' || client.get(world, 'v1/pods', 'kube-system', name) === undefined) continue;
		const known = { namespace: 'kube-system', name, hash: podOf(world, node, original.content)?.hash ?? '' };
		out[file] = wanted[file]?.hash === known.hash ? known : { ...known };
	}
	return out;
}

/** A configuration file of the API server's that was written on its node counts as much as one on the workstation. */
function reloadConfiguration(world: World, services: Services, node: string): void {
	if (node !== CONTROL_PLANE_NODE) return;
	for (const path of [AUDIT_POLICY_FILE, ENCRYPTION_CONFIG_FILE]) {
		const file = diskNode(world, diskKey(node), splitPath(path));
		if (file?.t !== 'f') continue;
		const said = reloadControlPlaneFile(world, path, file.content);
		if (said !== undefined) logApiServer(world, services, said);
	}
}

/** Brings a node's mirror pods to what its manifests say. */
export function syncManifests(world: World, services: Services, name: string): void {
	const client = services.api.client(SYSTEM_USERS.node(name));
	const node = client.get(world, 'v1/nodes', undefined, name);
	if (node === undefined) return;
	reloadConfiguration(world, services, name);
	const wanted = wantedOn(world, node);
	const known = treeGet(world.read(knownSlice), name) ?? booted(world, services, node, wanted);
	const next: { [file: string]: Known } = {};
	for (const [file, { object: _object, ...pod }] of Object.entries(wanted)) next[file] = pod;
	world.write(knownSlice, treeSet(world.read(knownSlice), name, next));
	for (const [file, pod] of Object.entries(known)) {
		if (wanted[file]?.hash === pod.hash) continue;
		client.delete(world, 'v1/pods', pod.namespace, pod.name, { gracePeriodSeconds: 0 });
	}
	for (const [file, pod] of Object.entries(wanted)) {
		const before = known[file];
		// One of the same name that was just deleted comes back by its own way.
		if (before?.hash === pod.hash || before?.name === pod.name) continue;
		client.create(world, 'v1/pods', pod.namespace, pod.object);
	}
}

/** What is to stand in the place of a mirror pod that is gone; undefined where its manifest is gone, too. */
export function mirrorInstead(world: World, services: Services, gone: KubeObject): Fields | undefined {
	const node = str(rec(gone['spec']).nodeName);
	const known = treeGet(world.read(knownSlice), node);
	if (known === undefined) {
		const { name, namespace, labels, annotations, ownerReferences } = gone.metadata;
		return { apiVersion: gone.apiVersion, kind: gone.kind, metadata: { name, namespace, labels, annotations, ownerReferences }, spec: gone['spec'] };
	}
	const object = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/nodes', undefined, node);
	if (object === undefined) return undefined;
	return Object.values(wantedOn(world, object)).find((p) => p.name === gone.metadata.name && p.namespace === gone.metadata.namespace)?.object;
}
