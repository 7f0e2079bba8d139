/** Rules for disruption budgets: `pkg/apis/policy/validation/validation.go`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { invalidValue, notSupportedValue } from '../../validation.ts';
import { specOf } from '../fields.ts';
import { atMost100Percent, intOrPercentErrors } from '../validation/numbers.ts';
import { selectorErrors } from '../validation/selectors.ts';

export function budgetErrors(budget: KubeObject): readonly FieldError[] {
	const spec = specOf(budget);
	const out: FieldError[] = [];
	if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
		const { minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy } = spec;
		// Go's internal type has no JSON names.
		const shown = {
			MinAvailable: minAvailable,
			Selector: selector ?? null,
			MaxUnavailable: maxUnavailable,
			UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
		};
		out.push(invalidValue('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
	}
	for (const field of ['minAvailable', 'maxUnavailable']) {
		out.push(...intOrPercentErrors(`spec.${field}`, spec[field]), ...atMost100Percent(`spec.${field}`, spec[field]));
	}
	out.push(...selectorErrors(spec.selector, 'spec.selector'));
	const policy = spec.unhealthyPodEvictionPolicy;
	const known = ['AlwaysAllow', 'IfHealthyBudget'];
	if (policy !== undefined && !known.includes(String(policy))) out.push(notSupportedValue('spec.unhealthyPodEvictionPolicy', policy, known));
	return out;
}
