/** Rules for label selectors and maps of labels: `apimachinery/pkg/apis/meta/v1/validation`. */
import type { FieldError } from '../../types.ts';
import { checkLabelValue, checkQualifiedName, forbiddenValue, invalidValue, requiredValue } from '../../validation.ts';
import { type Fields, isRecord, rec, recs, str, strs } from '../fields.ts';
import { matchesSelector } from '../label-selector.ts';
import { invalidEach } from './field.ts';

export function labelsErrors(labels: unknown, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	for (const [key, value] of Object.entries(rec(labels))) {
		out.push(...invalidEach(field, key, checkQualifiedName(key)), ...invalidEach(field, value, checkLabelValue(String(value))));
	}
	return out;
}

function expressionErrors(expression: Fields, field: string): readonly FieldError[] {
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
		default:
			out.push(invalidValue(`${field}.operator`, str(expression.operator), 'not a valid selector operator'));
	}
	out.push(...invalidEach(`${field}.key`, str(expression.key), checkQualifiedName(str(expression.key))));
	for (const [i, value] of values.entries()) out.push(...invalidEach(`${field}.values[${i}]`, value, checkLabelValue(value)));
	return out;
}

/** ValidateLabelSelector. A selector that is not there has no faults. */
export function selectorErrors(selector: unknown, field: string): readonly FieldError[] {
	if (!isRecord(selector)) return [];
	const out = [...labelsErrors(selector.matchLabels, `${field}.matchLabels`)];
	for (const [i, e] of recs(selector.matchExpressions).entries()) out.push(...expressionErrors(e, `${field}.matchExpressions[${i}]`));
	return out;
}

const isEmptySelector = (selector: Fields): boolean => Object.keys(rec(selector.matchLabels)).length === 0 && recs(selector.matchExpressions).length === 0;

/** What apps/v1 asks of a selector and the template whose pods it must find. */
export function workloadSelectorErrors(spec: Fields, emptyText: string): readonly FieldError[] {
	const { selector } = spec;
	if (!isRecord(selector)) return [requiredValue('spec.selector')];
	const out = [...selectorErrors(selector, 'spec.selector')];
	if (isEmptySelector(selector)) return [...out, invalidValue('spec.selector', selector, emptyText)];
	const labels = rec(rec(rec(spec.template).metadata).labels) as { readonly [key: string]: string };
	if (out.length === 0 && !matchesSelector(selector, labels)) {
		out.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
	}
	return out;
}
