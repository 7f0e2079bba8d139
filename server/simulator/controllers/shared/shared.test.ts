import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIndexes, parseIndexes } from '../job/indexes.ts';
import { decide } from '../autoscaler/behaviour.ts';
import { proportion } from '../deployment/arithmetic.ts';
import { backoffMs } from '../manager.ts';
import { computeHash } from './hash.ts';
import type { Deployment, ReplicaSet } from './objects.ts';
import { quantityMilli, quantityValue } from '../../apiserver/registry/quantity.ts';
import { formatAmount, podAmounts } from './quantity.ts';
import { nodeTermMatches, selectorMatches, tolerates } from './selectors.ts';

describe('quantities', () => {
	it.each([
		['250m', 250],
		['2', 2000],
		['0.1', 100],
		['1e3', 1_000_000],
		['100n', 1],
	])('%s is %d thousandths', (text, milli) => expect(quantityMilli(text)).toBe(milli));

	it.each([
		['1Gi', 1_073_741_824],
		['1500M', 1_500_000_000],
		['128974848', 128_974_848],
		['1.5Ki', 1536],
		['100m', 1],
	])('%s is %d', (text, value) => expect(quantityValue(text)).toBe(value));

	it('prints sums in canonical form', () => {
		expect([formatAmount('cpu', 1500), formatAmount('requests.cpu', 2000), formatAmount('limits.memory', 1_610_612_736), formatAmount('pods', 3)]).toEqual([
			'1500m',
			'2',
			'1536Mi',
			'3',
		]);
	});

	it('takes the larger of init containers and the rest, with sidecars in both', () => {
		const container = (cpu: string, restartPolicy?: string) => ({
			name: 'c',
			resources: { requests: { cpu } },
			...(restartPolicy === undefined ? {} : { restartPolicy }),
		});
		expect(podAmounts({ containers: [container('1'), container('1')], initContainers: [container('3')] }, 'requests')).toEqual({ cpu: 3000 });
		expect(podAmounts({ containers: [container('1')], initContainers: [container('500m', 'Always'), container('2')] }, 'requests')).toEqual({ cpu: 2500 });
	});
});

describe('selectors', () => {
	it('match as upstream', () => {
		expect(selectorMatches(undefined, {})).toBe(false);
		expect(selectorMatches({}, {})).toBe(true);
		expect(selectorMatches({ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['x'] }] }, {})).toBe(true);
		expect(nodeTermMatches({}, 'n', {})).toBe(false);
		expect(nodeTermMatches({ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['3'] }] }, 'n', { cores: '4' })).toBe(true);
	});

	it('tolerate as upstream', () => {
		const taint = { key: 'a', value: 'b', effect: 'NoSchedule' };
		expect(tolerates({ operator: 'Exists' }, taint)).toBe(true);
		expect(tolerates({ key: 'a', value: 'b' }, taint)).toBe(true);
		expect(tolerates({ key: 'a', value: 'c', effect: 'NoSchedule' }, taint)).toBe(false);
		expect(tolerates({ key: 'a', operator: 'Exists', effect: 'NoExecute' }, taint)).toBe(false);
	});
});

describe('small parts', () => {
	it('hash alike whatever the order of fields', () => {
		expect(computeHash({ a: 1, b: [2] })).toBe(computeHash({ b: [2], a: 1 }));
		expect(computeHash({ a: 1 })).not.toBe(computeHash({ a: 1 }, 1));
	});

	it('writes any set of indexes so that it reads back', () => {
		fc.assert(
			fc.property(fc.uniqueArray(fc.nat(60)), (list) => {
				expect(parseIndexes(formatIndexes(list))).toEqual([...list].sort((a, b) => a - b));
			}),
		);
		expect(formatIndexes([0, 1, 3, 4, 5, 9])).toBe('0,1,3-5,9');
	});

	it('backs off from 5 ms to 1000 s', () => {
		expect([0, 1, 10, 40].map(backoffMs)).toEqual([5, 10, 5120, 1_000_000]);
	});

	it('scales a half-done rollout in proportion', () => {
		const d = { spec: { replicas: 20, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } } } as unknown as Deployment;
		const rs = (replicas: number) =>
			({ metadata: { annotations: { 'deployment.kubernetes.io/max-replicas': '13' } }, spec: { replicas } }) as unknown as ReplicaSet;
		// 8 of 13 and 5 of 13 become their shares of 23.
		expect([proportion(rs(8), d, 10, 0), proportion(rs(5), d, 10, 6)]).toEqual([6, 4]);
	});

	it('grows by four or double in 15 s, and not beyond the maximum', () => {
		const base = { now: 1000, min: 1, behaviour: undefined, recommendations: [], ups: [], downs: [] };
		expect(decide({ ...base, current: 1, desired: 50, max: 100 })).toMatchObject({ replicas: 5, limited: { reason: 'ScaleUpLimit' } });
		expect(decide({ ...base, current: 20, desired: 90, max: 100 })).toMatchObject({ replicas: 40, limited: { reason: 'ScaleUpLimit' } });
		expect(decide({ ...base, current: 20, desired: 90, max: 30 })).toMatchObject({ replicas: 30, limited: { reason: 'TooManyReplicas' } });
		expect(decide({ ...base, current: 4, desired: 1, max: 30, recommendations: [{ at: 900, n: 3 }] })).toMatchObject({
			replicas: 3,
			stabilised: { reason: 'ScaleDownStabilized' },
		});
	});
});
