/** The pause container: holds a pod's namespaces and does nothing. Models build/pause/linux/pause.c. */
import type { Image, Program } from '../program.ts';

const pause: Program<null> = {
	name: 'pause',
	start(process) {
		process.data = null;
		process.usage({ cpuMilli: 0, memoryBytes: 300_000 });
	},
	onSignal(process, signal) {
		if (signal !== 'SIGTERM' && signal !== 'SIGINT') return;
		process.stderr(`Shutting down, got signal: ${signal === 'SIGTERM' ? 'Terminated' : 'Interrupt'}\n`);
		process.exit(0);
	},
};

const TAGS = ['3.10.1', '3.10', '3.9', '3.8', '3.7', '3.6', '3.5', '3.4.1', '3.3', '3.2', '3.1', '3.0', '2.0', '1.0', 'latest'];

export const pauseImages: readonly Image[] = TAGS.map((tag) => ({
	repositories: ['registry.k8s.io/pause', 'k8s.gcr.io/pause', 'gcr.io/google_containers/pause', 'gcr.io/google-containers/pause'],
	tags: [tag],
	sizeBytes: 736_000,
	entrypoint: ['/pause'],
	cmd: [],
	env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
	user: '65535:65535',
	workdir: '/',
	files: {},
	programs: { '/pause': pause as Program<never> },
}));
