import type { World } from '../../kernel/world.ts';

const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');

/** A version 4 UUID out of the world's randomness. */
export function newUid(world: World): string {
	const a = world.randomInt(0x1_0000_0000);
	const b = world.randomInt(0x1_0000_0000);
	const c = world.randomInt(0x1_0000_0000);
	const d = world.randomInt(0x1_0000_0000);
	// Joined, not concatenated: V8 keeps a concatenation as a tree of its parts, and every object holds one of these for ever.
	return [hex(a, 8), hex(b >>> 16, 4), hex(0x4000 | (b & 0xfff), 4), hex(((c >>> 16) & 0x3fff) | 0x8000, 4), hex(c & 0xffff, 4) + hex(d, 8)].join('-');
}
