import { describe, expect, test } from 'vitest';
import { busyboxImages } from '../busybox/image.ts';
import { TestWorld } from '../testing/world.ts';
import { type Member, readTar, writeTar } from './tar-format.ts';

function sh(script: string) {
	const world = new TestWorld();
	const c = world.run('box', busyboxImages[0], { argv: ['sh', '-c', script] });
	world.advance(100_000);
	return { stdout: c.stdout, stderr: c.stderr, code: c.exitCode };
}

const SETUP = 'mkdir -p /w/d/e && cd /w && echo one > d/a && printf "zwei ü\\n" > d/e/b && ln -s a d/l && mkdir out; ';

test('without a terminal, tty and stty say so', () => {
	expect(sh('tty; stty size')).toEqual({ stdout: 'not a tty\n', stderr: 'stty: standard input: Not a tty\n', code: 1 });
});

describe('tar', () => {
	test.each([
		['tar cf x.tar d && tar tf x.tar', 'd/\nd/a\nd/e/\nd/e/b\nd/l\n', '', 0],
		['tar -cf - d | tar -xmf - -C out && cat out/d/a out/d/e/b && readlink out/d/l', 'one\nzwei ü\na\n', '', 0],
		['tar czf x.tgz -C d . && tar -xzf x.tgz -C out --strip-components=1 && ls out', 'a\ne\nl\n', '', 0],
		['tar cvf x.tar d/a', 'd/a\n', '', 0],
		['tar cf x.tar d && tar xOf x.tar d/a', 'one\n', '', 0],
		['tar cf x.tar --exclude=e d && tar tf x.tar', 'd/\nd/a\nd/l\n', '', 0],
		['tar chf x.tar d && rm -r d && tar xf x.tar && cat d/l', 'one\n', '', 0],
		['tar cf x.tar /w/d/a && tar tf x.tar', 'w/d/a\n', "tar: removing leading '/' from member names\n", 0],
		['tar cf x.tar nope', '', 'tar: nope: No such file or directory\ntar: error exit delayed from previous errors\n', 1],
		['tar xf d/a', '', 'tar: short read\n', 1],
		['tar tf nope.tar', '', "tar: can't open 'nope.tar': No such file or directory\n", 1],
		['tar cf x.tar d && tar xf x.tar -C nope', '', "tar: can't change directory to 'nope': No such file or directory\n", 1],
		['tar cf x.tar d && tar xf x.tar none', '', 'tar: none: not found in archive\n', 1],
	])('%s', (script, stdout, stderr, code) => {
		expect(sh(SETUP + script)).toEqual({ stdout, stderr, code });
	});

	test('names longer than a header holds come back whole', () => {
		const member: Member = { name: `${'long/'.repeat(40)}é`, kind: 'file', mode: 0o640, uid: 1, gid: 2, mtime: 1000, content: 'ünï\n', user: 'u', group: 'g' };
		expect(readTar(writeTar([member]))).toEqual({ members: [member] });
	});

	test('an archive cut short says so', () => {
		const whole = writeTar([{ name: 'a', kind: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, content: 'x'.repeat(600) }]);
		expect(readTar(whole.slice(0, 700)).fault).toBe('short');
		expect(readTar('z'.repeat(600)).fault).toBe('magic');
	});
});
