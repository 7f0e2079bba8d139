/** NVIDIA's images for trying a GPU out: CUDA's base images, the samples that the operator's pages run, and gpu-burn. None brings `nvidia-smi`: the container toolkit does. */
import { baseFiles } from '../image.ts';
import type { Image, Process, Program } from '../program.ts';
import { debianTools } from '../toolbox.ts';

const ENV = {
	PATH: '/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
	LD_LIBRARY_PATH: '/usr/local/nvidia/lib:/usr/local/nvidia/lib64',
	NVIDIA_VISIBLE_DEVICES: 'all',
	NVIDIA_DRIVER_CAPABILITIES: 'compute,utility',
};

/** Why CUDA will not start here; undefined where it will. */
function cudaError(process: Process<never> | Process): string | undefined {
	const gpus = process.gpus();
	if (gpus.length === 0) {
		// The driver's library is mounted with the devices: without any, the runtime finds a driver of version 0.
		return process.fs.stat('/dev/nvidiactl').ok ? 'no CUDA-capable device is detected' : 'CUDA driver version is insufficient for CUDA runtime version';
	}
	return gpus[0]?.xid === undefined ? undefined : 'CUDA-capable device(s) is/are busy or unavailable';
}

/** A CUDA context and three vectors. */
const VECTORS_BYTES = 310 << 20;

/** `vectorAdd` of the CUDA samples. */
const vectorAdd: Program<null> = {
	name: 'vectorAdd',
	start(process) {
		process.data = null;
		process.stdout('[Vector addition of 50000 elements]\n');
		const error = cudaError(process);
		const [gpu] = process.gpus();
		if (error !== undefined || gpu === undefined || gpu.totalBytes - gpu.usedBytes < VECTORS_BYTES) {
			process.stderr(`Failed to allocate device vector A (error code ${error ?? 'out of memory'})!\n`);
			process.exit(1);
			return;
		}
		process.usage({ cpuMilli: 200, memoryBytes: 90 << 20, gpus: [{ device: gpu.uuid, util: 0.05, memoryBytes: VECTORS_BYTES }] });
		process.timer(1200, 'done');
	},
	onTimer(process) {
		process.stdout(
			'Copy input data from the host memory to the CUDA device\nCUDA kernel launch with 196 blocks of 256 threads\nCopy output data from the CUDA device to the host memory\nTest PASSED\nDone\n',
		);
		process.exit(0);
	},
	onGpuFault(process, { error }) {
		process.stderr(`Failed to launch vectorAdd kernel (error code ${error.replace('CUDA error: ', '')})!\n`);
		process.exit(1);
	},
};

interface Burn {
	readonly until: number;
	readonly seconds: number;
}

/** How often gpu-burn says how far it is. */
const REPORT_MS = 10_000;

/** `gpu_burn [-d] [seconds]`: matrix products on 90 % of the free memory, all devices. */
const gpuBurn: Program<Burn> = {
	name: 'gpu_burn',
	start(process) {
		const seconds = Number(process.argv.slice(1).find((a) => /^\d+$/.test(a)) ?? 10);
		process.data = { until: process.now + seconds * 1000, seconds };
		const error = cudaError(process);
		if (error !== undefined) {
			process.stderr(`Couldn't init a GPU test: Error in "cuInit": ${error}\n`);
			process.exit(1);
			return;
		}
		const gpus = process.gpus();
		for (const [i, g] of gpus.entries()) process.stdout(`GPU ${i}: ${g.name} (UUID: ${g.uuid})\n`);
		process.stdout(`Using compare file: compare.ptx\nBurning for ${seconds} seconds.\n`);
		process.usage({
			cpuMilli: 1000 * gpus.length,
			memoryBytes: 400 << 20,
			gpus: gpus.map((g) => ({ device: g.uuid, util: 1, memoryBytes: Math.floor((g.totalBytes - g.usedBytes) * 0.9), tensor: 0.9, dram: 0.25 })),
		});
		process.timer(Math.min(REPORT_MS, seconds * 1000), 'tick');
	},
	onTimer(process) {
		const { until, seconds } = process.data;
		const done = Math.min(100, 100 * (1 - (until - process.now) / (seconds * 1000)));
		const gpus = process.gpus();
		process.stdout(`${done.toFixed(1)}%  proc'd: ${gpus.map(() => Math.round(done * 40)).join(' - ')}   errors: ${gpus.map(() => 0).join(' - ')}\n`);
		if (process.now < until) {
			process.timer(Math.min(REPORT_MS, until - process.now), 'tick');
			return;
		}
		process.stdout(`Tested ${gpus.length} GPUs:\n${gpus.map((_g, i) => `\tGPU ${i}: OK\n`).join('')}`);
		process.exit(0);
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(143);
	},
};

const ubuntu = (version: string): Image['files'] =>
	baseFiles({ name: `Ubuntu ${version} LTS`, id: 'ubuntu', version: version.slice(0, 5), shell: '/bin/bash' });
const tools = debianTools();
const banner = '/opt/nvidia/nvidia_entrypoint.sh';

/** Versions of CUDA that are tagged, with the Ubuntu releases they are built on. */
const CUDA: readonly (readonly [cuda: string, ubuntus: readonly string[]])[] = [
	['13.0.2', ['24.04', '22.04']],
	['13.0.1', ['24.04', '22.04']],
	['13.0.0', ['24.04', '22.04']],
	['12.9.1', ['24.04', '22.04', '20.04']],
	['12.8.1', ['24.04', '22.04', '20.04']],
	['12.6.3', ['24.04', '22.04', '20.04']],
	['12.4.1', ['22.04', '20.04']],
	['12.2.2', ['22.04', '20.04']],
	['12.2.0', ['22.04', '20.04']],
	['12.1.1', ['22.04', '20.04']],
	['12.0.0', ['22.04', '20.04']],
	['11.8.0', ['22.04', '20.04']],
	['11.6.2', ['20.04']],
];
const SIZES: { readonly [flavour: string]: number } = { base: 104_000_000, runtime: 1_420_000_000, devel: 4_600_000_000 };

const cudaImages: readonly Image[] = CUDA.flatMap(([cuda, releases]) =>
	releases.flatMap((release) =>
		Object.entries(SIZES).map(([flavour, sizeBytes]) => ({
			repositories: ['docker.io/nvidia/cuda', 'nvcr.io/nvidia/cuda'],
			tags: [`${cuda}-${flavour}-ubuntu${release}`],
			sizeBytes,
			entrypoint: flavour === 'base' ? [] : [banner],
			cmd: ['/bin/bash'],
			env: { ...ENV, CUDA_VERSION: cuda, NV_CUDA_CUDART_VERSION: `${cuda}-1` },
			user: '',
			workdir: '',
			files: { ...ubuntu(release), '/usr/local/cuda': { directory: true } as const, [banner]: { content: '#!/bin/bash\nexec "$@"\n', mode: 0o755 } },
			programs: tools,
		})),
	),
);

const sample = (tags: readonly string[], repositories: readonly string[]): Image => ({
	repositories,
	tags,
	sizeBytes: 212_000_000,
	entrypoint: [],
	cmd: ['/cuda-samples/vectorAdd'],
	env: ENV,
	user: '',
	workdir: '',
	files: ubuntu('22.04'),
	programs: { ...tools, '/cuda-samples/vectorAdd': vectorAdd as Program<never> },
});

/** The program that the operator's validator runs as well. */
export const vectorAddProgram = vectorAdd as Program<never>;

export const nvidiaImages: readonly Image[] = [
	...cudaImages,
	sample(
		[
			'vectoradd-cuda12.5.0-ubuntu22.04',
			'vectoradd-cuda12.5.0',
			'vectoradd-cuda11.7.1-ubuntu20.04',
			'vectoradd-cuda11.7.1',
			'vectoradd-cuda11.6.0',
			'vectoradd-cuda10.2',
		],
		['nvcr.io/nvidia/k8s/cuda-sample'],
	),
	sample(['v0.1', 'latest'], ['registry.k8s.io/cuda-vector-add', 'k8s.gcr.io/cuda-vector-add']),
	{
		repositories: ['docker.io/oguzpastirmaci/gpu-burn'],
		tags: ['latest'],
		sizeBytes: 380_000_000,
		entrypoint: ['/app/gpu_burn'],
		cmd: ['60'],
		env: ENV,
		user: '',
		workdir: '/app',
		files: ubuntu('22.04'),
		programs: { ...tools, '/app/gpu_burn': gpuBurn as Program<never> },
	},
];
