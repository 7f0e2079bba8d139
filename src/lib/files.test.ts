import { describe, expect, it } from 'vitest';
import { fileTree, fullPath, nameFault, shortPath } from './files.ts';

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
		expect(nameFault('a.yaml', existing)).toContain('there already');
		expect(nameFault('  ', existing)).toContain('name');
		expect(nameFault('web/', existing)).toContain('folder');
		expect(nameFault('../x', existing)).toContain('..');
		expect(nameFault('web/a.yaml', existing)).toBeUndefined();
	});
});
