import { describe, expect, it } from 'vitest';
import type { ClusterView } from '../../server/protocol/messages.ts';
import { age, ALL, firstRows, inNamespace, memory, namespaces, percent, podTone } from './cluster-filter.ts';

const service = (namespace: string, name: string) => ({ namespace, name, type: 'ClusterIP', address: '', ports: '', endpoints: 0 });
const view: ClusterView = {
	now: 0,
	nodes: [],
	workloads: [],
	pods: [],
	services: [service('web', 'a'), service('default', 'kubernetes')],
	ingresses: [],
	events: [],
};

describe('namespaces', () => {
	it('starts with the lab’s own, also while nothing is in it', () => {
		expect(namespaces(view, 'notes')).toEqual(['notes', 'default', 'web']);
		expect(namespaces(undefined, 'notes')).toEqual(['notes']);
		expect(namespaces(view, 'web')).toEqual(['web', 'default']);
	});
	it('cuts a view down, or leaves it', () => {
		expect(inNamespace(view, 'web').services.map((one) => one.name)).toEqual(['a']);
		expect(inNamespace(view, ALL)).toBe(view);
	});
});

describe('podTone', () => {
	it.each([
		['Running', true, 'pass'],
		['Running', false, 'warn'],
		['ContainerCreating', false, 'warn'],
		['Init:0/2', false, 'warn'],
		['Init:CrashLoopBackOff', false, 'fail'],
		['CrashLoopBackOff', false, 'fail'],
		['ImagePullBackOff', false, 'fail'],
		['Completed', true, ''],
	] as const)('%s, ok %s: %s', (status, ok, tone) => {
		expect(podTone({ status, ok })).toBe(tone);
	});
});

describe('firstRows', () => {
	it('leaves what fits in its order, and else puts what needs attention first', () => {
		const odd = (row: number) => row % 2 === 1;
		expect(firstRows([2, 1, 4], odd, 3)).toEqual([2, 1, 4]);
		expect(firstRows([2, 1, 4, 3], odd, 3)).toEqual([1, 3, 2]);
		expect(firstRows([1, 3, 5, 7], odd, 2)).toEqual([1, 3]);
	});
});

describe('figures', () => {
	it('writes ages as kubectl does', () => {
		expect([age(0, 119_000), age(0, 120_000), age(0, 7_200_000), age(0, 172_800_000), age(5, 0)]).toEqual(['119s', '2m', '2h', '2d', '0s']);
	});
	it('writes memory and shares, and bears a node without capacity', () => {
		expect([memory(290 * 2 ** 20), memory(1100 * 2 ** 20)]).toEqual(['290 Mi', '1.1 Gi']);
		expect([percent(1, 4), percent(9, 4), percent(1, 0)]).toEqual([25, 100, 0]);
	});
});
