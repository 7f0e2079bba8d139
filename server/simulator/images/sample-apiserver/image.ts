import type { Image, Program } from '../program.ts';
import { busyboxTools } from '../toolbox.ts';
import { baseFiles } from '../image.ts';
import { sampleApiServer } from './program.ts';

export const sampleApiServerImages: readonly Image[] = [
	{
		repositories: ['registry.k8s.io/e2e-test-images/sample-apiserver'],
		tags: ['1.17.7', '1.29.2', '1.17.5', '1.17'],
		sizeBytes: 58_000_000,
		entrypoint: ['/kube-sample-apiserver'],
		cmd: [],
		env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
		user: '',
		workdir: '/',
		files: baseFiles({ name: 'Alpine Linux v3.12', id: 'alpine', version: '3.12', shell: '/bin/sh' }),
		programs: { ...busyboxTools(), '/kube-sample-apiserver': sampleApiServer as Program<never> },
	},
];
