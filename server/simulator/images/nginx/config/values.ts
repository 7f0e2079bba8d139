/** Values of directives as nginx reads them: times, sizes, paths, patterns, addresses. A wrong one is a `ConfigError`. */
import { complaint, type Place } from './directives.ts';
import { ConfigError, type Directive } from './syntax.ts';

/** Where a directive stands, as messages name it. */
export const at = (d: Directive): string => `${d.file}:${d.line}`;

/** Refuses the configuration at a directive. */
export const fail = (d: Directive, message: string): never => {
	throw new ConfigError(`${message} in ${at(d)}`);
};

/** `30s`, `5m`, `500ms` in ms; seconds where no unit is named. */
export function duration(d: Directive, text: string): number {
	const m = /^(\d+)(ms|s|m|h|d)?$/.exec(text);
	if (m === null) return fail(d, `"${d.name}" directive invalid value`);
	return Number(m[1]) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[m[2] ?? 's'] ?? 1000);
}

/** `1m`, `8k` in bytes. */
export function size(d: Directive, text: string): number {
	const m = /^(\d+)([kKmMgG]?)$/.exec(text);
	if (m === null) return fail(d, `"${d.name}" directive invalid value`);
	return Number(m[1]) * ({ k: 1024, m: 1_048_576, g: 1_073_741_824 }[(m[2] ?? '').toLowerCase()] ?? 1);
}

/** A path under nginx's own folder, unless it begins at the root or with a variable. */
export const absolute = (path: string): string => (path.startsWith('/') || path.startsWith('$') ? path : `/etc/nginx/${path}`);

/** A PCRE pattern as the platform's; undefined where it is none. Named groups `(?<x>…)` are the same in both. */
export function toRegex(pattern: string, flags: string): RegExp | undefined {
	try {
		return new RegExp(pattern.replace(/\(\?P</g, '(?<').replace(/^\(\?i\)/, ''), pattern.startsWith('(?i)') ? 'i' : flags);
	} catch {
		return undefined;
	}
}

/** Refuses a pattern that PCRE would not compile. */
export function checkRegex(d: Directive, pattern: string): void {
	if (toRegex(pattern, '') === undefined) fail(d, `pcre2_compile() failed: missing closing parenthesis in "${pattern}"`);
}

/** `host:port`; the other port where none is named, NaN where it is no number. */
export function splitHost(authority: string, otherwise: number): { readonly host: string; readonly port: number } {
	const m = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority);
	return { host: m?.[1] ?? authority, port: m?.[2] === undefined ? otherwise : Number(m[2]) };
}

/** Whether a directive may stand in such a place, with so many arguments. */
export function check(d: Directive, place: Place): void {
	const wrong = complaint(d.name, d.args.length, d.block !== undefined, place);
	if (wrong !== undefined) fail(d, wrong);
}
