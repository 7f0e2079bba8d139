import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { memorySandbox } from '../shell/testing/sandbox.ts';
import { HOME, workspaceOf } from './workspace.ts';

it('puts no more than LIMITS.evidenceBytes of text files into evidence, dot files left out', async () => {
	const { files } = memorySandbox();
	await files.write(`${HOME}/.secret`, 'x');
	for (const name of ['a', 'b', 'c']) await files.write(`${HOME}/${name}`, 'ü'.repeat(LIMITS.evidenceBytes / 4));
	expect(Object.keys(await workspaceOf(files))).toEqual([`${HOME}/a`, `${HOME}/b`]);
	await files.write(`${HOME}/a`, 'x'.repeat(LIMITS.evidenceBytes / 2 + 1));
	expect(Object.keys(await workspaceOf(files))).toEqual([`${HOME}/a`]);
});
