/** Every lab's start goes into a cluster as learners get it, drills included; what the cluster has already is changed. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadLabs } from '../../grading/labs.ts';
import { applyManifests } from './manifests.ts';
import { Template } from './template.ts';

const labs = resolve(import.meta.dirname, '../../../labs');

test('the start of every lab and drill is taken', async () => {
	const all = [...(await loadLabs(labs)), ...(await loadLabs(`${labs}/drills`))];
	expect(all.length).toBeGreaterThan(4);
	for (const lab of all) {
		const { hosts, gpus } = lab.definition;
		Template.build({
			hosts,
			gpus,
			settleMs: 5000,
			prepare: (simulator) =>
				applyManifests(
					(wire) => simulator.apply({ at: simulator.now, kind: 'request', request: wire }).response,
					lab.clusterManifests,
					() => simulator.apply({ at: simulator.now + 2000, kind: 'tick' }),
				),
		});
	}
});

test('what is there already is changed, as apply would', () => {
	const template = Template.build({
		prepare: (simulator) =>
			applyManifests(
				(wire) => simulator.apply({ at: simulator.now, kind: 'request', request: wire }).response,
				['apiVersion: v1\nkind: Node\nmetadata: { name: foothold-worker, labels: { disk: fast } }\n'],
			),
	});
	const { simulator } = template;
	const user = { name: 'admin', groups: ['system:masters'] };
	const answer = simulator.apply({
		at: simulator.now,
		kind: 'request',
		request: { method: 'GET', url: '/api/v1/nodes/foothold-worker', headers: { accept: 'application/json' }, user },
	}).response;
	expect(answer?.json).toMatchObject({ metadata: { labels: { disk: 'fast', 'kubernetes.io/hostname': 'foothold-worker' } } });
});
