/** Requests at a steady rate, the same for every provider: only how time passes is theirs. */
import type { LoadResult, LoadSpec, NetworkRequest, NetworkResult } from './sandbox.ts';

export interface LoadMeans {
	request(request: NetworkRequest): Promise<NetworkResult>;
	/** Resolves when `ms` of the sandbox's clock have passed since the load began. */
	reach(ms: number): Promise<unknown>;
}

/** Sends `spec`; `during` runs beside it once the first tenth is through, and its failure is the caller's. */
export async function runLoad(spec: LoadSpec, means: LoadMeans, during?: () => Promise<void>): Promise<LoadResult> {
	const total = Math.max(1, Math.round((spec.perSecond * spec.durationMs) / 1000));
	const failures: Record<string, number> = {};
	const latencies: number[] = [];
	const pending: Promise<void>[] = [];
	let beside: Promise<void> | undefined;
	for (let i = 0; i < total; i++) {
		await means.reach((i * 1000) / spec.perSecond);
		if (during !== undefined && beside === undefined && i >= total / 10) {
			beside = during();
			// Its failure is the caller's to see, at the end; here it must only not go unheard.
			beside.catch(() => {});
		}
		pending.push(
			means.request(spec.request).then((result) => {
				latencies.push(result.elapsedMs);
				const failure = failureOf(result);
				if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
			}),
		);
	}
	await Promise.all(pending);
	await (beside ?? during?.());
	return loadResult(latencies, failures);
}

function failureOf(result: NetworkResult): string | undefined {
	if (!result.ok) return result.error;
	if (result.response.protocol === 'http' && result.response.status >= 400) return `HTTP ${result.response.status}`;
	return undefined;
}

function loadResult(latencies: number[], failures: { readonly [what: string]: number }): LoadResult {
	latencies.sort((a, b) => a - b);
	const at = (q: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? 0;
	const failed = Object.values(failures).reduce((a, b) => a + b, 0);
	return { sent: latencies.length, failed, failures, latencyMs: { p50: at(0.5), p95: at(0.95), max: latencies.at(-1) ?? 0 } };
}
