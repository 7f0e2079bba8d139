/** A pod's volumes: what each source puts where. Called when a pod starts, and again for those sources that follow their object. */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { civilFromDays } from '../kernel/time.ts';
import { treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { fieldValue, type PodFacts, resourceValue } from '../kubelet/env.ts';
import type { DownwardItem, KeyToPath, Pod, ProjectedSource, Volume } from '../kubelet/pod.ts';
import { base64ToText } from './bytes.ts';
import { diskKey, diskNode } from '../kubelet/node/disk.ts';
import { readVolume, setVolumeNode, writeVolume } from './store.ts';
import { emptyDir, type FsDir, type FsLazy, type FsNode, splitPath, withNode } from './tree.ts';

/** Where a volume's content is: a key of the volumes slice and a path inside. */
export interface Mounted {
	readonly key: string;
	readonly sub: readonly string[];
	readonly readOnly: boolean;
	/** Written anew when its source changes: subPath mounts of it keep what they saw first. */
	readonly follows: boolean;
	/** On a file system in memory, as secrets and tokens are; else on the node's disk. */
	readonly tmpfs?: true;
}

export type MountResult = { readonly ok: true; readonly mounted: Mounted } | { readonly ok: false; readonly message: string };

interface Payload {
	[path: string]: { readonly content: string; readonly mode: number } | { readonly token: FsLazy['make']; readonly mode: number };
}

type PayloadResult = { readonly ok: true; readonly files: Payload } | { readonly ok: false; readonly message: string };

const DEFAULT_MODE = 0o644;

function podVolumeKey(pod: Pod, volume: string): string {
	return `pod/${pod.metadata.uid}/${volume}`;
}

function pick(
	data: { readonly [key: string]: string },
	items: readonly KeyToPath[] | undefined,
	mode: number,
	optional: boolean,
	missing: (key: string) => string,
): PayloadResult {
	const files: Payload = {};
	if (items === undefined || items.length === 0) {
		for (const [key, content] of Object.entries(data)) files[key] = { content, mode };
		return { ok: true, files };
	}
	for (const item of items) {
		const content = data[item.key];
		if (content === undefined) {
			if (optional) continue;
			return { ok: false, message: missing(item.key) };
		}
		files[item.path] = { content, mode: item.mode ?? mode };
	}
	return { ok: true, files };
}

function configMapData(object: KubeObject): { readonly [key: string]: string } {
	const binary = (object['binaryData'] ?? {}) as { readonly [key: string]: string };
	return {
		...((object['data'] ?? {}) as { readonly [key: string]: string }),
		...Object.fromEntries(Object.entries(binary).map(([k, v]) => [k, base64ToText(v)])),
	};
}

interface Source {
	readonly name?: string;
	readonly items?: readonly KeyToPath[];
	readonly optional?: boolean;
}

function fromConfigMap(world: World, client: ApiClient, namespace: string, source: Source, mode: number): PayloadResult {
	const object = client.get(world, 'v1/configmaps', namespace, source.name ?? '');
	if (object === undefined) return source.optional === true ? { ok: true, files: {} } : { ok: false, message: `configmap "${source.name ?? ''}" not found` };
	return pick(configMapData(object), source.items, mode, source.optional === true, (key) => `configmap references non-existent config key: ${key}`);
}

function fromSecret(world: World, client: ApiClient, namespace: string, source: Source, mode: number): PayloadResult {
	const object = client.get(world, 'v1/secrets', namespace, source.name ?? '');
	if (object === undefined) return source.optional === true ? { ok: true, files: {} } : { ok: false, message: `secret "${source.name ?? ''}" not found` };
	const data = Object.fromEntries(Object.entries((object['data'] ?? {}) as { readonly [key: string]: string }).map(([k, v]) => [k, base64ToText(v)]));
	return pick(data, source.items, mode, source.optional === true, (key) => `references non-existent secret key: ${key}`);
}

function fromDownward(pod: Pod, items: readonly DownwardItem[] | undefined, mode: number, facts: PodFacts): PayloadResult {
	const files: Payload = {};
	const first = pod.spec.containers[0];
	for (const item of items ?? []) {
		const field = item.fieldRef === undefined ? undefined : fieldValue(pod, item.fieldRef.fieldPath, facts);
		const resource = item.resourceFieldRef === undefined || first === undefined ? undefined : resourceValue(pod, first, item.resourceFieldRef, facts);
		files[item.path] = { content: field ?? resource ?? '', mode: item.mode ?? mode };
	}
	return { ok: true, files };
}

function fromProjected(world: World, client: ApiClient, pod: Pod, sources: readonly ProjectedSource[], mode: number, facts: PodFacts): PayloadResult {
	const files: Payload = {};
	const namespace = pod.metadata.namespace ?? '';
	for (const source of sources) {
		let part: PayloadResult = { ok: true, files: {} };
		if (source.configMap !== undefined) part = fromConfigMap(world, client, namespace, source.configMap, mode);
		else if (source.secret !== undefined) part = fromSecret(world, client, namespace, source.secret, mode);
		else if (source.downwardAPI !== undefined) part = fromDownward(pod, source.downwardAPI.items, mode, facts);
		else if (source.serviceAccountToken !== undefined) {
			const { audience, expirationSeconds, path } = source.serviceAccountToken;
			const make = {
				kind: 'token' as const,
				...(audience === undefined ? {} : { audience }),
				...(expirationSeconds === undefined ? {} : { expirationSeconds }),
			};
			// projected.go: a token is readable by its group where there is an fsGroup, by all else.
			part = { ok: true, files: { [path]: { token: make, mode: pod.spec.securityContext?.fsGroup === undefined ? mode : 0o600 } } };
		}
		if (!part.ok) return part;
		Object.assign(files, part.files);
	}
	return { ok: true, files };
}

/** Name of an atomic writer's data directory: `..2026_11_20_18_00_00.123456789`. */
function dataDirName(world: World): string {
	const s = Math.floor(world.now / 1000);
	const [y, m, d] = civilFromDays(Math.floor(s / 86_400));
	const two = (n: number): string => String(n).padStart(2, '0');
	return `..${y}_${two(m)}_${two(d)}_${two(Math.floor(s / 3600) % 24)}_${two(Math.floor(s / 60) % 60)}_${two(s % 60)}.${String(world.randomInt(1e9)).padStart(9, '0')}`;
}

/** Lays files out as volume/util/atomic_writer.go does: a dated directory, `..data` to it, a link a top-level name. */
function atomicTree(world: World, files: Payload, fsGroup: number | undefined): FsDir {
	const gid = fsGroup ?? 0;
	const now = world.now;
	// SetVolumeOwnership of a read-only volume adds r to group and owner, and setgid to directories.
	const fileMode = (mode: number): number => (fsGroup === undefined ? mode : mode | 0o440);
	const makeDir = (): FsDir => emptyDir(fsGroup === undefined ? 0o755 : 0o2775, 0, gid, now);
	let data = makeDir();
	const dated = dataDirName(world);
	let root: FsDir = emptyDir(fsGroup === undefined ? 0o777 : 0o3777, 0, gid, now);
	for (const [path, file] of Object.entries(files)) {
		const parts = splitPath(path);
		const common = { mode: fileMode(file.mode), uid: 0, gid, mtime: now };
		const node: FsNode = 'content' in file ? { t: 'f', content: file.content, ...common } : { t: 'z', make: file.token, ...common };
		data = withNode(data, parts, node, makeDir);
		const top = parts[0];
		if (top !== undefined) root = { ...root, e: treeSet(root.e, top, { t: 'l', target: `..data/${top}`, uid: 0, gid, mtime: now } satisfies FsNode) };
	}
	const links = treeSet(root.e, '..data', { t: 'l', target: dated, uid: 0, gid, mtime: now } satisfies FsNode as FsNode);
	return { ...root, e: treeSet(links, dated, data) };
}

function payload(world: World, client: ApiClient, pod: Pod, volume: Volume, facts: PodFacts): PayloadResult | undefined {
	const namespace = pod.metadata.namespace ?? '';
	if (volume.configMap !== undefined) return fromConfigMap(world, client, namespace, volume.configMap, volume.configMap.defaultMode ?? DEFAULT_MODE);
	if (volume.secret !== undefined) {
		const { secretName, ...rest } = volume.secret;
		return fromSecret(
			world,
			client,
			namespace,
			{ ...rest, ...(secretName === undefined ? {} : { name: secretName }) },
			volume.secret.defaultMode ?? DEFAULT_MODE,
		);
	}
	if (volume.projected !== undefined)
		return fromProjected(world, client, pod, volume.projected.sources ?? [], volume.projected.defaultMode ?? DEFAULT_MODE, facts);
	if (volume.downwardAPI !== undefined) return fromDownward(pod, volume.downwardAPI.items, volume.downwardAPI.defaultMode ?? DEFAULT_MODE, facts);
	return undefined;
}

/** Objects whose changes a pod's volumes follow, as `configmaps/name` and `secrets/name`. */
export function followedObjects(pod: Pod): readonly string[] {
	const names: string[] = [];
	const note = (kind: 'configmaps' | 'secrets', name: string | undefined): void => {
		if (name !== undefined) names.push(`${kind}/${name}`);
	};
	for (const v of pod.spec.volumes ?? []) {
		note('configmaps', v.configMap?.name);
		note('secrets', v.secret?.secretName);
		for (const s of v.projected?.sources ?? []) {
			note('configmaps', s.configMap?.name);
			note('secrets', s.secret?.name);
		}
	}
	return [...new Set(names)];
}

function claim(world: World, client: ApiClient, pod: Pod, volume: Volume): MountResult {
	const ref = volume.persistentVolumeClaim;
	const name = ref?.claimName ?? `${pod.metadata.name}-${volume.name}`;
	const namespace = pod.metadata.namespace ?? '';
	const object = client.get(world, 'v1/persistentvolumeclaims', namespace, name);
	if (object === undefined)
		return { ok: false, message: `error processing PVC ${namespace}/${name}: failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found` };
	const pvName = (object['spec'] as { readonly volumeName?: string } | undefined)?.volumeName ?? '';
	const pv = client.get(world, 'v1/persistentvolumes', undefined, pvName);
	if (pv === undefined) return { ok: false, message: `error processing PVC ${namespace}/${name}: PVC is not bound` };
	const spec = (pv['spec'] ?? {}) as { readonly hostPath?: { readonly path: string }; readonly local?: { readonly path: string } };
	const readOnly = ref?.readOnly === true;
	const dynamic = pv.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;
	const path = spec.hostPath?.path ?? spec.local?.path;
	if (!dynamic && path !== undefined) return hostPath(world, pod.spec.nodeName ?? '', path, 'DirectoryOrCreate', readOnly);
	const key = pvKey(pv);
	// rancher.io/local-path makes its directories with mode 0777.
	if (readVolume(world, key) === undefined) writeVolume(world, key, emptyDir(0o777, 0, 0, world.now));
	return { ok: true, mounted: { key, sub: [], readOnly, follows: false } };
}

export function pvKey(pv: KubeObject): string {
	return `pv/${pv.metadata.name}/${pv.metadata.uid}`;
}

function hostPath(world: World, node: string, path: string, type: string, readOnly: boolean): MountResult {
	const key = diskKey(node);
	const sub = splitPath(path);
	const there = sub.length === 0 ? (readVolume(world, key) ?? emptyDir(0o755, 0, 0, world.now)) : diskNode(world, key, sub);
	const mounted: MountResult = { ok: true, mounted: { key, sub, readOnly, follows: false } };
	const bad = (what: string): MountResult => ({ ok: false, message: `hostPath type check failed: ${path} is not a ${what}` });
	if (there === undefined && (type === 'Directory' || type === 'File' || type === 'Socket'))
		return bad(type === 'Directory' ? 'directory' : type === 'File' ? 'file' : 'socket file');
	if (there === undefined) {
		const node2: FsNode = type === 'FileOrCreate' ? { t: 'f', content: '', mode: 0o644, uid: 0, gid: 0, mtime: world.now } : emptyDir(0o755, 0, 0, world.now);
		if (readVolume(world, key) === undefined) writeVolume(world, key, emptyDir(0o755, 0, 0, world.now));
		setVolumeNode(world, key, sub, node2);
		return mounted;
	}
	if (type.startsWith('Directory') && there.t !== 'd') return bad('directory');
	if (type.startsWith('File') && there.t === 'd') return bad('file');
	return mounted;
}

/** Sets one volume of a pod up, or says why not in the words of MountVolume.SetUp. Running it again refreshes what follows an object. */
export function mountVolume(world: World, client: ApiClient, pod: Pod, volume: Volume, facts: PodFacts): MountResult {
	const key = podVolumeKey(pod, volume.name);
	const fsGroup = pod.spec.securityContext?.fsGroup;
	const files = payload(world, client, pod, volume, facts);
	if (files !== undefined) {
		if (!files.ok) return files;
		writeVolume(world, key, atomicTree(world, files.files, fsGroup));
		// configmap.go wraps an emptyDir on disk, the others one in memory.
		return { ok: true, mounted: { key, sub: [], readOnly: true, follows: true, ...(volume.configMap === undefined ? { tmpfs: true } : {}) } };
	}
	if (volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined) return claim(world, client, pod, volume);
	if (volume.hostPath !== undefined) return hostPath(world, pod.spec.nodeName ?? '', volume.hostPath.path, volume.hostPath.type ?? '', false);
	if (readVolume(world, key) === undefined) writeVolume(world, key, emptyDir(fsGroup === undefined ? 0o777 : 0o2777, 0, fsGroup ?? 0, world.now));
	return { ok: true, mounted: { key, sub: [], readOnly: false, follows: false, ...(volume.emptyDir?.medium === 'Memory' ? { tmpfs: true } : {}) } };
}
