/** The programs that tell about the machine and its network, and what is said of those that aren't here. */
import { expect, test } from 'vitest';
import { DEVICE_BYTES } from '../base-files.ts';
import { memorySandbox } from '../testing/sandbox.ts';
import { testTerminal } from '../testing/terminal.ts';

const shell = () => testTerminal(memorySandbox({}));

test('ps lists shells, jobs and the line under way', async () => {
	const t = shell();
	expect(await t.run('ps')).toMatch(/^ {4}PID TTY {10}TIME CMD\n +\d+ pts\/0 {4}00:00:00 bash\n +\d+ pts\/0 {4}00:00:00 ps\n$/);
	await t.run('sleep 50 &');
	const pid = /(\d+) +0\.0.* S +.*sleep 50/.exec(await t.run('ps aux'))?.[1];
	expect(await t.run('jobs -p')).toBe(`${pid}\n`);
});

test('top fills the screen until q', async () => {
	const t = shell();
	await t.until(/\$ $/);
	expect(await t.press('top\r')).toMatch(/Tasks: {3}2 total, {3}1 running/);
	await t.press('q');
	await t.until(/\$ $/);
	expect(t.commands.at(-1)).toEqual({ line: 'top', exitCode: 0 });
});

test('df, free, ip', async () => {
	const t = shell();
	await t.run('head -c 3000000 /dev/zero > big');
	expect(await t.run('df -h')).toMatch(/\/dev\/vda1 +48M +3M +4\dM +\d% \/\n$/);
	expect(await t.run('free -h')).toContain('4.0Gi');
	expect(await t.run('ip -br a')).toContain('172.18.0.1/16');
});

test('envsubst', async () => {
	const t = shell();
	await t.run('export NAME=web');
	expect(await t.run("echo 'a $NAME ${NAME}x $OTHER.' | envsubst")).toBe('a web webx .\n');
	expect(await t.run("echo '$NAME $HOME' | envsubst '$NAME'")).toBe('web $HOME\n');
});

test('manuals, and names that are not there', async () => {
	const t = shell();
	expect(await t.run('man nano | head -1')).toBe('Usage: nano [-l] [-v] [-T SIZE] [+LINE] [FILE]\n');
	expect(await t.run('man nosuch; echo $?')).toBe('No manual entry for nosuch\n16\n');
	expect(await t.run('kubeclt get pods')).toBe('bash: kubeclt: command not found\nDid you mean kubectl?\n');
	expect(await t.run('sudo ls')).toContain('You need no other user here');
	expect(await t.run('qqqqqq')).toBe('bash: qqqqqq: command not found\n');
	expect(await t.run('wget http://nope/; echo $?')).toBe('wget: unable to resolve host address ‘nope’\n4\n');
});

test('seq and devices without an end', async () => {
	const t = shell();
	expect(await t.run('seq 150001 | tail -1')).toBe('150001\n');
	expect(await t.run('seq 1000000000 | head -2')).toBe('1\n2\n');
	expect(await t.run('seq 1 0.5 2')).toBe('1.0\n1.5\n2.0\n');
	expect(await t.run('wc -c < /dev/zero')).toBe(`${DEVICE_BYTES}\n`);
	expect(await t.run('tr -dc a-z < /dev/urandom | head -c 8')).toMatch(/^[a-z]{8}$/);
});

test('what goes wrong in a trap is said', async () => {
	const t = shell();
	await t.run("trap 'echo bye; fi' EXIT");
	expect(await t.run('exit')).toContain("bash: syntax error near unexpected token `fi'");
	await t.run("trap 'nosuch' INT");
	t.type('sleep 60\r');
	await t.press('');
	await t.press('\x03');
	await t.until(/\^C\r?\nbash: nosuch: command not found/);
	expect(await t.run('trap -p INT')).toContain('nosuch');
});
