/** What is wrong with a YAML text for this cluster: what is no YAML, and what the cluster's schemas do not know. */
import { type Document as YamlDocument, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type YAMLMap } from 'yaml';
import type { YamlWords } from '../i18n/catalogue.ts';
import { nearest } from './nearest.ts';
import { knownValues } from './known-values.ts';
import { field, isOpen, item, type Kind, kindPlace, type Place, type Schema, typeName } from './schema.ts';

export interface Fault {
	/** Offsets into the text. */
	readonly from: number;
	readonly to: number;
	readonly severity: 'error' | 'warning';
	/** The sentence of the catalogue that says it, and what is filled in: words are the page's, which has them. */
	readonly says: keyof YamlWords;
	readonly values: Readonly<Record<string, string | number>>;
}
type Values = Fault['values'];

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
		return { from, to: Math.min(text.length, Math.max(end, from)), severity: 'error', ...said(code, message) };
	});
	// What could not be parsed as it was meant would only give misleading findings.
	const sound = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
	return sound && isMap(document.contents) ? [...broken, ...object(document.contents, known)] : broken;
}

function said(code: string, message: string): Pick<Fault, 'says' | 'values'> {
	if (code === 'DUPLICATE_KEY') return { says: 'duplicateKey', values: {} };
	if (code === 'TAB_AS_INDENT') return { says: 'tab', values: {} };
	// The parser's own words: one clause, as the sentence around it wants.
	const why = `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replace(/[.]$/, '');
	return { says: code === 'BAD_INDENT' ? 'indentation' : 'noYaml', values: { why } };
}

const rangeOf = (node: unknown): readonly [number, number] => {
	const range = (node as { range?: readonly number[] | null } | null)?.range;
	return [range?.[0] ?? 0, range?.[1] ?? range?.[0] ?? 0];
};

function fault(node: unknown, says: Fault['says'], values: Values = {}, severity: Fault['severity'] = 'error'): Fault[] {
	const [from, to] = rangeOf(node);
	return [{ from, to: Math.max(from, to), severity, says, values }];
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
		if (typeof kind === 'string') return fault(nodeAt(map, 'kind'), 'noApiVersion');
		const ours = typeof apiVersion === 'string' && known.kinds.some((served) => served.apiVersion === apiVersion);
		return ours ? fault(nodeAt(map, 'apiVersion'), 'noKind') : [];
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
	if (versions.length > 0) return fault(nodeAt(map, 'apiVersion'), 'otherVersion', { kind, apiVersion, versions: versions.join(', ') });
	const close = nearest(
		kind,
		kinds.map((served) => served.kind),
	);
	const node = nodeAt(map, 'kind');
	return close === undefined ? fault(node, 'unknownKind', { kind }, 'warning') : fault(node, 'unknownKindClose', { kind, close });
}

function named(map: YAMLMap): Fault[] {
	const metadata = nodeAt(map, 'metadata');
	const has = (key: string): boolean => isMap(metadata) && metadata.items.some((pair) => keyOf(pair) === key);
	if (has('name') || has('generateName')) return [];
	return fault(map.items.find((pair) => keyOf(pair) === 'metadata')?.key ?? map.items[0]?.key, 'noName');
}

/** Checks a value against its place; `path` is for people, `owner` and `key` find the values that a plain string may have, `head` is where what is missing below is said. */
function walk(node: unknown, place: Place, path: string, owner: string, key: string, head: unknown): Fault[] {
	const { schema } = place;
	// Null is as good as left out; what an alias stands for is checked where it is written.
	if (node === null || node === undefined || isAlias(node) || (isScalar(node) && node.value === null)) return [];
	if (isMap(node)) return mapping(node, place, path, head);
	if (isScalar(node)) return scalar(node, place, path, knownValues(owner, key));
	if (!isSeq(node)) return [];
	if (schema.type !== undefined && schema.type !== 'array') return fault(node, 'notList', { path, wanted: typeName(place) });
	const below = item(place);
	return below ? node.items.flatMap((one, index) => walk(one, below, `${path}[${index}]`, owner, key, isMap(one) ? one.items[0]?.key : one)) : [];
}

function mapping(map: YAMLMap, place: Place, path: string, head: unknown): Fault[] {
	const { schema } = place;
	const types = typesOf(schema);
	if (types.size > 0 && !types.has('object')) return fault(map, 'notMapping', { path, wanted: typeName(place) });
	const present = new Set(map.items.map(keyOf));
	const inside = map.items.flatMap((pair) => (isPair(pair) ? entry(pair, place, path, present) : []));
	const missing = (schema.required ?? []).filter((name) => !present.has(name) && schema.properties?.[name]?.default === undefined);
	return [...inside, ...missing.flatMap((name) => fault(head ?? map, 'required', { path: join(path, name) }))];
}

function entry(pair: Pair, place: Place, path: string, present: ReadonlySet<string>): Fault[] {
	const key = keyOf(pair);
	const below = field(place, key);
	if (below) return walk(pair.value, below, join(path, key), place.name, key, pair.key);
	// `<<` merges another mapping in, in YAML 1.1.
	if (key === '<<' || isOpen(place)) return [];
	const others = Object.keys(place.schema.properties ?? {}).filter((name) => !present.has(name));
	const close = nearest(key, others);
	const unknown = { path: join(path, key) };
	return close === undefined ? fault(pair.key, 'unknownField', unknown) : fault(pair.key, 'unknownFieldClose', { ...unknown, close });
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';

function scalar(node: Node & { value: unknown }, place: Place, path: string, usual: readonly string[]): Fault[] {
	const { schema } = place;
	const { value } = node;
	const actual = isNumber(value) ? (Number.isInteger(Number(value)) ? 'integer' : 'number') : typeof value;
	const accepted = typesOf(schema);
	const fits = accepted.size === 0 || accepted.has(actual) || (actual === 'integer' && accepted.has('number'));
	if (!fits) return fault(node, wrongType(value, accepted), { path, value: String(value), wanted: typeName(place) });
	const allowed = schema.enum ?? usual;
	if (allowed.length > 0 && !allowed.includes(value)) {
		const close = nearest(String(value), allowed.map(String));
		const values = { path, value: String(value), allowed: allowed.map(String).join(', ') };
		return close === undefined ? fault(node, 'notAllowed', values) : fault(node, 'notAllowedClose', { ...values, close });
	}
	return bounds(node, schema, path);
}

function wrongType(value: unknown, accepted: ReadonlySet<string>): Fault['says'] {
	if (accepted.has('string')) return typeof value === 'boolean' ? 'textNotBoolean' : 'textNotNumber';
	if (typeof value === 'boolean') return 'notBoolean';
	if (typeof value !== 'string') return 'notNumber';
	const number = accepted.has('integer') || accepted.has('number');
	return number && value.trim() !== '' && Number.isFinite(Number(value)) ? 'notQuoted' : 'notText';
}

function bounds(node: Node & { value: unknown }, schema: Schema, path: string): Fault[] {
	const { value } = node;
	if (typeof value === 'number' && schema.minimum !== undefined && value < schema.minimum) return fault(node, 'least', { path, n: schema.minimum });
	if (typeof value === 'number' && schema.maximum !== undefined && value > schema.maximum) return fault(node, 'most', { path, n: schema.maximum });
	if (typeof value === 'string' && schema.maxLength !== undefined && value.length > schema.maxLength)
		return fault(node, 'longest', { path, n: schema.maxLength });
	return [];
}

/** JSON types that a value may have; empty for anything. */
function typesOf(schema: Schema): ReadonlySet<string> {
	if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return new Set(['integer', 'string']);
	if (schema.type !== undefined) return new Set([schema.type]);
	return new Set((schema.oneOf ?? schema.anyOf ?? []).flatMap((one) => one.type ?? []));
}
