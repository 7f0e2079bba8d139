/** metav1.LabelSelector as policies use it. */
export interface LabelSelector {
	readonly matchLabels?: { readonly [key: string]: string };
	readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** An empty selector selects everything. */
export function selects(selector: LabelSelector, labels: { readonly [key: string]: string } | undefined): boolean {
	const has = (key: string): string | undefined => (labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined);
	for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (has(key) !== value) return false;
	for (const e of selector.matchExpressions ?? []) {
		const value = has(e.key);
		const listed = value !== undefined && (e.values ?? []).includes(value);
		const met = e.operator === 'In' ? listed : e.operator === 'NotIn' ? !listed : e.operator === 'Exists' ? value !== undefined : value === undefined;
		if (!met) return false;
	}
	return true;
}
