import { fillIn } from './i18n/fill-in.ts';
import { wordsOf } from './i18n/words-of.ts';

const t = wordsOf('recording');

/** A recording's name as people know it: `t2` is terminal 2, `t2.1` the first one of that name that was closed. */
export function recordingTitle(name: string): string {
	const [, terminal = name, closed] = /^t?([^.]*)(?:\.(\d+))?$/.exec(decodeURIComponent(name)) ?? [];
	return closed === undefined ? fillIn(t.terminal, { name: terminal }) : fillIn(t.terminalClosed, { name: terminal, n: closed });
}
