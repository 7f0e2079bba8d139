/** The file that `vllm bench serve --save-result` writes, and its name; models vllm/benchmarks/serve.py. */
import type { Measured, Plan } from '../../../traffic/drive.ts';

/** Flags as given: value by name. */
export type Options = { readonly [flag: string]: string };

const stamp = (now: number): string => new Date(now).toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').replace('T', '-');

export function resultFile(o: Options, plan: Plan, now: number): string {
	const label = o['label'] ?? o['backend'] ?? 'vllm';
	const concurrency = plan.concurrency === undefined ? '' : `-concurrency${plan.concurrency}`;
	const name = o['result-filename'] ?? `${label}-${plan.rate ?? 'inf'}qps${concurrency}-${plan.model.split('/').at(-1)}-${stamp(now)}.json`;
	return o['result-dir'] === undefined ? name : `${o['result-dir'].replace(/\/$/, '')}/${name}`;
}

export function resultOf(
	o: Options,
	plan: Plan,
	fields: { readonly [name: string]: number },
	results: readonly Measured[],
	now: number,
): { readonly [field: string]: unknown } {
	const done = results.filter((m) => m.ok);
	const pairs = (o['metadata'] ?? '').split('\n').flatMap((p) => (p.includes('=') ? [[p.slice(0, p.indexOf('=')), p.slice(p.indexOf('=') + 1)]] : []));
	return {
		date: stamp(now),
		endpoint_type: o['backend'] ?? 'vllm',
		label: o['label'] ?? null,
		model_id: plan.model,
		tokenizer_id: o['tokenizer'] ?? plan.model,
		num_prompts: results.length,
		...(Object.fromEntries(pairs) as { readonly [key: string]: string }),
		request_rate: plan.rate ?? 'inf',
		burstiness: plan.burstiness,
		max_concurrency: plan.concurrency ?? null,
		...fields,
		...(o['save-detailed'] === undefined
			? {}
			: {
					input_lens: done.map((m) => m.input),
					output_lens: done.map((m) => m.output),
					ttfts: done.map((m) => ((m.at[0] ?? m.endedAt) - m.startedAt) / 1000),
					itls: done.map((m) => m.at.slice(1).map((t, i) => (t - (m.at[i] ?? t)) / 1000)),
					errors: results.map((m) => m.error),
				}),
	};
}
