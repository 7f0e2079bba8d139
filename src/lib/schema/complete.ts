/** What may be typed where the cursor is, and what a field under the pointer means. */
import type { YamlWords } from '../i18n/catalogue.ts';
import type { Knowledge } from './check.ts';
import { knownValues } from './known-values.ts';
import { type CursorPlace, cursorPlace, type Step } from './place.ts';
import { descend, type Kind, kindPlace, type Place, resolve, typeName } from './schema.ts';

export interface Offer {
	readonly label: string;
	/** What is put in, the cursor behind it. */
	readonly insert: string;
	/** The field's type, or where a value comes from. */
	readonly detail: string;
	readonly info: string;
	/** In place of `info`: the sentence of the catalogue. */
	readonly says?: keyof YamlWords;
	readonly required: boolean;
}

export interface Offers {
	/** Offset where what is put in begins. */
	readonly from: number;
	readonly offers: readonly Offer[];
	/** Names of live objects that would do here. */
	readonly names?: { readonly kind: Kind; readonly namespace: string };
}

const offer = (label: string, insert = label, detail = '', info = '', required = false): Offer => ({ label, insert, detail, info, required });

export function offersAt(text: string, offset: number, known: Knowledge): Offers | undefined {
	const at = cursorPlace(text, offset);
	if (!at) return undefined;
	const found = at.role === 'key' ? keyOffers(at, known) : valueOffers(at, known);
	return found.offers.length === 0 && !found.names ? undefined : { from: at.from, ...found };
}

/** The apiVersion whose document `offersAt` and `meaningAt` want. */
export const apiVersionAt = (text: string, offset: number): string => cursorPlace(text, offset)?.apiVersion ?? '';

function root(at: Pick<CursorPlace, 'apiVersion' | 'kind'>, known: Knowledge): Place | undefined {
	const document = known.document(at.apiVersion);
	return document && kindPlace(document, at.apiVersion, at.kind);
}

function keyOffers(at: CursorPlace, known: Knowledge): Omit<Offers, 'from'> {
	const place = descend(root(at, known), at.path);
	if (!place) return { offers: at.path.length === 0 ? firstKeys(at) : [] };
	const { schema } = place;
	const required = new Set(schema.required ?? []);
	const indent = ' '.repeat(at.column + 2);
	const offers = Object.entries(schema.properties ?? {})
		.filter(([key]) => !at.siblings.has(key) && !(at.path.length === 0 && key === 'status'))
		.map(([key, own]) => {
			const below = resolve(place.document, own);
			return offer(
				key,
				key + opening(below, indent),
				typeName(below),
				below.schema.description ?? '',
				required.has(key) || (at.path.length === 0 && ['apiVersion', 'kind'].includes(key)),
			);
		});
	// The item of a list of texts is a value, not a key.
	if (at.item && schema.properties === undefined) return valueOffers({ ...at, role: 'value' }, known);
	return { offers };
}

const firstKeys = (at: CursorPlace): Offer[] =>
	[
		{ ...offer('apiVersion', 'apiVersion: ', 'string', '', true), says: 'aboutApiVersion' as const },
		{ ...offer('kind', 'kind: ', 'string', '', true), says: 'aboutKind' as const },
		{ ...offer('metadata', 'metadata:\n  name: ', 'ObjectMeta', '', true), says: 'aboutMetadata' as const },
	].filter((found) => !at.siblings.has(found.label));

/** What follows a key so that one can go on typing: a blank, or a line further in. */
function opening({ schema }: Place, indent: string): string {
	if (schema.type === 'array') return `:\n${indent}- `;
	const below = schema.properties !== undefined || (schema.type === 'object' && typeof schema.additionalProperties === 'object');
	return below ? `:\n${indent}` : ': ';
}

function valueOffers(at: CursorPlace, known: Knowledge): Omit<Offers, 'from'> {
	const key = at.path.findLast((step): step is string => typeof step === 'string') ?? '';
	if (at.path.length === 1 && key === 'apiVersion') return { offers: apiVersions(at, known.kinds) };
	if (at.path.length === 1 && key === 'kind') return { offers: kinds(at, known.kinds) };
	const place = descend(root(at, known), at.path);
	const owner = descend(root(at, known), parentOf(at.path));
	const values = place?.schema.enum?.map(String) ?? knownValues(owner?.name ?? '', key);
	const offers = values.map((value) => offer(value, value, 'value'));
	if (place?.schema.type === 'boolean') offers.push(offer('true'), offer('false'));
	const wanted = reference(at.path, key, owner?.name ?? '');
	const kind =
		wanted === undefined
			? undefined
			: known.kinds.find((served) => served.kind === wanted && (wanted === 'StorageClass' || served.apiVersion === CORE[wanted]));
	return { offers, ...(kind ? { names: { kind, namespace: kind.namespaced ? at.namespace : '' } } : {}) };
}

function parentOf(path: readonly Step[]): readonly Step[] {
	const last = path.findLastIndex((step) => typeof step === 'string');
	return path.slice(0, Math.max(0, last));
}

function apiVersions(at: CursorPlace, served: readonly Kind[]): Offer[] {
	const fitting = at.kind === '' ? served : served.filter((one) => one.kind === at.kind);
	return [...new Set((fitting.length > 0 ? fitting : served).map((one) => one.apiVersion))].sort().map((name) => offer(name, name, 'apiVersion'));
}

function kinds(at: CursorPlace, served: readonly Kind[]): Offer[] {
	const fitting = at.apiVersion === '' ? served : served.filter((one) => one.apiVersion === at.apiVersion);
	const list = fitting.length > 0 ? fitting : served;
	return list.map((one) => offer(one.kind, one.kind, one.apiVersion)).sort((a, b) => a.label.localeCompare(b.label));
}

const CORE: Readonly<Record<string, string>> = {
	Namespace: 'v1',
	ConfigMap: 'v1',
	Secret: 'v1',
	ServiceAccount: 'v1',
	PersistentVolumeClaim: 'v1',
	Service: 'v1',
};

/** The kind whose objects' names a field takes. Upstream: the types' own names in k8s.io/api/core/v1. */
function reference(path: readonly Step[], key: string, owner: string): string | undefined {
	const type = owner.split('.').at(-1) ?? '';
	if (key === 'namespace' && (type === 'ObjectMeta' || type === 'Subject')) return 'Namespace';
	if (key === 'serviceAccountName') return 'ServiceAccount';
	if (key === 'claimName') return 'PersistentVolumeClaim';
	if (key === 'storageClassName') return 'StorageClass';
	if (key === 'secretName') return 'Secret';
	if (key === 'serviceName') return 'Service';
	if (key !== 'name') return undefined;
	if (/^ConfigMap/.test(type)) return 'ConfigMap';
	if (/^Secret/.test(type)) return 'Secret';
	if (type === 'IngressServiceBackend') return 'Service';
	return type === 'LocalObjectReference' && path.includes('imagePullSecrets') ? 'Secret' : undefined;
}

export interface Meaning {
	readonly from: number;
	readonly to: number;
	/** `spec.replicas`, with its type. */
	readonly title: string;
	readonly text: string;
	readonly required: boolean;
}

/** What the key at an offset means. */
export function meaningAt(text: string, offset: number, known: Knowledge): Meaning | undefined {
	const from = text.lastIndexOf('\n', offset - 1) + 1;
	const end = text.indexOf('\n', offset);
	const line = text.slice(from, end < 0 ? text.length : end);
	const key = /^[\s-]*?((?:"[^"]*"|'[^']*'|[\w./-]+))\s*:(?=\s|$)/.exec(line);
	if (!key?.[1]) return undefined;
	const start = from + (key[0].indexOf(key[1]) ?? 0);
	if (offset < start || offset > start + key[1].length) return undefined;
	const at = cursorPlace(text, start);
	if (!at) return undefined;
	const name = key[1].replace(/^["']|["']$/g, '');
	const parent = descend(root(at, known), at.path);
	const place = parent && descend(parent, [name]);
	if (!place || parent.schema.properties?.[name] === undefined) return undefined;
	const title = `${[...at.path.filter((step) => typeof step === 'string'), name].join('.')}: ${typeName(place)}`;
	return { from: start, to: start + key[1].length, title, text: place.schema.description ?? '', required: parent.schema.required?.includes(name) === true };
}
