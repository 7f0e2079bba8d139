import { describe, expect, it } from 'vitest';
import { fileTree, fullPath, HOME, nameFault, shortPath, treeMove, treeRows } from './files.ts';

const file = (path: string, kind: 'file' | 'directory' = 'file') => ({ path, kind, size: 0, mtime: 0 });

describe('fileTree', () => {
	it('nests, puts folders first, leaves hidden files out, and keeps the server’s paths', () => {
		const tree = fileTree([
			file('/home/learner/z.yaml'),
			file('/home/learner/web/a.yaml'),
			file('/home/learner/.kube/config'),
			file('/home/learner/empty', 'directory'),
		]);
		expect(tree.map((node) => [node.name, node.directory])).toEqual([
			['empty', true],
			['web', true],
			['z.yaml', false],
		]);
		expect(tree[1]?.children[0]?.path).toBe('/home/learner/web/a.yaml');
	});

	it('shows paths that are relative, and such as lie outside of the home folder', () => {
		expect(fileTree([file('web/a.yaml')])[0]?.children[0]?.path).toBe('web/a.yaml');
		expect(fileTree([file('/tmp/x')])[0]).toMatchObject({ name: 'tmp', path: '/tmp', directory: true });
	});
});

describe('names', () => {
	it('makes the server’s path of what was typed, and back', () => {
		for (const typed of ['web/a.yaml', './web/a.yaml', '~/web/a.yaml']) expect(fullPath(typed)).toBe('/home/learner/web/a.yaml');
		expect(shortPath('/home/learner/web/a.yaml')).toBe('web/a.yaml');
		expect(shortPath('/tmp/a')).toBe('/tmp/a');
	});

	it('says why a name will not do', () => {
		const existing = new Set(['/home/learner/a.yaml']);
		expect(nameFault('a.yaml', existing)).toBe('nameTaken');
		expect(nameFault('  ', existing)).toBe('nameEmpty');
		expect(nameFault('web/', existing)).toBe('nameFolder');
		expect(nameFault('../x', existing)).toBe('nameDots');
		expect(nameFault('web/a.yaml', existing)).toBeUndefined();
	});
});

describe('treeRows and treeMove', () => {
	const entry = (path: string) => ({ path: `${HOME}/${path}`, kind: 'file' as const, size: 1, mtime: 1 });
	const rows = treeRows(fileTree([entry('web/deep/x.yaml'), entry('web/a.yaml'), entry('b.yaml')]), new Set());
	const names = rows.map(({ node, level }) => `${level} ${node.name}`);

	it('shows what is not inside a closed folder, with its place', () => {
		expect(names).toEqual(['1 web', '2 deep', '3 x.yaml', '2 a.yaml', '1 b.yaml']);
		expect(treeRows(fileTree([entry('web/a.yaml'), entry('b.yaml')]), new Set([`${HOME}/web`])).map(({ node }) => node.name)).toEqual(['web', 'b.yaml']);
		expect(rows[3]).toMatchObject({ position: 2, siblings: 2 });
	});

	it('moves as the ARIA pattern says: in, out, to the ends, to a name that begins so', () => {
		expect(treeMove(rows, 0, 'ArrowRight')).toBe(1);
		expect(treeMove(rows, 3, 'ArrowLeft')).toBe(0);
		expect(treeMove(rows, 4, 'ArrowDown')).toBe(4);
		expect(treeMove(rows, 4, 'Home')).toBe(0);
		expect(treeMove(rows, 0, 'b')).toBe(4);
		expect(treeMove(rows, 0, 'ArrowLeft'), 'an open folder is closed first').toBeUndefined();
	});
});
