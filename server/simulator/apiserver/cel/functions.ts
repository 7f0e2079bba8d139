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

const SIGNATURE = /^(?:(.+?)\.)?([@_\w?:[\]+\-*/%<>=!&|.]+?)\((.*)\)\s*->\s*(.+)$/;

/**
 * An overload from its signature: `size(string) -> int`, or for members with the receiver before a `::`:
 * `string::startsWith(string) -> bool`.
 */
export function fn(signature: string, run: Run, cost?: Cost): Overload {
	const [receiver, rest] = signature.includes('::') ? (signature.split('::', 2) as [string, string]) : [undefined, signature];
	const m = SIGNATURE.exec(rest);
	if (m === null) throw new TypeError(`signature ${signature}`);
	const name = m[1] === undefined ? (m[2] ?? '') : `${m[1]}.${m[2] ?? ''}`;
	const params = splitTop(m[3] ?? '').map(parseType);
	return {
		fn: name,
		member: receiver !== undefined,
		params: receiver === undefined ? params : [parseType(receiver), ...params],
		result: parseType(m[4] ?? ''),
		run,
		...(cost === undefined ? {} : { cost }),
	};
}

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
