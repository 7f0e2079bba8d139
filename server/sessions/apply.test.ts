/** With the real shell's kubectl over a simulated cluster. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SimulatorSandbox } from '../sandboxes/simulator.ts';
import { Template } from '../sandboxes/simulated/template.ts';
import type { Workstation } from '../shell/workstation.types.ts';
import { createWorkstation } from '../shell/workstation.ts';
import { LIMITS } from '../limits.ts';
import { applyFile } from './apply.ts';
import { FileChanges } from './file-changes.ts';

const PATH = '/home/learner/two words.yaml';
const manifest = (value: string, extra = ''): string =>
	`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  key: ${value}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: app\n${extra}`;

let sandbox: SimulatorSandbox;
let workstation: Workstation;
const kubectl: Workstation['kubectl'] = (args, signal) => workstation.kubectl(args, signal);

beforeAll(async () => {
	sandbox = await SimulatorSandbox.create(Template.build({}), { id: 'apply', seed: 3, speed: 20 });
	workstation = createWorkstation(sandbox, { namespace: 'default', recordCommand: async () => {} });
});
afterAll(async () => {
	workstation.dispose();
	await sandbox.dispose();
});

it('shows what would change before it is, and applies with the annotation that kubectl apply looks for', async () => {
	await sandbox.files.write(PATH, manifest('one'));
	const first = (await applyFile(kubectl, PATH, true)).applied;
	expect(first.objects).toEqual([
		{ name: 'configmap/settings', verb: 'created' },
		{ name: 'serviceaccount/app', verb: 'created' },
	]);
	expect(first.diffs.map(({ name, text }) => [name, text.includes('\n+  key: one\n')])).toEqual([
		['ConfigMap settings in default', true],
		['ServiceAccount app in default', false],
	]);
	expect((await kubectl(['get', 'cm', 'settings'], AbortSignal.timeout(LIMITS.applyMs))).exitCode).toBe(1);
	expect((await applyFile(kubectl, PATH, false)).applied.objects[0]).toEqual({ name: 'configmap/settings', verb: 'created' });

	await sandbox.files.write(PATH, manifest('two'));
	const second = (await applyFile(kubectl, PATH, true)).applied;
	expect(second.diffs).toHaveLength(1);
	expect(second.diffs[0]?.text).toMatch(/^-\s+key: one\n\+\s+key: two$/m);
	expect((await applyFile(kubectl, PATH, false)).applied).toEqual({
		objects: [
			{ name: 'configmap/settings', verb: 'configured' },
			{ name: 'serviceaccount/app', verb: 'unchanged' },
		],
		diffs: [],
		warnings: [],
		errors: [],
	});
	const again = await kubectl(['apply', '-f', PATH], AbortSignal.timeout(LIMITS.applyMs));
	expect(again.stderr).toBe('');
});

it('says what the API says: warnings, and errors apart from one another', async () => {
	await kubectl(['create', 'configmap', 'bare'], AbortSignal.timeout(LIMITS.applyMs));
	await sandbox.files.write(
		PATH,
		manifest(
			'two',
			'---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bare\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: UPPER\nspec:\n  containers: []\n---\napiVersion: v1\nkind: Nonsense\nmetadata:\n  name: a\n',
		),
	);
	const { applied, exitCode } = await applyFile(kubectl, PATH, true);
	expect(exitCode).toBe(1);
	expect(applied.warnings).toEqual([
		expect.stringMatching(/^resource configmaps\/bare is missing the kubectl.kubernetes.io\/last-applied-configuration annotation/),
	]);
	expect(applied.errors.join('\n')).toMatch(/no matches for kind "Nonsense" in version "v1"/);
	expect(applied.errors.join('\n')).toMatch(/spec.containers: Required value/);
	expect(applied.errors.length).toBeGreaterThan(1);
});

it('gives up after applyMs, and cuts what is longer than applyCharacters', async () => {
	const slow: Workstation['kubectl'] = async (_args, signal) => ({
		stdout: `${signal instanceof AbortSignal}`,
		stderr: 'x'.repeat(LIMITS.applyCharacters * 2),
		exitCode: 1,
	});
	const { applied } = await applyFile(slow, PATH, false);
	expect(applied.errors.join('').length).toBeLessThan(LIMITS.applyCharacters + 10);
	const aborted = AbortSignal.abort();
	expect((await kubectl(['get', 'nodes'], aborted)).stderr).toContain('did not answer in time');
});

it('moves, removes and brings back whole folders', async () => {
	const changes = new FileChanges(sandbox.files);
	const home = '/home/learner';
	await changes.change({ op: 'mkdir', path: `${home}/old/empty` });
	await sandbox.files.write(`${home}/old/a.yaml`, 'a: 1\n');
	await sandbox.files.change({ op: 'write', path: `${home}/old/b.bin`, content: '\u00ff', binary: true });
	await changes.change({ op: 'move', path: `${home}/old`, to: `${home}/new` });
	const names = async (): Promise<string[]> =>
		(await sandbox.files.list(`${home}/new`))
			.map((file) => file.path.slice(home.length))
			.filter((path) => path !== '/new')
			.sort();
	expect(await names()).toEqual(['/new/a.yaml', '/new/b.bin', '/new/empty']);
	expect(await sandbox.files.entry(`${home}/old`)).toBeUndefined();
	await expect(changes.change({ op: 'move', path: `${home}/new`, to: `${home}/new/inside` })).rejects.toMatchObject({ code: 'file-refused' });
	await expect(changes.change({ op: 'move', path: `${home}/new/a.yaml`, to: `${home}/new/b.bin` })).rejects.toMatchObject({ code: 'file-there' });
	await expect(changes.change({ op: 'move', path: `${home}/new`, to: '/etc/new' })).rejects.toMatchObject({ code: 'file-refused' });
	const { removal = '' } = await changes.change({ op: 'remove', path: `${home}/new` });
	expect(await names()).toEqual([]);
	await changes.change({ op: 'restore', removal });
	expect(await names()).toEqual(['/new/a.yaml', '/new/b.bin', '/new/empty']);
	expect(await sandbox.files.entry(`${home}/new/b.bin`)).toMatchObject({ binary: true, content: '\u00ff' });
	await expect(changes.change({ op: 'restore', removal })).rejects.toMatchObject({ code: 'removal-gone' });
});
