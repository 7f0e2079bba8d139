import { describe, expect, it } from 'vitest';
import { type Completer, editInto, END_OF_INPUT, newTty, type TtyState } from './line-editing.ts';

const nothing: Completer = () => ({ word: '', choices: [] });

/** Types and returns what the reader gets. */
function typed(keys: string, complete = nothing, state: TtyState = newTty): string {
	return editInto(state, keys, complete).input;
}

/** What a screen of one row shows of an echo. */
function shown(echo: string): string {
	let row = '';
	let at = 0;
	for (const [piece] of echo.matchAll(/\u001b\[K|[\s\S]/g)) {
		if (piece === '\b') at--;
		else if (piece === '\u001b[K') row = row.slice(0, at);
		else if (piece >= ' ') {
			row = row.slice(0, at) + piece + row.slice(at + 1);
			at++;
		}
	}
	return row;
}

describe('a line that is edited', () => {
	it.each([
		['the arrow keys', 'echo tow\u001b[D\u001b[D\u001b[D\u001b[3~\u001b[Ct\r', 'echo otw\n'],
		['home, end and backspace', 'cho x\u0001e\u0005\u007fy\r', 'echo y\n'],
		['killing and bringing back', 'one two\u0017\u0001\u0019 \r', 'two one \n'],
		['an escape sequence cut in two', 'ab\u001b', ''],
		['keys without meaning', 'a\u001b[20~b\u001bOPc\r', 'abc\n'],
		['Ctrl-D on an empty line', END_OF_INPUT, END_OF_INPUT],
		['Ctrl-D in a line', 'abc\u0001\u0004\r', 'bc\n'],
	])('knows %s', (_what, keys, input) => expect(typed(keys)).toBe(input));

	it('shows what it holds', () => {
		for (const keys of ['echo tow\u001b[D\u001b[Dx', 'abcdef\u0001\u0004\u0004\u0005g', 'one two three\u0017\u0017four', 'aaa\rbb\u0010\u0010']) {
			const { state, echo } = editInto(newTty, keys, nothing);
			expect(shown(echo.slice(echo.lastIndexOf('\n') + 1))).toBe(state.line);
		}
	});

	it('remembers lines, and the arrows walk through them', () => {
		const { state } = editInto(newTty, 'one\rtwo\rtwo\r', nothing);
		expect(state.history).toEqual(['one', 'two']);
		expect(typed('\u001b[A\u001b[A\r', nothing, state)).toBe('one\n');
		expect(typed('\u001b[A\u001b[A\u001b[B\u001b[B\r', nothing, state)).toBe('\n');
		expect(typed('\u001b', nothing, state) + typed('[A\r', nothing, editInto(state, '\u001b', nothing).state)).toBe('two\n');
	});

	it('completes a word as far as it is clear', () => {
		const files: Completer = (text) => {
			const word = text.split(' ').at(-1) ?? '';
			return { word, choices: ['/etc/', '/etc/nginx/', '/etc/nginx/nginx.conf'].filter((f) => f.startsWith(word)) };
		};
		expect(typed('cat /etc/nginx/n\t\r', files)).toBe('cat /etc/nginx/nginx.conf \n');
		expect(editInto(newTty, 'cat /e\t\t', files).echo).toMatch(/\u0007$/);
	});

	it('starts afresh after Ctrl-C', () => {
		const result = editInto(newTty, 'abc\u0003', nothing);
		expect(result).toMatchObject({ interrupt: true, echo: 'abc^C\r\n', state: { line: '', cursor: 0 } });
	});
});
