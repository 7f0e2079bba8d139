/** What a person says of work elsewhere, and what mentors confirmed of it: functions from record to record. */
import { createHash } from 'node:crypto';
import { LIMITS } from '../limits.ts';
import type { Confirmation } from '../protocol/confirmation.ts';
import type { Claim, Declared, DeclaredChange, ShownDeclared } from '../protocol/portfolio.ts';
import type { Learner } from '../protocol/progress.ts';
import { canonicalJson } from './digest.ts';

export const declaredOf = (learner: Learner): readonly Declared[] => learner.declared ?? [];

/** SHA-256 (hex) over all that is declared of one piece. */
export const declaredDigest = (declared: Declared): string => createHash('sha256').update(canonicalJson(declared)).digest('hex');

/** With its confirmation: a claim is of words, so an edit ends it, and taking the edit back brings it back. */
export function shownDeclared(learner: Learner): ShownDeclared[] {
	return declaredOf(learner).map((declared) => {
		const claim = learner.claims?.find((one) => one.declared === declared.id);
		return claim?.digest === declaredDigest(declared) ? { ...declared, confirmed: claim.confirmed } : declared;
	});
}

/** The newest claim of a piece stands. Of pieces that are gone the last `LIMITS.declaredKept` are kept: whoever takes a removal back has them again. */
export function declaredConfirmed(learner: Learner, confirmed: readonly Declared[], confirmation: Confirmation): Learner {
	if (confirmed.length === 0) return learner;
	const made: Claim[] = confirmed.map((one) => ({ declared: one.id, digest: declaredDigest(one), confirmed: confirmation }));
	const others = (learner.claims ?? []).filter((old) => !made.some(({ declared }) => declared === old.declared));
	const isThere = ({ declared }: Claim): boolean => declaredOf(learner).some(({ id }) => id === declared);
	const gone = others.filter((one) => !isThere(one)).slice(-LIMITS.declaredKept);
	return { ...learner, claims: [...gone, ...others.filter(isThere), ...made] };
}

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
