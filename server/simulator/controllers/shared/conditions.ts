/** Lists of status conditions, changed without being changed in place. */
import { formatTime } from '../../kernel/time.ts';
import type { Condition } from './objects.ts';

export function getCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
	return conditions?.find((c) => c.type === type);
}

export function removeCondition(conditions: readonly Condition[] | undefined, type: string): readonly Condition[] {
	return (conditions ?? []).filter((c) => c.type !== type);
}

/**
 * Sets a condition; its transition time stays where the status does. Where status, reason and message all
 * stand already, the very list comes back.
 */
export function setCondition(conditions: readonly Condition[] | undefined, next: Omit<Condition, 'lastTransitionTime'>, now: number): readonly Condition[] {
	const list = conditions ?? [];
	const old = getCondition(list, next.type);
	if (old !== undefined && old.status === next.status && old.reason === next.reason && old.message === next.message) return list;
	const lastTransitionTime = old !== undefined && old.status === next.status ? old.lastTransitionTime : formatTime(now);
	const made: Condition = { ...next, lastTransitionTime };
	return old === undefined ? [...list, made] : list.map((c) => (c === old ? made : c));
}
