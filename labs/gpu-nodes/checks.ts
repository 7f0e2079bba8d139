/** The code behind the checks of lab.yaml, by their ids. */
import { type CheckContext, type CheckFunction, type CheckTable, fail, pass } from '../../server/grading/check.ts';
import { agrees, readFigures } from '../../server/grading/figures.ts';
import { gpuContainer, gpuLimits, isReady } from '../../server/grading/kube.ts';
import type { KubeObject } from '../../server/grading/readers.ts';

const NAMESPACE = 'gpu';
const BROKEN = 'foothold-gpu-l4-1';
const SAMPLE = /^nvcr\.io\/nvidia\/k8s\/cuda-sample:vectoradd/;

const gpuNodes = async (c: CheckContext): Promise<readonly KubeObject[]> =>
	(await c.api.list('v1/nodes')).filter((n) => n.metadata.labels?.['nvidia.com/gpu.present'] === 'true');
const productOf = (nodes: readonly KubeObject[], name: unknown): string =>
	nodes.find((n) => n.metadata.name === name)?.metadata.labels?.['nvidia.com/gpu.product'] ?? 'no GPU';

const firstPod: CheckFunction = async (c) => {
	const expected = 'the Job "first" ran NVIDIA\u2019s sample on an L4 and it passed';
	const job = await c.api.get('batch/v1/jobs', NAMESPACE, 'first');
	if (job === undefined) return fail(expected, 'there is no Job "first" in the namespace gpu');
	const pods = await c.api.list('v1/pods', NAMESPACE, 'batch.kubernetes.io/job-name=first');
	const done = pods.find((p) => p.status?.phase === 'Succeeded');
	if (done === undefined) return fail(expected, `its pods are ${pods.map((p) => p.status?.phase).join(', ') || 'not there'}`);
	const container = gpuContainer(done);
	if (!SAMPLE.test(String(container?.['image'])) || gpuLimits(container)['nvidia.com/gpu'] === undefined)
		return fail(expected, `${container?.['image']} ran with ${JSON.stringify(gpuLimits(container))}`);
	const product = productOf(await gpuNodes(c), done.spec?.nodeName);
	if (product !== 'NVIDIA-L4') return fail(expected, `it ran on ${product}`);
	return (await c.api.logs(NAMESPACE, done.metadata.name)).includes('Test PASSED')
		? pass(`it passed on ${done.spec?.nodeName}`)
		: fail(expected, 'its log does not say that it passed');
};

/** The encoder's ready pod and what nvidia-smi says in it. */
async function encoder(c: CheckContext): Promise<string> {
	const pod = (await c.api.list('v1/pods', NAMESPACE, 'app=encoder')).find(isReady);
	return pod === undefined
		? 'not running'
		: (await c.api.exec(NAMESPACE, pod.metadata.name, ['nvidia-smi', '--query-gpu=name', '--format=csv,noheader'])).stdout.trim();
}

const rightCard: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'the encoder sees one Tesla T4; deleted, it waits for one or gets one, and takes no L4 although one is free';
		const now = await encoder(c);
		if (now !== 'Tesla T4') return fail(expected, `it ${now === 'not running' ? 'is not running' : `sees ${now}`}`);
		// The T4 taken away: an encoder that would take any card goes to the L4 that is free.
		for (const n of await gpuNodes(c))
			if (productOf([n], n.metadata.name) === 'Tesla-T4') await c.api.patch('v1/nodes', undefined, n.metadata.name, { spec: { unschedulable: true } });
		for (const p of await c.api.list('v1/pods', NAMESPACE, 'app=encoder')) await c.api.delete('v1/pods', NAMESPACE, p.metadata.name);
		await c.clock.advance(90_000);
		const away = await encoder(c);
		if (away !== 'not running') return fail(expected, `with the T4 away it went to ${away}`);
		for (const n of await gpuNodes(c))
			if (productOf([n], n.metadata.name) === 'Tesla-T4') await c.api.patch('v1/nodes', undefined, n.metadata.name, { spec: { unschedulable: false } });
		const back = await c.until(async () => (await encoder(c)) === 'Tesla T4', { timeoutMs: 180_000, intervalMs: 5000 });
		return back ? pass('on a T4, before and after') : fail(expected, 'it did not come back');
	});

/** Whether a pod pinned to a node gets there within half a minute. */
async function lands(c: CheckContext, node: string, gpu: boolean): Promise<boolean> {
	const name = `trial-${gpu ? 'gpu' : 'plain'}-${node}`;
	await c.api.create('v1/pods', NAMESPACE, {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: { name, namespace: NAMESPACE },
		spec: {
			nodeSelector: { 'kubernetes.io/hostname': node },
			...(gpu ? { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }] } : {}),
			containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10' }],
		},
	});
	return c.until(async () => (await c.api.get('v1/pods', NAMESPACE, name))?.spec?.nodeName === node, { timeoutMs: 30_000, intervalMs: 5000 });
}

const keepOff: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'a pod without a toleration for nvidia.com/gpu is scheduled onto none of the machines with GPUs';
		const nodes = await gpuNodes(c);
		const open: string[] = [];
		// Cordoned machines are looked at as they will be once they are back.
		for (const n of nodes) await c.api.patch('v1/nodes', undefined, n.metadata.name, { spec: { unschedulable: null } });
		for (const n of nodes) if (await lands(c, n.metadata.name, false)) open.push(n.metadata.name);
		return open.length === 0 ? pass(`${nodes.length} machines, all closed`) : fail(expected, `one was scheduled onto ${open.join(', ')}`);
	});

const outOfService: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = `a pod that tolerates nvidia.com/gpu is not scheduled onto ${BROKEN}, and is onto the others`;
		for (const n of await gpuNodes(c)) {
			const name = n.metadata.name;
			const there = await lands(c, name, true);
			if (there && name === BROKEN) return fail(expected, `${name} takes pods`);
			if (!there && name !== BROKEN) return fail(expected, `${name} takes none`);
		}
		return pass(`${BROKEN} is out of service, the others are not`);
	});

const FILE = '/home/learner/gpu/report.md';

const report: CheckFunction = async (c) => {
	const expected = '~/gpu/report.md has machine, UUID and four figures as driver and exporter say them';
	const text = await c.files.read(FILE);
	if (text === undefined) return fail(expected, '~/gpu/report.md is not there');
	const f = readFigures(text);
	const nodes = await gpuNodes(c);
	const offered = nodes.reduce((n, node) => n + Number(node.status?.allocatable?.['nvidia.com/gpu'] ?? 0), 0);
	const memory = Number(nodes.find((n) => productOf([n], n.metadata.name) === 'NVIDIA-L4')?.metadata.labels?.['nvidia.com/gpu.memory'] ?? 0);
	const exporter = (await c.api.list('v1/pods', 'gpu-operator')).find((p) => p.spec?.nodeName === BROKEN && p.metadata.name.startsWith('nvidia-dcgm-exporter'));
	const page = exporter === undefined ? '' : await exported(c, exporter);
	const line = page.split('\n').find((l) => l.startsWith('DCGM_FI_DEV_XID_ERRORS{'));
	const [uuid, xid] = [/UUID="(GPU-[\w-]+)"/.exec(line ?? '')?.[1], Number(/ (\d+)$/.exec(line ?? '')?.[1] ?? Number.NaN)];
	if (uuid === undefined) return { outcome: 'ungraded', reason: 'the exporter of the broken machine says nothing' };
	const rows: readonly (readonly [label: string, value: number])[] = [
		['Last Xid of the broken card', xid],
		['Cards that the cluster still offers', offered],
		['Power limit of a T4', 70],
		['Memory of an L4', memory],
	];
	const wrong = rows.flatMap(([label, value]) => {
		const claimed = f.get(label);
		return claimed !== undefined && agrees(claimed, value, 0) ? [] : [`${label}: ${claimed ?? 'nothing'}, should be ${value}`];
	});
	if (!new RegExp(`^\\W*Machine\\W*:.*${BROKEN}`, 'im').test(text)) wrong.push('the machine is not named');
	if (!text.includes(uuid)) wrong.push('the UUID is not that of the broken card');
	return wrong.length === 0 ? pass('all as driver and exporter say') : fail(expected, wrong.join('; '));
};

async function exported(c: CheckContext, pod: KubeObject): Promise<string> {
	const r = await c.network.request({
		method: 'GET',
		url: `http://${String(pod.status?.podIP)}:9400/metrics`,
		timeoutMs: 5000,
		fromPod: { namespace: 'gpu-operator', name: pod.metadata.name },
	});
	return r.ok && r.response.protocol === 'http' ? r.response.body : '';
}

export const checks: CheckTable = { 'first-pod': firstPod, 'right-card': rightCard, 'keep-off': keepOff, 'out-of-service': outOfService, report };
