/** A node's disk: what it came with, below what pods have written there through hostPath volumes (`host/<node>` of the volumes). */
import { authorityCertificate } from '../../apiserver/certificates/authority.ts';
import { controlPlaneTexts } from '../../apiserver/config/control-plane.ts';
import { getGpuNode } from '../../gpu/state.ts';
import { treeRange } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { volumeNode } from '../../storage-volumes/store.ts';
import { entry, type FsNode } from '../../storage-volumes/tree.ts';
import { getNode } from '../state.ts';
import { nodeTree } from './files.ts';
import { CONTROL_PLANE_NODE } from './paths.ts';

const PREFIX = 'host/';
export const MANIFESTS_TIMER = 'kubelet.manifests';
/** How soon the kubelet sees a change of a manifest (pkg/kubelet/config/file_linux.go), ms. */
const MANIFESTS_MS = 1000;
export const diskKey = (node: string): string => `${PREFIX}${node}`;
export const isDisk = (volume: string): boolean => volume.startsWith(PREFIX);

/** What a node came with at a path of its disk; undefined for other volumes, and where there is nothing. */
export function diskLower(world: World, volume: string, sub: readonly string[]): FsNode | undefined {
	if (!isDisk(volume)) return undefined;
	const name = volume.slice(PREFIX.length);
	const node = getNode(world, name);
	if (node === undefined) return undefined;
	const controlPlane = name === CONTROL_PLANE_NODE;
	const texts = controlPlane ? controlPlaneTexts(world) : { audit: '', encryption: '' };
	const { address, podCIDR } = node;
	const gpu = getGpuNode(world, name) !== undefined;
	let at: FsNode | undefined = nodeTree({ name, address, podCIDR, controlPlane, gpu, ...texts, authority: authorityCertificate(world) });
	for (const part of sub) at = at?.t === 'd' ? entry(at, part) : undefined;
	return at;
}

/** What shows at a path of a node's disk; a directory's own node, not what is merged into it. */
export function diskNode(world: World, volume: string, sub: readonly string[]): FsNode | undefined {
	const upper = volumeNode(world, volume, sub);
	if (upper !== undefined) return upper.t === 'w' ? undefined : upper;
	// Nothing of what lies below a removed or replaced directory shows.
	for (let depth = 0; depth < sub.length; depth++) {
		const above = volumeNode(world, volume, sub.slice(0, depth));
		if (above !== undefined && (above.t !== 'd' || above.opaque === true)) return undefined;
	}
	return diskLower(world, volume, sub);
}

/** The files of a directory, by name. */
export function diskFiles(world: World, volume: string, sub: readonly string[]): ReadonlyMap<string, string> {
	const names = new Set<string>();
	const [upper, lower] = [volumeNode(world, volume, sub), diskLower(world, volume, sub)];
	for (const dir of [lower, upper]) if (dir?.t === 'd') for (const e of treeRange(dir.e)) names.add(e.k);
	const out = new Map<string, string>();
	for (const name of [...names].sort()) {
		const node = diskNode(world, volume, [...sub, name]);
		if (node?.t === 'f') out.set(name, node.content);
	}
	return out;
}

/** Has the kubelet of a node look at its manifests again, since something was written to its disk (its file watch). */
export function noteDiskWrite(world: World, volume: string): void {
	world.schedule(MANIFESTS_TIMER, volume.slice(PREFIX.length), MANIFESTS_MS);
}
