/** What runs on a node's own command line: crictl, systemctl, journalctl and the kubelet's flags, as somebody sees them who went there with `kubectl debug node/x`. */
import { formatTime } from '../../kernel/time.ts';
import { treeRange } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import type { Process, Program } from '../../images/program.ts';
import { SYSTEM } from '../../images/utilities/system.ts';
import { utilityProgram } from '../../images/utilities/utility.ts';
import type { Host } from '../host.ts';
import { parseLogQuery, readLog } from '../logs.ts';
import { worldOf } from '../process-handle.ts';
import { type ContainerRecord, containersSlice, getNode, getPodRecord, getRuntime, type PodRecord } from '../state.ts';
import { NODE_PROGRAMS } from './paths.ts';

interface Here {
	readonly world: World;
	readonly host: Host;
	readonly node: string;
}

interface Said {
	readonly out?: string;
	readonly err?: string;
	readonly code?: number;
}

type Command = (here: Here, args: readonly string[], process: Process) => Said;

function program(name: string, run: Command): Program<never> {
	const made: Program = {
		name,
		start(process) {
			const at = worldOf(process);
			const node = at === undefined ? undefined : getRuntime(at.world, at.container)?.config.node;
			const said: Said = at === undefined || node === undefined ? { code: 1 } : run({ world: at.world, host: at.host, node }, process.argv.slice(1), process);
			if (said.out !== undefined) process.stdout(said.out);
			if (said.err !== undefined) process.stderr(said.err);
			process.exit(said.code ?? 0);
		},
	};
	return made as unknown as Program<never>;
}

/** Columns as text/tabwriter sets them: two spaces at least. */
function columns(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_c, i) => Math.max(...rows.map((r) => (r[i] ?? '').length)));
	return rows.map((r) => `${r.map((cell, i) => (i === r.length - 1 ? cell : cell.padEnd((widths[i] ?? 0) + 12))).join('')}\n`).join('');
}

/** `5 minutes ago` (docker/go-units). */
function ago(now: number, then: number): string {
	const s = Math.max(0, Math.floor((now - then) / 1000));
	const plural = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? '' : 's'} ago`;
	if (s < 1) return 'Less than a second ago';
	if (s < 60) return plural(s, 'second');
	if (s < 120) return 'About a minute ago';
	if (s < 3600) return plural(Math.floor(s / 60), 'minute');
	if (s < 7200) return 'About an hour ago';
	return s < 172_800 ? plural(Math.round(s / 3600), 'hour') : plural(Math.floor(s / 86_400), 'day');
}

interface Held {
	readonly record: ContainerRecord;
	readonly pod: PodRecord;
}

function containersOn({ world, node }: Here): readonly Held[] {
	return [...treeRange(world.read(containersSlice))].flatMap(({ v: record }) => {
		const pod = getPodRecord(world, record.pod);
		return pod?.node === node && record.containerID !== '' ? [{ record, pod }] : [];
	});
}

/** The first 13 characters of an id, as crictl shows it. */
const short = (id: string): string => id.replace('containerd://', '').slice(0, 13);
/** A sandbox has no id of its own here: it follows from the pod's. */
const sandboxID = (pod: PodRecord): string => pod.uid.replaceAll('-', '').slice(0, 13);

function crictlPs(here: Here, args: readonly string[]): Said {
	const all = args.includes('-a') || args.includes('--all');
	const name = args[args.indexOf('--name') + 1];
	const rows = containersOn(here)
		.filter(({ record }) => (all || record.state.phase === 'running') && (!args.includes('--name') || record.name.includes(name ?? '')))
		.map(({ record, pod }) => {
			const since = record.state.phase === 'waiting' ? pod.startedAt : record.state.startedAt;
			const state = record.state.phase === 'running' ? 'Running' : 'Exited';
			const image = record.imageID.replace(/^.*sha256:/, '').slice(0, 13);
			const attempt = String(Math.max(0, record.starts - 1));
			return {
				since,
				cells: [short(record.containerID), image, ago(here.world.now, since), state, record.name, attempt, sandboxID(pod), pod.name, pod.namespace],
			};
		})
		.sort((a, b) => b.since - a.since);
	if (args.includes('-q') || args.includes('--quiet')) return { out: rows.map((r) => `${r.cells[0]}\n`).join('') };
	return { out: columns([['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'], ...rows.map((r) => r.cells)]) };
}

function crictlPods(here: Here): Said {
	const pods = new Map(containersOn(here).map(({ pod }) => [pod.uid, pod]));
	const rows = [...pods.values()].map((p) => [
		sandboxID(p),
		ago(here.world.now, p.startedAt),
		p.stage === 'done' ? 'NotReady' : 'Ready',
		p.name,
		p.namespace,
		'0',
		'(default)',
	]);
	return { out: columns([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows]) };
}

function crictlImages({ world, node }: Here): Said {
	const images = [...treeRange(getNode(world, node)?.images ?? null)];
	const size = (bytes: number): string =>
		bytes >= 1e9 ? `${(bytes / 1e9).toPrecision(3)}GB` : bytes >= 1e6 ? `${(bytes / 1e6).toPrecision(3)}MB` : `${(bytes / 1e3).toPrecision(3)}kB`;
	const rows = images.map(({ v }) => {
		const colon = v.normalised.lastIndexOf(':');
		return [v.normalised.slice(0, colon), v.normalised.slice(colon + 1), v.imageID.replace(/^.*sha256:/, '').slice(0, 13), size(v.sizeBytes)];
	});
	return { out: columns([['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'], ...rows]) };
}

function crictlLogs(here: Here, args: readonly string[]): Said {
	const id = args.find((a) => !a.startsWith('-')) ?? '';
	const found = containersOn(here).find(({ record }) => id !== '' && record.containerID.replace('containerd://', '').startsWith(id));
	if (found === undefined)
		return {
			err: `E1120 00:00:00.000000       1 log.go:32] "ContainerStatus from runtime service failed" err="rpc error: code = NotFound desc = an error occurred when try to find container \\"${id}\\": not found" containerID="${id}"\ntime="${formatTime(here.world.now)}" level=fatal msg="rpc error: code = NotFound desc = an error occurred when try to find container \\"${id}\\": not found"\n`,
			code: 1,
		};
	return { out: readLog(here.world, found.record.key, parseLogQuery(here.world, {})) ?? '' };
}

const crictl: Command = (here, args) => {
	const [command, ...rest] = args.filter((a, i) => !['-r', '--runtime-endpoint'].includes(a) && !['-r', '--runtime-endpoint'].includes(args[i - 1] ?? ''));
	switch (command) {
		case 'ps':
			return crictlPs(here, rest);
		case 'pods':
			return crictlPods(here);
		case 'images':
		case 'img':
		case 'image':
			return crictlImages(here);
		case 'logs':
			return crictlLogs(here, rest);
		case 'version':
			return { out: 'Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v2.2.0\nRuntimeApiVersion:  v1\n' };
		case '--version':
		case '-v':
			return { out: 'crictl version v1.34.0\n' };
		default:
			return { err: `crictl: the simulated crictl knows ps, pods, images, logs and version; not ${JSON.stringify(command ?? '')}\n`, code: 1 };
	}
};

const UNITS: {
	readonly [unit: string]: { readonly about: string; readonly docs: string; readonly pid: number; readonly argv: string; readonly memory: string };
} = {
	kubelet: {
		about: 'kubelet: The Kubernetes Node Agent',
		docs: 'http://kubernetes.io/docs/',
		pid: 238,
		argv: '/usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml',
		memory: '41.2M',
	},
	containerd: { about: 'containerd container runtime', docs: 'https://containerd.io', pid: 107, argv: '/usr/local/bin/containerd', memory: '612.4M' },
};

/** When the node's daemons started: with the first of its pods. */
function startedAt(here: Here): number {
	return containersOn(here).reduce((first, { pod }) => Math.min(first, pod.startedAt), here.world.now);
}

const stamp = (ms: number): string => formatTime(ms).replace('T', ' ').replace('Z', ' UTC');
const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const weekday = (ms: number): string => DAYS[Math.floor(ms / 86_400_000) % 7] ?? '';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const journalTime = (ms: number): string => {
	const t = formatTime(ms);
	return `${MONTHS[Number(t.slice(5, 7)) - 1] ?? ''} ${t.slice(8, 10)} ${t.slice(11, 19)}`;
};

const unitOf = (text: string | undefined): string => (text ?? '').replace(/\.service$/, '');

const systemctl: Command = (here, args) => {
	const [command = '', ...rest] = args.filter((a) => !a.startsWith('-'));
	const name = unitOf(rest[0]);
	const unit = UNITS[name];
	if (unit === undefined) return { err: `Unit ${name === '' ? 'service' : `${name}.service`} could not be found.\n`, code: 4 };
	switch (command) {
		case 'is-active':
			return { out: 'active\n' };
		case 'is-enabled':
			return { out: 'enabled\n' };
		case 'restart':
		case 'start':
		case 'daemon-reload':
			return {};
		case 'stop':
			return { err: `Failed to stop ${name}.service: a node's ${name} is not stopped in the simulation\n`, code: 1 };
		case 'status': {
			const since = startedAt(here);
			const dropIn = name === 'kubelet' ? '    Drop-In: /etc/systemd/system/kubelet.service.d\n             └─10-kubeadm.conf, 11-kind.conf\n' : '';
			const head = `● ${name}.service - ${unit.about}\n     Loaded: loaded (/etc/systemd/system/${name}.service; enabled; preset: enabled)\n${dropIn}`;
			const body = `     Active: active (running) since ${weekday(since)} ${stamp(since)}; ${ago(here.world.now, since)}\n       Docs: ${unit.docs}\n   Main PID: ${unit.pid} (${name})\n      Tasks: 16 (limit: 38170)\n     Memory: ${unit.memory}\n     CGroup: /kubelet.slice/${name}.service\n             └─${unit.pid} ${unit.argv}\n`;
			return { out: `${head}${body}${name === 'kubelet' ? `\n${kubeletJournal(here).slice(-5).join('')}` : ''}` };
		}
		default:
			return { err: `Unknown command verb ${command}.\n`, code: 1 };
	}
};

/** The kubelet's journal: what the events of its pods tell of, as it logs it. */
function kubeletJournal(here: Here): readonly string[] {
	const since = startedAt(here);
	const line = (ms: number, text: string): { readonly at: number; readonly text: string } => {
		const t = formatTime(ms);
		const head = `I${t.slice(5, 7)}${t.slice(8, 10)} ${t.slice(11, 19)}.000000     238`;
		return { at: ms, text: `${journalTime(ms)} ${here.node} kubelet[238]: ${head} ${text}\n` };
	};
	const lines = [
		line(since, 'server.go:530] "Kubelet version" kubeletVersion="v1.36.0"'),
		line(since, 'kubelet.go:2512] "SyncLoop ADD" source="file" pods=[]'),
	];
	for (const { record, pod } of containersOn(here)) {
		const key = `"${pod.namespace}/${pod.name}"`;
		lines.push(line(pod.startedAt, `reconciler_common.go:251] "operationExecutor.VerifyControllerAttachedVolume started" pod=${key}`));
		if (record.state.phase === 'waiting') {
			const { reason, message = '' } = record.state;
			if (reason.includes('BackOff') || reason.startsWith('Err'))
				lines.push(
					line(
						here.world.now,
						`pod_workers.go:1324] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"${record.name}\\" with ${reason}: ${JSON.stringify(message).slice(1, -1)}" pod=${key}`,
					),
				);
		} else lines.push(line(record.state.startedAt, `pod_startup_latency_tracker.go:104] "Observed pod startup duration" pod=${key}`));
	}
	return lines.sort((a, b) => a.at - b.at).map((l) => l.text);
}

const JOURNAL_LINES = 1000;

const journalctl: Command = (here, args) => {
	const at = args.findIndex((a) => a === '-u' || a === '--unit');
	const unit = unitOf(at >= 0 ? args[at + 1] : args.find((a) => /^(?:-u|--unit=)./.test(a))?.replace(/^(?:-u|--unit=)/, ''));
	if (unit !== '' && unit !== 'kubelet') return { out: '-- No entries --\n' };
	const n = args.findIndex((a) => a === '-n' || a === '--lines');
	const wanted = Number((n >= 0 ? args[n + 1] : args.find((a) => /^-n\d+$/.test(a))?.slice(2)) ?? JOURNAL_LINES);
	const lines = kubeletJournal(here).slice(-Math.max(1, Number.isFinite(wanted) ? wanted : JOURNAL_LINES));
	return { out: (args.includes('-r') ? [...lines].reverse() : lines).join('') };
};

const kubelet: Command = (_here, args) =>
	args.includes('--version') ? { out: 'Kubernetes v1.36.0\n' } : { err: 'kubelet: it runs already, as kubelet.service\n', code: 1 };

const kubeadm: Command = (_here, args) => {
	if (args[0] === 'version')
		return {
			out: args.includes('short')
				? 'v1.36.0\n'
				: 'kubeadm version: &version.Info{Major:"1", Minor:"36", GitVersion:"v1.36.0", Compiler:"gc", Platform:"linux/amd64"}\n',
		};
	return { err: 'kubeadm: the simulated kubeadm knows version alone\n', code: 1 };
};

/** procps, which Debian's slim images lack. */
const procps = Object.fromEntries(
	(['ps', 'top', 'free'] as const).flatMap((name) => {
		const run = SYSTEM[name];
		return run === undefined ? [] : [[NODE_PROGRAMS[name], utilityProgram(name, run, false)] as const];
	}),
);

/** By path on the node. */
export const nodePrograms: { readonly [path: string]: Program<never> } = {
	[NODE_PROGRAMS.crictl]: program('crictl', crictl),
	[NODE_PROGRAMS.systemctl]: program('systemctl', systemctl),
	[NODE_PROGRAMS.journalctl]: program('journalctl', journalctl),
	[NODE_PROGRAMS.kubelet]: program('kubelet', kubelet),
	[NODE_PROGRAMS.kubeadm]: program('kubeadm', kubeadm),
	...procps,
};
