import { describe, expect, it } from 'vitest';
import { memorySandbox } from '../shell/testing/sandbox.ts';
import { testTerminal } from '../shell/testing/terminal.ts';
import { goesOn } from './resume.ts';

describe('what a new shell takes up again', () => {
	it('is what only looks, or keeps what it needs; the last command of its line, by itself', () => {
		for (const line of ['watch -n 1 kubectl get pods', 'vi a.yaml', 'less /etc/hosts', 'top', 'man kubectl', 'nano x']) expect(goesOn(line)).toBe(line);
		expect(goesOn('clear; vi a.yaml')).toBe('vi a.yaml');
		for (const line of [
			'kubectl delete pod x',
			'kubectl get pods | less',
			'make && vi x',
			'vi x &',
			'sleep 5',
			'top > file',
			'for i in 1 2; do vi $i; done',
			'(((',
			'',
		]) {
			expect(goesOn(line)).toBeUndefined();
		}
	});
});

/** A terminal whose shell ended under what ran in it, and the one after it. */
async function cutShort(prepare: (t: ReturnType<typeof testTerminal>) => Promise<void>) {
	const sandbox = memorySandbox();
	const first = testTerminal(sandbox, { columns: 80, rows: 24 });
	await prepare(first);
	const state = first.handle.saveState();
	first.handle.close();
	return { sandbox, first, second: testTerminal(sandbox, { columns: 80, rows: 24, state, program: first.program }) };
}

describe('a shell that was cut short', () => {
	it('brings vi back with its text and cursor, and leaves no swap file behind', async () => {
		const { second } = await cutShort(async (t) => {
			await t.run("printf 'one\\ntwo\\n' > a.txt");
			t.type('vi a.txt\r');
			await t.until(/"a\.txt" 2L/);
			await t.press('jonew line\u001b');
		});
		await second.until(/this text is not written yet/);
		expect(await second.screen()).toMatch(/^one\ntwo\nnew line\n~/m);
		second.type('ihere: \u001b:wq\r');
		expect(await second.run('cat a.txt; ls -A')).toMatch(/^one\ntwo\nnew linhere: e\n(?![\s\S]*\.swp)/);
		expect(second.program).toBeUndefined();
	});

	it('brings nano and less back to where they were', async () => {
		const nano = await cutShort(async (t) => {
			t.type('nano b.txt\r');
			await t.until(/New File/);
			await t.press('some words');
		});
		await nano.second.until(/this text is not saved yet/);
		expect(await nano.second.screen()).toContain('some words');
		const less = await cutShort(async (t) => {
			await t.run('for i in {1..200}; do echo line-$i; done > long.txt');
			t.type('less long.txt\r');
			await t.until(/line-20/);
			await t.press('  ');
		});
		await less.second.until(/line-60/);
		expect(await less.second.screen()).not.toContain('line-12\n');
	});

	it('puts by the text of an editor whose command cannot go on, and says where', async () => {
		const { second } = await cutShort(async (t) => {
			await t.run('echo old > c.txt');
			t.type('for f in c.txt; do vi $f; done\r');
			await t.until(/"c\.txt" 1L/);
			await t.press('Aer\u001b');
		});
		await second.until(/was cut short.*what you had not written is in \/home\/learner\/recovered-c\.txt/s);
		expect(await second.run('cat recovered-c.txt c.txt')).toBe('older\nold\n');
	});

	it('says plainly what did not go on, and does nothing twice', async () => {
		const { second } = await cutShort(async (t) => {
			await t.run('echo once >> log.txt');
			t.type('echo twice >> log.txt; sleep 1000\r');
			await t.until(/sleep 1000/);
			await t.press('');
		});
		await second.until(/“echo twice >> log\.txt; sleep 1000” was cut short/);
		expect(await second.run('cat log.txt')).toBe('once\ntwice\n');
		expect(second.handle.programs()).toEqual([]);
	});
});
