import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { memorySandbox } from '../shell/testing/sandbox.ts';
import { HOME, workspaceOf } from './workspace.ts';

const NONE = { values: [], patterns: [] };

it('puts no more than LIMITS.evidenceBytes of text files into evidence, dot files left out', async () => {
	const { files } = memorySandbox();
	await files.write(`${HOME}/.secret`, 'x');
	for (const name of ['a', 'b', 'c']) await files.write(`${HOME}/${name}`, 'ü'.repeat(LIMITS.evidenceBytes / 4));
	expect(Object.keys(await workspaceOf(files, NONE))).toEqual([`${HOME}/a`, `${HOME}/b`]);
	await files.write(`${HOME}/a`, 'x'.repeat(LIMITS.evidenceBytes / 2 + 1));
	expect(Object.keys(await workspaceOf(files, NONE))).toEqual([`${HOME}/a`]);
});

it('masks what the lab marks as secret: evidence leaves the house', async () => {
	const { files } = memorySandbox();
	await files.write(`${HOME}/secret.yaml`, 'kind: Secret\nstringData:\n  password: "k7cd86c0cc34"\n');
	expect(await workspaceOf(files, { values: ['k7cd86c0cc34'], patterns: [] })).toEqual({
		[`${HOME}/secret.yaml`]: 'kind: Secret\nstringData:\n  password: "••••••"\n',
	});
});
