/** Every command says what it is for; every name that is not here says what to use. */
import { expect, it } from 'vitest';
import { COMMANDS, suggestion, UTILITIES } from './programs.ts';
import { memorySandbox } from './testing/sandbox.ts';
import { testTerminal } from './testing/terminal.ts';

it('--help and man know every command of ours', async () => {
	const t = testTerminal(memorySandbox());
	await t.run('export PAGER=cat MANPAGER=cat');
	for (const name of COMMANDS.keys()) {
		expect(await t.run(`${name} --help | head -5 > h; wc -c < h | tr -d ' '`), `${name} --help`).toMatch(/^\d{2,}\n$/);
		expect(await t.run(`man ${name} | head -3 > h; wc -c < h | tr -d ' '`), `man ${name}`).toMatch(/^\d{2,}\n$/);
	}
}, 60_000);

it('--help knows every utility', async () => {
	const t = testTerminal(memorySandbox());
	const silent = new Set(['echo', 'printf', 'true', 'false', 'pwd', 'expr', 'printenv']);
	for (const name of UTILITIES)
		if (!silent.has(name)) expect(await t.run(`${name} --help < /dev/null | head -5 > h; wc -c < h | tr -d ' '`), `${name} --help`).toMatch(/^\d{2,}\n$/);
}, 60_000);

it('what is not here says what to use', async () => {
	const t = testTerminal(memorySandbox());
	for (const name of ['docker', 'apt', 'python', 'systemctl', 'kubectx', 'crictl', 'helm', 'sudo', 'tmux'])
		expect(await t.run(`${name} x; echo $?`)).toBe(`bash: ${name}: command not found\n${suggestion(name)}\n127\n`);
	expect(await t.run('kubctl get pods')).toContain('Did you mean kubectl?');
	expect(await t.run("bash -c 'docker ps'")).toBe('bash: line 1: docker: command not found\n');
});
