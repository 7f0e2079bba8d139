/** Programs of the learner's own: scripts on the PATH, kubectl's plugins among them. */
import { describe, expect, test } from 'vitest';
import { memorySandbox } from './testing/sandbox.ts';
import { testTerminal } from './testing/terminal.ts';

async function shell() {
	const t = testTerminal(memorySandbox({}));
	await t.run('mkdir -p bin; export PATH=$HOME/bin:$PATH');
	await t.run("printf '#!/bin/sh\\necho \"hello $*\"\\n' > bin/kubectl-hello; printf 'echo world $1\\n' > bin/kubectl-hello-big_world; chmod +x bin/*");
	return t;
}

describe('kubectl plugins', () => {
	test('the longest name wins; the rest are its arguments', async () => {
		const t = await shell();
		expect(await t.run('kubectl hello a -n b')).toBe('hello a -n b\n');
		expect(await t.run('kubectl hello big-world c')).toBe('world c\n');
	});

	test('a command of its own is never hidden by one', async () => {
		const t = await shell();
		await t.run('cp bin/kubectl-hello bin/kubectl-options');
		expect(await t.run('kubectl options | head -1')).toBe('The following options can be passed to any command:\n');
		expect(await t.run('kubectl plugin list --name-only 2>&1 | grep -v "Unable to read"')).toBe(
			'The following compatible plugins are available:\n\nkubectl-hello\nkubectl-hello-big_world\nkubectl-options\n',
		);
	});

	test('an unknown word stays one', async () => {
		const t = await shell();
		expect(await t.run('kubectl nothello')).toBe('error: unknown command "nothello" for "kubectl"\n');
	});
});

test('a script on the PATH is found by its name; one that may not run is not', async () => {
	const t = await shell();
	expect(await t.run('kubectl-hello x')).toBe('hello x\n');
	await t.run('chmod -x bin/kubectl-hello');
	expect(await t.run('kubectl-hello x')).toContain('command not found');
});

test("kubectl's completion can be loaded, and lent to an alias", async () => {
	const t = await shell();
	expect(await t.run('source <(kubectl completion bash) && complete -o default -F __start_kubectl k && type -t __start_kubectl')).toBe('function\n');
});
