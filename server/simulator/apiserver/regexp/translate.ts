/**
 * Regular expressions in Go's syntax, written anew in JavaScript's: flags anywhere (`(?i)`), classes by name, `\Q…\E`, `\A`, `\z`.
 * What Go refuses is refused with its words (`regexp/syntax/parse.go`). The result needs no flags but, where a class asks for
 * it, `u`; case is folded by hand, so that V8's linear engine can take it.
 */
import { type Range, PERL, POSIX, classText, complement, folded, folds, rune } from './classes.ts';

export class BadRegexp {
	/** As `regexp.Compile` words it. */
	readonly message: string;
	constructor(code: string, part: string) {
		this.message = `error parsing regexp: ${code}: \`${part}\``;
	}
}

interface Flags {
	readonly fold: boolean;
	readonly multiLine: boolean;
	readonly dotAll: boolean;
	readonly lazy: boolean;
}

const PLAIN: Flags = { fold: false, multiLine: false, dotAll: false, lazy: false };
/** Most times that something may be asked for, repetitions within repetitions multiplied. */
const MAX_REPEAT = 1000;
const NEWLINE: readonly Range[] = [[0x0a, 0x0a]];
const FLAG_NAMES: { readonly [letter: string]: keyof Flags } = { i: 'fold', m: 'multiLine', s: 'dotAll', U: 'lazy' };
const ESCAPES: { readonly [letter: string]: number } = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

interface Group {
	readonly flags: Flags;
	/** Where it begins in what is written. */
	readonly start: number;
	/** The largest product of repetitions within. */
	times: number;
}

/** Asks for the mode for Unicode. */
const NEEDS_UNICODE = Symbol();

class Translator {
	readonly #text: string;
	readonly #unicode: boolean;
	#i = 0;
	#out = '';
	#flags = PLAIN;
	readonly #groups: Group[] = [{ flags: PLAIN, start: 0, times: 1 }];
	/** The last thing that can be repeated: where it begins, and its product of repetitions. */
	#atom: { readonly start: number; readonly times: number } | undefined;
	/** Where the repetition just read began, if one was. */
	#repeated: number | undefined;

	constructor(text: string, unicode: boolean) {
		this.#text = text;
		this.#unicode = unicode;
	}

	translate(): string {
		while (this.#i < this.#text.length) {
			const before = this.#repeated;
			this.#repeated = undefined;
			this.#step(before);
		}
		if (this.#groups.length > 1) throw new BadRegexp('missing closing )', this.#text);
		return this.#out;
	}

	#rest(): string {
		return this.#text.slice(this.#i);
	}

	#emit(text: string, times = 1): void {
		this.#atom = { start: this.#out.length, times };
		this.#out += text;
	}

	#step(repeated: number | undefined): void {
		const c = this.#text[this.#i] ?? '';
		switch (c) {
			case '(':
				if (this.#text[this.#i + 1] === '?') this.#perl();
				else this.#open('(', 1, this.#flags);
				return;
			case ')':
				this.#close();
				return;
			case '|':
				this.#i++;
				this.#out += '|';
				this.#atom = undefined;
				return;
			case '^':
				this.#i++;
				this.#emit(this.#flags.multiLine ? '(?:(?<![^\\n]))' : '(?:^)');
				return;
			case '$':
				this.#i++;
				this.#emit(this.#flags.multiLine ? '(?:(?![^\\n]))' : '(?:$)');
				return;
			case '.':
				this.#i++;
				this.#emit(classText(this.#flags.dotAll ? [] : NEWLINE, [], true, this.#unicode));
				return;
			case '[':
				this.#class();
				return;
			case '*':
			case '+':
			case '?':
				this.#repeat(c, 1, c === '?' ? 1 : 0, repeated);
				return;
			case '{': {
				const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.#rest());
				if (counted === null) {
					this.#literal();
					return;
				}
				this.#counted(counted, repeated);
				return;
			}
			case '\\':
				this.#escape();
				return;
			default:
				this.#literal();
				return;
		}
	}

	#literal(): void {
		const code = this.#text.codePointAt(this.#i) ?? 0;
		this.#i += code > 0xffff ? 2 : 1;
		this.#character(code);
	}

	#character(code: number): void {
		if (code > 0xffff && !this.#unicode) throw NEEDS_UNICODE;
		const others = this.#flags.fold ? folds(code) : [];
		this.#emit(others.length === 0 ? rune(code) : `[${[code, ...others].map(rune).join('')}]`);
	}

	#open(written: string, length: number, flags: Flags): void {
		this.#i += length;
		this.#groups.push({ flags: this.#flags, start: this.#out.length, times: 1 });
		this.#out += written;
		this.#flags = flags;
		this.#atom = undefined;
	}

	#close(): void {
		const group = this.#groups.length > 1 ? this.#groups.pop() : undefined;
		if (group === undefined) throw new BadRegexp('unexpected )', this.#text);
		this.#i++;
		this.#out += ')';
		this.#flags = group.flags;
		this.#atom = { start: group.start, times: group.times };
		this.#note(group.times);
	}

	#note(times: number): void {
		const group = this.#groups.at(-1);
		if (group !== undefined) group.times = Math.max(group.times, times);
	}

	/** What begins with `(?`. */
	#perl(): void {
		const rest = this.#rest();
		const named = /^\(\?P?</.exec(rest);
		if (named !== null) {
			const end = rest.indexOf('>');
			if (end < 0) throw new BadRegexp('invalid named capture', rest);
			if (!/^\w+$/.test(rest.slice(named[0].length, end))) throw new BadRegexp('invalid named capture', rest.slice(0, end + 1));
			this.#open('(', end + 1, this.#flags);
			return;
		}
		let flags = this.#flags;
		let value = true;
		let seen = false;
		let i = 2;
		for (; i < rest.length; i++) {
			const c = rest[i] ?? '';
			const name = FLAG_NAMES[c];
			if (name !== undefined) {
				flags = { ...flags, [name]: value };
				seen = true;
			} else if (c === '-' && value) {
				value = false;
				seen = false;
			} else if ((c === ':' || c === ')') && (value || seen)) {
				if (c === ':') {
					this.#open('(?:', i + 1, flags);
					return;
				}
				this.#i += i + 1;
				this.#flags = flags;
				// As in Go, there is nothing here that could be repeated, but what was before.
				return;
			} else break;
		}
		throw i < rest.length ? new BadRegexp('invalid or unsupported Perl syntax', rest.slice(0, i + 1)) : new BadRegexp('missing closing )', this.#text);
	}

	#counted(found: RegExpExecArray, repeated: number | undefined): void {
		const [whole, low, open, high] = found;
		const min = Number(low);
		const max = open === undefined ? min : high === '' || high === undefined ? undefined : Number(high);
		if (min > MAX_REPEAT || (max !== undefined && (max > MAX_REPEAT || max < min))) throw new BadRegexp('invalid repeat count', whole);
		this.#repeat(whole, whole.length, max ?? min, repeated);
	}

	#repeat(operator: string, length: number, times: number, repeated: number | undefined): void {
		const begin = this.#i;
		const atom = this.#atom;
		let end = begin + length;
		const lazy = this.#text[end] === '?';
		if (lazy) end++;
		if (repeated !== undefined) throw new BadRegexp('invalid nested repetition operator', this.#text.slice(repeated, end));
		if (atom === undefined) throw new BadRegexp('missing argument to repetition operator', this.#text.slice(begin, end));
		const product = atom.times * Math.max(1, times);
		if (product > MAX_REPEAT) throw new BadRegexp('invalid repeat count', this.#text.slice(begin, end));
		this.#note(product);
		this.#out += `${operator}${lazy === this.#flags.lazy ? '' : '?'}`;
		this.#atom = { start: atom.start, times: product };
		this.#i = end;
		this.#repeated = begin;
	}

	#escape(): void {
		const rest = this.#rest();
		const c = rest[1];
		switch (c) {
			case 'A':
				this.#i += 2;
				this.#emit('(?:^)');
				return;
			case 'z':
				this.#i += 2;
				this.#emit('(?:$)');
				return;
			case 'b':
			case 'B':
				this.#i += 2;
				this.#emit(`(?:\\${c})`);
				return;
			case 'C':
				throw new BadRegexp('invalid escape sequence', '\\C');
			case 'D':
			case 'S':
			case 'W':
				this.#i += 2;
				this.#emit(classText(PERL[c.toLowerCase()] ?? [], [], true, this.#unicode));
				return;
			case 'Q': {
				const end = rest.indexOf('\\E');
				const quoted = rest.slice(2, end < 0 ? undefined : end);
				this.#i += end < 0 ? rest.length : end + 2;
				for (const q of quoted) this.#character(q.codePointAt(0) ?? 0);
				return;
			}
		}
		const set = this.#set();
		if (set === undefined) {
			this.#character(this.#rune());
			return;
		}
		this.#emit(classText(this.#flags.fold ? folded(set.ranges) : set.ranges, set.named, false, this.#unicode));
	}

	/** `\d`, `\PL`, `\p{Greek}` where one stands here. */
	#set(): { readonly ranges: readonly Range[]; readonly named: readonly string[] } | undefined {
		const rest = this.#rest();
		const letter = rest[1] ?? '';
		const perl = Object.hasOwn(PERL, letter.toLowerCase()) ? PERL[letter.toLowerCase()] : undefined;
		if (rest[0] !== '\\') return undefined;
		if (perl !== undefined) {
			this.#i += 2;
			if (letter === letter.toLowerCase()) return { ranges: perl, named: [] };
			if (!this.#unicode) throw NEEDS_UNICODE;
			return { ranges: complement(perl), named: [] };
		}
		if (letter !== 'p' && letter !== 'P') return undefined;
		if (!this.#unicode) throw NEEDS_UNICODE;
		const found = /^\\[pP](?:\{(\^?)(\w+)\}|(\w))/.exec(rest);
		if (found === null) throw new BadRegexp('invalid character class range', rest.slice(0, 3));
		const [whole, not, long, short] = found;
		const name = long ?? short ?? '';
		this.#i += whole.length;
		const p = (letter === 'P') !== (not === '^') ? 'P' : 'p';
		if (name === 'Any') return { ranges: p === 'p' ? complement([]) : [], named: [] };
		for (const property of [name, `Script=${name}`]) {
			try {
				new RegExp(`\\p{${property}}`, 'u');
				return { ranges: [], named: [`\\${p}{${property}}`] };
			} catch (e) {
				if (!(e instanceof SyntaxError)) throw e;
			}
		}
		throw new BadRegexp('invalid character class range', whole);
	}

	/** An escaped character (`parse.go`, `escape`). */
	#rune(): number {
		const rest = this.#rest();
		const c = rest[1];
		if (c === undefined) throw new BadRegexp('trailing backslash at end of expression', '');
		const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
		const hex = /^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest);
		const [length, code] =
			octal !== null
				? [octal[0].length, Number.parseInt(octal[1] ?? '', 8)]
				: hex !== null
					? [hex[0].length, Number.parseInt(hex[1] ?? hex[2] ?? '', 16)]
					: Object.hasOwn(ESCAPES, c)
						? [2, ESCAPES[c] ?? 0]
						: /[\0-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]/.test(c)
							? [2, c.charCodeAt(0)]
							: [2, undefined];
		if (code === undefined || code > 0x10_ffff) throw new BadRegexp('invalid escape sequence', rest.slice(0, c === 'x' ? 3 : 2));
		this.#i += length;
		return code;
	}

	#class(): void {
		const begin = this.#i;
		const whole = this.#rest();
		const ranges: Range[] = [];
		const named: string[] = [];
		this.#i++;
		const negated = this.#text[this.#i] === '^';
		if (negated) this.#i++;
		for (let first = true; first || this.#text[this.#i] !== ']'; first = false) {
			if (this.#i >= this.#text.length) throw new BadRegexp('missing closing ]', whole);
			const posix = /^\[:(\^?)(\w*):\]/.exec(this.#rest());
			if (posix !== null) {
				const known = Object.hasOwn(POSIX, posix[2] ?? '') ? POSIX[posix[2] ?? ''] : undefined;
				if (known === undefined) throw new BadRegexp('invalid character class range', posix[0]);
				this.#i += posix[0].length;
				ranges.push(...(posix[1] === '^' ? complement(known) : known));
				continue;
			}
			const set = this.#set();
			if (set !== undefined) {
				ranges.push(...set.ranges);
				named.push(...set.named);
				continue;
			}
			const start = this.#i;
			const from = this.#classRune(whole);
			let to = from;
			if (this.#text[this.#i] === '-' && this.#i + 1 < this.#text.length && this.#text[this.#i + 1] !== ']') {
				this.#i++;
				to = this.#classRune(whole);
				if (to < from) throw new BadRegexp('invalid character class range', this.#text.slice(start, this.#i));
			}
			ranges.push([from, to]);
		}
		this.#i++;
		const all = this.#flags.fold ? folded(ranges) : ranges;
		if (!this.#unicode && all.some(([, to]) => to > 0xffff)) throw NEEDS_UNICODE;
		if (begin < this.#i) this.#emit(classText(all, named, negated, this.#unicode));
	}

	#classRune(whole: string): number {
		if (this.#i >= this.#text.length) throw new BadRegexp('missing closing ]', whole);
		if (this.#text[this.#i] === '\\') return this.#rune();
		const code = this.#text.codePointAt(this.#i) ?? 0;
		this.#i += code > 0xffff ? 2 : 1;
		return code;
	}
}

function read(text: string): RegExp | BadRegexp {
	for (const unicode of [false, true]) {
		try {
			return new RegExp(new Translator(text, unicode).translate(), unicode ? 'u' : '');
		} catch (e) {
			if (e instanceof BadRegexp) return e;
			if (e === NEEDS_UNICODE) continue;
			// Too large for V8, or nested too deeply.
			if (e instanceof SyntaxError || e instanceof RangeError) return new BadRegexp('expression too large', text);
			throw e;
		}
	}
	return new BadRegexp('invalid character class range', text);
}

const KEPT = 1000;
/** Derived data alone: kept for all worlds. */
const known = new Map<string, RegExp | BadRegexp>();

/** The expression (not anchored), or what is wrong with it in the words of `regexp.Compile`. */
export function goRegexp(text: string): RegExp | BadRegexp {
	let found = known.get(text);
	if (found === undefined) {
		found = read(text);
		if (known.size >= KEPT) known.clear();
		known.set(text, found);
	}
	return found;
}
