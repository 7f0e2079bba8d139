/** Our shell, git and make beside recordings of the real ones: standard output, standard error, exit code, byte for byte. */
import { describe, expect, it } from 'vitest';
import { memorySandbox } from '../../../server/shell/testing/sandbox.ts';
import { testTerminal } from '../../../server/shell/testing/terminal.ts';
import { type Case, casesOf, ENVIRONMENT, FOLDER, type Recording, recordingsOf, TOOLS } from './cases.ts';

/** Runs a case's script as a child shell, its output to files so that no terminal stands between. */
async function answer(c: Case): Promise<Recording> {
	const sandbox = memorySandbox({ [`${FOLDER}.sh`]: c.script });
	await sandbox.files.change({ op: 'mkdir', path: FOLDER });
	const t = testTerminal(sandbox);
	const set = Object.entries(ENVIRONMENT)
		.map(([k, v]) => `${k}='${v}'`)
		.join(' ');
	await t.run(`cd ${FOLDER}; export ${set}`);
	const status = await t.run(`bash ${FOLDER}.sh > /tmp/out 2> /tmp/err < /dev/null; echo $?`);
	const read = async (path: string): Promise<string> => (await sandbox.files.entry(path))?.content ?? '';
	t.handle.close();
	return { stdout: await read('/tmp/out'), stderr: (await read('/tmp/err')).replaceAll(`${FOLDER}.sh: `, 'script: '), exitCode: Number(status) };
}

describe.each(TOOLS)('%s as recorded', (tool) => {
	const { answers } = recordingsOf(tool);
	it.each(casesOf(tool).map((c) => [c.name, c] as const))('%s', async (name, c) => {
		const recorded = answers[name];
		expect(recorded, `no recording of "${name}": run test/conformance/recorded/record.ts`).toBeDefined();
		if (c.differs === undefined) expect(await answer(c)).toEqual(recorded);
		else expect(await answer(c), `"${name}" no longer differs: take its note away`).not.toEqual(recorded);
	}, 30_000);
});
