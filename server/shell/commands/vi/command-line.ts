/** The line at the bottom in which `:`, `/` and `?` are typed. */
import { isPrintable, pasted } from '../../screen/keys.ts';
import { next, previous } from './text.ts';
import type { Steps, Vi } from './vi.ts';

const HISTORY = 200;

/** Reads a line until Enter; undefined where it is given up. `preview` sees it as it grows. */
export function* readCommandLine(vi: Vi, prefix: string, preview?: (text: string) => void, text = ''): Steps<string | undefined> {
	const mode = vi.mode;
	const history = vi.history[prefix === '?' ? '/' : prefix] ?? [];
	let back = history.length;
	const line = { prefix, text, at: text.length };
	vi.commandLine = line;
	vi.mode = 'command';
	vi.say('');
	const put = (t: string): void => {
		line.text = line.text.slice(0, line.at) + t + line.text.slice(line.at);
		line.at += t.length;
	};
	const set = (t: string): void => {
		line.text = t;
		line.at = t.length;
	};
	try {
		for (;;) {
			const key = yield* vi.key();
			const paste = pasted(key);
			if (key === '<Esc>' || key === '<C-C>') return undefined;
			if (key === '<CR>' || key === '<C-J>') {
				if (line.text !== '' && history.at(-1) !== line.text) history.push(line.text);
				if (history.length > HISTORY) history.shift();
				return line.text;
			}
			if (key === '<BS>' || key === '<C-H>') {
				if (line.text === '') return undefined;
				const from = previous(line.text, line.at);
				line.text = line.text.slice(0, from) + line.text.slice(line.at);
				line.at = from;
			} else if (key === '<C-U>') set('');
			else if (key === '<C-W>') {
				const kept = line.text.slice(0, line.at).replace(/(\w+|[^\w\s]+)?\s*$/, '');
				line.text = kept + line.text.slice(line.at);
				line.at = kept.length;
			} else if (key === '<Left>') line.at = previous(line.text, line.at);
			else if (key === '<Right>') line.at = Math.min(line.text.length, next(line.text, line.at));
			else if (key === '<Home>' || key === '<C-B>') line.at = 0;
			else if (key === '<End>' || key === '<C-E>') line.at = line.text.length;
			else if (key === '<Up>' && back > 0) set(history[--back] ?? '');
			else if (key === '<Down>' && back < history.length) set(history[++back] ?? '');
			else if (key === '<C-R>')
				put(
					vi
						.register(yield* vi.key())
						?.text.replace(/\n$/, '')
						.replaceAll('\n', '\r') ?? '',
				);
			else if (paste !== undefined) put(paste.replace(/\n$/, '').replaceAll('\n', ' '));
			else if (isPrintable(key)) put(key);
			preview?.(line.text);
		}
	} finally {
		vi.commandLine = undefined;
		vi.mode = mode;
	}
}
