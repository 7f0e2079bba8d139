/** Label matchers made ready: a regular expression is anchored at both ends, as Prometheus' are. */
import type { MetricLabels } from '../series.ts';
import { type Matcher, PromqlError } from './syntax.ts';

export type Compiled = readonly { readonly label: string; readonly test: (value: string) => boolean }[];

const REGEX_LENGTH = 1000;

function tester({ op, value }: Matcher): (text: string) => boolean {
	if (op === '=') return (text) => text === value;
	if (op === '!=') return (text) => text !== value;
	const wanted = op === '=~';
	// Most are lists of names, which need no engine; what nests repetitions would let one run for ever.
	if (/^[^\\.*+?()[\]{}^$]*$/.test(value)) {
		const choices = new Set(value.split('|'));
		return (text) => choices.has(text) === wanted;
	}
	if (value.length > REGEX_LENGTH || /[*+}]\)[*+{]/.test(value))
		throw new PromqlError(`the regular expression ${JSON.stringify(value)} is too much to evaluate`);
	let compiled: RegExp;
	try {
		compiled = new RegExp(`^(?:${value})$`, 'su');
	} catch (e) {
		if (e instanceof SyntaxError) throw new PromqlError(`parse error: error parsing regexp: ${JSON.stringify(value)}`);
		throw e;
	}
	return (text) => compiled.test(text) === wanted;
}

export function compiledMatchers(matchers: readonly Matcher[]): Compiled {
	return matchers.map((m) => ({ label: m.label, test: tester(m) }));
}

/** A label that is missing counts as an empty one. */
export function matchesAll(compiled: Compiled, labels: MetricLabels): boolean {
	return compiled.every((m) => m.test(labels[m.label] ?? ''));
}
