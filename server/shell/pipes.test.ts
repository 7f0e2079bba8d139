/** Bytes through pipes, files and redirections of the workstation, by random bytes. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { memorySandbox } from './testing/sandbox.ts';
import { testTerminal } from './testing/terminal.ts';

it.each([0, 1, 2])('keeps every byte (round %i)', async (round) => {
	const sandbox = memorySandbox();
	const bytes = randomBytes(3000 + round);
	await sandbox.files.change({ op: 'write', path: '/home/learner/x', content: bytes.toString('latin1'), binary: true });
	const t = testTerminal(sandbox);
	for (const line of [
		'cat x | base64 | base64 -d > y; cmp x y',
		'gzip -c x | zcat | cmp - x',
		'mkdir d; cp x d; tar -czf - d | tar -xzf - -C /tmp; cmp x /tmp/d/x',
		'cat x > z; cat < x >> z; cat x x | cmp - z',
		'xxd x | xxd -r | cmp - x; xxd -p x | xxd -r -p | cmp - x',
		'tee k < x | cmp - x; cmp k x',
		'cat x x | tail -c 4 | cmp - <(tail -c 4 x)',
		'while read -r n; do cmp $n x; done <<< x',
		'{ head -c 100 x; tail -c $(($(wc -c < x) - 100)) x; } | cmp - x',
	]) {
		expect(await t.run(`${line}; echo $?`)).toBe('0\n');
	}
	const sum = await t.run('sha256sum x; sha256sum < x; cat x | sha256sum');
	expect(new Set(sum.match(/^[0-9a-f]{64}/gm)).size).toBe(1);
	expect(await t.run('wc -c < x')).toBe(`${bytes.length}\n`);
});

it('shows and counts bytes as they are', async () => {
	const t = testTerminal(memorySandbox());
	expect(await t.run("printf '\\xff\\303\\274' | xxd")).toBe(`00000000: ffc3 bc${' '.repeat(34)}...\n`);
	expect(await t.run("printf '\\xc3\\xbc\\xff\\n'")).toBe('ü\ufffd\n');
	expect(await t.run('v=$(printf \'\\xff\'); printf %s "$v$v" | wc -c')).toBe('2\n');
	expect(await t.run('head -c 16 /dev/urandom | xxd | wc -l')).toBe('1\n');
	expect(await t.run("printf 'ab\\n' > g; printf 'abc' > h; cmp g h")).toBe('g h differ: byte 3, line 1\n');
});

it('leaves standard input to those who read it', async () => {
	const t = testTerminal(memorySandbox());
	expect(await t.run("printf 'a\\nb\\n' > list; echo 1 > a; echo 2 > b; while read f; do wc -l $f; tail -n 1 $f; done < list")).toBe('1 a\n1\n1 b\n2\n');
});
