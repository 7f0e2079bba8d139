/** Things remembered about a sandbox beside its cluster: commands run, a shell's variables, marks of the lab. By topic, in order. */
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeFirst, treeGet, treeRemove, treeSet, treeSize, treeValues } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';

export interface Note {
	/** Virtual ms since the epoch. */
	readonly at: number;
	readonly value: unknown;
}

/** Notes kept for each topic; the oldest go first. */
export const NOTES_KEPT = 5000;

export const notesSlice = defineSlice<{ readonly next: number; readonly topics: Tree<string, Tree<number, Note>> }>('notes', { next: 1, topics: null });

export function addNote(world: World, topic: string, value: unknown): void {
	const s = world.read(notesSlice);
	let notes: Tree<number, Note> = treeSet(treeGet(s.topics, topic) ?? null, s.next, { at: world.now, value });
	while (treeSize(notes) > NOTES_KEPT) {
		const first: { k: number } | undefined = treeFirst(notes);
		if (first === undefined) break;
		notes = treeRemove(notes, first.k);
	}
	world.write(notesSlice, { next: s.next + 1, topics: treeSet(s.topics, topic, notes) });
}

/** A topic's notes, oldest first. */
export function notesOf(world: World, topic: string): readonly Note[] {
	return treeValues(treeGet(world.read(notesSlice).topics, topic) ?? null);
}
