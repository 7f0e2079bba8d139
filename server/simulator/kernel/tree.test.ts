import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Tree, treeFirst, treeFrom, treeGet, treePrefix, treePrefixValues, treeRange, treeRemove, treeSet, treeSize, treeValues } from './tree.ts';

type Step = { readonly op: 'set' | 'remove'; readonly key: string; readonly value: number };
const steps = fc.array(fc.record({ op: fc.constantFrom<'set' | 'remove'>('set', 'set', 'remove'), key: fc.string({ maxLength: 3 }), value: fc.integer() }), {
	maxLength: 200,
});

function play(list: readonly Step[]): { readonly tree: Tree<string, number>; readonly map: Map<string, number> } {
	let tree: Tree<string, number> = null;
	const map = new Map<string, number>();
	for (const s of list) {
		if (s.op === 'set') {
			tree = treeSet(tree, s.key, s.value);
			map.set(s.key, s.value);
		} else {
			tree = treeRemove(tree, s.key);
			map.delete(s.key);
		}
	}
	return { tree, map };
}

const sorted = (m: Map<string, number>): [string, number][] => [...m].sort(([a], [b]) => (a < b ? -1 : 1));

/** Height of a balanced tree of n entries: AVL's bound. */
function balanced(t: Tree<string, number>): boolean {
	if (t === null) return true;
	const h = (x: Tree<string, number>): number => x?.h ?? 0;
	return Math.abs(h(t.l) - h(t.r)) <= 1 && t.h === Math.max(h(t.l), h(t.r)) + 1 && balanced(t.l) && balanced(t.r);
}

describe('the persistent tree', () => {
	it('holds what a Map holds, in key order, and stays balanced', () => {
		fc.assert(
			fc.property(steps, (list) => {
				const { tree, map } = play(list);
				expect([...treeRange(tree)].map((e) => [e.k, e.v])).toEqual(sorted(map));
				expect(treeValues(tree)).toEqual(sorted(map).map(([, v]) => v));
				expect(treeSize(tree)).toBe(map.size);
				expect(treeFirst(tree)?.k).toBe(sorted(map)[0]?.[0]);
				for (const [k, v] of map) expect(treeGet(tree, k)).toBe(v);
				expect(balanced(tree)).toBe(true);
			}),
		);
	});

	it('never changes an older tree', () => {
		fc.assert(
			fc.property(steps, steps, (first, second) => {
				const { tree } = play(first);
				const before = JSON.stringify(tree);
				let later = tree;
				for (const s of second) later = s.op === 'set' ? treeSet(later, s.key, s.value) : treeRemove(later, s.key);
				expect(JSON.stringify(tree)).toBe(before);
			}),
		);
	});

	it('gives ranges and prefixes', () => {
		fc.assert(
			fc.property(steps, fc.string({ maxLength: 2 }), fc.string({ maxLength: 2 }), (list, a, b) => {
				const { tree, map } = play(list);
				expect([...treeRange(tree, a, b)].map((e) => e.k)).toEqual(
					sorted(map)
						.map(([k]) => k)
						.filter((k) => k >= a && k < b),
				);
				expect([...treePrefix(tree, a)].map((e) => e.k)).toEqual(
					sorted(map)
						.map(([k]) => k)
						.filter((k) => k.startsWith(a)),
				);
				expect(treePrefixValues(tree, a)).toEqual([...treePrefix(tree, a)].map((e) => e.v));
			}),
		);
	});

	it('gives the same tree back where nothing changes', () => {
		const t = treeFrom<string, number>([
			['a', 1],
			['b', 2],
		]);
		expect(treeSet(t, 'a', 1)).toBe(t);
		expect(treeRemove(t, 'z')).toBe(t);
	});
});
