/** Match conditions of policies and webhooks (`apiserver/pkg/admission/plugin/webhook/matchconditions/matcher.go`). */
import { LIMITS } from '../../cel/limits.ts';
import { type Fields, isRecord, recs, str } from '../../registry/fields.ts';
import { aggregate } from '../refuse.ts';
import { Evaluation, type Inputs } from './evaluation.ts';
import { compileCondition } from './expressions.ts';

export type Conditions = { readonly matches: boolean } | { readonly error: string };

/** One false condition decides, whatever the others end in; faults are the failure policy's to judge. */
export function matchConditions(spec: Fields, inputs: Omit<Inputs, 'variables'>): Conditions {
	const conditions = recs(spec.matchConditions);
	if (conditions.length === 0) return { matches: true };
	const evaluation = new Evaluation({ ...inputs, variables: [] }, LIMITS.matchConditions);
	const errors: string[] = [];
	for (const condition of conditions) {
		const source = str(condition.expression);
		const outcome = evaluation.evaluate(compileCondition(source, isRecord(spec.paramKind)), source);
		if ('error' in outcome) {
			errors.push(outcome.error);
			if (outcome.fatal === true) break;
		} else if (outcome.value === false) return { matches: false };
	}
	if (errors.length === 0) return { matches: true };
	return spec.failurePolicy === 'Ignore' ? { matches: false } : { error: aggregate(errors) };
}
