import { curl } from '../curl/program.ts';
import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { digProgram } from '../network-tools/dig.ts';
import { busyboxTools } from '../toolbox.ts';
import { agnhost } from './program.ts';

const TAGS = ['2.53', '2.52', '2.50', '2.47', '2.45', '2.43', '2.40', '2.39', '2.36', '2.33', '2.32', '2.21', '2.9', '2.8', '2.5', 'latest'];

export const agnhostImages: readonly Image[] = TAGS.map((tag) => ({
	repositories: ['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost'],
	tags: [tag],
	sizeBytes: 139_000_000,
	entrypoint: ['/agnhost'],
	cmd: ['pause'],
	env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
	user: '',
	workdir: '/',
	files: baseFiles({ name: 'Alpine Linux v3.12', id: 'alpine', version: '3.12', shell: '/bin/sh' }),
	programs: { ...busyboxTools(), '/agnhost': agnhost as Program<never>, '/usr/bin/curl': curl, '/usr/bin/dig': digProgram as Program<never> },
}));
