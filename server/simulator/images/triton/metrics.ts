/** Port 8002: the metrics of core's metrics.cc, with its names, help and labels. */
import { findGpu } from '../../serving/hardware.ts';
import { heldBytes, pending } from './batcher.ts';
import { keyOf, type Stats, statsOf, type Triton } from './state.ts';

const WITH_CACHED = '(includes cached requests)';
const WITHOUT_CACHED = '(does not include cached requests)';

/** Counters of a model's version. */
const COUNTERS: readonly (readonly [name: string, help: string, of: (s: Stats) => number])[] = [
	['nv_inference_count', `Number of inferences performed ${WITHOUT_CACHED}`, (s) => s.count],
	['nv_inference_exec_count', `Number of model executions performed ${WITHOUT_CACHED}`, (s) => s.executions],
	['nv_inference_request_duration_us', `Cumulative inference request duration in microseconds ${WITH_CACHED}`, (s) => s.requestUs],
	['nv_inference_queue_duration_us', `Cumulative inference queuing duration in microseconds ${WITH_CACHED}`, (s) => s.queueUs],
	['nv_inference_compute_input_duration_us', `Cumulative compute input duration in microseconds ${WITHOUT_CACHED}`, (s) => s.inputUs],
	['nv_inference_compute_infer_duration_us', `Cumulative compute inference duration in microseconds ${WITHOUT_CACHED}`, (s) => s.inferUs],
	['nv_inference_compute_output_duration_us', `Cumulative inference compute output duration in microseconds ${WITHOUT_CACHED}`, (s) => s.outputUs],
];

const FAILURES = ['OTHER', 'BACKEND', 'CANCELED', 'REJECTED'] as const;

/** Share of its limit that a card takes without work. */
const IDLE_POWER = 0.16;

/** Writes a family of samples. */
type Family = (name: string, help: string, type: 'counter' | 'gauge', samples: readonly (readonly [labels: string, value: number])[]) => void;

/** The page as Prometheus scrapes it. */
export function metricsPage(process: Triton): string {
	const { data } = process;
	const out: string[] = [];
	const family: Family = (name, help, type, samples) => {
		out.push(
			`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`).join('')}`,
		);
	};
	const served = Object.values(data.models).flatMap((m) =>
		m.versions
			.filter((v) => v.state === 'READY')
			.map((v) => ({ labels: `model="${m.config.name}",version="${v.version}"`, key: keyOf(m.config.name, v.version) })),
	);
	family(
		'nv_inference_request_success',
		'Number of successful inference requests, all batch sizes',
		'counter',
		served.map((s) => [s.labels, statsOf(data, s.key).success]),
	);
	family(
		'nv_inference_request_failure',
		'Number of failed inference requests, all batch sizes',
		'counter',
		served.flatMap((s) => FAILURES.map((r) => [`${s.labels.replace(/,version/, `,reason="${r}",version`)}`, statsOf(data, s.key).failure[r]] as const)),
	);
	for (const [name, help, of] of COUNTERS)
		family(
			name,
			help,
			'counter',
			served.map((s) => [s.labels, of(statsOf(data, s.key))]),
		);
	family(
		'nv_inference_pending_request_count',
		'Instantaneous number of pending requests awaiting execution per-model.',
		'gauge',
		served.map((s) => [s.labels, data.queues[s.key]?.length ?? 0]),
	);
	family(
		'nv_model_load_duration_secs',
		'Model load time in seconds',
		'gauge',
		served.map((s) => [s.labels, statsOf(data, s.key).loadSecs]),
	);
	family('nv_pinned_memory_pool_total_bytes', 'Pinned memory pool total memory size, in bytes', 'gauge', [['', 268_435_456]]);
	family('nv_pinned_memory_pool_used_bytes', 'Pinned memory pool used memory size, in bytes', 'gauge', [
		['', served.reduce((n, s) => n + pending(data, s.key) * 65_536, 0)],
	]);
	if (data.options.allowGpuMetrics) gpuFamilies(process, family);
	family('nv_cpu_utilization', 'CPU utilization rate [0.0 - 1.0]', 'gauge', [['', Object.keys(data.running).length > 0 ? 0.12 : 0.01]]);
	family('nv_cpu_memory_total_bytes', 'CPU total memory (RAM), in bytes', 'gauge', [['', 8_589_934_592]]);
	family('nv_cpu_memory_used_bytes', 'CPU used memory (RAM), in bytes', 'gauge', [['', 2_400_000_000]]);
	return out.join('');
}

function gpuFamilies(process: Triton, family: Family): void {
	const gpus = process.gpus();
	if (gpus.length === 0) return;
	const each = (of: (i: number) => number): readonly (readonly [string, number])[] => gpus.map((g, i) => [`gpu_uuid="${g.uuid}"`, of(i)]);
	const util = (i: number): number => process.data.util[i] ?? 0;
	const limit = (i: number): number => findGpu(gpus[i]?.name ?? '')?.tdpWatts ?? 300;
	const watts = (i: number): number => limit(i) * (IDLE_POWER + (1 - IDLE_POWER) * 0.8 * util(i));
	family(
		'nv_gpu_utilization',
		'GPU utilization rate [0.0 - 1.0)',
		'gauge',
		each((i) => Number(util(i).toFixed(2))),
	);
	family(
		'nv_gpu_memory_total_bytes',
		'GPU total memory, in bytes',
		'gauge',
		each((i) => gpus[i]?.totalBytes ?? 0),
	);
	family(
		'nv_gpu_memory_used_bytes',
		'GPU used memory, in bytes',
		'gauge',
		each((i) => Math.min(gpus[i]?.totalBytes ?? 0, Math.round(heldBytes(process.data, i) + (gpus[i]?.usedBytes ?? 0)))),
	);
	family(
		'nv_gpu_power_usage',
		'GPU power usage in watts',
		'gauge',
		each((i) => Number(watts(i).toFixed(3))),
	);
	family('nv_gpu_power_limit', 'GPU power management limit in watts', 'gauge', each(limit));
	family(
		'nv_energy_consumption',
		'GPU energy consumption in joules since the Triton Server started',
		'counter',
		each((i) => Number(((watts(i) * (process.now - process.data.startedAt)) / 1000).toFixed(3))),
	);
}
