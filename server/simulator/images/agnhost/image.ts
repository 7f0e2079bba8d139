import { curl } from '../curl/program.ts';
import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { digProgram } from '../network-tools/dig.ts';
import { alpineExtras, busyboxTools } from '../toolbox.ts';
import { agnhost } from './program.ts';

const TAGS = [
	'2.53',
	'2.63.0',
	'2.62',
	'2.61',
	'2.60',
	'2.59',
	'2.58',
	'2.57',
	'2.56',
	'2.55',
	'2.54',
	'2.51',
	'2.48',
	'2.46',
	'2.44',
	'2.41',
	'2.52',
	'2.50',
	'2.47',
	'2.45',
	'2.43',
	'2.40',
	'2.39',
	'2.36',
	'2.33',
	'2.32',
	'2.21',
	'2.9',
	'2.8',
	'2.5',
	'latest',
];

const base: Image = {
	repositories: ['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost'],
	tags: [],
	sizeBytes: 139_000_000,
	entrypoint: ['/agnhost'],
	cmd: ['pause'],
	env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
	user: '',
	workdir: '/',
	files: {
		...baseFiles({ name: 'Alpine Linux v3.12', id: 'alpine', version: '3.12', shell: '/bin/sh' }, { 'user-defined-in-image': [1000, 1000] }),
		'/uploads': { directory: true, mode: 0o755 },
	},
	users: { 'user-defined-in-image': [1000, 1000] },
	programs: {
		...busyboxTools('bind'),
		...alpineExtras(),
		'/agnhost': agnhost as Program<never>,
		'/agnhost-2': agnhost as Program<never>,
		'/usr/bin/curl': curl,
		'/usr/bin/dig': digProgram as Program<never>,
	},
};

/** Images of the tests that are agnhost with something more. */
const variant = (name: string, tags: readonly string[], more: Partial<Image>): Image => ({
	...base,
	...more,
	repositories: [`registry.k8s.io/e2e-test-images/${name}`],
	tags,
	sizeBytes: 49_000_000,
});

/** `update-demo`: a web server whose pictures tell one version from the other. */
const demo = (name: string): Image =>
	variant(name, ['1.7', '1.5', '1.0'], {
		cmd: ['test-webserver'],
		files: { ...base.files, '/data.json': { content: `{\n  "image": "${name}.jpg"\n}\n` }, [`/${name}.jpg`]: { content: `${name}\n` } },
	});

/** Says as whom a program with the setuid bit runs: as root, unless no_new_privs forbids it. */
const nnp: Program<null> = {
	name: 'nnp',
	start(process) {
		process.data = null;
		process.stdout(`Effective uid: ${process.uid}\n`);
		process.exit(0);
	},
};

export const agnhostImages: readonly Image[] = [
	...TAGS.map((tag): Image => ({ ...base, tags: [tag] })),
	demo('nautilus'),
	demo('kitten'),
	variant('nonroot', ['1.4', '1.3', '1.2'], { entrypoint: [], cmd: ['sh'], user: '1234' }),
	variant('nonewprivs', ['1.3'], { entrypoint: [], cmd: ['nnp'], programs: { ...busyboxTools(), '/usr/local/bin/nnp': nnp as Program<never> } }),
];
