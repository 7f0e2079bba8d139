/** ssh and scp to the nodes of a simulated cluster. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Template } from '../../sandboxes/simulated/template.ts';
import { SimulatorSandbox } from '../../sandboxes/simulator.ts';
import { buildSystem } from '../../simulator/simulator.ts';
import { type TestTerminal, testTerminal } from '../testing/terminal.ts';

let sandbox: SimulatorSandbox;
let t: TestTerminal;

beforeAll(async () => {
	sandbox = await SimulatorSandbox.create(Template.build({}, buildSystem()), { id: 'ssh', seed: 7 });
	t = testTerminal(sandbox);
});
afterAll(() => sandbox.dispose());

test('commands run on the node, with their status, and leave no pod behind', async () => {
	expect(await t.run('ssh foothold-worker hostname; echo $?')).toBe('foothold-worker\n0\n');
	expect(await t.run('ssh learner@172.18.0.3 "exit 3"; echo $?')).toBe('3\n');
	expect(await t.run('echo hostname | ssh foothold-worker2')).toBe('foothold-worker2\n');
	expect(await t.run('ssh nope true; echo $?')).toContain('ssh: Could not resolve hostname nope: Name or service not known\n');
	expect(await t.run('kubectl get pods -n kube-system | grep -c ssh-')).toBe('0\n');
}, 30_000);

test('a shell of the node nests: Ctrl-C goes to what runs in it, exit comes back', async () => {
	await t.until(/\$ $/);
	t.type('ssh foothold-worker\r');
	await t.until(/foothold-worker:?[^\n]*[#$] $/);
	t.type('sleep 1000\r');
	await t.until(/sleep 1000\r\n/);
	t.type('\x03');
	await t.until(/\^C[\s\S]*foothold-worker:?[^\n]*[#$] $/);
	t.type('exit\r');
	await t.until(/Connection to foothold-worker closed\.\r\n[^\n]*learner@workstation[^\n]*\$ $/);
	expect(await t.run('hostname')).toBe('workstation\n');
}, 30_000);

test('scp takes files there and back', async () => {
	await t.run('echo carried > f');
	expect(await t.run('scp f foothold-worker:/tmp/; echo $?')).toBe('0\n');
	expect(await t.run('scp foothold-worker:/tmp/f g; cat g')).toBe('carried\n');
	expect(await t.run('scp nope foothold-worker:/tmp/; echo $?')).toBe('scp: stat local "nope": No such file or directory\n1\n');
}, 30_000);
