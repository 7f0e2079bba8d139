/** git where recordings do not reach: limits, packs, editors, faults. What it prints is held against the real one in test/conformance/recorded. */
import { expect, it } from 'vitest';
import { LIMITS } from '../../../limits.ts';
import { memorySandbox } from '../../testing/sandbox.ts';
import { testTerminal } from '../../testing/terminal.ts';

it('packs loose objects beyond gitLooseObjects, and finds them again', async () => {
	const files: { [path: string]: string } = {};
	for (let i = 0; i < LIMITS.gitLooseObjects * 1.6; i++) files[`/home/learner/r/f${i}`] = `${i}\n`;
	const sandbox = memorySandbox(files);
	const t = testTerminal(sandbox);
	expect(await t.run('cd r; git init -q; git add .; git commit -qm many')).toContain('Auto packing the repository');
	const objects = (await sandbox.files.list('/home/learner/r/.git/objects')).filter((f) => f.kind === 'file');
	expect(objects.map((f) => f.path.replace(/^.*\./, '')).sort()).toEqual(['idx', 'pack']);
	expect(
		await t.run('git status -s; git show HEAD:f7; echo more >> f7; git commit -qam two; git log --oneline | wc -l; git clone -q . /tmp/c; cat /tmp/c/f7'),
	).toBe('7\n2\n7\nmore\n');
}, 60_000);

it('takes a message from the editor; an empty one ends it', async () => {
	const t = testTerminal(memorySandbox());
	await t.run('git init -q r; cd r; echo a > f; git add f');
	t.type('git commit\r');
	await t.until(/Please enter the commit message/);
	t.type('ifrom vi\x1b:wq\r');
	await t.until(/root-commit\) [0-9a-f]{7}\] from vi/);
	expect(await t.run("git commit --allow-empty -m ''; echo $?")).toBe('Aborting commit due to empty commit message.\n1\n');
	expect(await t.run('git push http://nowhere.test/x main; echo $?')).toContain(
		"fatal: unable to access 'http://nowhere.test/x/': Could not resolve host: nowhere.test\n",
	);
});
