/** metav1.LabelSelector against labels: LabelSelectorAsSelector. */
import { isRecord, recs, str, strs, textMap } from './fields.ts';

type Labels = { readonly [key: string]: string };

/** A missing selector finds nothing, an empty one everything. */
export function matchesSelector(selector: unknown, labels: Labels): boolean {
	if (!isRecord(selector)) return false;
	const wanted = textMap(selector.matchLabels);
	for (const key in wanted) if (labels[key] !== wanted[key]) return false;
	return recs(selector.matchExpressions).every((e) => {
		const value = labels[str(e.key)];
		switch (e.operator) {
			case 'In':
				return value !== undefined && strs(e.values).includes(value);
			case 'NotIn':
				return value === undefined || !strs(e.values).includes(value);
			case 'Exists':
				return value !== undefined;
			default:
				return e.operator === 'DoesNotExist' && value === undefined;
		}
	});
}
