import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';
import { Template } from '../sandboxes/simulated/template.ts';
import { SimulatorFork } from '../sandboxes/simulator.ts';
import { ForkHost } from '../sandboxes/simulated/host.ts';
import type { ApiItem } from './informer.ts';
import { pendingReasons } from './pending.ts';

const template = Template.build({ seed: 4 });
const pods = 'http://cluster/api/v1/namespaces/default/pods';
const json = { 'content-type': 'application/json' };

async function items(cluster: ClusterEndpoint, path: string): Promise<Map<string, ApiItem>> {
	const { items: found } = (await (await cluster.fetch(new Request(`http://cluster${path}`))).json()) as { readonly items: readonly ApiItem[] };
	return new Map(found.map((item) => [item.metadata.uid, item]));
}

/** What is said of a pod with this spec, and the pod as it lies there. */
async function said(
	spec: object,
	prepare: (cluster: ClusterEndpoint) => Promise<unknown> = async () => undefined,
): Promise<{ readonly lines: readonly string[]; readonly pod: ApiItem }> {
	const sandbox = new SimulatorFork('pending', new ForkHost(template.simulator.fork()));
	await prepare(sandbox.cluster);
	const body = JSON.stringify({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx:1.29' }], ...spec } });
	await sandbox.cluster.fetch(new Request(pods, { method: 'POST', headers: json, body }));
	await sandbox.clock.advance(3000);
	const all = { nodes: await items(sandbox.cluster, '/api/v1/nodes'), pods: await items(sandbox.cluster, '/api/v1/pods') };
	const pod = [...all.pods.values()].find((p) => p.metadata.name === 'p');
	if (pod === undefined) throw new Error('no pod');
	return { lines: pendingReasons(pod, all).map((r) => `${r.where}: ${r.what} ${r.next}`), pod };
}

const patchNode = (cluster: ClusterEndpoint, name: string, patch: object): Promise<unknown> =>
	cluster.fetch(
		new Request(`http://cluster/api/v1/nodes/${name}`, {
			method: 'PATCH',
			headers: { 'content-type': 'application/merge-patch+json' },
			body: JSON.stringify(patch),
		}),
	);

const CONTROL_PLANE =
	'foothold-control-plane: Its taint node-role.kubernetes.io/control-plane:NoSchedule keeps it for the control plane. That is as it should be: make room on another node.';

it('says how much is asked for and how much is free', async () => {
	const { lines } = await said({ containers: [{ name: 'c', image: 'nginx:1.29', resources: { requests: { cpu: '5', memory: '9Gi' } } }] });
	expect(lines[0]).toBe(CONTROL_PLANE);
	expect(lines.slice(1).join('\n')).toMatch(/foothold-worker.*It asks for 5 CPU; of 4 CPU there [\d.]+ CPU are free\. No foothold-worker/);
	expect(lines.slice(1).join('\n')).toMatch(/It asks for 9 GiB of memory; of [\d.]+ GiB of memory there/);
});

it('names labels, taints and cordons, each with what to do', async () => {
	const { lines } = await said({ nodeSelector: { disktype: 'ssd' } }, async (cluster) => {
		await patchNode(cluster, 'foothold-worker', { spec: { unschedulable: true } });
		await patchNode(cluster, 'foothold-worker2', {
			metadata: { labels: { disktype: 'ssd' } },
			spec: { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] },
		});
	});
	expect(lines).toEqual([
		CONTROL_PLANE,
		'foothold-worker: It is cordoned: it takes no new pods. Let it take pods again: kubectl uncordon foothold-worker',
		'foothold-worker2: It has the taint gpu=yes:NoSchedule, which the pod does not tolerate. Add to spec.tolerations: {key: gpu, operator: Equal, value: "yes", effect: NoSchedule} — or take the taint off: kubectl taint node foothold-worker2 gpu-',
	]);
	const other = await said({ nodeSelector: { disktype: 'ssd' } });
	expect(other.lines).toContain(
		'foothold-worker: It lacks the label disktype=ssd that spec.nodeSelector asks for. Label it: kubectl label node foothold-worker disktype=ssd — or change the selector.',
	);
});

it('says what holds for the pod as a whole', async () => {
	const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
	expect((await said({ volumes })).lines).toEqual([': Its PersistentVolumeClaim data is not there. Create the claim data, or correct claimName.']);
	expect((await said({ schedulingGates: [{ name: 'example.com/wait' }] })).lines).toEqual([
		': It waits for its scheduling gate example.com/wait. Whatever set the gates has to remove them.',
	]);
});

it('keeps the results as annotations until the pod has a node, and says nothing then', async () => {
	const waiting = await said({ nodeSelector: { disktype: 'ssd' } });
	expect(JSON.parse(waiting.pod.metadata.annotations?.['scheduler.foothold.dev/filter-result'] ?? '')).toMatchObject({
		'foothold-worker': { NodeAffinity: "node(s) didn't match Pod's node affinity/selector" },
	});
	const sandbox = new SimulatorFork('placed', new ForkHost(template.simulator.fork()));
	const body = JSON.stringify({ metadata: { name: 'p' }, spec: { nodeSelector: { disktype: 'ssd' }, containers: [{ name: 'c', image: 'nginx:1.29' }] } });
	await sandbox.cluster.fetch(new Request(pods, { method: 'POST', headers: json, body }));
	await sandbox.clock.advance(3000);
	await patchNode(sandbox.cluster, 'foothold-worker', { metadata: { labels: { disktype: 'ssd' } } });
	await sandbox.clock.advance(20_000);
	const placed = (await (await sandbox.cluster.fetch(new Request(`${pods}/p`))).json()) as ApiItem;
	expect([placed.metadata.annotations, (placed['spec'] as { nodeName: string }).nodeName]).toEqual([undefined, 'foothold-worker']);
	expect(pendingReasons(placed, { nodes: new Map(), pods: new Map() })).toEqual([]);
});

it('reads any cluster’s condition where there are no results, and never says more than LIMITS.viewPending lines', () => {
	const message =
		'0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
	const pod = { metadata: { name: 'p', uid: 'u' }, spec: {}, status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message }] } };
	const nodes = new Map(['a', 'b', 'c'].map((name): [string, ApiItem] => [name, { metadata: { name, uid: name } }]));
	expect(pendingReasons(pod, { nodes, pods: new Map() })).toEqual([
		{ where: '1 of 3 nodes', what: 'A taint there is not tolerated.', next: 'Add a toleration for it; kubectl describe node shows the taints.' },
		{ where: '2 of 3 nodes', what: 'Not enough cpu is free.', next: 'Ask for less in resources.requests, scale something down, or add a node.' },
	]);
	const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`n${i}`, { NodeName: `reason ${i}` }]));
	const annotations = { 'scheduler.foothold.dev/filter-result': JSON.stringify(many) };
	expect(pendingReasons({ ...pod, metadata: { ...pod.metadata, annotations } }, { nodes, pods: new Map() })).toHaveLength(LIMITS.viewPending);
});
