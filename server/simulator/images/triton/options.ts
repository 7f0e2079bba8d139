/** tritonserver's command line. */

export interface Options {
	readonly repositories: readonly string[];
	readonly mode: 'none' | 'poll' | 'explicit';
	readonly load: readonly string[];
	readonly exitOnError: boolean;
	readonly strictReadiness: boolean;
	readonly strictConfig: boolean;
	readonly httpPort: number;
	readonly metricsPort: number;
	readonly allowMetrics: boolean;
	readonly allowGpuMetrics: boolean;
	readonly allowHttp: boolean;
	readonly verbose: number;
	readonly defaultMaxBatch: number;
	readonly exitTimeoutSecs: number;
	readonly pollSecs: number;
}

const DEFAULTS: Options = {
	repositories: [],
	mode: 'none',
	load: [],
	exitOnError: true,
	strictReadiness: true,
	strictConfig: false,
	httpPort: 8000,
	metricsPort: 8002,
	allowMetrics: true,
	allowGpuMetrics: true,
	allowHttp: true,
	verbose: 0,
	defaultMaxBatch: 4,
	exitTimeoutSecs: 30,
	pollSecs: 15,
};

const IGNORED = new Set(
	'id log-file log-info log-warning log-error log-format grpc-port allow-grpc http-address grpc-address metrics-address metrics-interval-ms metrics-config allow-cpu-metrics http-thread-count grpc-infer-allocation-pool-size pinned-memory-pool-byte-size cuda-memory-pool-byte-size min-supported-compute-capability backend-directory repoagent-directory cache-config cache-directory response-cache-byte-size rate-limit rate-limit-resource buffer-manager-thread-count model-load-thread-count model-load-retry-count model-namespacing host-policy model-load-gpu-limit trace-config allow-sagemaker allow-vertex-ai http-header-forward-pattern http-restricted-api'.split(
		' ',
	),
);

const yes = (text: string): boolean => !/^(false|0|no)$/i.test(text);

/** Reads the flags; `fault` is what the real one prints before its usage. */
export function parseOptions(args: readonly string[]): Options | { readonly fault: string } {
	let o = DEFAULTS;
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] ?? '';
		if (!arg.startsWith('--')) return { fault: `tritonserver: unrecognized option '${arg}'` };
		const [name = '', inline] = arg.slice(2).split(/=(.*)/s, 2);
		const bare = ['strict-model-config', 'exit-on-error', 'strict-readiness', 'disable-auto-complete-config', 'log-verbose'].includes(name);
		const value = inline ?? (bare && args[i + 1]?.startsWith('--') !== false ? 'true' : (args[++i] ?? ''));
		switch (name) {
			case 'model-repository':
			case 'model-store':
				o = { ...o, repositories: [...o.repositories, value.replace(/\/+$/, '')] };
				break;
			case 'model-control-mode':
				if (!['none', 'poll', 'explicit'].includes(value)) return { fault: "invalid argument for --model-control-mode, expected 'none', 'poll' or 'explicit'" };
				o = { ...o, mode: value as Options['mode'] };
				break;
			case 'load-model':
				o = { ...o, load: [...o.load, value] };
				break;
			case 'exit-on-error':
				o = { ...o, exitOnError: yes(value) };
				break;
			case 'strict-readiness':
				o = { ...o, strictReadiness: yes(value) };
				break;
			case 'strict-model-config':
				o = { ...o, strictConfig: yes(value) };
				break;
			case 'disable-auto-complete-config':
				o = { ...o, strictConfig: true };
				break;
			case 'http-port':
				o = { ...o, httpPort: Number(value) };
				break;
			case 'metrics-port':
				o = { ...o, metricsPort: Number(value) };
				break;
			case 'allow-metrics':
				o = { ...o, allowMetrics: yes(value) };
				break;
			case 'allow-gpu-metrics':
				o = { ...o, allowGpuMetrics: yes(value) };
				break;
			case 'allow-http':
				o = { ...o, allowHttp: yes(value) };
				break;
			case 'log-verbose':
				o = { ...o, verbose: value === 'true' ? 1 : Number(value) };
				break;
			case 'exit-timeout-secs':
				o = { ...o, exitTimeoutSecs: Number(value) };
				break;
			case 'repository-poll-secs':
				o = { ...o, pollSecs: Number(value) };
				break;
			case 'backend-config': {
				const size = /default-max-batch-size=(\d+)/.exec(value)?.[1];
				if (size !== undefined) o = { ...o, defaultMaxBatch: Number(size) };
				break;
			}
			default:
				if (!IGNORED.has(name)) return { fault: `tritonserver: unrecognized option '--${name}'` };
		}
	}
	for (const port of [o.httpPort, o.metricsPort]) if (!Number.isInteger(port) || port < 1 || port > 65535) return { fault: `invalid port ${port}` };
	if (o.load.length > 0 && o.mode !== 'explicit') return { fault: "Error: Use of '--load-model' requires setting '--model-control-mode=explicit' as well." };
	return o;
}
