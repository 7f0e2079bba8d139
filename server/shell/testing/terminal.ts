/** Drives a workstation's terminal as a person would: types, waits for the prompt, reads the screen. */
import xtermHeadless from '@xterm/headless';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { createWorkstation } from '../workstation.ts';
import type { TerminalHandle, TerminalState } from '../workstation.types.ts';

const PROMPT = /learner@workstation:[^\n]*\$ $/;

export interface TestTerminal {
	readonly handle: TerminalHandle;
	/** Everything written so far. */
	raw(): string;
	/** What the screen shows, blank lines at the end taken off. */
	screen(): Promise<string>;
	/** Types keys into a program that fills the screen; resolves with the screen once that has stood still for a moment. */
	press(keys: string): Promise<string>;
	/** The cursor's row and column on the screen, from 0. */
	cursor(): { readonly row: number; readonly column: number };
	resize(columns: number, rows: number): void;
	type(keys: string): void;
	/** Types a line and resolves with what came between it and the next prompt, `\r\n` turned to `\n`. */
	run(line: string): Promise<string>;
	until(what: RegExp, timeoutMs?: number): Promise<void>;
	readonly commands: { readonly line: string; readonly exitCode: number }[];
	state: TerminalState | undefined;
	/** What the program in the foreground kept last. */
	program: unknown;
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}(\\[[0-9;?]*[A-Za-z]|c)`, 'g');

export function testTerminal(
	sandbox: Sandbox,
	options: { readonly columns?: number; readonly rows?: number; readonly state?: TerminalState; readonly program?: unknown } = {},
): TestTerminal {
	const columns = options.columns ?? 200;
	const rows = options.rows ?? 50;
	const xterm = new xtermHeadless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 10_000 });
	let text = '';
	let wake: (() => void)[] = [];
	const commands: { line: string; exitCode: number }[] = [];
	const workstation = createWorkstation(sandbox, {
		namespace: 'default',
		recordCommand: async (r) => void commands.push({ line: r.line, exitCode: r.exitCode }),
	});
	const plain = (): string => text.replace(ESCAPES, '');
	const t: TestTerminal = {
		commands,
		state: undefined,
		program: undefined,
		handle: undefined as unknown as TerminalHandle,
		raw: () => text,
		screen: async () => {
			await new Promise<void>((r) => xterm.write('', r));
			const b = xterm.buffer.active;
			const lines: string[] = [];
			for (let i = 0; i < b.length; i++) lines.push(b.getLine(i)?.translateToString(true) ?? '');
			return lines.join('\n').trimEnd();
		},
		type: (keys) => t.handle.input(keys),
		async press(keys) {
			t.handle.input(keys);
			for (let before = -1; before !== text.length; ) {
				before = text.length;
				await new Promise((r) => setTimeout(r, 25));
			}
			return t.screen();
		},
		cursor: () => ({ row: xterm.buffer.active.cursorY, column: xterm.buffer.active.cursorX }),
		resize: (c, r) => {
			xterm.resize(c, r);
			t.handle.resize(c, r);
		},
		async until(what, timeoutMs = 10_000) {
			const end = Date.now() + timeoutMs;
			while (!what.test(plain())) {
				if (Date.now() > end) throw new Error(`waited for ${what}; the terminal shows:\n${plain().slice(-2000)}`);
				await new Promise<void>((r) => {
					wake.push(r);
					setTimeout(r, 50);
				});
			}
		},
		async run(line) {
			await t.until(PROMPT);
			const before = plain().length;
			t.handle.input(`${line}\r`);
			const end = Date.now() + 20_000;
			for (;;) {
				const now = plain().slice(before);
				if (now.includes('\n') && PROMPT.test(now)) {
					const out = now.slice(now.indexOf('\n') + 1).replaceAll('\r\n', '\n');
					return out.replace(PROMPT, '');
				}
				if (Date.now() > end) throw new Error(`no prompt after "${line}"; the terminal shows:\n${plain().slice(-2000)}`);
				await new Promise<void>((r) => {
					wake.push(r);
					setTimeout(r, 20);
				});
			}
		},
	};
	Object.assign(t, {
		handle: workstation.openTerminal('t1', {
			columns,
			rows,
			output: (chunk) => {
				text += chunk;
				xterm.write(chunk);
				for (const w of wake) w();
				wake = [];
				return undefined;
			},
			edit: async () => false,
			...(options.state === undefined ? {} : { state: options.state }),
			...(options.program === undefined ? {} : { program: options.program }),
			onProgram: (kept) => {
				t.program = kept;
			},
			onState: (s) => {
				t.state = s;
			},
		}),
	});
	return t;
}
