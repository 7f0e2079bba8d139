import { expect, it } from 'vitest';
import { memorySandbox } from '../shell/testing/sandbox.ts';
import { testTerminal } from '../shell/testing/terminal.ts';

it('exec > file holds from one line to the next, until it is taken back', async () => {
	const t = testTerminal(memorySandbox());
	expect(await t.run('exec > /tmp/f')).toBe('');
	expect(await t.run('echo one')).toBe('');
	expect(await t.run('echo two >&2')).toBe('two\n');
	expect(await t.run('exec > /dev/tty')).toBe('');
	expect(await t.run('cat /tmp/f')).toBe('one\n');
	expect(await t.run('exec 3>&1 > /tmp/g')).toBe('');
	expect(await t.run('echo three')).toBe('');
	expect(await t.run('exec >&3 3>&-')).toBe('');
	expect(await t.run('cat /tmp/g')).toBe('three\n');
	t.handle.close();
});
