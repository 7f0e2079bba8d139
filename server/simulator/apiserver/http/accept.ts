/** Content negotiation: what form of answer an Accept header asks for. */
import { notAcceptable } from '../errors.ts';

export interface Accepted {
	readonly format: 'json' | 'yaml';
	/** Another kind in which the object is wanted. */
	readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';
	/** Version of that kind's group (v1 or v1beta1; v2 or v2beta1 for discovery). */
	readonly version?: string;
}

const JSON_ANSWER: Accepted = { format: 'json' };
const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

interface Clause {
	readonly type: string;
	readonly params: { readonly [name: string]: string };
	readonly quality: number;
}

function clauses(header: string): readonly Clause[] {
	const out = header.split(',').map((text): Clause => {
		const [type = '', ...rest] = text.split(';').map((p) => p.trim());
		const params: { [name: string]: string } = {};
		for (const p of rest) {
			const at = p.indexOf('=');
			if (at > 0) params[p.slice(0, at).toLowerCase()] = p.slice(at + 1).replace(/^"|"$/g, '');
		}
		const quality = Number(params['q'] ?? '1');
		return { type: type.toLowerCase(), params, quality: Number.isFinite(quality) ? quality : 1 };
	});
	// Sorting is stable: among equals the client's order counts.
	return out.filter((c) => c.type !== '' && c.quality > 0).sort((a, b) => b.quality - a.quality);
}

const FORMATS: { readonly [type: string]: Accepted['format'] } = {
	'application/json': 'json',
	'application/yaml': 'yaml',
	// Asked for protobuf, JSON is answered: every client that asks for it reads JSON, too (research/08).
	'application/vnd.kubernetes.protobuf': 'json',
	'application/*': 'json',
	'*/*': 'json',
};

const META_KINDS = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const;

function accepted({ type, params }: Clause, discovery: boolean): Accepted | undefined {
	const format = FORMATS[type];
	if (format === undefined) return undefined;
	const as = params['as'];
	if (as === undefined) return { format };
	const { g: group, v: version = '' } = params;
	if (discovery) {
		const known = as === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io' && (version === 'v2' || version === 'v2beta1');
		return known ? { format, as, version } : undefined;
	}
	const kind = META_KINDS.find((k) => k === as);
	if (kind === undefined || group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
	return { format, as: kind, version };
}

const memo = new Map<string, Accepted>();
const MEMO_LIMIT = 256;

/**
 * The first clause that can be served; throws 406 where none can. `discovery` knows APIGroupDiscoveryList only, everything
 * else the meta kinds; reviews, which are never stored, have no Table.
 */
export function negotiate(header: string | undefined, what: 'resource' | 'review' | 'discovery' = 'resource'): Accepted {
	if (header === undefined || header === '' || header === 'application/json' || header === '*/*') return JSON_ANSWER;
	const key = `${what} ${header}`;
	const known = memo.get(key);
	if (known !== undefined) return known;
	for (const clause of clauses(header)) {
		const found = accepted(clause, what === 'discovery');
		if (found === undefined || (what === 'review' && found.as === 'Table')) continue;
		// A cache of pure results: it changes no answer, and it can't grow past its bound.
		if (memo.size < MEMO_LIMIT) memo.set(key, found);
		return found;
	}
	throw notAcceptable(MEDIA_TYPES);
}
