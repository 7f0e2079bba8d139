/** Images that people start to look at the network from inside: netshoot, multitool, dnsutils. */
import { curl } from '../curl/program.ts';
import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { alpineExtras, busyboxTools } from '../toolbox.ts';
import { redisCli } from '../redis/client.ts';
import { digProgram } from './dig.ts';

const programs = { ...busyboxTools('bind'), ...alpineExtras(), '/usr/bin/curl': curl, '/usr/bin/dig': digProgram as Program<never> };
const shared = {
	entrypoint: [],
	env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
	user: '',
	workdir: '/root',
	files: baseFiles({ name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' }),
	programs,
} as const;

export const networkToolImages: readonly Image[] = [
	{
		...shared,
		repositories: ['docker.io/nicolaka/netshoot'],
		tags: ['latest', 'v0.14', 'v0.13', 'v0.11'],
		sizeBytes: 214_000_000,
		cmd: ['/bin/sh'],
		programs: { ...programs, '/usr/bin/redis-cli': redisCli('8.0.3') as Program<never> },
	},
	{
		...shared,
		repositories: ['docker.io/wbitt/network-multitool', 'docker.io/praqma/network-multitool'],
		tags: ['latest', 'minimal', 'extra', 'alpine-extra'],
		sizeBytes: 45_000_000,
		cmd: ['sleep', 'infinity'],
	},
	{
		...shared,
		repositories: ['registry.k8s.io/e2e-test-images/jessie-dnsutils', 'k8s.gcr.io/e2e-test-images/jessie-dnsutils'],
		tags: ['1.7', '1.5', '1.3'],
		sizeBytes: 264_000_000,
		cmd: ['sleep', 'infinity'],
	},
	{
		...shared,
		repositories: ['docker.io/tutum/dnsutils', 'gcr.io/kubernetes-e2e-test-images/dnsutils'],
		tags: ['latest', '1.3'],
		sizeBytes: 264_000_000,
		cmd: ['/bin/sh'],
	},
	{ ...shared, repositories: ['docker.io/radial/busyboxplus'], tags: ['curl', 'latest'], sizeBytes: 12_900_000, cmd: ['/bin/sh'] },
];
