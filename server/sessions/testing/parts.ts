/** Doubles of the rooms around sessions, for tests of sessions and transport alone. The sandbox is real where it can be. */
import { resourceLimits } from 'node:worker_threads';
import { type LabDefinition, labSchema, type Verdict } from '../../protocol/lab.ts';
import type { GradeLab, LoadedLab } from '../../grading/grade.types.ts';
import type { CreateWorkstation } from '../../shell/workstation.types.ts';
import type { Parts } from '../parts.types.ts';
import { createSource } from '../sources.ts';

const definition: LabDefinition = labSchema.parse({
	id: 'small',
	title: 'Small',
	month: 1,
	minutes: 5,
	summary: 'A lab for tests of the server alone.',
	objectives: ['None.'],
	namespace: 'default',
	tasks: [
		{ id: 'file', title: 'Write', text: 'Write the file done.txt.', checks: ['file-there'], hints: ['Use the editor, or echo.', 'echo yes > done.txt'] },
		{ id: 'object', title: 'Make', text: 'Make a config map called made.', checks: ['object-there'] },
	],
	checks: [
		{ id: 'file-there', title: 'The file is there', points: 60, why: 'Without it there is nothing to see.', see: 'ls -l', live: true },
		{ id: 'object-there', title: 'The object is there', points: 40, why: 'Without it there is nothing to see.', see: 'kubectl get configmaps', live: true },
	],
	evidence: { deliverable: 'month-1-five-machines', rubric: ['automation'] },
});

export const smallLab: LoadedLab = {
	definition,
	brief: '# Small\n\nA *small* lab.',
	directory: import.meta.dirname,
	checks: {},
	clusterManifests: ['apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n'],
	files: [{ path: 'readme.txt', content: 'hello {{token:greeting}}\n' }],
};

const gradeLab: GradeLab = async ({ sandbox, seed, attempt, onProgress }) => {
	onProgress?.(0, 2, 'The file is there');
	const file = (await sandbox.files.read('/home/learner/done.txt')) !== undefined;
	const object = (await sandbox.cluster.fetch(new Request('http://cluster/api/v1/namespaces/default/configmaps/made'))).ok;
	const check = (id: string, good: boolean, points: number): Verdict['checks'][number] => ({
		id,
		title: id,
		outcome: good ? 'pass' : 'fail',
		points,
		earned: good ? points : 0,
		critical: false,
		why: 'w',
		see: 's',
	});
	const checks = [check('file-there', file, 60), check('object-there', object, 40)];
	const score = checks.reduce((sum, c) => sum + c.earned, 0);
	return {
		lab: 'small',
		attempt,
		score,
		passed: score >= 66,
		capped: false,
		checks,
		gradedAt: new Date().toISOString(),
		tookMs: 1,
		seed,
		graderVersion: 'double',
		provider: sandbox.provider,
	};
};

/** A shell of a few words: echo TEXT, write PATH TEXT, yes, hang (blocks the worker), count, heap (MB that the worker may have). Its state is how many lines it has run. */
const createWorkstation: CreateWorkstation = (sandbox, { recordCommand }) => ({
	openTerminal: (id, { output, state, onState }) => {
		let lines = Number(state?.['lines'] ?? 0);
		let line = '';
		let open = true;
		const run = async (text: string): Promise<void> => {
			const [word = '', path = '', ...rest] = text.split(' ');
			if (word === 'echo') output(`${text.slice(5)}\r\n`);
			else if (word === 'write') await sandbox.files.write(path, rest.join(' '));
			else if (word === 'count') output(`${lines} lines\r\n`);
			else if (word === 'heap') output(`${resourceLimits.maxOldGenerationSizeMb} MB\r\n`);
			else if (word === 'yes') {
				for (let i = 0; i < 200_000 && open; i++) await output('yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(32));
			} else if (word === 'hang') for (;;);
			else if (word === 'die') process.exit(1);
			lines++;
			await recordCommand({ at: sandbox.clock.now(), terminal: id, line: text, exitCode: 0 });
			onState?.({ lines });
			output('$ ');
		};
		output('$ ');
		return {
			input: (data) => {
				for (const key of data) {
					if (key !== '\r') line += key;
					else {
						output(`${line}\r\n`);
						void run(line);
						line = '';
					}
				}
			},
			resize: () => {},
			saveState: () => ({ lines }),
			programs: () => [],
			close: () => {
				open = false;
			},
		};
	},
	kubectl: async () => ({ stdout: '', stderr: 'error: there is no kubectl in a double\n', exitCode: 1 }),
	dispose: () => {},
});

export const parts: Parts = { loadLabs: async () => [smallLab], gradeLab, createWorkstation, createSource };
