/** Command-line flags read the way spf13/pflag reads them: long and short, `=` or not, short ones in a bunch, `--` as the end. */
import { CliError } from './errors.ts';

export type FlagKind = 'bool' | 'string' | 'int' | 'duration' | 'list' | 'array' | 'tristate';

export interface FlagSpec {
	readonly name: string;
	readonly short?: string;
	readonly kind: FlagKind;
	/** The value where the flag is not given. */
	readonly def?: string;
	/** The value of the flag given bare (`--dry-run`, `--cascade`); 'true' for a bool. */
	readonly bare?: string;
	/** Not offered when completing. */
	readonly hidden?: boolean;
	/** Printed once on stderr when the flag is used. */
	readonly deprecated?: string;
}

/** Flags as given. Lists are split at commas (`list`, pflag's StringSlice) or kept whole (`array`). */
export class Flags {
	readonly #specs: ReadonlyMap<string, FlagSpec>;
	readonly #values: ReadonlyMap<string, readonly string[]>;
	/** Arguments that are no flags, in order, with those after `--`. */
	readonly args: readonly string[];
	/** How many of `args` came before `--`; -1 where there was none. */
	readonly dashAt: number;

	constructor(specs: ReadonlyMap<string, FlagSpec>, values: ReadonlyMap<string, readonly string[]>, args: readonly string[], dashAt: number) {
		this.#specs = specs;
		this.#values = values;
		this.args = args;
		this.dashAt = dashAt;
	}

	changed(name: string): boolean {
		return this.#values.has(name);
	}

	/** The command has such a flag. */
	/** What a flag takes, undefined where there is none of that name. */
	kindOf(name: string): FlagSpec['kind'] | undefined {
		return this.#specs.get(name)?.kind;
	}

	knows(name: string): boolean {
		return this.#specs.has(name);
	}

	str(name: string): string {
		return this.#values.get(name)?.at(-1) ?? this.#specs.get(name)?.def ?? '';
	}

	bool(name: string): boolean {
		return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(this.str(name));
	}

	int(name: string): number {
		return Number(this.str(name) || 0);
	}

	list(name: string): readonly string[] {
		const given = this.#values.get(name);
		const kind = this.#specs.get(name)?.kind;
		if (given === undefined) return this.#specs.get(name)?.def ? [this.#specs.get(name)?.def ?? ''] : [];
		return kind === 'list' ? given.flatMap(splitCsv) : given;
	}

	/** A duration flag in ms; 0 where not given. */
	duration(name: string): number {
		return parseDuration(this.str(name) || '0') ?? 0;
	}
}

/** One line of CSV as encoding/csv reads it: quotes keep commas. */
function splitCsv(text: string): readonly string[] {
	if (!text.includes('"')) return text === '' ? [] : text.split(',');
	const out: string[] = [];
	let cell = '';
	let quoted = false;
	for (let i = 0; i < text.length; i++) {
		const c = text[i] as string;
		if (quoted && c === '"' && text[i + 1] === '"') cell += text[++i];
		else if (c === '"') quoted = !quoted;
		else if (c === ',' && !quoted) {
			out.push(cell);
			cell = '';
		} else cell += c;
	}
	out.push(cell);
	return out;
}

const UNITS: { readonly [unit: string]: number } = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go's time.ParseDuration, in ms; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
	if (text === '0') return 0;
	const match = /^([-+]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text);
	if (match === null) return undefined;
	let total = 0;
	for (const part of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)) total += Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0);
	return match[1] === '-' ? -total : total;
}

function checkValue(spec: FlagSpec, value: string, shown: string): void {
	const bad = (why: string) => new FlagError(`invalid argument "${value}" for "${shown}" flag: ${why}`);
	switch (spec.kind) {
		case 'bool':
			if (!/^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value)) throw bad(`strconv.ParseBool: parsing "${value}": invalid syntax`);
			return;
		case 'int':
			if (!/^[-+]?\d+$/.test(value)) throw bad(`strconv.ParseInt: parsing "${value}": invalid syntax`);
			return;
		case 'duration':
			if (parseDuration(value) === undefined) {
				if (/^[-+]?\d+(\.\d+)?$/.test(value)) throw bad(`time: missing unit in duration "${value}"`);
				throw bad(`time: invalid duration "${value}"`);
			}
			return;
		default:
	}
}

/** A fault in the flags; the caller adds where to read about them. */
export class FlagError extends CliError {}

/** Thrown for -h and --help: not a fault. */
export class HelpAsked extends Error {}

interface Reader {
	readonly specs: ReadonlyMap<string, FlagSpec>;
	readonly shorts: ReadonlyMap<string, FlagSpec>;
	readonly values: Map<string, string[]>;
}

function add(reader: Reader, spec: FlagSpec, value: string): void {
	const shown = spec.short === undefined ? `--${spec.name}` : `-${spec.short}, --${spec.name}`;
	checkValue(spec, value, shown);
	const old = reader.values.get(spec.name);
	if (old === undefined) reader.values.set(spec.name, [value]);
	else old.push(value);
}

const bareValue = (spec: FlagSpec): string | undefined => (spec.kind === 'bool' ? 'true' : spec.bare);

/** Reads one long flag; returns how many further arguments it took. */
function readLong(reader: Reader, arg: string, next: string | undefined): number {
	const eq = arg.indexOf('=');
	const name = eq < 0 ? arg.slice(2) : arg.slice(2, eq);
	if (name === '' || name.startsWith('-') || name.startsWith('=')) throw new FlagError(`bad flag syntax: ${arg}`);
	const spec = reader.specs.get(name.replaceAll('_', '-'));
	if (spec === undefined) {
		if (name === 'help') throw new HelpAsked();
		throw new FlagError(`unknown flag: --${name}`);
	}
	if (eq >= 0) {
		add(reader, spec, arg.slice(eq + 1));
		return 0;
	}
	const bare = bareValue(spec);
	if (bare !== undefined) {
		add(reader, spec, bare);
		return 0;
	}
	if (next === undefined) throw new FlagError(`flag needs an argument: --${name}`);
	add(reader, spec, next);
	return 1;
}

/** Reads a bunch of short flags; returns how many further arguments it took. */
function readShort(reader: Reader, arg: string, next: string | undefined): number {
	let rest = arg.slice(1);
	while (rest !== '') {
		const letter = rest[0] as string;
		const spec = reader.shorts.get(letter);
		if (spec === undefined) {
			if (letter === 'h') throw new HelpAsked();
			throw new FlagError(`unknown shorthand flag: '${letter}' in ${arg}`);
		}
		if (rest[1] === '=') {
			add(reader, spec, rest.slice(2));
			return 0;
		}
		const bare = bareValue(spec);
		if (bare !== undefined) {
			add(reader, spec, bare);
			rest = rest.slice(1);
			continue;
		}
		if (rest.length > 1) {
			add(reader, spec, rest.slice(1));
			return 0;
		}
		if (next === undefined) throw new FlagError(`flag needs an argument: '${letter}' in ${arg}`);
		add(reader, spec, next);
		return 1;
	}
	return 0;
}

/** Reads `words` against `specs`. Throws `FlagError`, or `HelpAsked`. */
export function parseFlags(specs: readonly FlagSpec[], words: readonly string[], options: { readonly interspersed?: boolean } = {}): Flags {
	const byName = new Map(specs.map((s) => [s.name, s]));
	const shorts = new Map<string, FlagSpec>();
	for (const spec of specs) if (spec.short !== undefined && !shorts.has(spec.short)) shorts.set(spec.short, spec);
	const reader: Reader = { specs: byName, shorts, values: new Map() };
	const args: string[] = [];
	let dashAt = -1;
	for (let i = 0; i < words.length; i++) {
		const word = words[i] as string;
		if (word === '--') {
			dashAt = args.length;
			args.push(...words.slice(i + 1));
			break;
		}
		if (word.startsWith('--')) i += readLong(reader, word, words[i + 1]);
		else if (word.startsWith('-') && word !== '-') i += readShort(reader, word, words[i + 1]);
		else {
			args.push(word);
			if (options.interspersed === false) {
				args.push(...words.slice(i + 1));
				break;
			}
		}
	}
	return new Flags(byName, reader.values, args, dashAt);
}

export const bool = (name: string, more: Partial<FlagSpec> = {}): FlagSpec => ({ name, kind: 'bool', def: 'false', ...more });
export const text = (name: string, more: Partial<FlagSpec> = {}): FlagSpec => ({ name, kind: 'string', def: '', ...more });
export const int = (name: string, def: number, more: Partial<FlagSpec> = {}): FlagSpec => ({ name, kind: 'int', def: String(def), ...more });
export const time = (name: string, def = '0s', more: Partial<FlagSpec> = {}): FlagSpec => ({ name, kind: 'duration', def, ...more });
/** Comma-separated and repeatable. */
export const list = (name: string, more: Partial<FlagSpec> = {}): FlagSpec => ({ name, kind: 'list', ...more });
/** Repeatable, commas kept. */
export const array = (name: string, more: Partial<FlagSpec> = {}): FlagSpec => ({ name, kind: 'array', ...more });
