/** Is it a good neighbour in a shared cluster? */
import { type CheckContext, type CheckFunction, fail, pass } from '../../../server/grading/check.ts';
import type { KubeObject } from '../../../server/grading/readers.ts';
import { annotatedMetrics, counter, workloadOf } from '../../../server/grading/kube.ts';
import { application, DOOR, NAMESPACE, servingContainer, TIERS, type TierName } from '../app.ts';

const SUFFIX: { readonly [s: string]: number } = {
	'': 1,
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	Ki: 1024,
	Mi: 1024 ** 2,
	Gi: 1024 ** 3,
	Ti: 1024 ** 4,
};

/** A Kubernetes quantity as a number: cores, or bytes. */
export function quantity(text: unknown): number | undefined {
	const m = /^(\d+(?:\.\d+)?)(n|u|m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(String(text ?? ''));
	return m === null ? undefined : Number(m[1]) * (SUFFIX[m[2] ?? ''] ?? 1);
}

interface Use {
	readonly cpu: number[];
	readonly memory: number[];
}

const p95 = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * 0.95)] ?? 0;
const mi = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)}Mi`;
const milli = (cores: number): string => `${Math.round(cores * 1000)}m`;

/** CPU below this many cores is too little to measure shares of: asking for up to it is never too much. */
const CPU_FLOOR = 0.1;
/** The same for memory, bytes. */
const MEMORY_FLOOR = 64 * 1024 ** 2;

/** What is wrong with one container's requests and limits against what it used; undefined where nothing is. */
function misfit(label: string, resources: KubeObject | undefined, use: Use): string | undefined {
	const cpu = quantity(resources?.['requests']?.cpu);
	const memory = quantity(resources?.['requests']?.memory);
	const limit = quantity(resources?.['limits']?.memory);
	if (cpu === undefined || memory === undefined) return `${label} asks for no ${cpu === undefined ? 'CPU' : 'memory'}`;
	if (limit === undefined) return `${label} has no memory limit`;
	const usedCpu = p95(use.cpu);
	const usedMemory = p95(use.memory);
	const most = Math.max(0, ...use.memory);
	if (cpu < usedCpu * 0.5) return `${label} asks for ${milli(cpu)} CPU and uses ${milli(usedCpu)}`;
	if (cpu > Math.max(usedCpu * 3, CPU_FLOOR)) return `${label} asks for ${milli(cpu)} CPU and uses ${milli(usedCpu)}`;
	if (memory < usedMemory * 0.5) return `${label} asks for ${mi(memory)} and uses ${mi(usedMemory)}`;
	if (memory > Math.max(usedMemory * 3, MEMORY_FLOOR)) return `${label} asks for ${mi(memory)} and uses ${mi(usedMemory)}`;
	if (limit < most * 1.15) return `${label} may use ${mi(limit)} at most and used ${mi(most)}`;
	if (limit > Math.max(most * 8, MEMORY_FLOOR * 4)) return `${label} may use ${mi(limit)} and used ${mi(most)}`;
	return undefined;
}

export const rightsized: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected =
			'for each container: CPU and memory requests between half and three times the 95th percentile under load, memory limit at least 15 % over the most used and not out of all proportion';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const use = new Map<string, Use>();
		const sample = async (): Promise<void> => {
			for (const pod of await c.api.list('metrics.k8s.io/v1beta1/pods', NAMESPACE)) {
				for (const k of (pod['containers'] ?? []) as readonly KubeObject[]) {
					const key = `${pod.metadata.name}/${String(k['name'])}`;
					const u = use.get(key) ?? { cpu: [], memory: [] };
					u.cpu.push(quantity(k['usage']?.cpu) ?? 0);
					u.memory.push(quantity(k['usage']?.memory) ?? 0);
					use.set(key, u);
				}
			}
		};
		await c.network.load({ request: { method: 'GET', url: `${DOOR}/api/notes`, timeoutMs: 10_000 }, perSecond: 20, durationMs: 60_000 }, async () => {
			for (let i = 0; i < 5; i++) {
				await c.clock.advance(10_000);
				await sample();
			}
		});
		for (const t of TIERS) {
			for (const p of app[t].pods) {
				for (const k of (p.spec?.containers ?? []) as readonly KubeObject[]) {
					const u = use.get(`${p.metadata.name}/${String(k['name'])}`);
					if (u === undefined) return fail(expected, `no usage is known of ${p.metadata.name}`);
					const wrong = misfit(`${t}/${String(k['name'])}`, k['resources'], u);
					if (wrong !== undefined) return fail(expected, wrong);
				}
				const killed = ((p.status?.containerStatuses ?? []) as readonly KubeObject[]).some((s) => s['lastState']?.terminated?.reason === 'OOMKilled');
				if (killed) return fail(expected, `${p.metadata.name} has been killed for want of memory`);
			}
		}
		return pass(
			[...use]
				.map(([k, u]) => `${k} ${milli(p95(u.cpu))} ${mi(p95(u.memory))}`)
				.slice(0, 6)
				.join('; '),
		);
	});

/** A pod that Pod Security lets in, with these resources. */
const probePod = (name: string, resources: object | undefined): object => ({
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name, namespace: NAMESPACE },
	spec: {
		securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
		containers: [
			{
				name: 'c',
				image: 'busybox:1.37',
				command: ['true'],
				securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
				...(resources === undefined ? {} : { resources }),
			},
		],
	},
});

export const quota: CheckFunction = async (c) => {
	const expected = 'a pod that names no requests gets some by default, and one that asks for 100 CPUs is refused by the quota';
	const quotas = await c.api.list('v1/resourcequotas', NAMESPACE);
	if (quotas.length === 0) return fail(expected, 'the namespace has no ResourceQuota');
	const plain = await c.api.create('v1/pods', NAMESPACE, probePod('probe-defaults', undefined), { dryRun: true });
	if (!plain.ok) return fail(expected, `a pod without requests was refused: ${plain.message}`);
	if (
		quantity(plain.body.spec?.containers?.[0]?.resources?.requests?.cpu) === undefined ||
		quantity(plain.body.spec?.containers?.[0]?.resources?.requests?.memory) === undefined
	)
		return fail(expected, 'a pod without requests got none by default (no LimitRange gives them)');
	const greedy = await c.api.create(
		'v1/pods',
		NAMESPACE,
		probePod('probe-greedy', { requests: { cpu: '100', memory: '1Ti' }, limits: { cpu: '100', memory: '1Ti' } }),
		{ dryRun: true },
	);
	if (greedy.ok) return fail(expected, 'a pod that asks for 100 CPUs was let in');
	if (greedy.status !== 403 || !/exceeded quota|maximum/.test(greedy.message))
		return fail(expected, `a pod that asks for 100 CPUs was refused for another reason: ${greedy.message}`);
	return pass(`defaults given; the greedy pod was refused: ${greedy.message.slice(0, 160)}`);
};

export const autoscaler: CheckFunction = async (c) => {
	const expected = 'a HorizontalPodAutoscaler for the API that reads its metric, with more than one replica at least and room to grow';
	const app = await application(c);
	if (typeof app === 'string') return fail(expected, app);
	const pod = app.api.pods[0];
	const w = pod === undefined ? undefined : await workloadOf(c, pod);
	const mine = (await c.api.list('autoscaling/v2/horizontalpodautoscalers', NAMESPACE)).find(
		(h) => h.spec?.scaleTargetRef?.name === w?.object.metadata.name && `apps/v1/${String(h.spec?.scaleTargetRef?.kind).toLowerCase()}s` === w?.resource,
	);
	if (mine === undefined) return fail(expected, 'no HorizontalPodAutoscaler targets what runs the API');
	const conditions = (mine.status?.conditions ?? []) as readonly { readonly type: string; readonly status: string; readonly message?: string }[];
	const active = conditions.find((k) => k.type === 'ScalingActive');
	if (active?.status !== 'True') return fail(expected, `${mine.metadata.name} is not active: ${active?.message ?? 'it has not read its metric yet'}`);
	const min = Number(mine.spec?.minReplicas ?? 1);
	const max = Number(mine.spec?.maxReplicas ?? 0);
	if (min < 2 || max <= min) return fail(expected, `${mine.metadata.name} scales between ${min} and ${max}`);
	return pass(`${mine.metadata.name} is active, ${min} to ${max} replicas`);
};

const NEEDED = ['app.kubernetes.io/name', 'app.kubernetes.io/component', 'app.kubernetes.io/part-of'] as const;

export const labels: CheckFunction = async (c) => {
	const expected = `Services, workloads and pods of the three tiers carry ${NEEDED.join(', ')}: component tells the tiers apart, part-of is the same on all`;
	const app = await application(c);
	if (typeof app === 'string') return fail(expected, app);
	const parts = new Set<string>();
	const components = new Map<string, TierName>();
	for (const t of TIERS) {
		const first = app[t].pods[0];
		const w = first === undefined ? undefined : await workloadOf(c, first);
		if (w === undefined) return fail(expected, `the pods of ${t} belong to no workload`);
		for (const o of [app[t].service, w.object, ...app[t].pods]) {
			for (const key of NEEDED)
				if (o.metadata.labels?.[key] === undefined) return fail(expected, `${o.kind ?? 'object'} ${o.metadata.name} of ${t} has no label ${key}`);
			parts.add(o.metadata.labels?.['app.kubernetes.io/part-of'] ?? '');
			const component = o.metadata.labels?.['app.kubernetes.io/component'] ?? '';
			const other = components.get(component);
			if (other !== undefined && other !== t) return fail(expected, `${other} and ${t} both call their component "${component}"`);
			components.set(component, t);
		}
	}
	if (parts.size !== 1) return fail(expected, `part-of says ${[...parts].map((p) => `"${p}"`).join(' and ')}`);
	const all = await c.api.list('v1/pods', NAMESPACE, `app.kubernetes.io/part-of=${[...parts][0] ?? ''}`);
	const count = TIERS.reduce((n, t) => n + app[t].pods.length, 0);
	return all.length >= count
		? pass(`part-of=${[...parts][0]} finds ${all.length} pods; components ${[...components.keys()].join(', ')}`)
		: fail(expected, `part-of finds ${all.length} of ${count} pods`);
};

async function scrape(c: CheckContext, pod: KubeObject): Promise<number | string> {
	const found = await annotatedMetrics(c, pod);
	if (typeof found === 'string') return found;
	return counter(found.text, 'notes_http_requests_total') ?? `the metrics of ${pod.metadata.name} have no notes_http_requests_total`;
}

export const observability: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'following the annotations of the API pods leads to notes_http_requests_total, which grows with traffic at the front door';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const total = async (): Promise<number | string> => {
			let sum = 0;
			for (const p of app.api.pods) {
				const n = await scrape(c, p);
				if (typeof n === 'string') return n;
				sum += n;
			}
			return sum;
		};
		const before = await total();
		if (typeof before === 'string') return fail(expected, before);
		await c.network.load({ request: { method: 'GET', url: `${DOOR}/api/notes`, timeoutMs: 5000 }, perSecond: 20, durationMs: 2000 });
		const after = await total();
		if (typeof after === 'string') return fail(expected, after);
		const serving = app.api.pods[0] === undefined ? undefined : servingContainer(app.api, app.api.pods[0]);
		return after - before >= 40
			? pass(`the counter of ${String(serving?.['name'])} went from ${before} to ${after}`)
			: fail(expected, `40 requests moved the counter by ${after - before}`);
	});
