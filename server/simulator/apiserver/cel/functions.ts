/** Declarations of functions: what the checker resolves calls against and what the planner calls. */
import { type Type, parseType, splitTop } from './types.ts';
import { Fault, isList, isMap, Optional, runtimeType, Uint, type Value } from './values.ts';

/** What an implementation may ask of its evaluation. */
export interface Call {
	/** Kubernetes' authorizer, where the expression has one. */
	readonly authorize?: (attributes: AuthorizerAttributes) => AuthorizerDecision;
	/** Adds to the evaluation's cost. */
	spend(cost: number): void;
}

export interface AuthorizerAttributes {
	/** Undefined for the requesting user. */
	readonly serviceAccount?: { readonly namespace: string; readonly name: string };
	readonly path?: string;
	readonly group: string;
	readonly resource: string;
	readonly subresource: string;
	readonly namespace: string;
	readonly name: string;
	readonly verb: string;
}

export interface AuthorizerDecision {
	readonly allowed: boolean;
	readonly reason: string;
	readonly error?: string;
}

export interface Overload {
	readonly fn: string;
	readonly member: boolean;
	/** The receiver's type first, where this is a member. */
	readonly params: readonly Type[];
	readonly result: Type;
	run(args: readonly Value[], call: Call): Value;
	/** Cost of one call; 1 where left out. */
	cost?(args: readonly Value[], result: Value): number;
}

type Run = (args: readonly Value[], call: Call) => Value;
type Cost = (args: readonly Value[], result: Value) => number;

/** An overload whose types are read when they are first asked for: hundreds stand by, few expressions need many. */
class Declared implements Overload {
	readonly fn: string;
	readonly member: boolean;
	readonly run: Run;
	readonly cost?: Cost;
	readonly #signature: string;
	#types: { readonly params: readonly Type[]; readonly result: Type } | undefined;

	constructor(signature: string, run: Run, cost: Cost | undefined) {
		const mark = signature.indexOf('::');
		this.fn = signature.slice(mark < 0 ? 0 : mark + 2, signature.indexOf('('));
		this.member = mark >= 0;
		this.run = run;
		if (cost !== undefined) this.cost = cost;
		this.#signature = signature;
	}
	get params(): readonly Type[] {
		return this.#read().params;
	}
	get result(): Type {
		return this.#read().result;
	}

	#read(): { readonly params: readonly Type[]; readonly result: Type } {
		if (this.#types !== undefined) return this.#types;
		const text = this.#signature;
		const [open, close] = [text.indexOf('('), text.lastIndexOf(') -> ')];
		const params = splitTop(text.slice(open + 1, close)).map(parseType);
		const receiver = this.member ? [parseType(text.slice(0, text.indexOf('::')))] : [];
		this.#types = { params: [...receiver, ...params], result: parseType(text.slice(close + 5)) };
		return this.#types;
	}
}

/**
 * An overload from its signature: `size(string) -> int`, or for members with the receiver before a `::`:
 * `string::startsWith(string) -> bool`.
 */
export const fn = (signature: string, run: Run, cost?: Cost): Overload => new Declared(signature, run, cost);

/** Whether a value can be given for a type, as far as its outside shows. */
export function fits(t: Type, v: Value): boolean {
	switch (t.kind) {
		case 'param':
			return true;
		case 'list':
			return isList(v);
		case 'map':
			return isMap(v);
		case 'optional':
			return v instanceof Optional;
		case 'type':
			return runtimeType(v) === 'type';
		case 'object':
			return isMap(v);
		case 'plain':
			switch (t.name) {
				case 'dyn':
					return true;
				case 'int':
					return typeof v === 'bigint';
				case 'string':
					return typeof v === 'string';
				case 'bool':
					return typeof v === 'boolean';
				case 'double':
					return typeof v === 'number';
				default:
					return plainName(v) === t.name;
			}
	}
}

const SHORT: { readonly [name: string]: string } = {
	'google.protobuf.Timestamp': 'timestamp',
	'google.protobuf.Duration': 'duration',
	null_type: 'null',
};

export function plainName(v: Value): string {
	const name = runtimeType(v);
	return SHORT[name] ?? name;
}

/** Characters of a text, bytes, items of a list or map: what costs are measured in. */
export function sizeOf(v: Value | undefined): number {
	if (v === undefined || v === null) return 1;
	if (typeof v === 'string') return v.length;
	if (isList(v) || v instanceof Uint8Array) return v.length;
	return isMap(v) ? v.size : 1;
}

export const NO_OVERLOAD = new Fault('no such overload');
export const MAX_INT = (1n << 63n) - 1n;
export const MIN_INT = -(1n << 63n);
export const MAX_UINT = (1n << 64n) - 1n;

/** An int, or the fault of one that is out of range. */
export const int = (n: bigint): Value => (n > MAX_INT || n < MIN_INT ? new Fault('integer overflow') : n);
export const uint = (n: bigint): Value => (n > MAX_UINT || n < 0n ? new Fault('unsigned integer overflow') : new Uint(n));

/** Text traversal costs a tenth a character. */
export const traversal = (v: Value | undefined, factor = 1): number => Math.ceil(sizeOf(v) * 0.1 * factor);
