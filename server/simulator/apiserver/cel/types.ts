/** Types of expressions, and when one may stand for another (`cel-go/common/types`, `checker/types.go`). */

export type Type =
	| { readonly kind: 'plain'; readonly name: string }
	| { readonly kind: 'list'; readonly of: Type }
	| { readonly kind: 'map'; readonly key: Type; readonly of: Type }
	| { readonly kind: 'optional'; readonly of: Type }
	| { readonly kind: 'type'; readonly of: Type }
	| ObjectType
	/** A parameter of a function's signature, or what the checker has yet to find out. */
	| { readonly kind: 'param'; readonly name: string };

/** An object of known fields. Fields are looked up lazily: schemas may be large. */
export interface ObjectType {
	readonly kind: 'object';
	readonly name: string;
	field(name: string): Type | undefined;
}

const plain = (name: string): Type => ({ kind: 'plain', name });

export const DYN = plain('dyn');
export const BOOL = plain('bool');
export const INT = plain('int');
export const UINT = plain('uint');
export const DOUBLE = plain('double');
export const STRING = plain('string');
export const BYTES = plain('bytes');
export const NULL = plain('null');
export const TIMESTAMP = plain('timestamp');
export const DURATION = plain('duration');

const BUILTIN: { readonly [name: string]: Type } = {
	dyn: DYN,
	bool: BOOL,
	int: INT,
	uint: UINT,
	double: DOUBLE,
	string: STRING,
	bytes: BYTES,
	null: NULL,
	timestamp: TIMESTAMP,
	duration: DURATION,
};

export const listOf = (of: Type): Type => ({ kind: 'list', of });
export const mapOf = (key: Type, of: Type): Type => ({ kind: 'map', key, of });
export const optionalOf = (of: Type): Type => ({ kind: 'optional', of });
export const typeOf = (of: Type): Type => ({ kind: 'type', of });
/** A Kubernetes type without fields: `kubernetes.Quantity`. */
export const opaque = (name: string): Type => BUILTIN[name] ?? plain(name);

/** As cel-go prints a type (`FormatCELType`). */
export function typeText(t: Type): string {
	switch (t.kind) {
		case 'plain':
			return t.name;
		case 'list':
			return `list(${typeText(t.of)})`;
		case 'map':
			return `map(${typeText(t.key)}, ${typeText(t.of)})`;
		case 'optional':
			return `optional_type(${typeText(t.of)})`;
		case 'type':
			return `type(${typeText(t.of)})`;
		case 'object':
			return t.name;
		case 'param':
			return t.name;
	}
}

/** A type in a signature: `list<T>`, `map<string, int>`, `optional<T>`; single capitals are parameters. */
export function parseType(text: string): Type {
	const trimmed = text.trim();
	const inner = /^(list|map|optional|type)<(.*)>$/.exec(trimmed);
	if (inner === null) return /^[A-Z]$/.test(trimmed) ? { kind: 'param', name: trimmed } : opaque(trimmed);
	const parts = splitTop(inner[2] ?? '').map(parseType);
	const [first = DYN, second = DYN] = parts;
	switch (inner[1]) {
		case 'list':
			return listOf(first);
		case 'map':
			return mapOf(first, second);
		case 'optional':
			return optionalOf(first);
		default:
			return typeOf(first);
	}
}

/** Splits at the commas outside brackets. */
export function splitTop(text: string): readonly string[] {
	const out: string[] = [];
	let depth = 0;
	let from = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text[i];
		if (c === '<') depth++;
		else if (c === '>') depth--;
		else if (c === ',' && depth === 0) {
			out.push(text.slice(from, i));
			from = i + 1;
		}
	}
	if (text.slice(from).trim() !== '') out.push(text.slice(from));
	return out;
}

/** What the checker has found out of parameters so far. */
export class Substitution {
	#known: Map<string, Type>;
	constructor(known: ReadonlyMap<string, Type> = new Map()) {
		this.#known = new Map(known);
	}
	snapshot(): ReadonlyMap<string, Type> {
		return new Map(this.#known);
	}
	restore(known: ReadonlyMap<string, Type>): void {
		this.#known = new Map(known);
	}

	/** `t` with the known parameters put in; unknown ones become dyn where `dyn` is set. */
	apply(t: Type, dyn = false): Type {
		switch (t.kind) {
			case 'param': {
				const known = this.#known.get(t.name);
				return known === undefined ? (dyn ? DYN : t) : this.apply(known, dyn);
			}
			case 'list':
				return listOf(this.apply(t.of, dyn));
			case 'map':
				return mapOf(this.apply(t.key, dyn), this.apply(t.of, dyn));
			case 'optional':
				return optionalOf(this.apply(t.of, dyn));
			case 'type':
				return typeOf(this.apply(t.of, dyn));
			default:
				return t;
		}
	}

	/** Whether a `from` may be given where a `to` is wanted; binds parameters on the way. All or nothing. */
	assignable(to: Type, from: Type): boolean {
		const before = this.snapshot();
		if (this.#assign(to, from)) return true;
		this.restore(before);
		return false;
	}

	/** Each of `from` for each of `to`, or none. */
	allAssignable(to: readonly Type[], from: readonly Type[]): boolean {
		const before = this.snapshot();
		if (to.length === from.length && to.every((t, i) => this.#assign(t, from[i] ?? DYN))) return true;
		this.restore(before);
		return false;
	}

	#assign(to: Type, from: Type): boolean {
		const [a, b] = [this.#top(to), this.#top(from)];
		if (a.kind === 'param') return this.#bind(a.name, b);
		if (b.kind === 'param') return this.#bind(b.name, a);
		if (isDyn(a) || isDyn(b)) return true;
		if (a.kind === 'plain' || b.kind === 'plain') return (a.kind === 'plain' && b.kind === 'plain' && a.name === b.name) || isNullable(a, b);
		if (a.kind !== b.kind) return false;
		if (a.kind === 'object') return b.kind === 'object' && a.name === b.name;
		if (a.kind === 'map') return b.kind === 'map' && this.#assign(a.key, b.key) && this.#assign(a.of, b.of);
		if (a.kind === 'type') return true;
		return b.kind !== 'object' && b.kind !== 'map' && b.kind !== 'type' && this.#assign(a.of, b.of);
	}

	#top(t: Type): Type {
		let out = t;
		while (out.kind === 'param') {
			const known = this.#known.get(out.name);
			if (known === undefined) return out;
			out = known;
		}
		return out;
	}

	#bind(name: string, to: Type): boolean {
		if (to.kind === 'param' && to.name === name) return true;
		if (this.#occurs(name, to)) return false;
		this.#known.set(name, to);
		return true;
	}

	#occurs(name: string, t: Type): boolean {
		const top = this.#top(t);
		if (top.kind === 'param') return top.name === name;
		if (top.kind === 'map') return this.#occurs(name, top.key) || this.#occurs(name, top.of);
		return (top.kind === 'list' || top.kind === 'optional' || top.kind === 'type') && this.#occurs(name, top.of);
	}
}

export const isDyn = (t: Type): boolean => t.kind === 'plain' && t.name === 'dyn';

/** null stands for objects, times and Kubernetes' own values. */
function isNullable(a: Type, b: Type): boolean {
	const other = a.kind === 'plain' && a.name === 'null' ? b : b.kind === 'plain' && b.name === 'null' ? a : undefined;
	if (other === undefined) return false;
	return (
		other.kind === 'object' ||
		other.kind === 'optional' ||
		(other.kind === 'plain' && (other.name === 'timestamp' || other.name === 'duration' || other.name.includes('.')))
	);
}
