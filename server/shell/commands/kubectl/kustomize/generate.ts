/** configMapGenerator and secretGenerator, and the hash that ends generated names. Upstream: kustomize api/internal/generators, hasher. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Obj } from '../client.ts';
import { CliError } from '../errors.ts';
import { jsonEscape, sorted } from '../yaml-out.ts';
import { newResource, type Resource } from './resource.ts';

/** What reads files beside the kustomization; rejects where there is none. */
export type Read = (path: string) => Promise<string>;

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

function pair(text: string, what: string): readonly [string, string] {
	const eq = text.indexOf('=');
	if (eq < 1) throw new CliError(`invalid ${what} source ${text}, expected key=value`);
	return [text.slice(0, eq), text.slice(eq + 1).replace(/^(['"])(.*)\1$/, '$2')];
}

async function pairsOf(entry: Obj, read: Read): Promise<readonly (readonly [string, string])[]> {
	const out: (readonly [string, string])[] = [];
	const envs = [...((entry['envs'] ?? []) as string[]), ...(entry['env'] ? [String(entry['env'])] : [])];
	for (const path of envs)
		for (const line of (await read(path)).split('\n')) {
			const trimmed = line.trimStart();
			if (trimmed === '' || trimmed.startsWith('#')) continue;
			const eq = trimmed.indexOf('=');
			out.push(eq < 0 ? [trimmed, ''] : [trimmed.slice(0, eq), trimmed.slice(eq + 1)]);
		}
	for (const path of (entry['files'] ?? []) as string[]) {
		const eq = path.indexOf('=');
		const file = eq < 0 ? path : path.slice(eq + 1);
		out.push([eq < 0 ? file.slice(file.lastIndexOf('/') + 1) : path.slice(0, eq), await read(file)]);
	}
	for (const literal of (entry['literals'] ?? []) as string[]) out.push(pair(literal, 'literal'));
	return out;
}

/** One generated object. */
async function made(entry: Obj, kind: 'ConfigMap' | 'Secret', defaults: Obj, read: Read): Promise<Resource> {
	const name = String(entry['name'] ?? '');
	if (name === '') throw new CliError(`missing metadata.name in object {{v1 ${kind}} {{ } map[] map[]}}`);
	const options: Obj = {
		...defaults,
		...entry['options'],
		labels: { ...defaults['labels'], ...entry['options']?.labels },
		annotations: { ...defaults['annotations'], ...entry['options']?.annotations },
	};
	const data: Record<string, string> = {};
	for (const [key, value] of await pairsOf(entry, read)) {
		if (Object.hasOwn(data, key)) throw new CliError(`configmap ${name} illegally repeats the key \`${key}\``);
		data[key] = kind === 'Secret' ? base64(value) : value;
	}
	const some = (map: Record<string, string>): boolean => Object.keys(map).length > 0;
	const object: Obj = {
		apiVersion: 'v1',
		kind,
		metadata: {
			name,
			...(entry['namespace'] ? { namespace: String(entry['namespace']) } : {}),
			...(some(options['labels']) ? { labels: options['labels'] } : {}),
			...(some(options['annotations']) ? { annotations: options['annotations'] } : {}),
		},
		...(some(data) ? { data } : {}),
		...(kind === 'Secret' ? { type: entry['type'] ?? 'Opaque' } : {}),
		...(options['immutable'] === true ? { immutable: true } : {}),
	};
	return newResource(object, options['disableNameSuffixHash'] !== true);
}

/** Adds what the generators of `spec` make to `all`; some merge into or replace what a base has made. */
export async function generate(spec: Obj, all: Resource[], read: Read): Promise<void> {
	const defaults = (spec['generatorOptions'] ?? {}) as Obj;
	for (const [field, kind] of [['configMapGenerator', 'ConfigMap'] as const, ['secretGenerator', 'Secret'] as const])
		for (const entry of (spec[field] ?? []) as Obj[]) {
			const fresh = await made(entry, kind, defaults, read);
			const behavior = String(entry['behavior'] ?? 'create');
			const at = all.findIndex((r) => r.object.kind === kind && r.names.some((n) => n.name === entry['name']));
			if (behavior === 'create' || behavior === 'unspecified') {
				if (at >= 0)
					throw new CliError(
						`merging from generator: id resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"${kind}"}, Name:"${entry['name']}", Namespace:""} exists; behavior must be merge or replace`,
					);
				all.push(fresh);
				continue;
			}
			const old = all[at];
			if (old === undefined)
				throw new CliError(
					`merging from generator: id resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"${kind}"}, Name:"${entry['name']}", Namespace:""} does not exist; cannot merge or replace`,
				);
			const metadata = {
				...old.object.metadata,
				...(fresh.object.metadata?.labels || old.object.metadata?.labels
					? { labels: { ...old.object.metadata?.labels, ...fresh.object.metadata?.labels } }
					: {}),
				...(fresh.object.metadata?.annotations || old.object.metadata?.annotations
					? { annotations: { ...old.object.metadata?.annotations, ...fresh.object.metadata?.annotations } }
					: {}),
			};
			const data = behavior === 'merge' ? { ...old.object['data'], ...fresh.object['data'] } : fresh.object['data'];
			old.object = { ...fresh.object, metadata, ...(data === undefined ? {} : { data }) };
			old.hashed = fresh.hashed;
		}
}

/** Ten letters out of a ConfigMap's or Secret's content; `name` is hashed, too, by `create --append-hash`. */
export function contentHash(object: Obj, name = ''): string {
	// kustomize looks the name up by a path that never fits, so it is always empty there.
	const content = { kind: object.kind, name, data: object['data'] ?? '' } as Obj;
	if (object.kind === 'Secret') content['type'] = object['type'] ?? '';
	for (const field of object.kind === 'Secret' ? ['stringData'] : ['binaryData']) if (object[field] !== undefined) content[field] = object[field];
	const hex = bytesToHex(sha256(utf8ToBytes(jsonEscape(JSON.stringify(sorted(content))))));
	const letters: { readonly [digit: string]: string } = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };
	return hex.slice(0, 10).replace(/[013ae]/g, (c) => letters[c] ?? c);
}
