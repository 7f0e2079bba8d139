/** `"…%s…".format([…])` (`cel-go/ext/formatting.go`). */
import { plainName } from '../functions.ts';
import { fromUtf8 } from '../lexer.ts';
import { Duration, Fault, isList, isMap, Timestamp, TypeValue, Uint, type Value } from '../values.ts';
import { durationText, timestampText } from './times.ts';

const CLAUSE = /%(?:%|(\.\d+)?([a-zA-Z]))|%/g;
const DEFAULT_PRECISION = 6;

export function formatted(text: string, args: readonly Value[]): Value {
	let used = 0;
	let fault: Fault | undefined;
	const out = text.replace(CLAUSE, (whole, precision?: string, verb?: string) => {
		if (whole === '%%') return '%';
		if (fault !== undefined) return '';
		const made =
			verb === undefined
				? new Fault('unexpected end of string')
				: used >= args.length
					? new Fault(`index ${used} out of range`)
					: clause(verb, args[used++] ?? null, precision);
		if (typeof made === 'string') return made;
		fault = made;
		return '';
	});
	return fault ?? out;
}

const wrong = (what: string, v: Value): Fault => new Fault(`error during formatting: ${what}, was given ${plainName(v)}`);

const integer = (v: Value): bigint | undefined => (typeof v === 'bigint' ? v : v instanceof Uint ? v.value : undefined);

function clause(verb: string, v: Value, precision: string | undefined): string | Fault {
	const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision.slice(1));
	const whole = integer(v);
	switch (verb) {
		case 's':
			return shown(v);
		case 'd':
			return whole !== undefined ? String(whole) : typeof v === 'number' ? String(v) : wrong('decimal clause can only be used on integers', v);
		case 'f':
			return typeof v === 'number' || whole !== undefined
				? Number(typeof v === 'number' ? v : whole).toFixed(digits)
				: wrong('fixed-point clause can only be used on doubles', v);
		case 'e':
			return typeof v === 'number' || whole !== undefined
				? scientific(Number(typeof v === 'number' ? v : whole), digits)
				: wrong('scientific clause can only be used on doubles', v);
		case 'b':
			return typeof v === 'boolean'
				? v
					? '1'
					: '0'
				: whole !== undefined
					? whole.toString(2)
					: wrong('only integers and bools can be formatted as binary', v);
		case 'o':
			return whole !== undefined ? whole.toString(8) : wrong('octal clause can only be used on integers', v);
		case 'x':
			return hex(v) ?? wrong('only integers, byte buffers, and strings can be formatted as hex', v);
		case 'X':
			return hex(v)?.toUpperCase() ?? wrong('only integers, byte buffers, and strings can be formatted as hex', v);
		default:
			return new Fault(`could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(verb)}`);
	}
}

function scientific(v: number, digits: number): string {
	return v.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
}

function hex(v: Value): string | undefined {
	const whole = integer(v);
	if (whole !== undefined) return whole.toString(16);
	if (v instanceof Uint8Array) return Array.from(v, (b) => b.toString(16).padStart(2, '0')).join('');
	if (typeof v !== 'string') return undefined;
	return [...encodeURIComponent(v).matchAll(/%([0-9A-F]{2})|(.)/g)].map(([, code, c]) => code?.toLowerCase() ?? (c ?? '').charCodeAt(0).toString(16)).join('');
}

/** A value as `%s` writes it. */
function shown(v: Value): string | Fault {
	if (v === null) return 'null';
	if (typeof v === 'string') return v;
	if (typeof v === 'boolean' || typeof v === 'bigint') return String(v);
	if (typeof v === 'number') return String(v);
	if (v instanceof Uint) return String(v.value);
	if (v instanceof Uint8Array) return fromUtf8(v) ?? Array.from(v, (b) => String.fromCharCode(b)).join('');
	if (v instanceof Timestamp) return timestampText(v.nanos);
	if (v instanceof Duration) return durationText(v.nanos);
	if (v instanceof TypeValue) return v.name;
	if (isList(v)) return all(v.map(shown), '[', ']');
	if (!isMap(v)) return wrong('string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps', v);
	const pairs = v.keys().map((k) => both(shown(k), shown(v.get(k) ?? null)));
	return all(
		pairs.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
		'{',
		'}',
	);
}

const both = (key: string | Fault, value: string | Fault): string | Fault =>
	typeof key !== 'string' ? key : typeof value !== 'string' ? value : `${key}: ${value}`;

function all(parts: readonly (string | Fault)[], open: string, close: string): string | Fault {
	const fault = parts.find((p) => typeof p !== 'string');
	return fault ?? `${open}${parts.join(', ')}${close}`;
}
