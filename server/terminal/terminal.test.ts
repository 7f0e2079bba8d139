import { describe, expect, it } from 'vitest';
import { memorySandbox } from '../shell/testing/sandbox.ts';
import { testTerminal } from '../shell/testing/terminal.ts';

const shell = () => testTerminal(memorySandbox({ '/home/learner/a.txt': 'one\ntwo\nthree\n' }));

describe('a terminal', () => {
	it('keeps folder, variables, functions, arrays, options and aliases from line to line', async () => {
		const t = shell();
		await t.run('mkdir -p work/deep && cd work/deep');
		expect(await t.run('pwd')).toBe('/home/learner/work/deep\n');
		await t.run('x=5; export Y=why; f() { echo "f got $1 and $x"; }; a=(one "two three")');
		expect(await t.run('f me; echo "${a[1]} ${#a[@]} $Y"')).toBe('f got me and 5\ntwo three 2\nwhy\n'.replace('\nwhy', ' why'));
		await t.run("alias hi='echo hello'");
		expect(await t.run('hi there')).toBe('hello there\n');
		await t.run('set -o pipefail');
		expect(await t.run('false | true; echo $?')).toBe('1\n');
	});

	it('runs here-documents over continuation lines', async () => {
		const t = shell();
		await t.until(/\$ $/);
		t.type('cat <<EOF > b.txt\rname: $USER\r  indented\rEOF\r');
		await t.until(/> EOF\r?\n/);
		expect(await t.run('cat b.txt')).toBe('name: learner\n  indented\n');
	});

	it('pipes, loops, conditions and substitutions', async () => {
		const t = shell();
		expect(await t.run('for i in 1 2 3; do echo "n$i"; done | grep -v n2 | tr a-z A-Z')).toBe('N1\nN3\n');
		expect(await t.run('n=0; while [ $n -lt 3 ]; do n=$((n+1)); done; echo $n')).toBe('3\n');
		expect(await t.run('if [[ $(wc -l < a.txt) -eq 3 && a.txt == *.txt ]]; then echo yes; else echo no; fi')).toBe('yes\n');
		expect(await t.run('echo "$(cat a.txt | head -n 1)" `echo two`')).toBe('one two\n');
		expect(await t.run('case foo.yaml in *.yml|*.yaml) echo yaml;; *) echo other;; esac')).toBe('yaml\n');
		expect(await t.run('while read -r l; do echo "[$l]"; done < a.txt')).toBe('[one]\n[two]\n[three]\n');
		expect(await t.run('echo {a,b}{1..3}; echo *.txt; echo "*.txt"')).toBe('a1 a2 a3 b1 b2 b3\na.txt\n*.txt\n');
		expect(await t.run('v=path/to/file.tar.gz; echo ${v##*/} ${v%%.*} ${v/to/from} ${v:5:2} ${#v} ${none:-default}')).toBe(
			'file.tar.gz path/to/file path/from/file.tar.gz to 19 default\n',
		);
	});

	it('lists files in columns on a terminal, one a line elsewhere, several operands as ls does', async () => {
		const t = shell();
		await t.run('mkdir d; touch b.txt c.txt d/inner');
		expect(await t.run('ls')).toBe('a.txt  b.txt  c.txt  d\n');
		expect(await t.run('ls | cat')).toBe('a.txt\nb.txt\nc.txt\nd\n');
		expect(await t.run('ls *.txt | wc -l')).toMatch(/^\s*3\n$/);
		expect(await t.run('ls d b.txt')).toBe('b.txt\n\nd:\ninner\n');
		expect(await t.run('ls -d d b.txt')).toBe('b.txt  d\n');
		expect(await t.run('ls nosuch; echo $?')).toContain('2\n');
	});

	it('redirects output, errors and input', async () => {
		const t = shell();
		await t.run('echo out > o.txt; ls nosuch 2> e.txt; { echo a; echo b >&2; } > both.txt 2>&1; echo more >> o.txt');
		expect(await t.run('cat o.txt both.txt')).toBe('out\nmore\na\nb\n');
		expect(await t.run('cat e.txt')).toContain('No such file or directory');
		expect(await t.run('echo x > nosuch/file; echo $?')).toBe('bash: nosuch/file: No such file or directory\n1\n');
	});

	it('says what bash says of faults', async () => {
		const t = shell();
		expect(await t.run('nosuchcommand; echo $?')).toBe('bash: nosuchcommand: command not found\n127\n');
		expect(await t.run('docker ps')).toContain('no Docker engine');
		expect(await t.run('cd nosuch')).toBe('bash: cd: nosuch: No such file or directory\n');
		expect(await t.run('echo )')).toContain('syntax error near unexpected token');
		expect(await t.run('echo $((1/0))')).toContain('division by 0');
	});

	it('ends a busy loop on Ctrl-C and goes on', async () => {
		const t = shell();
		await t.until(/\$ $/);
		t.type('while true; do :; done\r');
		await new Promise((r) => setTimeout(r, 100));
		t.type('\x03');
		await t.until(/\^C\r?\n.*\$ $/);
		expect(await t.run('echo $?')).toBe('130\n');
		expect(t.commands[0]).toEqual({ line: 'while true; do :; done', exitCode: 130 });
	});

	it('runs jobs in the background', async () => {
		const t = shell();
		expect(await t.run('sleep 30 &')).toMatch(/^\[1\] \d+\n$/);
		expect(await t.run('jobs')).toBe('[1]+  Running                 sleep 30 &\n');
		expect(await t.run('kill %1; wait; jobs')).toContain('Terminated');
	});

	it('holds a fork bomb at the process limit', async () => {
		const t = shell();
		await t.until(/\$ $/);
		t.type(':(){ :|:& };:\r');
		await t.until(/Resource temporarily unavailable|\$ $/);
		t.type('\x03');
		expect(await t.run('echo alive')).toContain('alive\n');
	});

	it('stops `yes` at the reader that has enough', async () => {
		const t = shell();
		expect(await t.run('yes | head -n 2')).toBe('y\ny\n');
	});

	it('comes back with folder, variables and history', async () => {
		const sandbox = memorySandbox();
		const t = testTerminal(sandbox);
		await t.run('mkdir d; cd d; v=kept; g() { echo from g; }');
		await t.run('echo last');
		const again = testTerminal(sandbox, { state: JSON.parse(JSON.stringify(t.state)) });
		expect(await again.run('pwd; echo $v; g')).toBe('/home/learner/d\nkept\nfrom g\n');
		await again.until(/\$ $/);
		again.type('\x1b[A\x1b[A\r');
		await again.until(/last\r?\nlast|echo last\r?\nlast/);
	});

	it('runs scripts as children, with traps and set -e', async () => {
		const t = shell();
		await t.run('printf \'#!/bin/bash\\nset -e\\ntrap "echo cleanup" EXIT\\necho "args: $# $1"\\nfalse\\necho never\\n\' > s.sh; chmod +x s.sh');
		expect(await t.run('./s.sh "a b"; echo $?')).toBe('args: 1 a b\ncleanup\n1\n');
	});

	it('reads from the keyboard and completes names', async () => {
		const t = shell();
		await t.until(/\$ $/);
		t.type('read -p "name? " n\r');
		await t.until(/name\? $/);
		t.type('Ada\r');
		expect(await t.run('echo "hello $n"')).toContain('hello Ada\n');
		t.type('cat a.t\t');
		await t.until(/cat a\.txt $/);
		t.type('\r');
		await t.until(/one\r?\ntwo/);
	});

	it('finds lines of the history with Ctrl-R', async () => {
		const t = shell();
		await t.run('echo first one');
		await t.run('echo second one');
		await t.run('pwd');
		t.type('\x12');
		t.type('one');
		await t.until(/\(reverse-i-search\)`one': echo second one/);
		t.type('\x12');
		await t.until(/\(reverse-i-search\)`one': echo first one/);
		t.type('\x12');
		await t.until(/\(failed reverse-i-search\)`one': echo first one/);
		t.type('\r');
		await t.until(/\$ echo first one\r\nfirst one/);
		await t.until(/first one\r\n[^\n]*\$ $/);
		t.type('echo x');
		await t.until(/echo x$/);
		t.type('\x12');
		t.type('pw');
		await t.until(/`pw': pwd/);
		t.type('\x07');
		t.type('y\r');
		await t.until(/\nxy\r\n/);
	});

	it('takes what is pasted as text: tabs stay, and a line without an end is not run', async () => {
		const t = shell();
		await t.until(/\$ $/);
		t.type("\x1b[200~cat > c.txt <<'E'\r\ta.t\tb\rE\recho not\x1b[20");
		t.type('1~');
		await t.until(/\r\n> echo not$/);
		t.type('\x03');
		expect(await t.run('ls c.txt')).toContain('No such file');
		t.type("\x1b[200~cat > c.txt <<'E'\r\ta.t\tb\rE\recho now\x1b[201~");
		await t.until(/\r\n> echo now$/);
		t.type('\r');
		await t.until(/now\r\nnow\r\n/);
		expect(await t.run('cat c.txt | od -c | head -1')).toContain('\\t   a   .   t  \\t   b');
	});

	it('echoes what is typed while a command runs, and runs it after', async () => {
		const t = shell();
		await t.until(/\$ $/);
		t.type('sleep 1; echo done\r');
		await t.until(/echo done\r\n/);
		await new Promise((r) => setTimeout(r, 100));
		t.type('echo ahead\r');
		await t.until(/\$ echo ahead\r\nahead/);
		expect(t.raw().match(/echo ahead/g)).toHaveLength(2);
		const before = t.raw().length;
		t.handle.resize(60, 20);
		t.type('sleep 1; read -r x; echo "<$x>"\r');
		await new Promise((r) => setTimeout(r, 100));
		t.type('typed\r');
		t.handle.resize(80, 24);
		await t.until(/<typed>/);
		expect(t.raw().slice(before).match(/typed/g)).toHaveLength(2);
		expect(t.raw().slice(before).match(/\d:~/g) ?? []).toHaveLength(0);
	});
});
