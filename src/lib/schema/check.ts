/** What is wrong with a YAML text for this cluster: what is no YAML, and what the cluster's schemas do not know. */
import { type Document as YamlDocument, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type YAMLMap } from 'yaml';
import { nearest } from './nearest.ts';
import { knownValues } from './known-values.ts';
import { field, isOpen, item, type Kind, kindPlace, type Place, type Schema, typeName } from './schema.ts';

export interface Fault {
	/** Offsets into the text. */
	readonly from: number;
	readonly to: number;
	readonly severity: 'error' | 'warning';
	readonly message: string;
}

/** What is known of the cluster at the moment. */
export interface Knowledge {
	/** Everything that is served; empty while nothing is known yet. */
	readonly kinds: readonly Kind[];
	/** The document of an apiVersion, where it has been fetched. */
	document(apiVersion: string): Parameters<typeof kindPlace>[0] | undefined;
}

/** Beyond this many characters a text is not looked at while one types. */
const LONGEST = 200_000;
/** Files for other programs than the API server. */
const ELSEWHERE =
	/(^|[./])(kustomize\.config\.k8s\.io|kind\.x-k8s\.io|kubeadm\.k8s\.io|[a-z]*config\.k8s\.io|apiserver\.k8s\.io|audit\.k8s\.io|helm\.sh)(\/|$)/;

function parse(text: string): readonly YamlDocument.Parsed[] {
	const parsed = parseAllDocuments(text, { version: '1.1', prettyErrors: false });
	return Array.isArray(parsed) ? (parsed as YamlDocument.Parsed[]) : [];
}

/** The apiVersions that a text names: whose documents `check` needs. */
export function apiVersionsOf(text: string): ReadonlySet<string> {
	return new Set([...text.matchAll(/^\s*(?:- )?apiVersion:\s*["']?([a-z0-9][\w./-]*)/gm)].map((found) => found[1] ?? ''));
}

/** All faults of a text, in its order. */
export function check(text: string, known: Knowledge): Fault[] {
	if (text.length > LONGEST) return [];
	return parse(text)
		.flatMap((document) => inDocument(document, text, known))
		.sort((a, b) => a.from - b.from);
}

function inDocument(document: YamlDocument.Parsed, text: string, known: Knowledge): Fault[] {
	const broken = document.errors.map(({ pos: [start, end], message, code }): Fault => {
		const from = Math.min(start, text.length);
		return { from, to: Math.min(text.length, Math.max(end, from)), severity: 'error', message: worded(code, message) };
	});
	// What could not be parsed as it was meant would only give misleading findings.
	const sound = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
	return sound && isMap(document.contents) ? [...broken, ...object(document.contents, known)] : broken;
}

function worded(code: string, message: string): string {
	if (code === 'DUPLICATE_KEY') return 'This key stands here twice: the later one would win, so kubectl refuses the file.';
	if (code === 'TAB_AS_INDENT') return 'A tab indents this line; YAML takes blanks only.';
	if (code === 'BAD_INDENT') return `The indentation does not fit: ${message.charAt(0).toLowerCase()}${message.slice(1)}.`;
	return message;
}

const rangeOf = (node: unknown): readonly [number, number] => {
	const range = (node as { range?: readonly number[] | null } | null)?.range;
	return [range?.[0] ?? 0, range?.[1] ?? range?.[0] ?? 0];
};

function fault(node: unknown, message: string, severity: Fault['severity'] = 'error'): Fault[] {
	const [from, to] = rangeOf(node);
	return [{ from, to: Math.max(from, to), severity, message }];
}

const keyOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : '');
const nodeAt = (map: YAMLMap, key: string): unknown => map.items.find((pair) => keyOf(pair) === key)?.value;
const nodeKey = (map: YAMLMap, key: string): unknown => map.items.find((pair) => keyOf(pair) === key)?.key;
function valueAt(map: YAMLMap, key: string): unknown {
	const found = nodeAt(map, key);
	return isScalar(found) ? found.value : found;
}

/** One object of the API, or a List of them. */
function object(map: YAMLMap, known: Knowledge): Fault[] {
	const apiVersion = valueAt(map, 'apiVersion');
	const kind = valueAt(map, 'kind');
	if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
		// A file of neither is none for the cluster (Helm's values, a program's settings).
		if (typeof kind === 'string') return fault(nodeAt(map, 'kind'), 'apiVersion is missing: which API this kind belongs to.');
		const ours = typeof apiVersion === 'string' && known.kinds.some((served) => served.apiVersion === apiVersion);
		return ours ? fault(nodeAt(map, 'apiVersion'), 'kind is missing.') : [];
	}
	if (ELSEWHERE.test(apiVersion) || (apiVersion === 'v1' && kind === 'Config') || known.kinds.length === 0) return [];
	if (apiVersion === 'v1' && kind === 'List') {
		const items = nodeAt(map, 'items');
		return isSeq(items) ? items.items.flatMap((one) => (isMap(one) ? object(one, known) : [])) : [];
	}
	if (!known.kinds.some((served) => served.apiVersion === apiVersion && served.kind === kind)) return unserved(map, apiVersion, kind, known.kinds);
	const document = known.document(apiVersion);
	const place = document && kindPlace(document, apiVersion, kind);
	return place ? [...walk(map, place, '', '', '', nodeKey(map, 'kind')), ...named(map)] : [];
}

function unserved(map: YAMLMap, apiVersion: string, kind: string, kinds: readonly Kind[]): Fault[] {
	const versions = [...new Set(kinds.filter((served) => served.kind === kind).map((served) => served.apiVersion))];
	if (versions.length > 0) return fault(nodeAt(map, 'apiVersion'), `This cluster serves no ${kind} in ${apiVersion}; it has one in ${versions.join(' and ')}.`);
	const close = nearest(
		kind,
		kinds.map((served) => served.kind),
	);
	const hint = close === undefined ? 'Where a CustomResourceDefinition brings it, apply that first.' : `Did you mean ${close}?`;
	return fault(nodeAt(map, 'kind'), `This cluster knows no kind ${kind}. ${hint}`, close === undefined ? 'warning' : 'error');
}

function named(map: YAMLMap): Fault[] {
	const metadata = nodeAt(map, 'metadata');
	const has = (key: string): boolean => isMap(metadata) && metadata.items.some((pair) => keyOf(pair) === key);
	if (has('name') || has('generateName')) return [];
	return fault(map.items.find((pair) => keyOf(pair) === 'metadata')?.key ?? map.items[0]?.key, 'metadata.name is missing.');
}

/** Checks a value against its place; `path` is for people, `owner` and `key` find the values that a plain string may have, `head` is where what is missing below is said. */
function walk(node: unknown, place: Place, path: string, owner: string, key: string, head: unknown): Fault[] {
	const { schema } = place;
	// Null is as good as left out; what an alias stands for is checked where it is written.
	if (node === null || node === undefined || isAlias(node) || (isScalar(node) && node.value === null)) return [];
	if (isMap(node)) return mapping(node, place, path, head);
	if (isScalar(node)) return scalar(node, place, path, knownValues(owner, key));
	if (!isSeq(node)) return [];
	if (schema.type !== undefined && schema.type !== 'array') return fault(node, `${path} wants ${article(typeName(place))}, this is a list.`);
	const below = item(place);
	return below ? node.items.flatMap((one, index) => walk(one, below, `${path}[${index}]`, owner, key, isMap(one) ? one.items[0]?.key : one)) : [];
}

function mapping(map: YAMLMap, place: Place, path: string, head: unknown): Fault[] {
	const { schema } = place;
	const types = typesOf(schema);
	if (types.size > 0 && !types.has('object')) return fault(map, `${path} wants ${article(typeName(place))}, this is a mapping.`);
	const present = new Set(map.items.map(keyOf));
	const inside = map.items.flatMap((pair) => (isPair(pair) ? entry(pair, place, path, present) : []));
	const missing = (schema.required ?? []).filter((name) => !present.has(name) && schema.properties?.[name]?.default === undefined);
	return [...inside, ...missing.flatMap((name) => fault(head ?? map, `${join(path, name)} is missing; it is required.`))];
}

function entry(pair: Pair, place: Place, path: string, present: ReadonlySet<string>): Fault[] {
	const key = keyOf(pair);
	const below = field(place, key);
	if (below) return walk(pair.value, below, join(path, key), place.name, key, pair.key);
	// `<<` merges another mapping in, in YAML 1.1.
	if (key === '<<' || isOpen(place)) return [];
	const others = Object.keys(place.schema.properties ?? {}).filter((name) => !present.has(name));
	const close = nearest(key, others);
	return fault(pair.key, `unknown field “${join(path, key)}”${close === undefined ? '' : `; did you mean “${close}”?`}`);
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
const article = (type: string): string => `${/^[aeiou]/i.test(type) ? 'an' : 'a'} ${type}`;
const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';

function scalar(node: Node & { value: unknown }, place: Place, path: string, usual: readonly string[]): Fault[] {
	const { schema } = place;
	const { value } = node;
	const actual = isNumber(value) ? (Number.isInteger(Number(value)) ? 'integer' : 'number') : typeof value;
	const accepted = typesOf(schema);
	const fits = accepted.size === 0 || accepted.has(actual) || (actual === 'integer' && accepted.has('number'));
	if (!fits) return fault(node, wrongType(value, accepted, path, article(typeName(place))));
	const allowed = schema.enum ?? usual;
	if (allowed.length > 0 && !allowed.includes(value)) {
		const close = nearest(String(value), allowed.map(String));
		const meant = close === undefined ? '.' : `; did you mean “${close}”?`;
		return fault(node, `${path} cannot be “${String(value)}”${meant} It takes ${allowed.map(String).join(', ')}.`);
	}
	return bounds(node, schema, path);
}

function wrongType(value: unknown, accepted: ReadonlySet<string>, path: string, wanted: string): string {
	const shown = typeof value === 'string' ? 'text' : typeof value === 'boolean' ? `the boolean ${String(value)}` : `the number ${String(value)}`;
	if (accepted.has('string')) return `${path} wants text, this is ${shown} to YAML: put it in quotes.`;
	const number = accepted.has('integer') || accepted.has('number');
	const quoted = number && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
	return `${path} wants ${wanted}, this is ${shown}${quoted ? ': take the quotes off' : ''}.`;
}

function bounds(node: Node & { value: unknown }, schema: Schema, path: string): Fault[] {
	const { value } = node;
	if (typeof value === 'number' && schema.minimum !== undefined && value < schema.minimum) return fault(node, `${path} is ${schema.minimum} at least.`);
	if (typeof value === 'number' && schema.maximum !== undefined && value > schema.maximum) return fault(node, `${path} is ${schema.maximum} at most.`);
	if (typeof value === 'string' && schema.maxLength !== undefined && value.length > schema.maxLength)
		return fault(node, `${path} has ${schema.maxLength} characters at most.`);
	return [];
}

/** JSON types that a value may have; empty for anything. */
function typesOf(schema: Schema): ReadonlySet<string> {
	if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return new Set(['integer', 'string']);
	if (schema.type !== undefined) return new Set([schema.type]);
	return new Set((schema.oneOf ?? schema.anyOf ?? []).flatMap((one) => one.type ?? []));
}
