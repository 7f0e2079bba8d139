/**
 * Records what this machine's bash, git and make answer to the cases: `node --no-warnings test/conformance/recorded/record.ts [tool…]`.
 * Run it after changing cases, on a machine with bash 5, git 2.39 or later, and GNU make 4.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { casesOf, ENVIRONMENT, FOLDER, recordingFile, type Recording, type Tool, TOOLS } from './cases.ts';

const wanted = process.argv.slice(2);
for (const tool of TOOLS) {
	if (wanted.length > 0 && !wanted.includes(tool)) continue;
	const version = spawnSync(tool, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0];
	if (version === undefined) {
		console.error(`${tool}: not on this machine, its recording stays as it is`);
		continue;
	}
	const answers: { [name: string]: Recording } = {};
	for (const c of casesOf(tool as Tool)) {
		rmSync(FOLDER, { recursive: true, force: true });
		mkdirSync(FOLDER);
		const script = `${FOLDER}.sh`;
		writeFileSync(script, c.script);
		const done = spawnSync('bash', [script], { cwd: FOLDER, env: { ...ENVIRONMENT, PATH: '/usr/local/bin:/usr/bin:/bin' }, encoding: 'utf8', timeout: 20_000, input: '' });
		answers[c.name] = { stdout: done.stdout, stderr: done.stderr.replaceAll(`${script}: `, 'script: '), exitCode: done.status ?? -1 };
	}
	rmSync(FOLDER, { recursive: true, force: true });
	writeFileSync(recordingFile(tool), `${JSON.stringify({ version, answers }, null, '\t')}\n`);
	console.log(`${tool}: ${Object.keys(answers).length} cases recorded from ${version}`);
}
