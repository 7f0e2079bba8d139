/** Protocol buffers' text format, as far as config.pbtxt uses it: fields, messages in braces, lists in brackets, comments. */
import { TRITON_LIMITS } from '../../limits.ts';

/** A field's values in the order they stand; a list in brackets counts as so many of its elements. */
export interface Message {
	readonly [field: string]: readonly Value[];
}
/** An enum's name or a bare word is `word`; numbers keep their text. */
export type Value = { readonly kind: 'string' | 'word'; readonly text: string } | { readonly kind: 'message'; readonly message: Message };

export interface PbError {
	readonly line: number;
	readonly column: number;
	/** As `TextFormat` words it. */
	readonly words: string;
}

interface Token {
	readonly kind: 'punctuation' | 'word' | 'string' | 'end';
	readonly text: string;
	readonly line: number;
	readonly column: number;
}

class Fault extends Error {
	readonly at: Token;
	constructor(at: Token, words: string) {
		super(words);
		this.at = at;
	}
}

const TOKEN = /[ \t\r\n]+|#[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z0-9_.+-]+|[{}[\]:,;<>]/y;

function tokens(text: string): readonly Token[] {
	const out: Token[] = [];
	let line = 1;
	let start = 0;
	TOKEN.lastIndex = 0;
	for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
		const here = { line, column: at - start + 1 };
		const m = TOKEN.exec(text);
		const [found] = m ?? [];
		if (found === undefined)
			throw new Fault(
				{ kind: 'punctuation', text: text[at] ?? '', ...here },
				text[at] === '"' ? 'String literals cannot cross line boundaries.' : 'Invalid character.',
			);
		if (/^["']/.test(found))
			out.push({ kind: 'string', text: found.slice(1, -1).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : c)), ...here });
		else if (/^[{}[\]:,;<>]/.test(found)) out.push({ kind: 'punctuation', text: found, ...here });
		else if (!/^[ \t\r\n#]/.test(found)) out.push({ kind: 'word', text: found, ...here });
		for (let i = 0; i < found.length; i++) {
			if (found[i] !== '\n') continue;
			line++;
			start = at + i + 1;
		}
	}
	out.push({ kind: 'end', text: '', line, column: text.length - start + 1 });
	return out;
}

class Parser {
	readonly #tokens: readonly Token[];
	#at = 0;

	constructor(list: readonly Token[]) {
		this.#tokens = list;
	}

	get #now(): Token {
		return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token;
	}

	#is(text: string): boolean {
		return this.#now.kind === 'punctuation' && this.#now.text === text;
	}

	#take(text: string): boolean {
		if (!this.#is(text)) return false;
		this.#at++;
		return true;
	}

	#expect(text: string): void {
		if (!this.#take(text)) throw new Fault(this.#now, `Expected "${text}", found "${this.#now.text}".`);
	}

	message(end: string | undefined, depth: number): Message {
		if (depth > TRITON_LIMITS.configDepth) throw new Fault(this.#now, 'Message is too deep, the parser exceeded the configured recursion limit.');
		const out = new Map<string, Value[]>();
		for (;;) {
			if (end === undefined ? this.#now.kind === 'end' : this.#take(end)) return Object.fromEntries(out);
			const name = this.#now;
			if (name.kind !== 'word') throw new Fault(name, `Expected identifier, got: ${name.text}`);
			this.#at++;
			const values = out.get(name.text) ?? [];
			out.set(name.text, values);
			const colon = this.#take(':');
			if (this.#take('[')) {
				while (!this.#take(']')) {
					values.push(this.#value(depth));
					if (!this.#is(']')) this.#expect(',');
				}
			} else if (!colon && !this.#is('{') && !this.#is('<')) throw new Fault(this.#now, `Expected ":", found "${this.#now.text}".`);
			else values.push(this.#value(depth));
			if (!this.#take(',')) this.#take(';');
		}
	}

	#value(depth: number): Value {
		if (this.#take('{')) return { kind: 'message', message: this.message('}', depth + 1) };
		if (this.#take('<')) return { kind: 'message', message: this.message('>', depth + 1) };
		const token = this.#now;
		if (token.kind !== 'word' && token.kind !== 'string') throw new Fault(token, `Expected integer or identifier, got: ${token.text}`);
		this.#at++;
		let { text } = token;
		// Strings beside one another are one.
		while (token.kind === 'string' && this.#now.kind === 'string') {
			text += this.#now.text;
			this.#at++;
		}
		return { kind: token.kind, text };
	}
}

/** Reads a text; a broken one says where and why. */
export function parsePbtxt(text: string): { readonly message: Message } | { readonly error: PbError } {
	if (text.length > TRITON_LIMITS.configCharacters)
		return { error: { line: 1, column: 1, words: `Text is longer than ${TRITON_LIMITS.configCharacters} characters.` } };
	try {
		return { message: new Parser(tokens(text)).message(undefined, 0) };
	} catch (fault) {
		if (!(fault instanceof Fault)) throw fault;
		return { error: { line: fault.at.line, column: fault.at.column, words: fault.message } };
	}
}
