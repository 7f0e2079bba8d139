/** How fast a target may grow and shrink: stabilisation windows and policies (convertDesiredReplicasWithBehaviorRate). */

import { quantityNumber } from '../../apiserver/registry/quantity.ts';
import type { Tolerances } from './metrics.ts';

export interface ScalingRules {
	/** A quantity: the share of its target that a metric may be off in this direction. */
	readonly tolerance?: string;
	readonly stabilizationWindowSeconds?: number;
	readonly selectPolicy?: string;
	readonly policies?: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[];
}

export interface Behaviour {
	readonly scaleUp?: ScalingRules;
	readonly scaleDown?: ScalingRules;
}

/** A recommendation or a change of size, with its time in ms since the epoch. */
export interface Past {
	readonly at: number;
	readonly n: number;
}

/** --horizontal-pod-autoscaler-tolerance */
const TOLERANCE = 0.1;

/** tolerancesForHpa */
export function tolerancesOf(behaviour: Behaviour | undefined): Tolerances {
	const of = (rules: ScalingRules | undefined): number => (rules?.tolerance === undefined ? TOLERANCE : (quantityNumber(rules.tolerance) ?? TOLERANCE));
	return { up: of(behaviour?.scaleUp), down: of(behaviour?.scaleDown) };
}

type Pace = Required<Omit<ScalingRules, 'tolerance'>>;

const UP: Pace = {
	stabilizationWindowSeconds: 0,
	selectPolicy: 'Max',
	policies: [
		{ type: 'Pods', value: 4, periodSeconds: 15 },
		{ type: 'Percent', value: 100, periodSeconds: 15 },
	],
};
const DOWN: Pace = { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

function withDefaults(rules: ScalingRules | undefined, defaults: Pace): Pace {
	return {
		stabilizationWindowSeconds: rules?.stabilizationWindowSeconds ?? defaults.stabilizationWindowSeconds,
		selectPolicy: rules?.selectPolicy ?? defaults.selectPolicy,
		policies: rules?.policies ?? defaults.policies,
	};
}

export interface Decision {
	readonly replicas: number;
	/** Set where the windows hold a change back: reason and message of AbleToScale. */
	readonly stabilised?: { readonly reason: string; readonly message: string };
	/** Set where a policy or a bound limits the number: reason and message of ScalingLimited. */
	readonly limited?: { readonly reason: string; readonly message: string };
}

export interface Situation {
	readonly now: number;
	readonly current: number;
	readonly desired: number;
	readonly min: number;
	readonly max: number;
	readonly behaviour: Behaviour | undefined;
	/** Recommendations of the past, this one not among them. */
	readonly recommendations: readonly Past[];
	/** Replicas added, and taken away, in the past. */
	readonly ups: readonly Past[];
	readonly downs: readonly Past[];
}

const TOO_FEW = { reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' };
const TOO_MANY = { reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' };

export function decide(s: Situation): Decision {
	const up = withDefaults(s.behaviour?.scaleUp, UP);
	const down = withDefaults(s.behaviour?.scaleDown, DOWN);
	const within = (seconds: number): readonly number[] => s.recommendations.filter((r) => r.at > s.now - seconds * 1000).map((r) => r.n);
	const lowest = Math.min(s.desired, ...within(up.stabilizationWindowSeconds));
	const highest = Math.max(s.desired, ...within(down.stabilizationWindowSeconds));
	let wanted = s.current;
	if (wanted < lowest) wanted = lowest;
	if (wanted > highest) wanted = highest;
	const stabilised =
		wanted === s.desired
			? undefined
			: wanted > s.desired
				? { reason: 'ScaleDownStabilized', message: 'recent recommendations were higher than current one, applying the highest recent recommendation' }
				: { reason: 'ScaleUpStabilized', message: 'recent recommendations were lower than current one, applying the lowest recent recommendation' };
	const limited = limit(s, wanted, up, down);
	return { ...limited, ...(stabilised === undefined ? {} : { stabilised }) };
}

function limit(s: Situation, wanted: number, up: Pace, down: Pace): Decision {
	if (wanted > s.current) {
		const ceiling = Math.max(s.current, bound(s, up, 1));
		if (wanted > Math.min(s.max, ceiling)) {
			if (s.max <= ceiling) return { replicas: s.max, limited: TOO_MANY };
			return { replicas: ceiling, limited: { reason: 'ScaleUpLimit', message: 'the desired replica count is increasing faster than the maximum scale rate' } };
		}
		return wanted < s.min ? { replicas: s.min, limited: TOO_FEW } : { replicas: wanted };
	}
	if (wanted < s.current) {
		const floor = Math.min(s.current, bound(s, down, -1));
		if (wanted < Math.max(s.min, floor)) {
			if (s.min >= floor) return { replicas: s.min, limited: TOO_FEW };
			return { replicas: floor, limited: { reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' } };
		}
		return wanted > s.max ? { replicas: s.max, limited: TOO_MANY } : { replicas: wanted };
	}
	if (wanted < s.min) return { replicas: s.min, limited: TOO_FEW };
	return wanted > s.max ? { replicas: s.max, limited: TOO_MANY } : { replicas: wanted };
}

/** How far the size may go within the policies' periods (calculateScaleUpLimitWithScalingRules and its counterpart). */
function bound(s: Situation, rules: Pace, sign: 1 | -1): number {
	if (rules.selectPolicy === 'Disabled') return s.current;
	const limits = rules.policies.map((p) => {
		const since = s.now - p.periodSeconds * 1000;
		const sum = (past: readonly Past[]): number => past.filter((e) => e.at > since).reduce((n, e) => n + e.n, 0);
		const base = s.current - sum(s.ups) + sum(s.downs);
		if (p.type === 'Pods') return base + sign * p.value;
		return sign > 0 ? Math.ceil(base * (1 + p.value / 100)) : Math.floor(base * (1 - p.value / 100));
	});
	if (limits.length === 0) return s.current;
	const widest = (rules.selectPolicy === 'Min') !== sign > 0;
	return widest ? Math.max(...limits) : Math.min(...limits);
}
