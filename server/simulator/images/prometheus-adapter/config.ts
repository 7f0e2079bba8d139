/** The adapter's configuration: rules that turn Prometheus' series into metrics of the API. Models prometheus-adapter's pkg/config and pkg/naming. */
import { parse as parseYaml, YAMLError } from 'yaml';
import { type Fields, isRecord, rec, recs, str } from '../../apiserver/registry/fields.ts';
import { parsePromql } from '../../metrics/promql/parse.ts';
import { type Matcher, PromqlError } from '../../metrics/promql/syntax.ts';

export interface GroupResource {
	readonly group: string;
	/** Plural. */
	readonly resource: string;
}

export interface Rule {
	readonly seriesQuery: string;
	readonly matchers: readonly Matcher[];
	readonly filters: readonly { readonly pattern: RegExp; readonly positive: boolean }[];
	/** Label → resource. */
	readonly overrides: { readonly [label: string]: GroupResource };
	readonly template: string;
	readonly namespaced: boolean;
	readonly nameMatches: RegExp;
	readonly nameAs: string;
	readonly metricsQuery: string;
}

export interface Config {
	readonly rules: readonly Rule[];
	readonly externalRules: readonly Rule[];
}

/** Go's regular expressions, as far as JavaScript knows them. Nested repetitions are refused: they may run for ever here. */
function regex(text: string, what: string): RegExp | string {
	if (/[*+}]\)[*+{]/.test(text)) return `unable to compile ${what} "${text}": repetitions within repetitions are not simulated`;
	try {
		return new RegExp(text);
	} catch (e) {
		if (e instanceof SyntaxError) return `unable to compile ${what} "${text}": error parsing regexp: ${text}`;
		throw e;
	}
}

const PLURAL_ENDS: readonly (readonly [RegExp, string])[] = [
	[/(?:s|x|ch|sh)$/, 'es'],
	[/([^aeiou])y$/, '$1ies'],
];
/** `pod` and `pods` alike come to `pods` (the mapper's normalising). */
export function plural(name: string): string {
	if (/[^s]s$/.test(name) && !/(?:ingress|class|status)$/.test(name)) return name;
	for (const [pattern, end] of PLURAL_ENDS) if (pattern.test(name)) return end.startsWith('$') ? name.replace(pattern, end) : `${name}${end}`;
	return `${name}s`;
}
export const singular = (name: string): string =>
	name
		.replace(/ies$/, 'y')
		.replace(/(ss|x|ch|sh)es$/, '$1')
		.replace(/([^s])s$/, '$1');

function nameRule(name: Fields, query: string): Pick<Rule, 'nameMatches' | 'nameAs'> | string {
	const matches = str(name.matches);
	const nameMatches = matches === '' ? /.*/ : regex(matches, `series name match expression`);
	if (typeof nameMatches === 'string') return `${nameMatches} associated with series query "${query}"`;
	const groups = (new RegExp(`${nameMatches.source}|`).exec('')?.length ?? 1) - 1;
	const nameAs = str(name.as) || (groups === 0 ? '$0' : groups === 1 ? '$1' : '');
	return nameAs === '' ? `must specify an 'as' value for name matcher "${matches}" associated with series query "${query}"` : { nameMatches, nameAs };
}

function filtersOf(raw: Fields, query: string): Rule['filters'] | string {
	const out: { pattern: RegExp; positive: boolean }[] = [];
	const patterns = recs(raw.seriesFilters).map((f) => ({ is: str(f.is), isNot: str(f.isNot) }));
	if (str(rec(raw.name).matches) !== '') patterns.push({ is: str(rec(raw.name).matches), isNot: '' });
	for (const { is, isNot } of patterns) {
		const pattern = regex(is || isNot, 'series filter');
		if (typeof pattern === 'string') return `unable to generate series name filter associated with series query "${query}": ${pattern}`;
		out.push({ pattern, positive: is !== '' });
	}
	return out;
}

function ruleOf(raw: Fields): Rule | string {
	const seriesQuery = str(raw.seriesQuery);
	const resources = rec(raw.resources);
	const metricsQuery = str(raw.metricsQuery);
	const name = nameRule(rec(raw.name), seriesQuery);
	if (typeof name === 'string') return name;
	const filters = filtersOf(raw, seriesQuery);
	if (typeof filters === 'string') return filters;
	if ((metricsQuery.match(/<</g) ?? []).length !== (metricsQuery.match(/>>/g) ?? []).length)
		return `unable to construct metrics query associated with series query "${seriesQuery}": unable to parse metrics query template "${metricsQuery}": template: metrics-query:1: unclosed action`;
	const overrides: { [label: string]: GroupResource } = {};
	for (const [label, to] of Object.entries(rec(resources.overrides))) overrides[label] = { group: str(rec(to).group), resource: plural(str(rec(to).resource)) };
	try {
		const expr = parsePromql(seriesQuery);
		if (expr.kind !== 'selector') return `the series query "${seriesQuery}" is no selector`;
		const namespaced = resources.namespaced !== false;
		return { seriesQuery, matchers: expr.matchers, filters, overrides, template: str(resources.template), namespaced, metricsQuery, ...name };
	} catch (e) {
		if (e instanceof PromqlError) return `unable to fetch metrics for query "${seriesQuery}": bad_data: ${e.message}`;
		throw e;
	}
}

/** The rules of a configuration file, or what the adapter says of it as it ends. */
export function readConfig(text: string): Config | string {
	let document: unknown;
	try {
		document = parseYaml(text, { version: '1.1' });
	} catch (e) {
		if (e instanceof YAMLError) return `unable to load metrics discovery configuration: yaml: ${e.message.split('\n')[0]}`;
		throw e;
	}
	if (document !== null && document !== undefined && !isRecord(document)) return 'unable to load metrics discovery configuration: yaml: unmarshal errors';
	const lists: Rule[][] = [];
	for (const key of ['rules', 'externalRules'] as const) {
		const list: Rule[] = [];
		for (const raw of recs(rec(document)[key])) {
			const rule = ruleOf(raw);
			if (typeof rule === 'string') return rule;
			list.push(rule);
		}
		lists.push(list);
	}
	return { rules: lists[0] ?? [], externalRules: lists[1] ?? [] };
}

const known = new Map<string, Config | string>();
/** Texts kept read: a process holds the text, since its data is plain. */
const KNOWN = 50;

/** The same, remembered by the text. */
export function configOf(text: string): Config | string {
	let found = known.get(text);
	if (found === undefined) {
		if (known.size >= KNOWN) known.clear();
		found = readConfig(text);
		known.set(text, found);
	}
	return found;
}

/** Names of series that the rules speak of: no others are kept. */
export function wantedNames(config: Config): (name: string) => boolean {
	const rules = [...config.rules, ...config.externalRules];
	const literal = new Set(
		rules.flatMap(
			(r) =>
				r.metricsQuery
					.replace(/<<.*?>>/g, ' ')
					.replace(/"[^"]*"/g, ' ')
					.match(/[a-zA-Z_:][\w:]*/g) ?? [],
		),
	);
	const cache = new Map<string, boolean>();
	const byRule = (name: string): boolean =>
		rules.some(({ matchers }) => {
			const about = matchers.filter((m) => m.label === '__name__');
			return about.length === 0 || about.every((m) => named(m, name));
		});
	return (name) => {
		let wanted = cache.get(name);
		if (wanted === undefined) {
			wanted = literal.has(name) || byRule(name);
			cache.set(name, wanted);
		}
		return wanted;
	};
}

function named(m: Matcher, name: string): boolean {
	if (m.op === '=' || m.op === '!=') return (m.value === name) === (m.op === '=');
	const compiled = regex(`^(?:${m.value})$`, 'matcher');
	return typeof compiled === 'string' || compiled.test(name) === (m.op === '=~');
}
