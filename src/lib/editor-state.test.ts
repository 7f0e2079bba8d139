import { describe, expect, it } from 'vitest';
import { type EditorAction, emptyEditor, onFileChanged, reduceEditor, tabOf } from './editor-state.ts';

const made = (...actions: EditorAction[]) => actions.reduce(reduceEditor, emptyEditor);
const opened = (path: string, mtime = 1): EditorAction => ({ type: 'opened', path, mtime });

describe('reduceEditor', () => {
	it('opens a file in front, and a second time only brings its newer text', () => {
		const model = made(opened('/a'), opened('/b'), { type: 'dirty', path: '/a', dirty: true }, opened('/a', 2));
		expect(model.tabs.map((tab) => tab.path)).toEqual(['/a', '/b']);
		expect(model.active).toBe('/a');
		expect(tabOf(model, '/a')).toMatchObject({ mtime: 2, dirty: false });
	});

	it('brings the neighbour forward when the tab in front is closed', () => {
		const three = made(opened('/a'), opened('/b'), opened('/c'), { type: 'select', path: '/b' });
		expect(reduceEditor(three, { type: 'closed', path: '/b' }).active).toBe('/c');
		expect(reduceEditor(three, { type: 'closed', path: '/a' }).active).toBe('/b');
		expect(made(opened('/a'), { type: 'closed', path: '/a' })).toEqual(emptyEditor);
	});

	it('ends a conflict with a save, and remembers for a waiting command that it was saved', () => {
		const model = made(
			opened('/a'),
			{ type: 'edit', path: '/a', id: 'e1' },
			{ type: 'conflict', path: '/a', kind: 'changed' },
			{ type: 'saved', path: '/a', mtime: 5 },
		);
		expect(tabOf(model, '/a')).toEqual({ path: '/a', mtime: 5, dirty: false, conflict: undefined, edit: { id: 'e1', saved: true } });
	});

	it('leaves the model alone for a file that is not open', () => {
		const model = made(opened('/a'));
		expect(reduceEditor(model, { type: 'saved', path: '/x', mtime: 1 })).toBe(model);
		expect(reduceEditor(model, { type: 'closed', path: '/x' })).toBe(model);
		expect(reduceEditor(model, { type: 'dirty', path: '/a', dirty: false })).toBe(model);
	});
});

describe('onFileChanged', () => {
	const clean = { path: '/a', mtime: 3, dirty: false, conflict: undefined, edit: undefined };
	const dirty = { ...clean, dirty: true };
	it('never drops unsaved text by itself', () => {
		expect(onFileChanged(clean, 4, false)).toBe('reload');
		expect(onFileChanged(dirty, 4, false)).toBe('conflict');
		expect(onFileChanged(clean, 0, true)).toBe('close');
		expect(onFileChanged(dirty, 0, true)).toBe('conflict');
	});
	it('does not take our own save for somebody else’s', () => {
		expect(onFileChanged(dirty, 3, false)).toBe('nothing');
	});
});
