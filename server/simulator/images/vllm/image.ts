/** vllm/vllm-openai: the server's image, Ubuntu with Python and CUDA's libraries. */
import { curl } from '../curl/program.ts';
import { baseFiles } from '../image.ts';
import type { Image } from '../program.ts';
import { debianTools } from '../toolbox.ts';
import { vllmProgram } from './program.ts';
import { type Release, releases } from './versions.ts';

function image(release: Release, newest: boolean): Image {
	const program = vllmProgram(release);
	const serve = release.number >= 9.1;
	return {
		repositories: ['docker.io/vllm/vllm-openai'],
		tags: [...(newest ? ['latest'] : []), `v${release.text}`],
		// As pulled by the registry's size, roughly twice that on disk: 5 to 10 GB compressed by release.
		sizeBytes: Math.round((9.5 + Math.min(12, release.number - 6) * 0.9) * 1e9),
		entrypoint: serve ? ['vllm', 'serve'] : ['python3', '-m', 'vllm.entrypoints.openai.api_server'],
		cmd: [],
		env: {
			PATH: '/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
			NVIDIA_VISIBLE_DEVICES: 'all',
			NVIDIA_DRIVER_CAPABILITIES: 'compute,utility',
			VLLM_USAGE_SOURCE: 'production-docker-image',
		},
		user: '',
		workdir: '/vllm-workspace',
		files: {
			...baseFiles({ name: 'Ubuntu 22.04.5 LTS', id: 'ubuntu', version: '22.04', shell: '/bin/bash' }),
			'/vllm-workspace': { directory: true, mode: 0o755 },
			'/root/.cache': { directory: true, mode: 0o755 },
		},
		programs: { ...debianTools(), '/usr/bin/curl': curl, '/usr/local/bin/vllm': program, '/usr/bin/python3': program },
	};
}

export const vllmImages: readonly Image[] = releases.map((r, i) => image(r, i === 0));
