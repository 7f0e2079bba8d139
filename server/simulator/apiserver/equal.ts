/** Deep equality of plain data, as Go's `equality.Semantic.DeepEqual`: absent, null and empty count as the same. Shared parts cost nothing. */
export function sameData(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (isEmpty(a) && isEmpty(b)) return true;
	if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
	if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => sameData(v, b[i]));
	if (Array.isArray(b)) return false;
	const x = a as { readonly [k: string]: unknown };
	const y = b as { readonly [k: string]: unknown };
	for (const k in x) if (!sameData(x[k], y[k])) return false;
	for (const k in y) if (!(k in x) && !isEmpty(y[k])) return false;
	return true;
}

function isEmpty(v: unknown): boolean {
	if (v === undefined || v === null) return true;
	return Array.isArray(v) && v.length === 0;
}

export function isRecord(v: unknown): v is { readonly [key: string]: unknown } {
	return typeof v === 'object' && v !== null && !Array.isArray(v);
}
