/** What the checks know of the application: its tiers are found by their Services, never by guessing at names. */
import type { CheckContext } from '../../server/grading/check.ts';
import { bodyOf, describe, type Endpoint, restartsOf, serviceEndpoints, statusOf, workloadOf } from '../../server/grading/kube.ts';
import type { KubeObject } from '../../server/grading/readers.ts';
import type { NetworkResult } from '../../server/sandboxes/sandbox.ts';

export const NAMESPACE = 'notes';
export const DOOR = 'http://notes.foothold.test';
export type TierName = 'web' | 'api' | 'db';
export const TIERS: readonly TierName[] = ['web', 'api', 'db'];

/** Endpoints of a Service, over all its slices. */
export const endpoints = (c: CheckContext, service: string): Promise<readonly Endpoint[]> => serviceEndpoints(c, NAMESPACE, service);

export interface Tier {
	readonly name: TierName;
	readonly service: KubeObject;
	/** Service port and the port that its pods serve. */
	readonly port: number;
	readonly pods: readonly KubeObject[];
}

/** A tier by its Service, or what is missing. */
export async function tier(c: CheckContext, name: TierName): Promise<Tier | string> {
	const service = await c.api.get('v1/services', NAMESPACE, name);
	if (service === undefined) return `there is no Service "${name}" in the namespace ${NAMESPACE}`;
	const names = new Set((await endpoints(c, name)).map((e) => e.pod));
	if (names.size === 0) return `the Service "${name}" has no endpoints`;
	const pods = (await c.api.list('v1/pods', NAMESPACE)).filter((p) => names.has(p.metadata.name) && p.metadata.deletionTimestamp === undefined);
	if (pods.length === 0) return `the Service "${name}" has no pods behind it`;
	return { name, service, port: Number(service.spec?.ports?.[0]?.port ?? 0), pods };
}

/** All three, or the first thing missing. */
export async function application(c: CheckContext): Promise<{ readonly [n in TierName]: Tier } | string> {
	const [web, api, db] = [await tier(c, 'web'), await tier(c, 'api'), await tier(c, 'db')];
	if (typeof web === 'string') return web;
	if (typeof api === 'string') return api;
	if (typeof db === 'string') return db;
	return { web, api, db };
}

/** The container of a pod that serves its Service's target port: the one that a probe or a patch must be about. */
export function servingContainer(t: Tier, pod: KubeObject): KubeObject | undefined {
	const containers = (pod.spec?.containers ?? []) as readonly KubeObject[];
	const target = t.service.spec?.ports?.[0]?.targetPort ?? t.port;
	const match = containers.find((k) => ((k['ports'] ?? []) as readonly KubeObject[]).some((p) => p['name'] === target || p['containerPort'] === target));
	return match ?? containers[0];
}

/** Scales what keeps a tier's pods alive. Gives back a function that undoes it. */
export async function scaleTo(c: CheckContext, t: Tier, replicas: number): Promise<(() => Promise<void>) | string> {
	const first = t.pods[0];
	const w = first === undefined ? undefined : await workloadOf(c, first);
	if (w === undefined) return `the pods of ${t.name} belong to no Deployment or StatefulSet, so nothing brings them back`;
	const before = Number(w.object.spec?.replicas ?? 1);
	const set = async (n: number): Promise<void> => {
		await c.api.patch(w.resource, NAMESPACE, w.object.metadata.name, { spec: { replicas: n } });
	};
	await set(replicas);
	return () => set(before);
}

/** Sends a request to the front door. */
export function door(c: CheckContext, method: string, path: string, body?: unknown, timeoutMs = 10_000): Promise<NetworkResult> {
	return c.network.request({
		method,
		url: DOOR + path,
		timeoutMs,
		...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
	});
}

/** Writes a note at the front door; its id, or what came back instead. */
export async function writeNote(c: CheckContext, text: string): Promise<{ readonly id: string; readonly servedBy: string } | string> {
	const r = await door(c, 'POST', '/api/notes', { text });
	if (statusOf(r) < 200 || statusOf(r) > 299) return `POST /api/notes came to ${describe(r)}`;
	try {
		const note = JSON.parse(bodyOf(r)) as { readonly id?: unknown; readonly text?: unknown };
		if (note.text !== text) return 'POST /api/notes answered with another text than was sent';
		const servedBy = r.ok && r.response.protocol === 'http' ? (r.response.headers['x-served-by'] ?? '') : '';
		return { id: String(note.id), servedBy };
	} catch {
		return 'POST /api/notes answered something that is no JSON';
	}
}

/** Whether the note's text comes back from GET /api/notes/<id>. */
export async function readNote(c: CheckContext, id: string, text: string): Promise<boolean> {
	const r = await door(c, 'GET', `/api/notes/${id}`);
	try {
		return statusOf(r) === 200 && (JSON.parse(bodyOf(r)) as { readonly text?: unknown }).text === text;
	} catch {
		return false;
	}
}

/** Ready endpoints of a Service. */
export async function readyCount(c: CheckContext, service: TierName): Promise<number> {
	return (await endpoints(c, service)).filter((e) => e.ready).length;
}

/** Restarts of a tier's pods, all containers together. */
export async function restarts(c: CheckContext, name: TierName): Promise<number> {
	const t = await tier(c, name);
	const pods = typeof t === 'string' ? await c.api.list('v1/pods', NAMESPACE) : t.pods;
	return pods.reduce((n, p) => n + restartsOf(p), 0);
}
