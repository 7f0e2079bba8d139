/** Rules for quotas and limit ranges: ValidateResourceQuota, ValidateLimitRange. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkQualifiedName, duplicateValue, forbiddenValue, invalidValue } from '../../validation.ts';
import { type Fields, rec, recs, specOf, str, strs } from '../fields.ts';
import { compareQuantities } from '../quantity.ts';
import { invalidEach } from '../validation/field.ts';
import { isQuotaResource, isStandardResource, quantityErrors } from '../validation/resource-names.ts';

const SCOPES = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity', 'VolumeAttributesClass'];

export function quotaErrors(quota: KubeObject): readonly FieldError[] {
	const spec = specOf(quota);
	const out: FieldError[] = [];
	for (const [name, amount] of Object.entries(rec(spec.hard))) {
		const field = `spec.hard[${name}]`;
		out.push(...invalidEach(field, name, checkQualifiedName(name)));
		if (!isQuotaResource(name)) {
			if (!isStandardResource(name)) out.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'));
			out.push(invalidValue(field, name, 'must be a standard resource for quota'));
		}
		out.push(...quantityErrors(field, amount));
	}
	const scopes = strs(spec.scopes);
	for (const scope of scopes) if (!SCOPES.includes(scope)) out.push(invalidValue('spec.scopes', scopes, `unsupported scope`));
	for (const [a, b] of [
		['BestEffort', 'NotBestEffort'],
		['Terminating', 'NotTerminating'],
	] as const) {
		if (scopes.includes(a) && scopes.includes(b)) out.push(invalidValue('spec.scopes', scopes, 'conflicting scopes'));
	}
	return out;
}

export function quotaUpdateErrors(quota: KubeObject, old: KubeObject): readonly FieldError[] {
	const out = [...quotaErrors(quota)];
	const [now, before] = [specOf(quota).scopes, specOf(old).scopes];
	if (!sameData(now, before)) out.push(invalidValue('spec.scopes', now ?? null, 'field is immutable'));
	return out;
}

/** One bound must not pass another: `min value 2 is greater than max value 1`. */
function order(item: Fields, low: string, high: string, words: readonly [string, string], field: string): readonly FieldError[] {
	const [small, large] = [rec(item[low]), rec(item[high])];
	return Object.keys(small).flatMap((name) => {
		if (large[name] === undefined || compareQuantities(small[name], large[name]) <= 0) return [];
		return [
			invalidValue(`${field}.${low}[${name}]`, str(small[name]), `${words[0]} value ${str(small[name])} is greater than ${words[1]} value ${str(large[name])}`),
		];
	});
}

export function limitRangeErrors(range: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	const types = new Set<string>();
	for (const [i, item] of recs(specOf(range).limits).entries()) {
		const field = `spec.limits[${i}]`;
		const type = str(item.type);
		if (types.has(type)) out.push(duplicateValue(`${field}.type`, type));
		types.add(type);
		if (type === 'Pod') {
			for (const list of ['default', 'defaultRequest']) {
				if (Object.keys(rec(item[list])).length > 0) out.push(forbiddenValue(`${field}.${list}`, "may not be specified when `type` is 'Pod'"));
			}
		}
		out.push(...order(item, 'min', 'max', ['min', 'max'], field), ...order(item, 'min', 'defaultRequest', ['min', 'default request'], field));
		out.push(
			...order(item, 'defaultRequest', 'max', ['default request', 'max'], field),
			...order(item, 'defaultRequest', 'default', ['default request', 'default limit'], field),
		);
		out.push(...order(item, 'min', 'default', ['min', 'default'], field), ...order(item, 'default', 'max', ['default', 'max'], field));
		for (const [name, ratio] of Object.entries(rec(item.maxLimitRequestRatio))) {
			if (compareQuantities(ratio, '1') < 0) out.push(invalidValue(`${field}.maxLimitRequestRatio[${name}]`, str(ratio), `ratio ${str(ratio)} is less than 1`));
		}
	}
	return out;
}
