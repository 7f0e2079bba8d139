/** When a job has succeeded enough (pkg/controller/job/success_policy.go). */
import { parseIndexes } from './indexes.ts';

export interface SuccessPolicy {
	readonly rules?: readonly { readonly succeededIndexes?: string; readonly succeededCount?: number }[];
}

/** The sentence of the first rule that the succeeded indexes meet. */
export function metSuccessPolicy(policy: SuccessPolicy, done: ReadonlySet<number>): string | undefined {
	const at = (policy.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
		if (succeededIndexes === undefined) return succeededCount !== undefined && done.size >= succeededCount;
		const asked = parseIndexes(succeededIndexes);
		return asked.filter((i) => done.has(i)).length >= (succeededCount ?? asked.length);
	});
	return at < 0 ? undefined : `Matched rules at index ${at}`;
}
