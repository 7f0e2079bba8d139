import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { ClusterView } from '../protocol/messages.ts';
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';
import { ClusterWatcher } from './cluster-view.ts';
import type { ApiItem } from './informer.ts';
import { viewOf } from './view-rows.ts';

const item = (name: string, fields: { readonly [field: string]: unknown } = {}): ApiItem => ({
	metadata: { name, namespace: 'default', uid: name },
	...fields,
});

describe('the cluster view', () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	it('comes at most every LIMITS.viewMs, with what has changed by then', async () => {
		let change = (_name: string): void => {};
		const watched = new ReadableStream<Uint8Array>({
			start: (controller) => {
				change = (name) => controller.enqueue(new TextEncoder().encode(`${JSON.stringify({ type: 'ADDED', object: item(name) })}\n`));
			},
		});
		const endpoint: ClusterEndpoint = {
			fetch: async ({ url }) => {
				if (!url.includes('watch=true')) return Response.json({ items: [] });
				return new Response(url.includes('/v1/services') ? watched : new ReadableStream());
			},
			connect: () => Promise.reject(new Error('nobody connects')),
		};
		const pushed: { readonly at: number; readonly services: number }[] = [];
		const from = performance.now();
		const push = (view: ClusterView): void => void pushed.push({ at: performance.now() - from, services: view.services.length });
		const watcher = new ClusterWatcher(
			endpoint,
			() => 0,
			push,
			() => {},
		);
		await vi.waitFor(() => expect(pushed).toHaveLength(1));
		for (let n = 0; n < 20; n++) {
			change(`s${n}`);
			await vi.advanceTimersByTimeAsync(LIMITS.viewMs / 10);
		}
		await vi.advanceTimersByTimeAsync(LIMITS.viewMs);
		watcher.stop();
		for (const [i, { at }] of pushed.entries()) expect(at - (pushed[i - 1]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(LIMITS.viewMs);
		expect(pushed.length).toBeGreaterThanOrEqual(3);
		expect(pushed.at(-1)?.services).toBe(20);
	});
});

describe('rows of the view', () => {
	const none = new Map<string, ApiItem>();
	const many = (count: number, fields: (n: number) => { readonly [field: string]: unknown } = () => ({})): Map<string, ApiItem> =>
		new Map(Array.from({ length: count }, (_, n) => [`${n}`, item(`x${n}`, fields(n))]));
	const empty = { nodes: none, pods: none, services: none, events: none, deployments: none, statefulsets: none, daemonsets: none, jobs: none };

	it('are LIMITS.viewPods pods at most', () => {
		expect(viewOf({ ...empty, ingresses: none, slices: none, pods: many(LIMITS.viewPods + 5) }, 0).pods).toHaveLength(LIMITS.viewPods);
	});

	it('are the newest LIMITS.viewEvents events', () => {
		const minutes = LIMITS.viewEvents + 5;
		const events = many(minutes, (n) => ({ lastTimestamp: new Date(n * 60_000).toISOString() }));
		const rows = viewOf({ ...empty, ingresses: none, slices: none, events }, 0).events;
		expect(rows.map(({ at }) => at)).toEqual(Array.from({ length: LIMITS.viewEvents }, (_, i) => (minutes - 1 - i) * 60_000));
	});
});
