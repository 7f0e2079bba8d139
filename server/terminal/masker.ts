/**
 * Takes secrets out of a stream of terminal output before it is recorded. A secret may come in pieces (as keys are echoed) and
 * with colours inside: what might be the beginning of one is held back until it is clear. Escape sequences don't count as text.
 */
import { LIMITS } from '../limits.ts';

const MASK = '••••••';
/** CSI, OSC and the short ones; ECMA-48 5.4 and xterm's ctlseqs. */
const ESCAPE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[PX^_][^\u001b]*\u001b\\|[ -/]*[0-Z\\^-~])/y;
/** The longest sequence that is waited for. */
const ESCAPE_MOST = 4096;

export interface Secrets {
	/** Texts, as they are. */
	readonly values: readonly string[];
	/** Patterns; each is looked for within one word (no blanks). */
	readonly patterns: readonly RegExp[];
}

/** Characters that stand on the screen, with their places in the raw text. */
interface Visible {
	readonly text: string;
	readonly at: readonly number[];
	/** Where an escape sequence begins that is not whole yet; the text's length where there is none. */
	readonly whole: number;
}

export class Masker {
	private secrets: Secrets;
	private held = '';

	constructor(secrets: Secrets) {
		this.secrets = usable(secrets);
	}

	/** Other secrets from here on. */
	change(secrets: Secrets): void {
		this.secrets = usable(secrets);
	}

	/** What can be written of all that came, secrets masked. */
	take(text: string): string {
		const { values, patterns } = this.secrets;
		if (values.length === 0 && patterns.length === 0 && this.held === '') return text;
		const raw = this.held + text;
		const seen = visible(raw);
		const from = Math.min(seen.whole, this.holdFrom(seen, raw.length));
		this.held = raw.slice(from);
		return this.masked(raw.slice(0, from));
	}

	/** What is still held back: nothing follows it. */
	end(): string {
		const rest = this.held;
		this.held = '';
		return this.masked(rest);
	}

	/** A text that is whole, masked. */
	masked(raw: string): string {
		const seen = visible(raw);
		const hidden = this.matches(seen.text);
		if (hidden.length === 0) return raw;
		let out = '';
		let at = 0;
		for (const [start, end] of hidden) {
			const first = seen.at[start] ?? raw.length;
			out += raw.slice(at, first) + MASK;
			// Colours and moves inside a secret stay: the rest of the screen depends on them.
			for (let i = start; i < end; i++) out += raw.slice((seen.at[i] ?? 0) + 1, i + 1 < end ? (seen.at[i + 1] ?? raw.length) : (seen.at[i] ?? 0) + 1);
			at = (seen.at[end - 1] ?? raw.length) + 1;
		}
		return out + raw.slice(at);
	}

	/** Stretches of the visible text that hold a secret, in order, apart from each other. */
	private matches(text: string): [number, number][] {
		const found: [number, number][] = [];
		for (const value of this.secrets.values) {
			for (let i = text.indexOf(value); i >= 0; i = text.indexOf(value, i + 1)) found.push([i, i + value.length]);
		}
		if (this.secrets.patterns.length > 0) {
			for (const word of text.matchAll(/[^\s]+/g)) {
				for (const pattern of this.secrets.patterns) {
					for (const m of word[0].matchAll(pattern)) if (m[0] !== '') found.push([word.index + m.index, word.index + m.index + m[0].length]);
				}
			}
		}
		found.sort((a, b) => a[0] - b[0]);
		const joined: [number, number][] = [];
		for (const [start, end] of found) {
			const last = joined.at(-1);
			if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end);
			else joined.push([start, end]);
		}
		return joined;
	}

	/** Where in the raw text something begins that may become a secret. */
	private holdFrom({ text, at }: Visible, length: number): number {
		let from = text.length;
		for (const value of this.secrets.values) {
			for (let n = Math.min(value.length - 1, text.length); n > 0; n--) {
				if (!value.startsWith(text.slice(text.length - n))) continue;
				from = Math.min(from, text.length - n);
				break;
			}
		}
		if (this.secrets.patterns.length > 0) {
			const word = /[^\s]*$/.exec(text.slice(-LIMITS.recordingWord))?.[0] ?? '';
			from = Math.min(from, text.length - word.length);
		}
		// A secret that ends behind this place must not be cut in two.
		for (const [start, end] of this.matches(text)) if (start < from && end > from) from = start;
		return from >= text.length ? length : (at[from] ?? length);
	}
}

/** Values also as base64, as manifests and `kubectl get -o yaml` show them; short ones would mask half the screen. */
function usable({ values, patterns }: Secrets): Secrets {
	const long = values.map((v) => v.trim()).filter((v) => v.length >= 4);
	const forms = long.flatMap((v) => [...v.split('\n'), Buffer.from(v).toString('base64'), Buffer.from(`${v}\n`).toString('base64')]);
	return { values: [...new Set(forms)].filter((v) => v.length >= 4).sort((a, b) => b.length - a.length), patterns };
}

function visible(raw: string): Visible {
	let text = '';
	const at: number[] = [];
	let whole = raw.length;
	for (let i = 0; i < raw.length; ) {
		if (raw[i] === '\u001b') {
			ESCAPE.lastIndex = i;
			const sequence = ESCAPE.exec(raw);
			if (sequence !== null) {
				i += sequence[0].length;
				continue;
			}
			if (raw.length - i < ESCAPE_MOST) {
				whole = i;
				break;
			}
		}
		text += raw[i];
		at.push(i);
		i++;
	}
	return { text, at, whole };
}
