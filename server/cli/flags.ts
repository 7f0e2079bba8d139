/** Flags of our commands: `--name value`, `--name=value`, `--name`. Unknown ones and wrong values are faults, worded. */
import { parseArgs } from 'node:util';
import { fault } from '../errors/catalogue.ts';

export interface FlagSpec {
	readonly [name: string]: { readonly type: 'string' | 'boolean'; readonly default?: string | boolean };
}
export type Flags<S extends FlagSpec> = {
	readonly [N in keyof S]: S[N] extends { type: 'boolean' } ? boolean : S[N] extends { default: string } ? string : string | undefined;
};

export function readFlags<S extends FlagSpec>(args: readonly string[], spec: S): Flags<S> {
	try {
		const { values } = parseArgs({
			args: [...args],
			options: spec as FlagSpec as Record<string, { type: 'string' | 'boolean'; default?: string | boolean }>,
			strict: true,
			allowPositionals: false,
		});
		const out: Record<string, unknown> = {};
		for (const name of Object.keys(spec)) out[name] = values[name] ?? (spec[name]?.type === 'boolean' ? false : undefined);
		return out as Flags<S>;
	} catch (error) {
		throw fault('flag-wrong', { why: error instanceof Error ? error.message.replace(/\.$/, '') : String(error) });
	}
}

/** A whole number in a range, or a fault that names flag and value. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
	const n = Number(text);
	if (!/^\d+$/.test(text) || n < least || n > most)
		throw fault('flag-wrong', { why: `--${name} takes a whole number from ${least} to ${most}, not “${text}”` });
	return n;
}
