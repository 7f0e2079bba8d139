/** Waiting on objects: list, then watch from there, on the sandbox's clock (client-go's UntilWithSync). */
import { lines, type Obj } from './client.ts';
import { type Mapping, resourcePath } from './discovery.ts';
import { StatusError } from './errors.ts';
import { parseJson } from './json-text.ts';
import type { Kube } from './kube.ts';
import { typed } from './select.ts';

export type Change = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface FollowOptions {
	readonly mapping: Mapping;
	readonly namespace: string;
	/** One object only. */
	readonly name?: string;
	readonly selector?: string;
	/** ms of the sandbox's clock; absent: for ever. */
	readonly timeoutMs?: number;
	/** Called with all that is there at the start, before single changes; returns true to stop. */
	readonly initial?: (objects: readonly Obj[]) => boolean | Promise<boolean>;
	/** Returns true to stop. */
	readonly change: (type: Change, object: Obj) => boolean | Promise<boolean>;
}

/** A week and more counts as no timeout. */
const FOREVER_MS = 6 * 24 * 3_600_000;
const SLICE_MS = 1000;

/** A signal that fires with the command's or once `ms` of the sandbox's clock have passed. Call `stop` when it is no longer needed. */
export function deadline(kube: Kube, ms: number | undefined): { readonly signal: AbortSignal; readonly expired: () => boolean; stop(): void } {
	const controller = new AbortController();
	let stopped = false;
	let expired = false;
	const onAbort = (): void => controller.abort();
	if (kube.signal.aborted) controller.abort();
	kube.signal.addEventListener('abort', onAbort, { once: true });
	const run = async (until: number): Promise<void> => {
		while (!stopped && kube.now < until) await kube.context.sleep(Math.min(SLICE_MS, until - kube.now));
		if (stopped) return;
		expired = true;
		controller.abort();
	};
	if (ms !== undefined && ms < FOREVER_MS) run(kube.now + ms).catch(() => controller.abort());
	return {
		signal: controller.signal,
		expired: () => expired,
		stop: () => {
			stopped = true;
			kube.signal.removeEventListener('abort', onAbort);
			controller.abort();
		},
	};
}

/** Resolves 'done' when a callback said so, 'timeout', or 'aborted'. */
export async function follow(kube: Kube, options: FollowOptions): Promise<'done' | 'timeout' | 'aborted'> {
	const limit = deadline(kube, options.timeoutMs);
	const path = resourcePath(options.mapping, options.namespace);
	const selectors = { labelSelector: options.selector || undefined, fieldSelector: options.name === undefined ? undefined : `metadata.name=${options.name}` };
	try {
		for (;;) {
			const listed = await kube.client.json(path, { query: selectors, signal: limit.signal });
			const objects = ((listed['items'] ?? []) as Obj[]).map((o) => typed(options.mapping, o));
			if (await options.initial?.(objects)) return 'done';
			if (options.initial === undefined) for (const o of objects) if (await options.change('ADDED', o)) return 'done';
			const done = await watchFrom(
				kube,
				path,
				{ ...selectors, watch: true, allowWatchBookmarks: true, resourceVersion: listed.metadata?.resourceVersion ?? '0' },
				limit.signal,
				options,
			);
			if (done) return 'done';
			if (limit.signal.aborted) break;
			await kube.context.sleep(SLICE_MS);
		}
	} catch (err) {
		if (!limit.signal.aborted) throw err;
	} finally {
		limit.stop();
	}
	return limit.expired() ? 'timeout' : 'aborted';
}

async function watchFrom(
	kube: Kube,
	path: string,
	query: { readonly [name: string]: string | boolean | undefined },
	signal: AbortSignal,
	options: FollowOptions,
): Promise<boolean> {
	const response = await kube.client.fetch(path, { query, signal });
	for await (const line of lines(response, signal)) {
		if (line.trim() === '') continue;
		const event = parseJson(line) as { readonly type: string; readonly object: Obj };
		if (event.type === 'BOOKMARK') continue;
		if (event.type === 'ERROR') {
			const status = new StatusError(event.object as never);
			if (status.code === 410) return false;
			throw status;
		}
		if (await options.change(event.type as Change, typed(options.mapping, event.object))) return true;
	}
	return false;
}
