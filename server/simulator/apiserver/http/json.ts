/**
 * What JSON.parse doesn't tell of a body: keys given twice, how deep it nests, and what is wrong with it in the words of
 * Go's `encoding/json`.
 */

/** Deeper nesting is refused. Go's decoder allows 10,000 (`maxNestingDepth`); what walks a value here needs stack for each level. */
export const NESTING_LIMIT = 1000;
/** Duplicate keys reported for one body. */
const DUPLICATES_LIMIT = 100;

export interface JsonScan {
	/** Go's words for the first mistake. */
	readonly error?: string;
	/** Field paths, as in upstream's warnings: `spec.containers[0].name`. */
	readonly duplicates: readonly string[];
}

class Mistake extends Error {}

const QUOTE = 34;
const BACKSLASH = 92;

function quoted(text: string, at: number): string {
	const c = text[at];
	if (c === "'") return "'\\''";
	return c === '"' ? `'"'` : `'${JSON.stringify(c).slice(1, -1)}'`;
}

class Scanner {
	readonly #text: string;
	#at = 0;
	readonly #path: (string | number)[] = [];
	readonly duplicates: string[] = [];

	constructor(text: string) {
		this.#text = text;
	}

	document(): void {
		this.#value(0);
		this.#space();
		if (this.#at < this.#text.length) this.#fail('after top-level value');
	}

	#fail(where: string): never {
		if (this.#at >= this.#text.length) throw new Mistake('unexpected end of JSON input');
		throw new Mistake(`invalid character ${quoted(this.#text, this.#at)} ${where}`);
	}

	#space(): void {
		for (;;) {
			const c = this.#text.charCodeAt(this.#at);
			if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
			this.#at++;
		}
	}

	#value(depth: number): void {
		if (depth > NESTING_LIMIT) throw new Mistake('exceeded max depth');
		this.#space();
		switch (this.#text[this.#at]) {
			case '{':
				this.#object(depth);
				return;
			case '[':
				this.#array(depth);
				return;
			case '"':
				this.#string();
				return;
			case 't':
				this.#literal('true');
				return;
			case 'f':
				this.#literal('false');
				return;
			case 'n':
				this.#literal('null');
				return;
			default:
				this.#number();
		}
	}

	#object(depth: number): void {
		this.#at++;
		this.#space();
		if (this.#text[this.#at] === '}') {
			this.#at++;
			return;
		}
		const seen = new Set<string>();
		for (;;) {
			this.#space();
			if (this.#text.charCodeAt(this.#at) !== QUOTE) this.#fail('looking for beginning of object key string');
			const key = this.#string();
			if (seen.has(key)) this.#duplicate(key);
			seen.add(key);
			this.#space();
			if (this.#text[this.#at] !== ':') this.#fail('after object key');
			this.#at++;
			this.#path.push(key);
			this.#value(depth + 1);
			this.#path.pop();
			this.#space();
			const c = this.#text[this.#at];
			if (c !== ',' && c !== '}') this.#fail('after object key:value pair');
			this.#at++;
			if (c === '}') return;
		}
	}

	#array(depth: number): void {
		this.#at++;
		this.#space();
		if (this.#text[this.#at] === ']') {
			this.#at++;
			return;
		}
		for (let i = 0; ; i++) {
			this.#path.push(i);
			this.#value(depth + 1);
			this.#path.pop();
			this.#space();
			const c = this.#text[this.#at];
			if (c !== ',' && c !== ']') this.#fail('after array element');
			this.#at++;
			if (c === ']') return;
		}
	}

	#string(): string {
		const from = ++this.#at;
		const text = this.#text;
		let escaped = false;
		for (;;) {
			const c = text.charCodeAt(this.#at);
			if (Number.isNaN(c)) throw new Mistake('unexpected end of JSON input');
			if (c === QUOTE) break;
			if (c < 32) this.#fail('in string literal');
			if (c === BACKSLASH) {
				escaped = true;
				this.#at++;
				const e = text[this.#at] ?? '';
				if (e === '' || !'"\\/bfnrtu'.includes(e)) this.#fail('in string escape code');
				if (e === 'u') {
					for (let i = 0; i < 4; i++) {
						this.#at++;
						if (!/[0-9a-fA-F]/.test(text[this.#at] ?? '')) this.#fail('in \\u hexadecimal character escape');
					}
				}
			}
			this.#at++;
		}
		const raw = text.slice(from, this.#at);
		this.#at++;
		return escaped ? (JSON.parse(`"${raw}"`) as string) : raw;
	}

	#literal(word: string): void {
		for (let i = 0; i < word.length; i++) {
			if (this.#text[this.#at] !== word[i]) this.#fail(`in literal ${word} (expecting '${word[i] ?? ''}')`);
			this.#at++;
		}
	}

	#number(): void {
		const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
		number.lastIndex = this.#at;
		const m = number.exec(this.#text);
		if (m !== null) {
			this.#at += m[0].length;
		} else if (this.#text[this.#at] === '-') {
			this.#at++;
			this.#fail('in numeric literal');
		} else this.#fail('looking for beginning of value');
	}

	#duplicate(key: string): void {
		if (this.duplicates.length >= DUPLICATES_LIMIT) return;
		const path = this.#where();
		this.duplicates.push(path === '' ? key : `${path}.${key}`);
	}

	/** The path of the value that is being read. */
	#where(): string {
		let path = '';
		for (const step of this.#path) path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
		return path;
	}
}

/** Reads `text` through once. */
export function scanJson(text: string): JsonScan {
	const scanner = new Scanner(text);
	try {
		scanner.document();
		return { duplicates: scanner.duplicates };
	} catch (e) {
		if (e instanceof Mistake) return { error: e.message, duplicates: [] };
		// The engine's stack gave out before the limit: the same refusal.
		if (e instanceof RangeError) return { error: 'exceeded max depth', duplicates: [] };
		throw e;
	}
}
