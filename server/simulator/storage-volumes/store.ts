/** Where volumes' contents are kept: one tree a volume. Keys: `pod/<uid>/<volume>`, `pv/<name>/<uid>`, `host/<node>`, `term/<container>`, `etc/<pod uid>/<file>`. */
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeGet, treePrefix, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { emptyDir, entry, type FsNode, withNode } from './tree.ts';

const volumesSlice = defineSlice<Tree<string, FsNode>>('volumes', null);

export function readVolume(world: World, key: string): FsNode | undefined {
	return treeGet(world.read(volumesSlice), key);
}

export function writeVolume(world: World, key: string, root: FsNode): void {
	world.write(volumesSlice, treeSet(world.read(volumesSlice), key, root));
}

/** Removes every volume whose key starts with `prefix`. */
export function removeVolumes(world: World, prefix: string): void {
	let volumes = world.read(volumesSlice);
	for (const key of [...treePrefix(volumes, prefix)].map((e) => e.k)) volumes = treeRemove(volumes, key);
	world.write(volumesSlice, volumes);
}

/** The node at a path inside a volume. */
export function volumeNode(world: World, key: string, sub: readonly string[]): FsNode | undefined {
	let node = readVolume(world, key);
	for (const name of sub) node = node?.t === 'd' ? entry(node, name) : undefined;
	return node;
}

/** Puts a node at a path inside a volume, with directories on the way as the volume's root is. */
export function setVolumeNode(world: World, key: string, sub: readonly string[], node: FsNode): void {
	if (sub.length === 0) {
		writeVolume(world, key, node);
		return;
	}
	const root = readVolume(world, key);
	const base = root?.t === 'd' ? root : emptyDir(0o755, 0, 0, world.now);
	writeVolume(
		world,
		key,
		withNode(base, sub, node, () => ({ ...base, e: null })),
	);
}
