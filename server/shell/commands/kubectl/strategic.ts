/**
 * Three-way merge patches for `apply`, and strategic patches for `edit` and `set`: apimachinery's strategicpatch and
 * jsonmergepatch, seen from the client. Which lists merge, and by which key, is Kubernetes' own `patchMergeKey` tags.
 */

export type Json = unknown;
type Map_ = Record<string, Json>;

const MERGE_KEYS: { readonly [field: string]: string } = {
	containers: 'name',
	initContainers: 'name',
	ephemeralContainers: 'name',
	env: 'name',
	volumeMounts: 'mountPath',
	volumeDevices: 'devicePath',
	volumes: 'name',
	imagePullSecrets: 'name',
	hostAliases: 'ip',
	topologySpreadConstraints: 'topologyKey',
	conditions: 'type',
	ownerReferences: 'uid',
	resourceClaims: 'name',
	schedulingGates: 'name',
	podIPs: 'ip',
	hostIPs: 'ip',
	addresses: 'type',
	webhooks: 'name',
	matchConditions: 'name',
	variables: 'name',
};
/** Lists of plain values that merge as sets. */
const PRIMITIVE_SETS: ReadonlySet<string> = new Set(['finalizers', 'podCIDRs']);
const RETAIN_KEYS: ReadonlySet<string> = new Set(['strategy', 'volumes', 'resourceClaims']);

const BUILT_IN = /^(|apps|batch|autoscaling|policy|[a-z.]+\.k8s\.io)$/;
/** Groups served by custom resources although they end in k8s.io. */
const CUSTOM = /^(gateway\.networking|metrics|snapshot\.storage|custom\.metrics)\.k8s\.io$/;

/** Kinds of Kubernetes itself take strategic merge patches; custom ones JSON merge patches. */
export const isBuiltIn = (group: string): boolean => BUILT_IN.test(group) && !CUSTOM.test(group);

const isMap = (v: Json): v is Map_ => v !== null && typeof v === 'object' && !Array.isArray(v);

export function deepEqual(a: Json, b: Json): boolean {
	if (a === b) return true;
	if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => deepEqual(v, b[i]));
	if (!isMap(a) || !isMap(b)) return false;
	const keys = Object.keys(a).filter((k) => a[k] !== undefined);
	return keys.length === Object.keys(b).filter((k) => b[k] !== undefined).length && keys.every((k) => deepEqual(a[k], b[k]));
}

interface Options {
	readonly kind: string;
	readonly deletions: boolean;
	readonly changes: boolean;
}

export function mergeKeyOf(field: string, kind: string, items: readonly Json[]): string | undefined {
	if (field === 'ports') {
		if (kind === 'Service') return 'port';
		return items.some((i) => isMap(i) && i['containerPort'] !== undefined) ? 'containerPort' : undefined;
	}
	if (field === 'secrets' && kind === 'ServiceAccount') return 'name';
	if (field === 'conditions' && !items.every((i) => isMap(i) && typeof i['type'] === 'string')) return undefined;
	return MERGE_KEYS[field];
}

function diffMaps(from: Map_, to: Map_, options: Options, retain: boolean): Map_ {
	const patch: Map_ = {};
	for (const key of Object.keys(from)) {
		if (to[key] === undefined) {
			if (options.deletions && from[key] !== undefined) patch[key] = null;
			continue;
		}
		diffValue(key, from[key], to[key], patch, options);
	}
	for (const key of Object.keys(to)) if (from[key] === undefined && to[key] !== undefined && options.changes) patch[key] = to[key];
	if (retain && Object.keys(patch).length > 0)
		patch['$retainKeys'] = Object.keys(to)
			.filter((k) => to[k] !== undefined)
			.sort();
	return patch;
}

function diffValue(key: string, from: Json, to: Json, patch: Map_, options: Options): void {
	if (isMap(from) && isMap(to)) {
		const inner = diffMaps(from, to, options, RETAIN_KEYS.has(key));
		if (Object.keys(inner).length > 0) patch[key] = inner;
		return;
	}
	if (Array.isArray(from) && Array.isArray(to)) {
		const by = mergeKeyOf(key, options.kind, [...from, ...to]);
		if (by !== undefined) diffLists(key, by, from, to, patch, options);
		else if (PRIMITIVE_SETS.has(key)) diffSets(key, from, to, patch, options);
		else if (options.changes && !deepEqual(from, to)) patch[key] = to;
		return;
	}
	if (options.changes && !deepEqual(from, to)) patch[key] = to;
}

function diffSets(key: string, from: readonly Json[], to: readonly Json[], patch: Map_, options: Options): void {
	const added = to.filter((v) => !from.includes(v));
	const gone = from.filter((v) => !to.includes(v));
	if (options.changes && added.length > 0) patch[key] = added;
	if (options.deletions && gone.length > 0) patch[`$deleteFromPrimitiveList/${key}`] = gone;
	if ((options.changes && added.length > 0) || (options.deletions && gone.length > 0)) patch[`$setElementOrder/${key}`] = to;
}

function diffLists(key: string, by: string, from: readonly Json[], to: readonly Json[], patch: Map_, options: Options): void {
	const maps = (l: readonly Json[]): Map_[] => l.filter(isMap);
	const old = new Map(maps(from).map((i) => [i[by], i]));
	const fresh = new Map(maps(to).map((i) => [i[by], i]));
	const out: Map_[] = [];
	for (const [id, item] of fresh) {
		const before = old.get(id);
		if (before === undefined) {
			if (options.changes) out.push(item);
			continue;
		}
		const inner = diffMaps(before, item, options, RETAIN_KEYS.has(key));
		if (Object.keys(inner).length > 0) out.push({ ...inner, [by]: id });
	}
	if (options.deletions) for (const id of old.keys()) if (!fresh.has(id)) out.push({ $patch: 'delete', [by]: id });
	const order = [...fresh.keys()];
	const kept = [...old.keys()].filter((id) => fresh.has(id));
	const moved =
		options.changes &&
		!deepEqual(
			kept,
			order.filter((id) => old.has(id)),
		);
	if (out.length > 0) patch[key] = out;
	if (out.length > 0 || moved) patch[`$setElementOrder/${key}`] = order.map((id) => ({ [by]: id }));
}

/** Joins the deletions' patch and the changes' patch. */
function join(a: Map_, b: Map_, kind: string): Map_ {
	const out: Map_ = { ...a };
	for (const [key, value] of Object.entries(b)) {
		const mine = out[key];
		if (isMap(mine) && isMap(value)) out[key] = join(mine, value, kind);
		else if (Array.isArray(mine) && Array.isArray(value) && !key.startsWith('$')) {
			const by = mergeKeyOf(key, kind, [...mine, ...value]);
			if (by === undefined) out[key] = value;
			else {
				const merged = mine.filter(isMap).map((item) => {
					const other = value.filter(isMap).find((v) => v[by] === item[by]);
					return other === undefined ? item : join(item, other, kind);
				});
				out[key] = [...merged, ...value.filter(isMap).filter((v) => !mine.some((m) => isMap(m) && m[by] === v[by]))];
			}
		} else out[key] = value;
	}
	return out;
}

/** CreateTwoWayMergePatch: what turns `from` into `to`. */
export function twoWayPatch(from: Json, to: Json, kind: string): Map_ {
	return diffMaps(from as Map_, to as Map_, { kind, deletions: true, changes: true }, false);
}

/** CreateThreeWayMergePatch: `original` was applied last, `modified` is wanted, `current` is live. */
export function threeWayPatch(original: Json, modified: Json, current: Json, kind: string): Map_ {
	const delta = diffMaps(current as Map_, modified as Map_, { kind, deletions: false, changes: true }, false);
	const deletions = diffMaps((original ?? {}) as Map_, modified as Map_, { kind, deletions: true, changes: false }, false);
	return join(deletions, delta, kind);
}

function mergeDiff(from: Map_, to: Map_, deletions: boolean, changes: boolean): Map_ {
	const out: Map_ = {};
	for (const [key, value] of Object.entries(from)) {
		const other = to[key];
		if (other === undefined) {
			if (deletions) out[key] = null;
		} else if (isMap(value) && isMap(other)) {
			const inner = mergeDiff(value, other, deletions, changes);
			if (Object.keys(inner).length > 0) out[key] = inner;
		} else if (changes && !deepEqual(value, other)) out[key] = other;
	}
	if (changes) for (const [key, value] of Object.entries(to)) if (from[key] === undefined) out[key] = value;
	return out;
}

/** RFC 7386 patch from `from` to `to`. */
export const mergePatch = (from: Json, to: Json): Map_ => mergeDiff(from as Map_, to as Map_, true, true);

/** CreateThreeWayJSONMergePatch, for custom resources. */
export function threeWayMergePatch(original: Json, modified: Json, current: Json): Map_ {
	const delta = mergeDiff(current as Map_, modified as Map_, false, true);
	const deletions = mergeDiff((original ?? {}) as Map_, modified as Map_, true, false);
	const put = (a: Map_, b: Map_): Map_ => {
		const out = { ...a };
		for (const [k, v] of Object.entries(b)) {
			const mine = out[k];
			out[k] = isMap(mine) && isMap(v) ? put(mine, v) : v;
		}
		return out;
	};
	return put(deletions, delta);
}
