import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { TerminalOptions, Workstation } from '../shell/workstation.types.ts';
import { SessionTerminal } from './terminal.ts';

const make = (folder = mkdtempSync(join(tmpdir(), 'foothold-terminal-'))) => {
	const sent: string[] = [];
	const faults: unknown[] = [];
	let options: TerminalOptions | undefined;
	const workstation: Workstation = {
		openTerminal: (_id, given) => {
			options = given;
			return { input: () => {}, resize: () => {}, saveState: () => ({ cwd: '/x' }), programs: () => [], close: () => {} };
		},
		kubectl: async () => ({ stdout: '', stderr: '', exitCode: 0 }),
		dispose: () => {},
	};
	const terminal = new SessionTerminal('main', 80, 24, {
		folder,
		secrets: { values: [], patterns: [] },
		send: (data) => sent.push(data),
		edit: async () => false,
		onFault: (e) => faults.push(e),
	});
	terminal.start(workstation);
	if (options === undefined) throw new Error('the workstation was not asked for a terminal');
	return { folder, sent, faults, terminal, shell: options };
};

describe('a terminal of a session', () => {
	it('has output in its file before it is sent', async () => {
		const { folder, sent, shell } = make();
		shell.output('hello\r\n');
		await expect.poll(() => sent.join('')).toBe('hello\r\n');
		expect(readFileSync(join(folder, 'main.out'), 'utf8')).toBe('hello\r\n');
	});

	it('sends the first piece after a pause at once, and gathers what follows for LIMITS.outputGatherMs', () => {
		vi.useFakeTimers();
		try {
			const { sent, shell } = make();
			vi.advanceTimersByTime(1000);
			shell.output('a');
			vi.advanceTimersByTime(0);
			expect(sent).toEqual(['a']);
			shell.output('b');
			vi.advanceTimersByTime(LIMITS.outputGatherMs - 1);
			shell.output('c');
			expect(sent).toEqual(['a']);
			vi.advanceTimersByTime(1);
			expect(sent).toEqual(['a', 'bc']);
		} finally {
			vi.useRealTimers();
		}
	});

	it('comes back with scrollback and state', () => {
		const first = make();
		first.shell.output('$ ls\r\n$ ');
		first.shell.onState?.({ cwd: '/home/learner/x' });
		first.terminal.text();
		const second = make(first.folder);
		expect(second.terminal.text().startsWith('$ ls\r\n$ ')).toBe(true);
		expect(second.shell.state).toEqual({ cwd: '/home/learner/x' });
	});

	it('asks a writer to wait while its reader is behind, and lets it go on', async () => {
		const { shell, terminal, sent } = make();
		let waits: Promise<void> | undefined;
		let written = 0;
		while (waits === undefined) {
			waits = shell.output('y\n'.repeat(4096));
			written += 8192;
			expect(written).toBeLessThan(LIMITS.outputUnacknowledged * 3);
		}
		let free = false;
		void waits.then(() => (free = true));
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(free).toBe(false);
		terminal.acknowledge(sent.join('').length);
		await waits;
	});

	it('keeps a bounded scrollback, on disk too', () => {
		const { shell, terminal, folder } = make();
		for (let i = 0; i < 200; i++) {
			shell.output(`${'x'.repeat(8190)}\n`);
			terminal.acknowledge(1e9);
		}
		expect(terminal.text().length).toBeLessThanOrEqual(LIMITS.scrollbackCharacters * 2);
		expect(readFileSync(join(folder, 'main.out')).length).toBeLessThanOrEqual(LIMITS.scrollbackCharacters * 2);
		expect(terminal.text().length).toBeGreaterThan(LIMITS.scrollbackCharacters / 2);
	});

	it('keeps a program that fills the screen in a screen of its own, however much it draws', () => {
		const { shell, terminal } = make();
		shell.output('$ vi\r\n\u001b[?1049h');
		for (let i = 0; i < 200; i++) {
			shell.output(`\u001b[?25l\u001b[1;1H${'x'.repeat(8190)}`);
			terminal.acknowledge(1e9);
		}
		expect(terminal.text().startsWith('\u001b[?1049h\u001b[')).toBe(true);
	});

	it('leaves a program’s own screen when it comes back, and no other: that would put the cursor over what stands there', () => {
		const plain = make();
		plain.shell.output('$ ls\r\n');
		plain.terminal.text();
		expect(make(plain.folder).terminal.text()).not.toContain('\u001b[?1049l');
		const full = make();
		full.shell.output('$ vi\r\n\u001b[?1049hpicture');
		full.terminal.text();
		expect(make(full.folder).terminal.text()).toMatch(/picture\u001b\[\?1049l/);
	});

	it('says when the scrollback cannot be kept, and goes on', async () => {
		const { shell, folder, faults, sent } = make();
		rmSync(folder, { recursive: true });
		shell.output('still here');
		await expect.poll(() => sent).toEqual(['still here']);
		// Of the scrollback, and of the recording.
		expect(faults).toHaveLength(2);
	});
});
