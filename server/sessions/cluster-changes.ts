/** What in a cluster differs from the lab's start, through the API alone: objects that somebody made, changed or deleted, not what controllers derive from them. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { LIMITS } from '../limits.ts';
import { canonicalJson } from '../progress/digest.ts';
import type { Capture, ClusterChange } from '../protocol/reviews.ts';
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';

type Json = { readonly [field: string]: unknown };

/** kind/namespace/name → the object as one would have written it. */
export type Inventory = ReadonlyMap<string, { readonly kind: string; readonly namespace: string; readonly name: string; readonly text: string }>;

/** What comes and goes by itself. */
const DERIVED = new Set(['events', 'leases', 'endpoints', 'endpointslices', 'controllerrevisions', 'componentstatuses', 'nodes', 'csinodes', 'ipaddresses']);
const DERIVED_GROUPS = new Set(['metrics.k8s.io', 'apiregistration.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io']);
const BOOKKEEPING = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields', 'selfLink'];
const NOTES = ['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision'];

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const without = (object: Json, fields: readonly string[]): Json => Object.fromEntries(Object.entries(object).filter(([name]) => !fields.includes(name)));

/** Lists every kind that the cluster serves. A kind that cannot be listed is left out. */
export async function inventory(cluster: ClusterEndpoint): Promise<Inventory> {
	const get = async (path: string): Promise<Json> => {
		const response = await cluster.fetch(new Request(`http://cluster${path}`, { headers: { accept: 'application/json' } }));
		const body: unknown = response.ok ? await response.json() : undefined;
		return isJson(body) ? body : {};
	};
	const groups = listOf((await get('/apis'))['groups']).filter(({ name }) => !DERIVED_GROUPS.has(String(name)));
	const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${isJson(preferredVersion) ? String(preferredVersion['groupVersion']) : ''}`)];
	const out = new Map<string, { kind: string; namespace: string; name: string; text: string }>();
	for (const root of roots) {
		for (const { name, kind, verbs } of listOf((await get(root))['resources'])) {
			const resource = String(name);
			if (resource.includes('/') || DERIVED.has(resource) || !Array.isArray(verbs) || !verbs.includes('list')) continue;
			for (const object of listOf((await get(`${root}/${resource}`))['items'])) {
				const own = written(String(kind), root.replace(/^\/apis?\//, ''), object);
				if (own !== undefined) out.set(`${own.kind}/${own.namespace}/${own.name}`, own);
			}
		}
	}
	return out;
}

/** The object without what the server fills in; undefined where something else made it. */
function written(kind: string, apiVersion: string, object: Json): { kind: string; namespace: string; name: string; text: string } | undefined {
	const metadata = isJson(object['metadata']) ? object['metadata'] : {};
	const name = String(metadata['name'] ?? '');
	const namespace = String(metadata['namespace'] ?? '');
	if (listOf(metadata['ownerReferences']).some(({ controller }) => controller === true)) return undefined;
	if ((kind === 'ConfigMap' && name === 'kube-root-ca.crt') || (kind === 'ServiceAccount' && name === 'default')) return undefined;
	const annotations = isJson(metadata['annotations']) ? without(metadata['annotations'], NOTES) : {};
	const kept = { ...without(metadata, [...BOOKKEEPING, 'annotations']), ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
	const rest = without(object, ['apiVersion', 'kind', 'metadata', 'status']);
	const body = kind === 'Secret' ? masked(rest) : kind === 'Service' ? withoutAddress(rest) : rest;
	return { kind, namespace, name, text: stringify({ apiVersion, kind, metadata: kept, ...body }, { lineWidth: 0, aliasDuplicateObjects: false }) };
}

/** Secrets are nobody else's: that a value changed can be seen, not what it is. */
function masked(rest: Json): Json {
	const data = isJson(rest['data']) ? rest['data'] : {};
	const fingerprint = (value: unknown): string => `(masked, sha256 ${createHash('sha256').update(String(value)).digest('hex').slice(0, 12)})`;
	return { ...rest, data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fingerprint(value)])) };
}

function withoutAddress(rest: Json): Json {
	return isJson(rest['spec']) ? { ...rest, spec: without(rest['spec'], ['clusterIP', 'clusterIPs']) } : rest;
}

/** What became of the start; as much as a capture holds. */
export function compared(start: Inventory, now: Inventory): Capture {
	const all: ClusterChange[] = [];
	for (const key of [...new Set([...start.keys(), ...now.keys()])].sort()) {
		const [was, is] = [start.get(key), now.get(key)];
		const shown = is ?? was;
		if (shown === undefined || was?.text === is?.text) continue;
		const { kind, namespace, name } = shown;
		all.push({
			change: was === undefined ? 'created' : is === undefined ? 'deleted' : 'changed',
			kind,
			namespace,
			name,
			before: was?.text ?? '',
			after: is?.text ?? '',
		});
	}
	const changes: ClusterChange[] = [];
	let bytes = 0;
	for (const one of all) {
		bytes += Buffer.byteLength(JSON.stringify(one));
		if (changes.length >= LIMITS.changedObjects || bytes > LIMITS.changesBytes) break;
		changes.push(one);
	}
	return { changes, changesLeftOut: all.length - changes.length, digest: createHash('sha256').update(canonicalJson(changes)).digest('hex') };
}
