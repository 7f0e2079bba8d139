/** vi through a real terminal: keys in, a screen and files out. What is expected is what Vim 9 does with the same keys. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../limits.ts';
import { memorySandbox } from '../../testing/sandbox.ts';
import { testTerminal } from '../../testing/terminal.ts';

const ESC = '\x1b';
const F = '/home/learner/f.txt';

/** The file after these keys and `:wq`. */
async function edited(text: string, keys: string): Promise<string> {
	const sandbox = memorySandbox({ [F]: text });
	const t = testTerminal(sandbox, { columns: 60, rows: 12 });
	await t.until(/\$ $/);
	await t.press('vi f.txt\r');
	await t.press(keys);
	await t.press(`${ESC}:wq\r`);
	await t.until(/\$ $/);
	return (await sandbox.files.read(F)) ?? '';
}

describe('keys, as Vim takes them', () => {
	const three = 'one two three\nfour (five) six\nseven\n';
	test.each<[name: string, keys: string, after: string]>([
		['x with a count', '3x', ' two three\nfour (five) six\nseven\n'],
		['dw', 'dw', 'two three\nfour (five) six\nseven\n'],
		['d2w', 'd2w', 'three\nfour (five) six\nseven\n'],
		['dw on the last word leaves the line', '$bdw', 'one two \nfour (five) six\nseven\n'],
		['cw as ce', 'cwuno', 'uno two three\nfour (five) six\nseven\n'],
		['d$ and D', 'wD', 'one \nfour (five) six\nseven\n'],
		['dd p', 'ddp', 'four (five) six\none two three\nseven\n'],
		['yyP with a count', 'yy2P', 'one two three\none two three\none two three\nfour (five) six\nseven\n'],
		['2dd u Ctrl-R', '2ddu\x12', 'seven\n'],
		['u brings all of an insertion back', `oa${ESC}ob${ESC}u`, 'one two three\na\nfour (five) six\nseven\n'],
		['ci(', 'jf(ci(5', 'one two three\nfour (5) six\nseven\n'],
		['da( from within', 'jfvda(', 'one two three\nfour  six\nseven\n'],
		['diw', 'wdiw', 'one  three\nfour (five) six\nseven\n'],
		['daw', 'wdaw', 'one three\nfour (five) six\nseven\n'],
		['%', 'jf(d%', 'one two three\nfour  six\nseven\n'],
		['f ; ,', 'fe;x', 'one two thre\nfour (five) six\nseven\n'],
		['t with an operator', 'dtt', 'two three\nfour (five) six\nseven\n'],
		['J', 'J', 'one two three four (five) six\nseven\n'],
		['r and ~', 'rX3l~', 'Xne two three\nfour (five) six\nseven\n'],
		['~ moves on', '~~', 'ONe two three\nfour (five) six\nseven\n'],
		['. repeats a change', 'dwj0.', 'two three\n(five) six\nseven\n'],
		['. repeats an insertion', `A!${ESC}j.`, 'one two three!\nfour (five) six!\nseven\n'],
		['. with a count of its own', 'x3.', 'two three\nfour (five) six\nseven\n'],
		['an insertion with a count', `3iab${ESC}`, 'abababone two three\nfour (five) six\nseven\n'],
		['I and a', `wIA ${ESC}`, 'A one two three\nfour (five) six\nseven\n'],
		['O', `jOnew${ESC}`, 'one two three\nnew\nfour (five) six\nseven\n'],
		['s and S', `s1${ESC}jSx${ESC}`, '1ne two three\nx\nseven\n'],
		['C', `wCx${ESC}`, 'one x\nfour (five) six\nseven\n'],
		['dG and dgg', 'jdG', 'one two three\n'],
		['d}', 'd}', '\n'],
		['dj', 'dj', 'seven\n'],
		['v with a motion and d', 'wvld', 'one o three\nfour (five) six\nseven\n'],
		['V and >', ':set sw=2 et\rVj>', '  one two three\n  four (five) six\nseven\n'],
		['v y P', 'viwyP', 'oneone two three\nfour (five) six\nseven\n'],
		['v and . after it', 'vlxj0.', 'e two three\nur (five) six\nseven\n'],
		['>> and <<', ':set sw=4 et\r>>>>j>>k<<', '    one two three\n    four (five) six\nseven\n'],
		['named registers', '"add"bdd"ap"bp', 'seven\none two three\nfour (five) six\n'],
		['a macro', 'qaA!\x1bjq@a', 'one two three!\nfour (five) six!\nseven\n'],
		['/ and n', '/e\rnrX', 'one two thrXe\nfour (five) six\nseven\n'],
		['d/', 'd/three\r', 'three\nfour (five) six\nseven\n'],
		['*', 'yyp0*x', 'one two three\none two three\nfour (five) six\nseven\n'.replace('one', 'ne')],
		['gU and gu', 'gUiwwgUU', 'ONE TWO THREE\nfour (five) six\nseven\n'],
		['Ctrl-A', 'jciw9\x1b\x015\x01', 'one two three\n15 (five) six\nseven\n'],
		['arrows while inserting', 'ia\x1b[Cb', 'aobne two three\nfour (five) six\nseven\n'],
		['Ctrl-W and Ctrl-U', 'Afoo bar\x17\x17x', 'one two threex\nfour (five) six\nseven\n'.replace('threex', 'x')],
		['marks', "majd'a", 'seven\n'],
		['R', `R12${ESC}`, '12e two three\nfour (five) six\nseven\n'],
		['a paste does not indent', ':set ai\rA\x1b[200~\n  a\n  b\x1b[201~', 'one two three\n  a\n  b\nfour (five) six\nseven\n'],
	])('%s', async (_name, keys, after) => {
		expect(await edited(three, keys)).toBe(after);
	});
});

describe('Ex commands', () => {
	const lines = 'a: 1\nb: 2\na: 3\nc: a a\n';
	test.each<[command: string, after: string]>([
		['s/1/one/', 'a: one\nb: 2\na: 3\nc: a a\n'],
		['%s/a/X/', 'X: 1\nb: 2\nX: 3\nc: X a\n'],
		['%s/a/X/g', 'X: 1\nb: 2\nX: 3\nc: X X\n'],
		['2,3s#: #=#', 'a: 1\nb=2\na=3\nc: a a\n'],
		['%s/\\(\\w\\): \\(\\d\\)/\\2-\\1 &/', '1-a a: 1\n2-b b: 2\n3-a a: 3\nc: a a\n'],
		['%s/\\v(\\w): (\\d)/\\2=\\1/', '1=a\n2=b\n3=a\nc: a a\n'],
		['s/: /\\r/', 'a\n1\nb: 2\na: 3\nc: a a\n'],
		['2d', 'a: 1\na: 3\nc: a a\n'],
		['2,$d', 'a: 1\n'],
		['%d', ''],
		['g/a: /d', 'b: 2\nc: a a\n'.replace('c: a a\n', 'c: a a\n')],
		['v/a/d', 'a: 1\na: 3\nc: a a\n'],
		['1m$', 'b: 2\na: 3\nc: a a\na: 1\n'],
		['1t.', 'a: 1\na: 1\nb: 2\na: 3\nc: a a\n'],
		['g/a/s/$/;/', 'a: 1;\nb: 2\na: 3;\nc: a a;\n'],
		['/c/s/a/Z/g', 'a: 1\nb: 2\na: 3\nc: Z Z\n'],
		['%norm A!', 'a: 1!\nb: 2!\na: 3!\nc: a a!\n'],
		['1,2join', 'a: 1 b: 2\na: 3\nc: a a\n'],
	])(':%s', async (command, after) => {
		expect(await edited(lines, `:${command}\r`)).toBe(after);
	});
});

async function opened(line: string, files: { readonly [path: string]: string } = {}) {
	const sandbox = memorySandbox(files);
	const t = testTerminal(sandbox, { columns: 60, rows: 12 });
	await t.until(/\$ $/);
	const screen = await t.press(`${line}\r`);
	return { t, sandbox, screen };
}

const row = (screen: string, n: number): string => screen.split('\n').slice(-12)[n] ?? '';

describe('the screen', () => {
	test('tildes, file, ruler, modes and messages', async () => {
		const { t, screen } = await opened('vi f.txt', { [F]: 'one\ntwo\n' });
		expect(screen.split('\n').slice(-12)).toEqual(['one', 'two', ...Array(8).fill('~'), `${'f.txt'.padEnd(42)}1,1            All`, '"f.txt" 2L, 8B']);
		expect(t.cursor()).toEqual({ row: 0, column: 0 });
		expect(row(await t.press('jA'), 11)).toBe('-- INSERT --');
		const typed = await t.press('!');
		expect(row(typed, 10)).toMatch(/^f\.txt \[\+\] +2,5 +All$/);
		expect(t.cursor()).toEqual({ row: 1, column: 4 });
		expect(row(await t.press(`${ESC}:w\r`), 11)).toBe('"f.txt" 2L, 9B written');
		expect(row(await t.press(':set nu\r'), 0)).toBe('  1 one');
		expect(row(await t.press('/nowhere\r'), 11)).toBe('E486: Pattern not found: nowhere');
		expect(row(await t.press('V'), 11)).toBe('-- VISUAL LINE --');
	});

	test('what was there before comes back', async () => {
		const { t } = await opened('echo before; vi f.txt', { [F]: 'text\n' });
		await t.press(':q\r');
		expect(await t.screen()).toMatch(/\nbefore\nlearner@workstation:~\$$/);
		expect(t.commands.at(-1)?.exitCode).toBe(0);
	});

	test('follows a resize', async () => {
		const { t } = await opened('vi f.txt', { [F]: Array.from({ length: 100 }, (_, i) => `line ${i + 1}\n`).join('') });
		await t.press('G');
		t.resize(40, 6);
		const small = (await t.press('')).split('\n').slice(-6);
		expect(small.slice(0, 4)).toEqual(['line 97', 'line 98', 'line 99', 'line 100']);
		expect((await t.press('gg')).split('\n').slice(-6)[0]).toBe('line 1');
	});

	test('long lines wrap, and wide characters take two columns', async () => {
		const { t, screen } = await opened('vi f.txt', { [F]: `${'x'.repeat(70)}\n日本\tx\n` });
		expect(screen.split('\n').slice(-12).slice(0, 3)).toEqual(['x'.repeat(60), 'x'.repeat(10), '日本    x']);
		await t.press('j$');
		expect(t.cursor()).toEqual({ row: 2, column: 8 });
	});
});

describe('files', () => {
	test('refuses to leave what is not written', async () => {
		const { t, sandbox } = await opened('vi f.txt', { [F]: 'one\n' });
		expect(row(await t.press('x:q\r'), 11)).toBe('E37: No write since last change (add ! to override)');
		await t.press(':q!\r');
		await t.until(/\$ $/);
		expect(await sandbox.files.read(F)).toBe('one\n');
	});

	test('new files, other names, existing names, read-only', async () => {
		const { t, sandbox, screen } = await opened('vi new.txt', { [F]: 'one\n' });
		expect(row(screen, 11)).toBe('"new.txt" [New]');
		expect(row(await t.press(`ihi${ESC}:w\r`), 11)).toBe('"new.txt" [New] 1L, 3B written');
		expect(row(await t.press(':w f.txt\r'), 11)).toBe('E13: File exists (add ! to override)');
		expect(row(await t.press(':r f.txt\r'), 11)).toBe('"f.txt" 1L, 4B');
		expect(row(await t.press(':e f.txt\r'), 11)).toBe('E37: No write since last change (add ! to override)');
		expect(row(await t.press(':foo\r'), 11)).toBe('E492: Not an editor command: foo');
		await t.press(':wq\r');
		expect(await sandbox.files.read('/home/learner/new.txt')).toBe('hi\none\n');
		await t.press('view f.txt\r');
		expect(row(await t.press('x:w\r'), 11)).toBe("E45: 'readonly' option is set (add ! to override)");
	});

	test('~/.vimrc and what is usual for YAML', async () => {
		const { t, sandbox } = await opened('vi p.yaml', { '/home/learner/.vimrc': '" mine\nset nu\n' });
		expect(row(await t.press(`ia:\r\tb: 1\rc: 2${ESC}`), 2)).toBe('  3   c: 2');
		await t.press(':x\r');
		expect(await sandbox.files.read('/home/learner/p.yaml')).toBe('a:\n  b: 1\n  c: 2\n');
	});

	test('a file over the limit is refused with what to do', async () => {
		const { screen } = await opened('vi f.txt', { [F]: 'x'.repeat(LIMITS.editorBytes + 1) });
		expect(screen).toContain(`more than the ${LIMITS.editorBytes}`);
	});

	test('what is not written outlives the terminal, in a swap file', async () => {
		const { t, sandbox } = await opened('vi f.txt', { [F]: 'one\n' });
		await t.press('Aunsaved');
		t.handle.close();
		await t.press('');
		const again = testTerminal(sandbox, { columns: 60, rows: 12 });
		await again.until(/\$ $/);
		expect(row(await again.press('vi f.txt\r'), 11)).toContain('E325: ATTENTION');
		await again.press(':q\r');
		expect(row(await again.press('vi -r f.txt\r'), 0)).toBe('oneunsaved');
		await again.press(':wq\r');
		await again.until(/\$ $/);
		expect(await sandbox.files.read(F)).toBe('oneunsaved\n');
		expect(await sandbox.files.entry('/home/learner/.f.txt.swp')).toBeUndefined();
	});

	test('without a terminal it says so', async () => {
		const { t } = await opened('true');
		expect(await t.run('vi f.txt | cat')).toBe('Vim: Warning: Output is not to a terminal\n');
	});
});
