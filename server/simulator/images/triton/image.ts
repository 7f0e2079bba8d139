/** nvcr.io/nvidia/tritonserver: the server with its backends; `-vllm-python-py3` and `-trtllm-python-py3` hold one LLM backend each. */
import { curl } from '../curl/program.ts';
import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { debianTools } from '../toolbox.ts';
import { entrypoint, tritonProgram } from './program.ts';
import { type Release, releases } from './versions.ts';

/** Variants and their sizes unpacked, bytes. */
const VARIANTS: readonly (readonly [suffix: string, bytes: number])[] = [
	['py3', 17.6e9],
	['py3-sdk', 13.1e9],
	['py3-min', 6.5e9],
	['vllm-python-py3', 21.8e9],
	['trtllm-python-py3', 34.1e9],
];

function image(release: Release, [suffix, sizeBytes]: readonly [string, number]): Image {
	return {
		repositories: ['nvcr.io/nvidia/tritonserver'],
		tags: [`${release.container}-${suffix}`],
		sizeBytes,
		entrypoint: ['/opt/nvidia/nvidia_entrypoint.sh'],
		cmd: [],
		env: {
			PATH: '/opt/tritonserver/bin:/usr/local/mpi/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
			NVIDIA_VISIBLE_DEVICES: 'all',
			NVIDIA_DRIVER_CAPABILITIES: 'compute,utility,video',
			TRITON_SERVER_VERSION: release.server,
			NVIDIA_TRITON_SERVER_VERSION: release.container,
		},
		user: '',
		workdir: '/opt/tritonserver',
		files: {
			...baseFiles({ name: 'Ubuntu 22.04.5 LTS', id: 'ubuntu', version: '22.04', shell: '/bin/bash' }, { 'triton-server': [1000, 1000] }),
			'/opt/tritonserver': { directory: true, mode: 0o755 },
			'/opt/tritonserver/backends': { directory: true, mode: 0o755 },
		},
		programs: {
			...debianTools(),
			'/usr/bin/curl': curl,
			'/opt/nvidia/nvidia_entrypoint.sh': entrypoint(release),
			'/opt/tritonserver/bin/tritonserver': tritonProgram(release) as Program<never>,
		},
		users: { 'triton-server': [1000, 1000] },
	};
}

export const tritonImages: readonly Image[] = releases.flatMap((r) => VARIANTS.map((v) => image(r, v)));
