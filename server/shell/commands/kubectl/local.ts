/** Changes made on this side: `--local`, `--dry-run=client`. Strategic and merge patches, JSON patch, and objects without a server. */
import { applyPatch, type Operation } from 'rfc6902';
import { CliError } from './errors.ts';
import { mergeKeyOf } from './strategic.ts';

type Map_ = Record<string, unknown>;
const isMap = (v: unknown): v is Map_ => v !== null && typeof v === 'object' && !Array.isArray(v);

/** RFC 7386. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
	if (!isMap(patch)) return patch;
	const out: Map_ = isMap(target) ? { ...target } : {};
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) delete out[key];
		else out[key] = applyMergePatch(out[key], value);
	}
	return out;
}

/** Items in the order of `$setElementOrder`; those it does not name keep their place behind their neighbours. */
function ordered(items: readonly Map_[], by: string, order: readonly unknown[] | undefined): Map_[] {
	if (order === undefined) return [...items];
	const rank = new Map(order.filter(isMap).map((o, i) => [o[by], i]));
	const named = items.filter((i) => rank.has(i[by])).sort((a, b) => (rank.get(a[by]) ?? 0) - (rank.get(b[by]) ?? 0));
	return [...named, ...items.filter((i) => !rank.has(i[by]))];
}

function mergeLists(target: readonly unknown[], patch: readonly unknown[], by: string, kind: string, order: readonly unknown[] | undefined): unknown[] {
	let items = target.filter(isMap);
	for (const p of patch.filter(isMap)) {
		if (p['$patch'] === 'replace') return patch.filter((q) => !(isMap(q) && q['$patch'] === 'replace'));
		const at = items.findIndex((i) => i[by] === p[by]);
		if (p['$patch'] === 'delete') items = items.filter((i) => i[by] !== p[by]);
		else if (at >= 0) items = items.map((i, n) => (n === at ? (applyStrategic(i, p, kind) as Map_) : i));
		// Upstream puts new items first where no order is given (mergeSliceWithSpecialElements appends, then sorts by the patch).
		else items = [...items, p];
	}
	return ordered(items, by, order);
}

/** strategicpatch.StrategicMergePatch on plain data. */
export function applyStrategic(target: unknown, patch: unknown, kind: string): unknown {
	if (!isMap(patch)) return patch;
	if (patch['$patch'] === 'replace') {
		const { $patch: _directive, ...rest } = patch;
		return rest;
	}
	const out: Map_ = isMap(target) ? { ...target } : {};
	const retain = patch['$retainKeys'];
	if (Array.isArray(retain)) for (const key of Object.keys(out)) if (!retain.includes(key)) delete out[key];
	for (const [key, value] of Object.entries(patch)) {
		if (key === '$retainKeys' || key.startsWith('$setElementOrder/')) continue;
		if (key.startsWith('$deleteFromPrimitiveList/')) {
			const field = key.slice('$deleteFromPrimitiveList/'.length);
			const old = out[field];
			if (Array.isArray(old) && Array.isArray(value)) out[field] = old.filter((v) => !value.includes(v));
			continue;
		}
		const old = out[key];
		if (value === null) delete out[key];
		else if (Array.isArray(value)) {
			const by = mergeKeyOf(key, kind, [...(Array.isArray(old) ? old : []), ...value]);
			const order = patch[`$setElementOrder/${key}`];
			out[key] = by === undefined ? value : mergeLists(Array.isArray(old) ? old : [], value, by, kind, Array.isArray(order) ? order : undefined);
		} else out[key] = applyStrategic(old, value, kind);
	}
	return out;
}

/** JSON Patch on a copy. Throws a `CliError` for an operation that doesn't fit. */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
	const copy: unknown = structuredClone(target);
	const errors = applyPatch(copy, patch as Operation[]);
	const failed = errors.find((e) => e !== null);
	if (failed) throw new CliError(`unable to apply patch: ${failed.message}`);
	return copy;
}
