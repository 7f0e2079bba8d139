/** What a person says of work elsewhere: functions from record to record. */
import { LIMITS } from '../limits.ts';
import type { Declared, DeclaredChange } from '../protocol/portfolio.ts';
import type { Learner } from '../protocol/progress.ts';

export const declaredOf = (learner: Learner): readonly Declared[] => learner.declared ?? [];

/** Why a change cannot be kept, or undefined. */
export function declaredFault(learner: Learner, change: DeclaredChange): string | undefined {
	const added = change.action === 'put' && !declaredOf(learner).some(({ id }) => id === change.declared.id);
	return added && declaredOf(learner).length >= LIMITS.declaredKept
		? `a portfolio holds ${LIMITS.declaredKept} links at most; several pieces of one kind can stand behind one link, with their number`
		: undefined;
}

/** One that is replaced keeps its place. */
export function declaredMoved(learner: Learner, change: DeclaredChange): Learner {
	const old = declaredOf(learner);
	if (change.action === 'remove') return { ...learner, declared: old.filter(({ id }) => id !== change.id) };
	const { declared } = change;
	const known = old.some(({ id }) => id === declared.id);
	return { ...learner, declared: known ? old.map((one) => (one.id === declared.id ? declared : one)) : [...old, declared] };
}
