/** less in a real terminal, on files and pipes. */
import { expect, test } from 'vitest';
import { memorySandbox } from '../testing/sandbox.ts';
import { testTerminal } from '../testing/terminal.ts';

const F = '/home/learner/f.txt';
const hundred = Array.from({ length: 100 }, (_, i) => `line ${i + 1}\n`).join('');

async function opened(line: string) {
	const t = testTerminal(memorySandbox({ [F]: hundred }), { columns: 40, rows: 10 });
	await t.until(/\$ $/);
	const screen = await t.press(`${line}\r`);
	return { t, screen: screen.split('\n').slice(-10) };
}
const last = (screen: string): string[] => screen.split('\n').slice(-10);

test('pages, lines, ends, search', async () => {
	const { t, screen } = await opened('less f.txt');
	expect(screen).toEqual([...Array.from({ length: 9 }, (_, i) => `line ${i + 1}`), 'f.txt']);
	expect(last(await t.press(' '))[0]).toBe('line 10');
	expect(last(await t.press('b'))[0]).toBe('line 1');
	expect(last(await t.press('G')).slice(8)).toEqual(['line 100', '(END)']);
	expect(last(await t.press('50g'))[0]).toBe('line 50');
	expect(last(await t.press('/7\r'))[0]).toBe('line 57');
	expect(last(await t.press('n'))[0]).toBe('line 67');
	expect(last(await t.press('N'))[0]).toBe('line 57');
	expect(last(await t.press('?line 2$\r'))[0]).toBe('line 2');
	expect(last(await t.press('-N'))[0]).toBe('      2 line 2');
	expect(last(await t.press('/nowhere\r'))[9]).toContain('Pattern not found');
	await t.press('q');
	expect(await t.screen()).toMatch(/less f\.txt\nlearner@workstation:~\$$/);
});

test('a pipe without an end is read as it comes, and left with q', async () => {
	const { t, screen } = await opened('yes | less');
	expect(screen.slice(0, 3)).toEqual(['y', 'y', 'y']);
	await t.press('q');
	await t.until(/\$ $/);
	expect(await t.run('seq 3 | less | wc -l')).toBe('3\n');
});

test('without a file, with a wrong one', async () => {
	const { t } = await opened('true');
	expect(await t.run('less')).toBe('Missing filename ("less --help" for help)\n');
	expect(await t.run('less nope; echo $?')).toBe('nope: No such file or directory\n1\n');
});
