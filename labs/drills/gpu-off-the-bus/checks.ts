/** G1: a card that fell off the bus. */
import { type CheckContext, type CheckFunction, type CheckTable, fail, pass } from '../../../server/grading/check.ts';
import { allAnew, diagnosis, mitigated, NAMESPACE, ready, serving } from '../served.ts';

const BROKEN = 'foothold-gpu-l4-2';
const OTHERS = ['foothold-gpu-l4-1', 'foothold-gpu-l4-3'];
const SERVERS = 3;

export const symptom: CheckFunction = async (c) => {
	const node = await c.api.get('v1/nodes', undefined, BROKEN);
	const [has, gives] = [node?.status?.capacity, node?.status?.allocatable].map((r) => Number(r?.['nvidia.com/gpu'] ?? 0));
	const up = (await ready(c)).length;
	const seen = `${BROKEN} has ${has} and gives ${gives} cards; ${up} of ${SERVERS} servers ready`;
	return (gives ?? 0) < (has ?? 0) && up < SERVERS ? pass(seen) : fail('a card that is not given any more, and a server that is missing', seen);
};

/** Where a pod that asks for one card and may go to one node only ends up. */
async function pinned(c: CheckContext, node: string): Promise<boolean> {
	const name = `trial-${node.slice(-1)}`;
	await c.api.create('v1/pods', NAMESPACE, {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: { name, namespace: NAMESPACE },
		spec: {
			nodeSelector: { 'kubernetes.io/hostname': node },
			tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
			containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10', resources: { limits: { 'nvidia.com/gpu': '1' } } }],
		},
	});
	return c.until(async () => (await c.api.get('v1/pods', NAMESPACE, name))?.spec?.nodeName === node, { timeoutMs: 20_000 });
}

const durable: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = `with every server deleted, all are ready again and none is on ${BROKEN}; nor is any other pod that asks for a card`;
		if (await pinned(c, BROKEN)) return fail(expected, `a pod that asks for a card was scheduled onto ${BROKEN}`);
		const back = await allAnew(c, SERVERS);
		const there = (await serving(c)).filter((p) => p.spec?.nodeName === BROKEN).length;
		return back && there === 0 ? pass('all came back on other machines') : fail(expected, back ? `${there} came back on ${BROKEN}` : 'not all came back');
	});

const invariants: CheckFunction = async (c) => {
	const expected = 'the other machines take pods, the Deployment has its three replicas and its probes, and nobody has declared the card well';
	for (const name of OTHERS) {
		const node = await c.api.get('v1/nodes', undefined, name);
		const taints = ((node?.spec?.taints ?? []) as readonly { readonly key: string }[]).filter((t) => t.key !== 'nvidia.com/gpu');
		if (node?.spec?.unschedulable === true || taints.length > 0) return fail(expected, `${name} is out of service, too`);
	}
	const broken = await c.api.get('v1/nodes', undefined, BROKEN);
	if (broken?.status?.allocatable?.['nvidia.com/gpu'] === broken?.status?.capacity?.['nvidia.com/gpu'])
		return fail(expected, `${BROKEN} gives a card that is broken`);
	const llama = await c.api.get('apps/v1/deployments', NAMESPACE, 'llama');
	const container = llama?.spec?.template?.spec?.containers?.[0];
	if (Number(llama?.spec?.replicas) < SERVERS) return fail(expected, `${llama?.spec?.replicas} replicas`);
	if (container?.readinessProbe === undefined || container?.livenessProbe === undefined) return fail(expected, 'a probe is gone');
	return pass('all as it was');
};

export const checks: CheckTable = {
	mitigated: mitigated(SERVERS),
	durable,
	invariants,
	diagnosis: diagnosis([`node/${BROKEN}`], ['gpu-missing', 'node-lost']),
};
