/** What the operator's parts print when they come up, and which of them end. */
import type { Process, Program } from '../../images/program.ts';
import { formatTime } from '../../kernel/time.ts';
import { getRuntime } from '../../kubelet/state.ts';
import { worldOf } from '../../kubelet/process-handle.ts';
import { DRIVER_VERSION } from '../driver-files.ts';
import { gpuModel } from '../models.ts';
import { offers } from '../plugin.ts';
import { getGpuNode, type GpuNode } from '../state.ts';

type Role =
	| 'operator'
	| 'validator'
	| 'nfd-master'
	| 'nfd-worker'
	| 'nfd-gc'
	| 'driver'
	| 'driver-manager'
	| 'toolkit'
	| 'device-plugin'
	| 'mps-control-daemon'
	| 'gpu-feature-discovery'
	| 'mig-manager';

/** A klog line: `I1120 22:49:25.343934       1 main.go:235] text`. */
export function klog(now: number, level: 'I' | 'W' | 'E', where: string, text: string): string {
	const [, month = '', day = '', time = ''] = /^\d+-(\d+)-(\d+)T([\d:]+)/.exec(formatTime(now)) ?? [];
	return `${level}${month}${day} ${time}.${String(now % 1000).padStart(3, '0')}000       1 ${where}] ${text}\n`;
}

function nodeOf(process: Process): GpuNode | undefined {
	const at = worldOf(process);
	const config = at === undefined ? undefined : getRuntime(at.world, at.container)?.config;
	return at === undefined || config === undefined ? undefined : getGpuNode(at.world, config.node);
}

function pluginLines(process: Process): readonly string[] {
	const node = nodeOf(process);
	const line = (where: string, text: string): string => klog(process.now, 'I', where, text);
	const registered = node === undefined ? [] : offers(node).map((o) => o.resource);
	return [
		line('main.go:235', '"Starting NVIDIA Device Plugin" version="v0.20.0"'),
		line('main.go:238', 'Starting FS watcher for /var/lib/kubelet/device-plugins'),
		line('main.go:245', 'Starting OS watcher.'),
		line('main.go:260', 'Starting Plugins.'),
		line('main.go:317', 'Loading configuration.'),
		line('main.go:342', 'Updating config with default resource matching patterns.'),
		line('main.go:356', 'Retrieving plugins.'),
		...registered.flatMap((resource) => {
			const socket = `/var/lib/kubelet/device-plugins/nvidia-${resource.replace('nvidia.com/', '')}.sock`;
			return [
				line('server.go:195', `Starting GRPC server for '${resource}'`),
				line('server.go:139', `Starting to serve '${resource}' on ${socket}`),
				line('server.go:146', `Registered device plugin for '${resource}' with Kubelet`),
			];
		}),
	];
}

function discoveryLines(process: Process): readonly string[] {
	const line = (where: string, text: string): string => klog(process.now, 'I', where, text);
	return [
		line('main.go:163', 'Starting OS watcher.'),
		line('main.go:168', 'Loading configuration.'),
		line('factory.go:58', 'Using NVML manager'),
		line('main.go:210', 'Start running'),
		line('main.go:285', 'Creating Labels'),
		line('output.go:82', 'Writing labels to output file /etc/kubernetes/node-feature-discovery/features.d/gfd'),
		line('main.go:292', 'Sleeping for 60000000000'),
	];
}

const lines: { readonly [R in Role]: (process: Process) => readonly string[] } = {
	operator: ({ now }) =>
		[
			'"logger":"setup","msg":"version: v26.3.3"',
			'"logger":"setup","msg":"starting manager"',
			'"logger":"controllers.ClusterPolicy","msg":"Found Resource, updating...","ClusterRole":"nvidia-driver"',
			'"logger":"controllers.ClusterPolicy","msg":"ClusterPolicy is ready."',
		].map((fields) => `{"level":"info","ts":"${formatTime(now)}",${fields}}\n`),
	validator: ({ now, env }) => {
		const component = env['COMPONENT'] ?? 'toolkit';
		const info = (text: string): string => `time="${formatTime(now)}" level=info msg="${text}"\n`;
		return [
			info('version: v26.3.3'),
			...(component === 'driver'
				? [info('Detected pre-installed driver on the host'), info(`Driver version ${DRIVER_VERSION}`)]
				: [info(`${component} is ready`)]),
		];
	},
	'nfd-master': ({ now }) => [
		klog(now, 'I', 'nfd-master.go:283', '"Node Feature Discovery Master" version="v0.18.3"'),
		klog(now, 'I', 'nfd-master.go:361', '"starting the nfd master api controller"'),
	],
	'nfd-worker': ({ now }) => [
		klog(now, 'I', 'nfd-worker.go:283', '"Node Feature Discovery Worker" version="v0.18.3"'),
		klog(now, 'I', 'nfd-worker.go:640', '"feature discovery completed"'),
	],
	'nfd-gc': ({ now }) => [klog(now, 'I', 'main.go:52', '"Node Feature Discovery Garbage Collector" version="v0.18.3"')],
	driver: () => [
		'========== NVIDIA Software Installer ==========\n\n',
		`Starting installation of NVIDIA driver branch ${DRIVER_VERSION.split('.')[0] ?? ''} version ${DRIVER_VERSION} for Linux kernel version 6.12.57+deb13-amd64\n\n`,
		'Loading NVIDIA driver kernel modules...\n+ modprobe nvidia\n+ modprobe nvidia-uvm\n+ modprobe nvidia-modeset\n',
		'Starting NVIDIA persistence daemon...\n',
		'Mounting NVIDIA driver rootfs...\n',
		'Done, now waiting for signal\n',
	],
	'driver-manager': ({ now }) => [
		`time="${formatTime(now)}" level=info msg="Uninstalling NVIDIA driver on node..."\n`,
		`time="${formatTime(now)}" level=info msg="No NVIDIA driver loaded, nothing to uninstall"\n`,
	],
	toolkit: ({ now }) =>
		[
			'Starting nvidia-toolkit',
			'Using config version 3',
			'Installing toolkit',
			'Successfully installed toolkit',
			'Updating containerd runtime config',
			'Sending SIGHUP signal to containerd',
			'Waiting for signal',
		].map((text) => `time="${formatTime(now)}" level=info msg="${text}"\n`),
	'device-plugin': pluginLines,
	'mps-control-daemon': ({ now }) => [
		klog(now, 'I', 'main.go:78', 'Starting NVIDIA MPS Control Daemon'),
		klog(now, 'I', 'daemon.go:97', '"Staring MPS daemon" resource="nvidia.com/gpu"'),
	],
	'gpu-feature-discovery': discoveryLines,
	'mig-manager': (process) => {
		const node = nodeOf(process);
		const capable = node !== undefined && gpuModel(node.model).profiles.length > 0;
		return [
			`time="${formatTime(process.now)}" level=info msg="Waiting for change to 'nvidia.com/mig.config' label"\n`,
			...(capable ? [] : [`time="${formatTime(process.now)}" level=warning msg="no MIG-capable GPUs found"\n`]),
		];
	},
};

/** Parts that do one thing and end: those of init containers. */
const ENDS: ReadonlySet<Role> = new Set(['validator', 'driver-manager']);

/** A part's program. */
export function part(role: Role): Program<never> {
	const program: Program = {
		name: role,
		start(process) {
			for (const line of lines[role](process)) process.stdout(line);
			if (ENDS.has(role)) process.exit(0);
			else process.usage({ cpuMilli: 1, memoryBytes: 32 << 20 });
		},
		onSignal(process, signal) {
			if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(0);
		},
	};
	return program as unknown as Program<never>;
}
