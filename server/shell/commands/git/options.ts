/** Options of a git command: short ones clustered, long ones with `=` or a word of their own, `--no-` forms as names of their own. */
import { GitError } from './errors.ts';

export interface Options {
	has(...names: readonly string[]): boolean;
	/** The last value given. */
	get(...names: readonly string[]): string | undefined;
	all(...names: readonly string[]): readonly string[];
	readonly operands: readonly string[];
	/** Operands after `--`; undefined where there was none. */
	readonly after: readonly string[] | undefined;
	/** All operands, `--` among them where it was given: for what tells revisions from paths. */
	readonly words: readonly string[];
}

export interface OptionSpec {
	/** Names without a value: `a`, `all`. */
	readonly flags: string;
	/** Names with a value. */
	readonly valued?: string;
	/** Names whose value, if any, is joined on: `--color=always`, `-M90%`. */
	readonly optional?: string;
	/** `-5` is the value of `n`. */
	readonly number?: true;
}

export function parseOptions(args: readonly string[], spec: OptionSpec): Options {
	const flags = new Set(spec.flags.split(' '));
	const valued = new Set((spec.valued ?? '').split(' ').filter((n) => n !== ''));
	const optional = new Set((spec.optional ?? '').split(' ').filter((n) => n !== ''));
	const given: [string, string][] = [];
	const operands: string[] = [];
	let after: string[] | undefined;
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a === '--') {
			after = args.slice(i + 1);
			break;
		}
		if (a.startsWith('--')) {
			const at = a.indexOf('=');
			const name = at < 0 ? a.slice(2) : a.slice(2, at);
			if (optional.has(name)) given.push([name, at < 0 ? '' : a.slice(at + 1)]);
			else if (valued.has(name)) {
				const value = at < 0 ? args[++i] : a.slice(at + 1);
				if (value === undefined) throw new GitError(`error: option \`${name}' requires a value`, 129);
				given.push([name, value]);
			} else if (flags.has(name)) given.push([name, '']);
			else throw new GitError(`error: unknown option \`${name}'`, 129);
		} else if (spec.number && /^-\d+$/.test(a)) given.push(['n', a.slice(1)]);
		else if (a.startsWith('-') && a !== '-') {
			for (let j = 1; j < a.length; j++) {
				const name = a[j] ?? '';
				if (flags.has(name)) given.push([name, '']);
				else if (optional.has(name)) {
					given.push([name, a.slice(j + 1)]);
					break;
				} else if (valued.has(name)) {
					const value = j + 1 < a.length ? a.slice(j + 1) : args[++i];
					if (value === undefined) throw new GitError(`error: switch \`${name}' requires a value`, 129);
					given.push([name, value]);
					break;
				} else throw new GitError(`error: unknown switch \`${name}'`, 129);
			}
		} else operands.push(a);
	}
	const all = (...names: readonly string[]): string[] => given.filter(([n]) => names.includes(n)).map(([, v]) => v);
	return {
		has: (...names) => all(...names).length > 0,
		get: (...names) => all(...names).at(-1),
		all,
		operands: after === undefined ? operands : [...operands, ...after],
		after,
		words: after === undefined ? operands : [...operands, '--', ...after],
	};
}
