/** What "attempt to read, update and patch its status sub-resource" asks of every kind with conditions. */
import { expect } from 'vitest';
import type { Cluster } from './cluster.ts';

interface WithStatus {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: { readonly name: string; readonly annotations?: { readonly [key: string]: string }; readonly generation?: number };
	readonly spec?: unknown;
	readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[] };
}

/** Condition of a type nobody knows: controllers keep it. */
export async function statusSubresource(c: Cluster, resource: string, name: string, namespace = 'default'): Promise<void> {
	const of = c.at<WithStatus>(resource, namespace);
	const watch = await of.watch();
	const read = await of.get(name, '/status');
	expect(read.metadata.name).toBe(name);
	const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from a test', lastTransitionTime: '2026-01-01T00:00:00Z' };
	const updated = await of.replace(
		{ ...read, spec: { ignored: true }, status: { ...read.status, conditions: [...(read.status?.conditions ?? []), condition] } } as WithStatus,
		'/status',
	);
	expect(updated.status?.conditions?.at(-1)).toMatchObject({ type: 'StatusUpdate', message: 'Set from a test' });
	expect(updated.spec).toEqual(read.spec);
	expect(updated.metadata.generation).toBe(read.metadata.generation);
	const patched = await of.patch(
		name,
		{
			metadata: { annotations: { patchedstatus: 'true' } },
			status: { conditions: [{ type: 'StatusPatched', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
		},
		'merge',
		'/status',
	);
	expect(patched.status?.conditions).toMatchObject([{ type: 'StatusPatched', status: 'True' }]);
	expect((await of.get(name)).status?.conditions?.some((x) => x.type === 'StatusPatched')).toBe(true);
	await watch.until((w) => w.events.some((e) => e.object.metadata.name === name && e.object.status?.conditions?.some((x) => x.type === 'StatusPatched')));
	watch.stop();
}
