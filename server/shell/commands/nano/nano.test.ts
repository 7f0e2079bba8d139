/** nano in a real terminal. */
import { expect, test } from 'vitest';
import { LIMITS } from '../../../limits.ts';
import { memorySandbox } from '../../testing/sandbox.ts';
import { testTerminal } from '../../testing/terminal.ts';

const F = '/home/learner/f.txt';

async function opened(line: string, text?: string) {
	const sandbox = memorySandbox(text === undefined ? {} : { [F]: text });
	const t = testTerminal(sandbox, { columns: 80, rows: 12 });
	await t.until(/\$ $/);
	const screen = await t.press(`${line}\r`);
	return { t, sandbox, screen: screen.split('\n').slice(-12) };
}

test('title, text, keys; typed text is saved on the way out', async () => {
	const { t, sandbox, screen } = await opened('nano f.txt', 'one\ntwo\n');
	expect(screen[0]).toMatch(/^ {2}GNU nano \S+ +f\.txt *$/);
	expect(screen[1]).toBe('one');
	expect(screen[9]?.trim()).toBe('[ Read 2 lines ]');
	expect(screen[11]).toMatch(/^\^X Exit/);
	expect((await t.press('new \r')).split('\n').slice(-12)[0]).toMatch(/Modified *$/);
	expect((await t.press('\x18')).split('\n').slice(-12)[9]?.trimEnd()).toBe('Save modified buffer?');
	expect((await t.press('y')).split('\n').slice(-12)[9]?.trimEnd()).toBe('File Name to Write: f.txt');
	await t.press('\r');
	await t.until(/\$ $/);
	expect(await sandbox.files.read(F)).toBe('new \none\ntwo\n');
});

test('cut, paste, undo, search, replace', async () => {
	const { t, sandbox } = await opened('nano f.txt', 'one\ntwo\nthree\n');
	await t.press('\x0b\x0b\x15\x15\x13');
	expect(await sandbox.files.read(F)).toBe('one\ntwo\none\ntwo\nthree\n');
	await t.press('\x1bu\x13');
	expect(await sandbox.files.read(F)).toBe('one\ntwo\nthree\n');
	await t.press('\x1b\\\x17thr\rX\x13');
	expect(await sandbox.files.read(F)).toBe('one\ntwo\nXthree\n');
	await t.press('\x1ct\rT\r\x13');
	expect(await sandbox.files.read(F)).toBe('one\nTwo\nXThree\n');
	await t.press('x\x18n');
	await t.until(/\$ $/);
	expect(await sandbox.files.read(F)).toBe('one\nTwo\nXThree\n');
});

test('too long a file is refused', async () => {
	const { t } = await opened('true', 'x'.repeat(LIMITS.editorBytes + 1));
	expect(await t.run('nano f.txt; echo $?')).toMatch(new RegExp(`more than the ${LIMITS.editorBytes}[^\\n]+\\n1\\n$`));
});
