/** Pods of conformance specs: small builders, and waiting for what becomes of them. */
import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import type { Cluster } from './cluster.ts';

export const WEB = 'nginx:1.29';
export const BOX = 'busybox:1.37';

export const meta = (name: string, labels: { readonly [key: string]: string } = {}): { name: string; labels: { [key: string]: string } } => ({
	name,
	labels: { ...labels },
});

/** A pod that sleeps, or what `spec` makes of it. */
export function pod(name: string, spec: Partial<V1PodSpec> = {}, labels: { readonly [key: string]: string } = {}): V1Pod {
	return {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: meta(name, labels),
		spec: { containers: [box('main', 'sleep 100000')], terminationGracePeriodSeconds: 1, ...spec },
	};
}

/** A container that runs a shell script. */
export const box = (name: string, script: string, more: Partial<V1Container> = {}): V1Container => ({
	name,
	image: BOX,
	command: ['sh', '-c', script],
	...more,
});

export const web = (name = 'web', more: Partial<V1Container> = {}): V1Container => ({ name, image: WEB, ports: [{ containerPort: 80 }], ...more });

export const template = (
	labels: { readonly [key: string]: string },
	spec: Partial<V1PodSpec> = {},
): { metadata: { labels: { [key: string]: string } }; spec: V1PodSpec } => ({
	metadata: { labels: { ...labels } },
	spec: { containers: [web()], terminationGracePeriodSeconds: 1, ...spec },
});

export const isReady = (p: V1Pod): boolean => p.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

export function untilRunning(cluster: Cluster, name: string, namespace = 'default'): Promise<V1Pod> {
	return cluster.until(`pod ${name} is ready`, async () => {
		const found = await cluster.at<V1Pod>('v1/pods', namespace).find(name);
		return found !== undefined && isReady(found) && found;
	});
}

export async function started(cluster: Cluster, body: V1Pod, namespace = 'default'): Promise<V1Pod> {
	await cluster.at<V1Pod>('v1/pods', namespace).create(body);
	return untilRunning(cluster, body.metadata?.name ?? '', namespace);
}

export async function logs(cluster: Cluster, name: string, query = '', namespace = 'default'): Promise<string> {
	const answer = await cluster.send('GET', `/api/v1/namespaces/${namespace}/pods/${name}/log${query}`);
	if (answer.status !== 200) throw new Error(`log of ${name}: ${answer.status} ${answer.text}`);
	return answer.text;
}

/** Runs a pod to its end. */
export async function finished(cluster: Cluster, body: V1Pod, namespace = 'default'): Promise<V1Pod> {
	const name = body.metadata?.name ?? '';
	const pods = cluster.at<V1Pod>('v1/pods', namespace);
	await pods.create({ ...body, spec: { restartPolicy: 'Never', ...body.spec } });
	return cluster.until(`pod ${name} ends`, async () => {
		const found = await pods.get(name);
		return /Succeeded|Failed/.test(found.status?.phase ?? '') && found;
	});
}

/** What a script prints in a pod of its own. */
export async function printed(
	cluster: Cluster,
	name: string,
	script: string,
	spec: Partial<V1PodSpec> = {},
	container: Partial<V1Container> = {},
): Promise<string> {
	const body = pod(name, { ...spec, containers: [box('main', script, container)] });
	const end = await finished(cluster, body);
	const text = await logs(cluster, name);
	if (end.status?.phase !== 'Succeeded') throw new Error(`pod ${name} failed: ${text} ${JSON.stringify(end.status?.containerStatuses?.[0]?.state)}`);
	return text;
}
