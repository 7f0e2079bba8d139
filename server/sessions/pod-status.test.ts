import { describe, expect, it } from 'vitest';
import type { ApiItem } from './informer.ts';
import { podLine } from './pod-status.ts';
import { milliOf, quantity } from '../shell/quantity.ts';

const pod = (status: object, spec: object = { containers: [{ name: 'a' }] }, metadata: object = {}): ApiItem => ({
	metadata: { name: 'p', uid: 'u', ...metadata },
	spec,
	status,
});

describe('a pod in one word, as kubectl prints it', () => {
	const cases: [string, ApiItem, object][] = [
		['pending', pod({ phase: 'Pending' }), { status: 'Pending', ready: '0/1', ok: false }],
		[
			'running',
			pod({ phase: 'Running', containerStatuses: [{ name: 'a', ready: true, restartCount: 2, state: { running: {} } }] }),
			{ status: 'Running', ready: '1/1', restarts: 2, ok: true },
		],
		[
			'not ready',
			pod({ phase: 'Running', containerStatuses: [{ name: 'a', ready: false, state: { running: {} } }] }),
			{ status: 'Running', ready: '0/1', ok: false },
		],
		[
			'crashing',
			pod({
				phase: 'Running',
				containerStatuses: [{ name: 'a', restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } } }],
			}),
			{ status: 'CrashLoopBackOff', restarts: 4, message: 'back-off 40s' },
		],
		[
			'completed',
			pod({ phase: 'Succeeded', containerStatuses: [{ name: 'a', state: { terminated: { reason: 'Completed', exitCode: 0 } } }] }),
			{ status: 'Completed', ok: true },
		],
		[
			'killed by a signal',
			pod({ phase: 'Failed', containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 137, signal: 9 } } }] }),
			{ status: 'Signal:9', ok: false },
		],
		[
			'initialising',
			pod(
				{ phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { running: {} } }] },
				{ containers: [{ name: 'a' }], initContainers: [{ name: 'i' }, { name: 'j' }] },
			),
			{ status: 'Init:0/2' },
		],
		[
			'failed in init',
			pod(
				{ phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 1, reason: 'Error' } } }] },
				{ containers: [{ name: 'a' }], initContainers: [{ name: 'i' }] },
			),
			{ status: 'Init:Error' },
		],
		['going away', pod({ phase: 'Running', containerStatuses: [] }, undefined, { deletionTimestamp: 'x' }), { status: 'Terminating', ok: false }],
		[
			'unschedulable',
			pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }] }),
			{ status: 'Pending', message: '0/3 nodes are available' },
		],
	];
	it.each(cases)('%s', (_name, given, expected) => {
		expect(podLine(given)).toMatchObject(expected);
	});
});

describe('quantities', () => {
	it('become numbers', () => {
		expect([milliOf('250m'), milliOf('2'), milliOf(undefined), quantity('64Mi'), quantity('1e3'), quantity('nonsense')]).toEqual([
			250, 2000, 0, 67_108_864, 1000, 0,
		]);
	});
});
