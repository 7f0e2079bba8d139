/** Label and node selectors, as apimachinery's labels package and component-helpers' nodeaffinity evaluate them. */
import type { LabelSelector, Labels, NodeSelector, NodeSelectorTerm, SelectorRequirement, Taint, Toleration } from './objects.ts';

const NO_LABELS: Labels = {};

/** Whether all of `wanted` stand in `labels`. An empty `wanted` matches everything. */
export function labelsMatch(wanted: Labels, labels: Labels | undefined): boolean {
	const have = labels ?? NO_LABELS;
	for (const k in wanted) if (have[k] !== wanted[k]) return false;
	return true;
}

function requirementMatches(r: SelectorRequirement, labels: Labels): boolean {
	const value = labels[r.key];
	switch (r.operator) {
		case 'In':
			return value !== undefined && (r.values ?? []).includes(value);
		case 'NotIn':
			return value === undefined || !(r.values ?? []).includes(value);
		case 'Exists':
			return value !== undefined;
		case 'DoesNotExist':
			return value === undefined;
		case 'Gt':
			return value !== undefined && Number(value) > Number(r.values?.[0]);
		case 'Lt':
			return value !== undefined && Number(value) < Number(r.values?.[0]);
		default:
			return false;
	}
}

/** metav1.LabelSelector: a missing selector matches nothing, an empty one everything. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
	if (selector === undefined) return false;
	if (selector.matchLabels !== undefined && !labelsMatch(selector.matchLabels, labels)) return false;
	return (selector.matchExpressions ?? []).every((r) => requirementMatches(r, labels ?? NO_LABELS));
}

export function selectorIsEmpty(selector: LabelSelector | undefined): boolean {
	return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;
}

/** Requirements of one term are ANDed; a term without any matches nothing. */
export function nodeTermMatches(term: NodeSelectorTerm, nodeName: string, labels: Labels | undefined): boolean {
	const expressions = term.matchExpressions ?? [];
	const fields = term.matchFields ?? [];
	if (expressions.length === 0 && fields.length === 0) return false;
	const fieldValues: Labels = { 'metadata.name': nodeName };
	return expressions.every((r) => requirementMatches(r, labels ?? NO_LABELS)) && fields.every((r) => requirementMatches(r, fieldValues));
}

/** Terms of a node selector are ORed. */
export function nodeSelectorMatches(selector: NodeSelector, nodeName: string, labels: Labels | undefined): boolean {
	return selector.nodeSelectorTerms.some((t) => nodeTermMatches(t, nodeName, labels));
}

export function tolerates(toleration: Toleration, taint: Taint): boolean {
	if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false;
	if (toleration.key !== undefined && toleration.key !== '' && toleration.key !== taint.key) return false;
	if (toleration.operator === 'Exists') return true;
	if (toleration.key === undefined || toleration.key === '') return false;
	const value = taint.value ?? '';
	if (toleration.operator === 'Gt' || toleration.operator === 'Lt') {
		const [t, n] = [Number(toleration.value), Number(value)];
		return toleration.operator === 'Gt' ? n > t : n < t;
	}
	return (toleration.value ?? '') === value;
}

/** The first taint with one of `effects` that no toleration covers. */
export function untolerated(
	taints: readonly Taint[] | undefined,
	tolerations: readonly Toleration[] | undefined,
	effects: readonly string[],
): Taint | undefined {
	if (taints === undefined) return undefined;
	return taints.find((taint) => effects.includes(taint.effect) && !(tolerations ?? []).some((t) => tolerates(t, taint)));
}
