/** A running container's file system: image, writable layer, mounts, the files the kubelet manages, and a few devices. */
import type { World } from '../kernel/world.ts';
import { treeGet, treeSet } from '../kernel/tree.ts';
import { ContainerFiles, type Credentials, type Device } from '../storage-volumes/filesystem.ts';
import { type Layer, mountTable } from '../storage-volumes/overlay.ts';
import { imageTree } from '../storage-volumes/image-tree.ts';
import { readVolume, setVolumeNode, volumeNode, writeVolume } from '../storage-volumes/store.ts';
import { emptyDir, type FsNode } from '../storage-volumes/tree.ts';
import { serviceAccountToken } from '../storage-volumes/token.ts';
import type { Host } from './host.ts';
import { diskLower, isDisk, noteDiskWrite } from './node/disk.ts';
import { managedFile } from './managed-files.ts';
import { procTree } from './proc-files.ts';
import { layersSlice, type MountRecord, type RuntimeConfig } from './state.ts';

const EMPTY = emptyDir(0o755, 0, 0, 0);

function rootLayer(world: World, host: Host, key: string, config: RuntimeConfig): Layer {
	const image = host.image(config.reference);
	return {
		lower: image === undefined ? EMPTY : imageTree(image),
		readOnly: config.readOnlyRoot,
		read: () => treeGet(world.read(layersSlice), key),
		write: (root) => world.write(layersSlice, treeSet(world.read(layersSlice), key, root)),
	};
}

function mountLayer(world: World, mount: MountRecord): Layer {
	return {
		lower: mount.frozen === undefined ? diskLower(world, mount.volume, mount.sub) : undefined,
		readOnly: mount.readOnly,
		read: () => mount.frozen ?? volumeNode(world, mount.volume, mount.sub),
		write: (root) => {
			setVolumeNode(world, mount.volume, mount.sub, root);
			if (isDisk(mount.volume)) noteDiskWrite(world, mount.volume);
		},
	};
}

/** A single file bound into the container that is computed until somebody writes it. */
function fileLayer(world: World, volume: string, mode: number, content: () => string): Layer {
	return {
		lower: undefined,
		readOnly: false,
		read: (): FsNode => readVolume(world, volume) ?? { t: 'f', content: content(), mode, uid: 0, gid: 0, mtime: world.now },
		write: (root) => writeVolume(world, volume, root),
	};
}

export interface Output {
	stdout(text: string): void;
	stderr(text: string): void;
}

const NOTHING: Device = { read: () => '', write: () => undefined };

function device(path: string, output: Output): Device | undefined {
	switch (path) {
		case '/dev/null':
		case '/dev/tty':
			return NOTHING;
		case '/dev/stdout':
		case '/dev/fd/1':
		case '/proc/self/fd/1':
		case '/proc/1/fd/1':
			return { read: () => '', write: (text) => output.stdout(text) };
		case '/dev/stderr':
		case '/dev/fd/2':
		case '/proc/self/fd/2':
		case '/proc/1/fd/2':
			return { read: () => '', write: (text) => output.stderr(text) };
		default:
			return undefined;
	}
}

/** The file system as a user of this container sees it. Valid as long as the world handle is. */
export function containerFiles(
	world: World,
	host: Host,
	key: string,
	config: RuntimeConfig,
	credentials: Credentials,
	output: Output,
	chroot?: string,
): ContainerFiles {
	const at = new Map<string, Layer>();
	const uid = key.slice(0, key.indexOf('/'));
	const files = (root: Layer): ContainerFiles =>
		new ContainerFiles({
			now: world.now,
			credentials,
			root,
			mounts: mountTable(at),
			make: (node) => serviceAccountToken(world, host.services, { namespace: config.namespace, pod: config.podName, podUid: uid }, node.make),
			device: (path) => device(path, output),
		});
	const moved = chroot === undefined ? undefined : config.mounts.find((m) => m.path === chroot);
	if (moved !== undefined) {
		for (const mount of config.mounts) if (mount.path.startsWith(`${moved.path}/`)) at.set(mount.path.slice(moved.path.length), mountLayer(world, mount));
		return files(mountLayer(world, moved));
	}
	for (const file of ['hosts', 'hostname', 'resolv.conf'] as const) {
		at.set(
			`/etc/${file}`,
			fileLayer(world, `etc/${uid}/${file}`, 0o644, () => managedFile(world, host.services, uid, config, file)),
		);
	}
	at.set(
		config.terminationPath,
		fileLayer(world, `term/${key}`, 0o666, () => ''),
	);
	at.set('/proc', { lower: undefined, readOnly: true, read: (): FsNode => procTree(config, credentials, world.now), write: () => undefined });
	for (const mount of config.mounts) at.set(mount.path, mountLayer(world, mount));
	return files(rootLayer(world, host, key, config));
}
