/** `patches`, `patchesStrategicMerge`, `patchesJson6902` and `replacements`. Upstream: kustomize api/internal/builtins, kyaml merge2. */
import type { Obj } from '../client.ts';
import { CliError } from '../errors.ts';
import { applyJsonPatch, applyMergePatch } from '../local.ts';
import { isBuiltIn, mergeKeyOf } from '../strategic.ts';
import { splitDocuments } from '../yaml-in.ts';
import type { Read } from './generate.ts';
import { groupOf, type Resource } from './resource.ts';
import { readYaml } from './yaml.ts';

type Map_ = Record<string, unknown>;
const isMap = (v: unknown): v is Map_ => v !== null && typeof v === 'object' && !Array.isArray(v);

/** Items of the patch come first, in its order; then what it does not name (MergeOptionsListPrepend). */
function mergedList(old: readonly unknown[], patch: readonly unknown[], by: string, kind: string): unknown[] {
	if (patch.some((p) => isMap(p) && p['$patch'] === 'replace')) return patch.filter((p) => !(isMap(p) && p['$patch'] === 'replace'));
	const items = patch.filter(isMap);
	const first = items.flatMap((p) => {
		if (p['$patch'] === 'delete') return [];
		const mine = old.find((o) => isMap(o) && o[by] === p[by]);
		return [merged(mine, p, kind)];
	});
	return [...first, ...old.filter((o) => !(isMap(o) && items.some((p) => p[by] === o[by])))];
}

function merged(old: unknown, patch: unknown, kind: string): unknown {
	if (!isMap(patch)) return patch;
	if (patch['$patch'] === 'replace') {
		const { $patch: _directive, ...rest } = patch;
		return rest;
	}
	const out: Map_ = isMap(old) ? { ...old } : {};
	for (const [key, value] of Object.entries(patch)) {
		const mine = out[key];
		if (value === null || (isMap(value) && value['$patch'] === 'delete')) delete out[key];
		else if (Array.isArray(value)) {
			const by = mergeKeyOf(key, kind, [...(Array.isArray(mine) ? mine : []), ...value]);
			out[key] = by === undefined ? value : mergedList(Array.isArray(mine) ? mine : [], value, by, kind);
		} else out[key] = merged(mine, value, kind);
	}
	return out;
}

const whole = (pattern: unknown, value: string): boolean => pattern === undefined || pattern === '' || new RegExp(`^(?:${String(pattern)})$`).test(value);

function labelsMatch(selector: unknown, labels: Record<string, string> = {}): boolean {
	if (typeof selector !== 'string' || selector === '') return true;
	return selector.split(',').every((part) => {
		const [, key = '', operator, value] = /^\s*!?([^=!]+?)\s*(?:(==?|!=)\s*(.*?))?\s*$/.exec(part) ?? [];
		if (operator === undefined) return part.trim().startsWith('!') ? labels[key] === undefined : labels[key] !== undefined;
		return operator === '!=' ? labels[key] !== value : labels[key] === value;
	});
}

/** Whether a target or a replacement's selector means this object, by any name it has had. */
export function selects(selector: Obj, r: Resource): boolean {
	const version = String(r.object.apiVersion).split('/').at(-1) ?? '';
	return (
		whole(selector['group'], groupOf(r.object)) &&
		whole(selector['version'], version) &&
		whole(selector.kind, String(r.object.kind)) &&
		r.names.some((n) => whole(selector['name'], n.name) && whole(selector['namespace'], n.namespace)) &&
		labelsMatch(selector['labelSelector'], r.object.metadata?.labels) &&
		labelsMatch(selector['annotationSelector'], r.object.metadata?.annotations)
	);
}

function strategic(object: Obj, patch: Obj): Obj {
	const next = (isBuiltIn(groupOf(object)) ? merged(object, patch, String(object.kind)) : applyMergePatch(object, patch)) as Obj;
	return next;
}

/** A patch's own identity, where no target is given. */
function ownTarget(patch: Obj): Obj {
	const exact = (text: unknown): string => String(text).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	const group = groupOf(patch);
	return { kind: exact(patch.kind), name: exact(patch.metadata?.name), ...(group === '' ? {} : { group: exact(group) }) } as Obj;
}

function applyOne(all: Resource[], entry: Obj, body: unknown): Resource[] {
	const target = entry['target'] as Obj | undefined;
	if (Array.isArray(body)) {
		if (target === undefined) throw new CliError('must specify a target for JSON patch');
		return all.map((r) => (selects(target, r) ? Object.assign(r, { object: applyJsonPatch(r.object, body) as Obj }) : r));
	}
	const patch = body as Obj;
	const selector = target ?? ownTarget(patch);
	if (target === undefined && !all.some((r) => selects(selector, r))) {
		const version = String(patch.apiVersion).split('/').at(-1);
		throw new CliError(
			`no resource matches strategic merge patch "${patch.kind}.${version}${groupOf(patch) === '' ? '' : `.${groupOf(patch)}`}/${patch.metadata?.name}.[noNs]": no matches for Id ${patch.kind}.${version}${groupOf(patch) === '' ? '' : `.${groupOf(patch)}`}/${patch.metadata?.name}.[noNs]; failed to find unique target for patch ${patch.kind}.${version}${groupOf(patch) === '' ? '' : `.${groupOf(patch)}`}/${patch.metadata?.name}.[noNs]`,
		);
	}
	if (patch['$patch'] === 'delete') return all.filter((r) => !selects(selector, r));
	return all.map((r) => {
		if (!selects(selector, r)) return r;
		const { kind, apiVersion, metadata } = r.object;
		const next = strategic(r.object, patch);
		// A patch changes what something is called only where it is allowed to.
		const kept =
			entry['options']?.allowNameChange === true ? next.metadata : { ...next.metadata, ...(metadata?.name === undefined ? {} : { name: metadata.name }) };
		const same = entry['options']?.allowKindChange === true ? {} : { kind, apiVersion };
		return Object.assign(r, { object: { ...next, ...same, metadata: kept } as Obj });
	});
}

/** Applies all patches of a kustomization, in their order. */
export async function patchAll(spec: Obj, all: Resource[], read: Read): Promise<Resource[]> {
	let out = all;
	for (const source of (spec['patchesStrategicMerge'] ?? []) as string[]) {
		const text = source.includes('\n') ? source : await read(source);
		for (const part of splitDocuments(text)) if (part.trim() !== '') out = applyOne(out, {} as Obj, readYaml(part));
	}
	for (const entry of (spec['patches'] ?? []) as Obj[]) {
		const text = entry['path'] === undefined ? String(entry['patch'] ?? '') : await read(String(entry['path']));
		for (const part of splitDocuments(text)) if (part.trim() !== '') out = applyOne(out, entry, readYaml(part));
	}
	return out;
}

export async function patchJson6902(spec: Obj, all: Resource[], read: Read): Promise<Resource[]> {
	let out = all;
	for (const entry of (spec['patchesJson6902'] ?? []) as Obj[])
		out = applyOne(out, entry, readYaml(entry['path'] === undefined ? String(entry['patch'] ?? '') : await read(String(entry['path']))));
	return out;
}

/** `a.[name=x].b` or `a.b\.c` in parts. */
const pathParts = (path: string): readonly string[] => (path.match(/\[[^\]]*\]|(?:\\.|[^.\\[])+/g) ?? []).map((p) => p.replace(/\\(.)/g, '$1'));

/** Every holder and key that a path leads to. */
function places(at: unknown, parts: readonly string[], create: boolean): (readonly [Map_ | unknown[], string | number])[] {
	const [head, ...rest] = parts;
	if (head === undefined) return [];
	const select = /^\[(.+?)=(.*)\]$/.exec(head);
	if (Array.isArray(at)) {
		const hits = at.flatMap((item, i) =>
			head === '*' || head === String(i) || (select !== null && isMap(item) && String(item[select[1] ?? '']) === select[2]) ? [i] : [],
		);
		return hits.flatMap((i) => (rest.length === 0 ? [[at, i] as const] : places(at[i], rest, create)));
	}
	if (!isMap(at)) return [];
	if (rest.length === 0) return create || at[head] !== undefined ? [[at, head]] : [];
	if (at[head] === undefined && create) at[head] = {};
	return places(at[head], rest, create);
}

function sourceValue(source: Obj, r: Resource): unknown {
	const path = String(source['fieldPath'] ?? 'metadata.name');
	const [found] = places(r.object, pathParts(path), false);
	if (found === undefined)
		throw new CliError(
			`fieldPath \`${path}\` is missing for replacement source ${r.object.kind}.${String(r.object.apiVersion).split('/').at(-1)}/${r.object.metadata?.name}.[noNs]`,
		);
	const value = (found[0] as Map_)[found[1] as string];
	const options = source['options'] as Obj | undefined;
	return options?.['delimiter'] === undefined ? value : String(value).split(String(options['delimiter']))[Number(options['index'] ?? 0)];
}

function placed(old: unknown, value: unknown, options: Obj | undefined): unknown {
	if (options?.['delimiter'] === undefined) return value;
	const parts = String(old ?? '').split(String(options['delimiter']));
	const index = Number(options['index'] ?? 0);
	if (index < 0) parts.unshift(String(value));
	else if (index >= parts.length) parts.push(String(value));
	else parts[index] = String(value);
	return parts.join(String(options['delimiter']));
}

/** Copies values from one object's field into others' (ReplacementTransformer). */
export async function replaceAll(spec: Obj, all: readonly Resource[], read: Read): Promise<void> {
	for (const entry of (spec['replacements'] ?? []) as Obj[]) {
		const given = entry['path'] === undefined ? entry : (readYaml(await read(String(entry['path']))) as Obj);
		for (const r of Array.isArray(given) ? (given as Obj[]) : [given]) replaceOne(r, all);
	}
}

function replaceOne(entry: Obj, all: readonly Resource[]): void {
	const source = (entry['source'] ?? {}) as Obj;
	const from = all.filter((r) => selects(source, r));
	if (from.length > 1) throw new CliError('multiple matches for selector');
	if (entry['sourceValue'] === undefined && from[0] === undefined)
		throw new CliError(
			`nothing selected by ${source.kind ?? '[noKind]'}.${source['version'] ?? '[noVer]'}.${source['group'] ?? '[noGrp]'}/${source['name'] ?? '[noName]'}.${source['namespace'] ?? '[noNs]'}:${source['fieldPath'] ?? 'metadata.name'}`,
		);
	const value = entry['sourceValue'] ?? sourceValue(source, from[0] as Resource);
	for (const target of (entry['targets'] ?? []) as Obj[]) {
		const options = target['options'] as Obj | undefined;
		const rejected = (r: Resource): boolean => ((target['reject'] ?? []) as Obj[]).some((s) => selects(s, r));
		for (const r of all) {
			if (!selects((target['select'] ?? {}) as Obj, r) || rejected(r)) continue;
			for (const path of (target['fieldPaths'] ?? ['metadata.name']) as string[]) {
				const found = places(r.object, pathParts(path), options?.['create'] === true);
				if (found.length === 0) throw new CliError(`unable to find field "${path}" in replacement target`);
				for (const [holder, key] of found) {
					const map = holder as Map_;
					map[key as string] = placed(map[key as string], value, options);
				}
			}
		}
	}
}
