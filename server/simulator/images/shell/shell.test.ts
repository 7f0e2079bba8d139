import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { busyboxImages } from '../busybox/image.ts';
import type { Image } from '../program.ts';
import { TestWorld } from '../testing/world.ts';
import { shellProgram } from './program.ts';

const busybox = busyboxImages[0];

function sh(
	script: string,
	options: {
		readonly args?: readonly string[];
		readonly stdin?: string;
		readonly image?: Image;
		readonly files?: { readonly [path: string]: string };
		readonly ms?: number;
	} = {},
) {
	const world = new TestWorld();
	const c = world.run('box', options.image ?? busybox, {
		argv: ['sh', '-c', script, ...(options.args ?? [])],
		...(options.stdin === undefined ? {} : { stdin: options.stdin }),
		...(options.files === undefined ? {} : { files: options.files }),
	});
	world.advance(options.ms ?? 100_000);
	return { stdout: c.stdout, stderr: c.stderr, output: c.output, code: c.exitCode, c, world };
}

describe('the language', () => {
	test.each([
		['echo hello   world', 'hello world\n'],
		['x=5; echo "$x ${x}a ${y:-none} ${#x} $((x*2+1))"', '5 5a none 1 11\n'],
		['for i in 1 2 3; do echo -n "$i "; done; echo', '1 2 3 \n'],
		['i=0; while [ $i -lt 3 ]; do i=$((i+1)); if [ $i = 2 ]; then continue; fi; echo $i; done', '1\n3\n'],
		['until false; do echo once; break; done', 'once\n'],
		['case abc in a*) echo A;; *) echo other;; esac', 'A\n'],
		['f() { local a=$1; echo "f $a $#"; return 3; }; f x y; echo $?', 'f x 2\n3\n'],
		['echo a b c | wc -w', '3\n'],
		['printf "%s-%03d\\n" a 7 b 8', 'a-007\nb-008\n'],
		['cat <<EOF\nhi $((1+1))\nEOF', 'hi 2\n'],
		["cat <<'EOF'\nhi $x\nEOF", 'hi $x\n'],
		['x=$(echo a; echo b); echo "$x" | tail -n 1', 'b\n'],
		['p=/usr/lib/file.tar.gz; echo ${p##*/} ${p%.gz} ${p%%.*} ${p#/usr}', 'file.tar.gz /usr/lib/file.tar /usr/lib/file /lib/file.tar.gz\n'],
		['(cd /tmp; pwd); pwd', '/tmp\n/\n'],
		['false || echo or; true && echo and; ! true; echo $?', 'or\nand\n1\n'],
		['set -- a "b c"; for x in "$@"; do echo "[$x]"; done; echo $#', '[a]\n[b c]\n2\n'],
		['echo one > /tmp/f; echo two >> /tmp/f; cat < /tmp/f; ls /tmp', 'one\ntwo\nf\n'],
		['touch /tmp/a.txt /tmp/b.txt; cd /tmp; echo *.txt *.none', 'a.txt b.txt *.none\n'],
		['while read a b; do echo "$b-$a"; done <<EOF\n1 2\n3 4 5\nEOF', '2-1\n4 5-3\n'],
		['printf "a\\nb\\n" | while read l; do echo "<$l>"; done', '<a>\n<b>\n'],
		['trap "echo bye" EXIT; echo hi; exit 0', 'hi\nbye\n'],
		['set -e; false || true; echo still; false; echo never', 'still\n'],
		['eval "a=1; echo \\$a"', '1\n'],
		['echo $(( (3 > 2) ? 10 : 20 )) $((7 % 4)) $((2 << 3))', '10 3 16\n'],
		['{ echo out; echo err >&2; } 2>/dev/null', 'out\n'],
		['ls /nope 2>&1 | cat', 'ls: /nope: No such file or directory\n'],
		['sleep 1 & wait $!; echo "done $?"', 'done 0\n'],
		['[ -f /etc/passwd ] && [ ! -d /etc/passwd ] && echo file', 'file\n'],
		['s=$(date +%s); n=3; echo $(( $(date +%s) - s + ${n:-0} ))', '3\n'],
		['IFS=,; for x in $(echo a,b,c); do echo $x; done', 'a\nb\nc\n'],
		['echo "${x:-$(echo sub)}" \'single $x\' "a\\"b"', 'sub single $x a"b\n'],
		['x=1; (x=2; echo $x); echo $x', '2\n1\n'],
		['a=5 env | grep ^a=; echo "[$a]"', 'a=5\n[]\n'],
		['echo abc | sed "s/b/[&]/" | tr a-z A-Z | cut -c1-4', 'A[B]\n'],
		["printf '3 x\\n1 y\\n2 z\\n' | sort -n | awk '{s+=$1; print $2} END {print s}'", 'y\nz\nx\n6\n'],
		['seq 1 3 | xargs -n 1 echo n', 'n 1\nn 2\nn 3\n'],
		['exec echo replaced; echo never', 'replaced\n'],
		['. /tmp/lib.sh; greet', 'hello from lib\n'],
		['/tmp/run.sh a b', 'run a b\n'],
	])('%j', (script, expected) => {
		const files = { '/tmp/lib.sh': 'greet() { echo "hello from lib"; }\n', '/tmp/run.sh': '#!/bin/sh\necho run "$@"\n' };
		const world = new TestWorld();
		const c = world.run('box', busybox, {
			argv: ['sh', '-c', 'sleep 1000'],
			files: script.includes('/tmp/lib.sh') || script.includes('/tmp/run.sh') ? files : {},
		});
		if (script.includes('run.sh')) c.files.put('/tmp/run.sh', 'file', files['/tmp/run.sh'], 0o755);
		expect(c.exec(['sh', '-c', script])).toMatchObject({ stdout: expected });
	});

	test.each([
		['foo', 127, 'sh: foo: not found\n'],
		['cat /nope', 1, "cat: can't open '/nope': No such file or directory\n"],
		['echo ${x:?must be set}', 2, 'sh: x: must be set\n'],
		['set -u; echo $nope', 2, 'sh: nope: parameter not set\n'],
		['echo hi > /no/such/file', 1, "sh: can't create /no/such/file: nonexistent directory\n"],
		['if true; then echo', 2, 'sh: syntax error: unexpected end of file (expecting "fi")\n'],
		['[ a -gt 1 ]', 2, 'sh: a: bad number\n'],
		['exit 42', 42, ''],
		['set -o pipefail; false | true', 1, ''],
		['kill -9 $$ 2>/dev/null; exit 3', 3, ''],
	])('%j fails with %i', (script, code, stderr) => {
		expect(sh(script)).toMatchObject({ code, stderr });
	});
});

describe('time and signals', () => {
	test('a loop with sleep goes on in virtual time', () => {
		const world = new TestWorld();
		const c = world.run('box', busybox, { argv: ['sh', '-c', 'while true; do date +%s; sleep 5; done'] });
		world.advance(12_000);
		const stamps = c.stdout.trim().split('\n').map(Number);
		expect(stamps.map((s) => s - (stamps[0] ?? 0))).toEqual([0, 5, 10]);
	});

	test('a trap runs once the command in the foreground has ended', () => {
		const world = new TestWorld();
		const c = world.run('box', busybox, { argv: ['sh', '-c', 'trap "echo caught; exit 7" TERM; while true; do sleep 5; done'] });
		world.advance(7_000);
		c.signal('SIGTERM');
		world.advance(1_000);
		expect(c.exitCode).toBeUndefined();
		world.advance(3_000);
		expect(c.stdout).toBe('caught\n');
		expect(c.exitCode).toBe(7);
	});

	test('the first process ignores SIGTERM without a trap; wait comes back at once with one', () => {
		const world = new TestWorld();
		const plain = world.run('plain', busybox, { argv: ['sh', '-c', 'sleep 100; echo end'] });
		plain.signal('SIGTERM');
		world.advance(10);
		expect(plain.exitCode).toBeUndefined();
		const waiting = world.run('waiting', busybox, { argv: ['sh', '-c', 'trap "kill $!; exit 0" TERM; sleep 1000 & wait'] });
		world.advance(100);
		waiting.signal('SIGTERM');
		world.advance(10);
		expect(waiting.exitCode).toBe(0);
	});

	test('an endless loop gives way', () => {
		const world = new TestWorld();
		const c = world.run('box', busybox, { argv: ['sh', '-c', 'while true; do :; done'] });
		world.advance(60_000);
		expect(c.exitCode).toBeUndefined();
		expect(c.cpu.milli).toBe(1000);
	});

	test('background jobs are processes', () => {
		const r = sh('(sleep 2; echo child > /tmp/c) & echo parent; wait; cat /tmp/c');
		expect(r.stdout).toBe('parent\nchild\n');
	});
});

test('an interactive shell prompts and reads line by line', () => {
	const world = new TestWorld();
	const c = world.run('box', busybox, { argv: ['sh'], tty: true, stdin: 'x=1\nfor i in a b\ndo echo $i$x\ndone\nnope\nexit 3\n' });
	world.advance(1_000);
	expect(c.output).toBe('/ # / # > > a1\nb1\n/ # sh: nope: not found\n/ # ');
	expect(c.exitCode).toBe(3);
});

test('a script may be cut into the smallest steps and put through JSON after each without changing what it does', () => {
	const line = fc.constantFrom(
		'x=$((x+1))',
		'echo "x is $x $(echo nested $(echo deeper))"',
		'for i in 1 2; do echo $i; y="$y$i"; done',
		'f() { local x=9; echo "in $x $1"; return 2; }; f a; echo "st $?"',
		'(x=50; echo sub $x)',
		'echo $x | tr 0-9 a-j | while read l; do echo "got $l"; done',
		'sleep 1',
		'false || echo or',
		'if [ $x -gt 2 ]; then echo big; else echo small; fi',
		'sleep 2 & wait $!',
		'z=${y:-none}; echo ${z#1}',
		'echo line >> /tmp/log; cat /tmp/log | wc -l',
		'case $x in 1) echo one;; *) echo many;; esac',
		'cat <<E\nhere $x\nE',
		'while [ ${n:-0} -lt 3 ]; do n=$((${n:-0}+1)); [ $n = 2 ] && continue; echo n$n; done',
		'trap "echo exit $x" EXIT',
	);
	const small = {
		...(busybox as Image),
		programs: { ...busybox?.programs, '/bin/sh': shellProgram({ flavour: 'ash', path: '/bin/sh', utilities: {}, slice: 1 }) },
	};
	fc.assert(
		fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
			const script = `x=0\n${lines.join('\n')}\n`;
			const whole = new TestWorld();
			whole.roundTrip = false;
			const a = whole.run('box', busybox, { argv: ['sh', '-c', script] });
			whole.advance(1_000_000);
			const b = sh(script, { image: small, ms: 1_000_000_000 });
			expect(b.output).toBe(a.output);
			expect(b.code).toBe(a.exitCode);
		}),
		{ numRuns: 60 },
	);
});
