/** The measures that lessons are held to can fail. */
import { describe, expect, it } from 'vitest';
import { comparable, difference, run, typedIn } from './commands.ts';
import { diagramFaults } from './diagrams.ts';

describe('commands of a lesson', () => {
	it('are read from console blocks alone, with what belongs to each', () => {
		const typed = typedIn('```console\n$ cat <<E\n> a\n> E\na\n$ ls\n```\n\n```shell\n$ rm x\n```\n');
		expect(typed).toEqual([
			{ lines: ['cat <<E', 'a', 'E'], output: ['a'] },
			{ lines: ['ls'], output: [] },
		]);
		expect(() => typedIn('```console\nNAME\n```\n')).toThrow('begins with no command');
	});

	it('differ where a word, a line or the end differs, not where an age or a width does', () => {
		expect(difference(['web-1   1/1   Running  5m'], 'web-1 1/1 Running 30s')).toBeUndefined();
		expect(difference(['web-1 1/1 Running 5m'], 'web-1 0/1 Running 30s')).toContain('0/1');
		expect(difference(['a'], 'a\nb')).toContain('“b”');
		expect(difference(['a', 'b'], 'a')).toContain('nothing more');
		expect(difference([], 'a')).toContain('“a”');
		expect(difference([], '')).toBeUndefined();
	});

	it('may leave lines out with three dots, and no others', () => {
		expect(difference(['a', '...', 'd'], 'a\nb\nc\nd')).toBeUndefined();
		expect(difference(['...', 'c', '...'], 'a\nb\nc\nd')).toBeUndefined();
		expect(difference(['a', '...', 'x'], 'a\nb\nd')).toContain('“x”');
	});

	it('keep what matters when they are made comparable', () => {
		expect(comparable('web-766486c5b6-75cgm  10.244.1.5  exit 137  at 2026-11-20T21:42:20Z')).toBe('web-<pod> <address> exit 137 at <time>');
		expect(comparable('hog 0/1 CrashLoopBackOff 2 (20s ago) 30s')).toBe('hog 0/1 CrashLoopBackOff <restarts> <age>');
	});

	it('are really run', async () => {
		const [version, wrong] = await run(typedIn('```console\n$ kubectl get nodes -o name | head -1\n$ kubectl get nonsense\n```\n'));
		expect(version).toBe('node/foothold-control-plane');
		expect(wrong).toContain('the server doesn\'t have a resource type "nonsense"');
	});
});

describe('a diagram', () => {
	const good =
		'<svg viewBox="0 0 720 100" role="img" aria-labelledby="title desc"><title id="title">A title here</title>' +
		`<desc id="desc">${'Everything that it shows, in words. '.repeat(3)}</desc><rect class="box" x="1" y="2"/></svg>`;
	it('with all that is asked has no fault', () => {
		expect(diagramFaults(good)).toEqual([]);
	});
	it.each([
		['720 100', '600 100', 'not 720 wide'],
		[' role="img"', '', 'role'],
		['<title id="title">A title here</title>', '', 'no title'],
		['Everything that it shows, in words. '.repeat(3), 'short', 'no description'],
		['class="box"', 'fill="#f00"', 'a colour of its own'],
		['class="box"', 'style="fill:red"', 'a style of its own'],
		['<rect', '<image', 'no drawing'],
		['x="1"', 'x="900"', 'outside of itself'],
	])('is told of: %s → %s', (from, to, fault) => {
		expect(diagramFaults(good.replace(from, to)).join()).toContain(fault);
	});
});
