/** Rules for where a pod may run: affinity, tolerations, spread. */
import type { FieldError } from '../../types.ts';
import { checkLabelValue, checkQualifiedName, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { arr, type Fields, isRecord, num, rec, recs, str, strs } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';
import { selectorErrors } from '../validation/selectors.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function tolerationErrors(toleration: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const key = str(toleration.key);
	const operator = str(toleration.operator);
	const effect = str(toleration.effect);
	if (key !== '') out.push(...invalidEach(`${field}.key`, key, checkQualifiedName(key)));
	if (key === '' && operator !== 'Exists') {
		out.push(invalidValue(`${field}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
	}
	if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
		out.push(invalidValue(`${field}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
	}
	if (operator === 'Equal' || operator === '') {
		const wrong = checkLabelValue(str(toleration.value));
		if (wrong.length > 0) out.push(invalidValue(`${field}.operator`, str(toleration.value), wrong.join(';')));
	} else if (operator === 'Exists') {
		if (str(toleration.value) !== '') out.push(invalidValue(`${field}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
	} else out.push(notSupportedValue(`${field}.operator`, operator, ['Equal', 'Exists']));
	if (effect !== '' && !EFFECTS.includes(effect)) out.push(notSupportedValue(`${field}.effect`, effect, EFFECTS));
	return out;
}

function nodeExpressionErrors(expression: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const values = strs(expression.values);
	switch (expression.operator) {
		case 'In':
		case 'NotIn':
			if (values.length === 0) out.push(requiredValue(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
			break;
		case 'Exists':
		case 'DoesNotExist':
			if (values.length > 0) out.push(forbiddenValue(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
			break;
		case 'Gt':
		case 'Lt':
			if (values.length !== 1) out.push(requiredValue(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
			break;
		default:
			out.push(invalidValue(`${field}.operator`, str(expression.operator), 'not a valid selector operator'));
	}
	return [...out, ...invalidEach(`${field}.key`, str(expression.key), checkQualifiedName(str(expression.key)))];
}

const nodeTermErrors = (term: Fields, field: string): readonly FieldError[] =>
	recs(term.matchExpressions).flatMap((e, i) => nodeExpressionErrors(e, `${field}.matchExpressions[${i}]`));

function nodeAffinityErrors(affinity: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const required = affinity.requiredDuringSchedulingIgnoredDuringExecution;
	const path = `${field}.requiredDuringSchedulingIgnoredDuringExecution`;
	if (isRecord(required)) {
		const terms = recs(required.nodeSelectorTerms);
		if (terms.length === 0) out.push(requiredValue(`${path}.nodeSelectorTerms`, 'must have at least one node selector term'));
		for (const [i, term] of terms.entries()) out.push(...nodeTermErrors(term, `${path}.nodeSelectorTerms[${i}]`));
	}
	const preferredPath = `${field}.preferredDuringSchedulingIgnoredDuringExecution`;
	for (const [i, term] of recs(affinity.preferredDuringSchedulingIgnoredDuringExecution).entries()) {
		if (num(term.weight) < 1 || num(term.weight) > 100) out.push(invalidValue(`${preferredPath}[${i}].weight`, num(term.weight), 'must be in the range 1-100'));
		out.push(...nodeTermErrors(rec(term.preference), `${preferredPath}[${i}].preference`));
	}
	return out;
}

function podTermErrors(term: Fields, field: string): readonly FieldError[] {
	const out = [...selectorErrors(term.labelSelector, `${field}.labelSelector`), ...selectorErrors(term.namespaceSelector, `${field}.namespaceSelector`)];
	const key = str(term.topologyKey);
	if (key === '') return [...out, requiredValue(`${field}.topologyKey`, 'can not be empty')];
	return [...out, ...invalidEach(`${field}.topologyKey`, key, checkQualifiedName(key))];
}

function podAffinityErrors(affinity: Fields, field: string): readonly FieldError[] {
	const requiredPath = `${field}.requiredDuringSchedulingIgnoredDuringExecution`;
	const preferredPath = `${field}.preferredDuringSchedulingIgnoredDuringExecution`;
	return [
		...recs(affinity.requiredDuringSchedulingIgnoredDuringExecution).flatMap((term, i) => podTermErrors(term, `${requiredPath}[${i}]`)),
		...recs(affinity.preferredDuringSchedulingIgnoredDuringExecution).flatMap((term, i) => {
			const path = `${preferredPath}[${i}]`;
			const weight = num(term.weight);
			const range = weight < 1 || weight > 100 ? [invalidValue(`${path}.weight`, weight, 'must be in the range 1-100')] : [];
			return [...range, ...podTermErrors(rec(term.podAffinityTerm), `${path}.podAffinityTerm`)];
		}),
	];
}

function spreadErrors(constraint: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	if (num(constraint.maxSkew) <= 0) out.push(invalidValue(`${field}.maxSkew`, num(constraint.maxSkew), 'must be greater than zero'));
	const key = str(constraint.topologyKey);
	if (key === '') out.push(requiredValue(`${field}.topologyKey`, 'can not be empty'));
	const when = str(constraint.whenUnsatisfiable);
	const known = ['DoNotSchedule', 'ScheduleAnyway'];
	if (!known.includes(when)) out.push(notSupportedValue(`${field}.whenUnsatisfiable`, when, known));
	return [...out, ...selectorErrors(constraint.labelSelector, `${field}.labelSelector`)];
}

export function schedulingErrors(spec: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const affinity = rec(spec.affinity);
	if (isRecord(affinity.nodeAffinity)) out.push(...nodeAffinityErrors(affinity.nodeAffinity, `${field}.affinity.nodeAffinity`));
	for (const kind of ['podAffinity', 'podAntiAffinity']) {
		const part = affinity[kind];
		if (isRecord(part)) out.push(...podAffinityErrors(part, `${field}.affinity.${kind}`));
	}
	for (const [i, t] of recs(spec.tolerations).entries()) out.push(...tolerationErrors(t, `${field}.tolerations[${i}]`));
	for (const [i, c] of arr(spec.topologySpreadConstraints).map(rec).entries()) out.push(...spreadErrors(c, `${field}.topologySpreadConstraints[${i}]`));
	return out;
}
