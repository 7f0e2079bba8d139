/**
 * What shows at a path: the image's tree below, a writable layer above it, and mounts, as overlayfs lays them; and how it is changed.
 * Permissions are no concern here.
 */
import { treeRange, treeRemove, treeSet } from '../kernel/tree.ts';
import { emptyDir, entry, type FsDir, type FsNode, splitPath } from './tree.ts';

/** One tree of the mount table: where it is kept, and what lies under it. */
export interface Layer {
	/** The image, for the root; undefined for mounts. */
	readonly lower: FsNode | undefined;
	readonly readOnly: boolean;
	read(): FsNode | undefined;
	write(root: FsNode): void;
}

/** Mounts by absolute path, and the directories that a mount needs above it: path → names below. */
export interface MountTable {
	readonly at: ReadonlyMap<string, Layer>;
	readonly implied: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What a path leads to. */
export interface Place {
	readonly layer: Layer;
	/** Path inside the layer. */
	readonly rel: readonly string[];
	/** Absolute path, without a slash at its end; '' for the root. */
	readonly path: string;
	readonly upper: FsNode | undefined;
	readonly lower: FsNode | undefined;
	/** What shows: undefined where there is nothing. */
	readonly node: FsNode | undefined;
	readonly parent: Place | undefined;
}

/** Directories that mounts need above them, by path. */
export function mountTable(at: ReadonlyMap<string, Layer>): MountTable {
	const implied = new Map<string, Set<string>>();
	for (const path of at.keys()) {
		const parts = splitPath(path);
		let above = '';
		for (const part of parts) {
			const names = implied.get(above) ?? new Set<string>();
			names.add(part);
			implied.set(above, names);
			above = `${above}/${part}`;
		}
	}
	return { at, implied };
}

export interface OverlayHost {
	readonly now: number;
	readonly root: Layer;
	readonly mounts: MountTable;
}

export class Overlay {
	private readonly host: OverlayHost;

	constructor(host: OverlayHost) {
		this.host = host;
	}

	root(): Place {
		const upper = this.host.root.read();
		return { layer: this.host.root, rel: [], path: '', upper, lower: this.host.root.lower, node: upper ?? this.host.root.lower, parent: undefined };
	}

	/** What stands under a name in a directory; a place without node where nothing does. */
	child(at: Place, name: string): Place {
		const path = `${at.path}/${name}`;
		const mount = this.host.mounts.at.get(path);
		if (mount !== undefined) {
			const node = mount.read();
			return { layer: mount, rel: [], path, upper: node, lower: mount.lower, node: node ?? mount.lower, parent: at };
		}
		const rel = [...at.rel, name];
		const upper = at.upper?.t === 'd' ? entry(at.upper, name) : undefined;
		const covered = upper !== undefined && upper.t !== 'd';
		const hidden = covered || (at.upper?.t === 'd' && at.upper.opaque === true) || (upper?.t === 'd' && upper.opaque === true);
		const lower = !hidden && at.lower?.t === 'd' ? entry(at.lower, name) : undefined;
		const shown = upper?.t === 'w' ? undefined : (upper ?? lower);
		const node = shown ?? (this.host.mounts.implied.has(path) ? emptyDir(0o755, 0, 0, this.host.now) : undefined);
		return {
			layer: at.layer,
			rel,
			path,
			upper: upper?.t === 'w' ? undefined : upper,
			lower: upper?.t === 'd' && lower?.t !== 'd' ? undefined : lower,
			node,
			parent: at,
		};
	}

	/** Names in a directory, sorted. */
	names(place: Place): string[] {
		const names = new Set<string>();
		if (place.lower?.t === 'd' && !(place.upper?.t === 'd' && place.upper.opaque === true)) for (const e of treeRange(place.lower.e)) names.add(e.k);
		if (place.upper?.t === 'd') {
			for (const e of treeRange(place.upper.e)) {
				if (e.v.t === 'w') names.delete(e.k);
				else names.add(e.k);
			}
		}
		for (const name of this.host.mounts.implied.get(place.path) ?? []) names.add(name);
		return [...names].sort();
	}

	/** A directory's whole content as one tree of its own, for moving. */
	flatten(place: Place): FsNode | undefined {
		const node = place.node;
		if (node === undefined || node.t !== 'd') return node;
		let e: FsDir['e'] = null;
		for (const name of this.names(place)) {
			const below = this.flatten(this.child(place, name));
			if (below !== undefined) e = treeSet(e, name, below);
		}
		return { ...node, e, opaque: true };
	}

	/** Puts a node in a place, copying up the way there. */
	put(place: Place, node: FsNode): void {
		const name = place.rel.at(-1);
		if (name === undefined) place.layer.write(node);
		else this.changeDir(place.layer, place.rel.slice(0, -1), (dir) => ({ ...dir, e: treeSet(dir.e, name, node), mtime: this.host.now }));
	}

	/** Takes away what stands in a place; what the image has there is covered. */
	drop(place: Place): void {
		const name = place.rel.at(-1);
		if (name === undefined) return;
		this.changeDir(place.layer, place.rel.slice(0, -1), (dir) => {
			let below: FsNode | undefined = place.layer.lower;
			for (const part of place.rel) below = below?.t === 'd' ? entry(below, part) : undefined;
			const e = below !== undefined && dir.opaque !== true ? treeSet(dir.e, name, { t: 'w' } as const) : treeRemove(dir.e, name);
			return { ...dir, e, mtime: this.host.now };
		});
	}

	/** Changes the directory at `rel` of a layer, copying up what the image has of the way there. */
	private changeDir(layer: Layer, rel: readonly string[], change: (dir: FsDir) => FsDir): void {
		const copyUp = (depth: number): FsDir => {
			let node: FsNode | undefined = layer.lower;
			for (const name of rel.slice(0, depth)) node = node?.t === 'd' ? entry(node, name) : undefined;
			return node?.t === 'd' ? { ...node, e: null } : emptyDir(0o755, 0, 0, this.host.now);
		};
		const descend = (dir: FsDir, depth: number): FsDir => {
			const name = rel[depth];
			if (name === undefined) return change(dir);
			const below = entry(dir, name);
			return { ...dir, e: treeSet(dir.e, name, descend(below?.t === 'd' ? below : copyUp(depth + 1), depth + 1)) };
		};
		const root = layer.read();
		layer.write(descend(root?.t === 'd' ? root : copyUp(0), 0));
	}
}
