/** A whole cluster with tiny images of its own, for the tests of kubelet, network and volumes. */
import { admissionPlugins } from '../apiserver/admission/plugins.ts';
import { createApiServer } from '../apiserver/apiserver.ts';
import { resources } from '../apiserver/registry/resources.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { controllerRoom } from '../controllers/controllers.ts';
import type { Image, Process, Program } from '../images/program.ts';
import { initialState } from '../kernel/state.ts';
import { type TimerHandler, World } from '../kernel/world.ts';
import { callOutcome, createNetwork } from '../network/network.ts';
import type { Dial, Outcome, Source } from '../network/types.ts';
import { schedulerRoom } from '../scheduler/scheduler.ts';
import { type Room, type Services, SYSTEM_USERS } from '../services.ts';
import { ensure } from './boot-ensure.ts';
import { createKubelet } from './kubelet.ts';
import { readStream } from './streams.ts';
import { type Container, asPod, type Pod } from './pod.ts';

/** 2026-11-20T18:00:00Z. */
const START = 1_795_197_600_000;

type Data = { readonly mode: string; readonly argument: string };

/**
 * One program with a few ways: `serve <port>` (http; `/slow` answers after 3 s, `/fail` with 500, `/die` by its end),
 * `exit <code>`, `sleep`, `stubborn` (ignores SIGTERM), `cat <path>`, `write <path> <text>`, `fetch <host> <port>`, `eat <MiB>`, `echo …`, `env <name>`.
 */
const tool: Program<Data> = {
	name: 'tool',
	start(process) {
		const [, mode = 'sleep', argument = '', ...rest] = process.argv;
		process.data = { mode, argument };
		RUNS[mode]?.(process, argument, rest);
	},
	onTimer(process, token) {
		if (token === 'end') process.exit(0);
		else if (token.startsWith('slow:')) process.respond(token.slice(5), { protocol: 'http', status: 200, headers: {}, body: 'slow' });
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') return;
		const answer = (status: number, body: string): void => process.respond(connection.id, { protocol: 'http', status, headers: {}, body });
		if (request.path === '/slow') process.timer(3000, `slow:${connection.id}`);
		else if (request.path === '/fail') answer(500, 'no');
		else if (request.path === '/die') process.exit(3);
		else if (request.path === '/ready') answer(process.fs.stat('/tmp/unready').ok ? 503 : 200, 'ready');
		else answer(200, `${process.hostname} ${connection.remoteAddress}`);
	},
	onReply(process, _token, outcome) {
		process.stdout(`${outcome.ok ? (outcome.response.protocol === 'http' ? outcome.response.body : 'ok') : outcome.error}\n`);
		process.exit(outcome.ok ? 0 : 1);
	},
	onStdin(process, data) {
		if (data === null) {
			process.exit(0);
			return;
		}
		process.stdout(`got ${data}`);
		process.readStdin();
	},
	onChild(process, _token, result) {
		if (process.data.mode === 'busy') {
			RUNS['busy']?.(process, '', []);
			return;
		}
		process.stdout(`child ${result.exitCode} ${result.stdout}`);
		process.exit(0);
	},
	onSignal(process, signal) {
		if (process.data.mode === 'stubborn') return;
		process.stdout(`caught ${signal}\n`);
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.timer(process.data.mode === 'linger' ? 4000 : 0, 'end');
	},
};

const RUNS: { readonly [mode: string]: (process: Process<Data>, argument: string, rest: readonly string[]) => void } = {
	serve(process, argument) {
		if (!process.listen(Number(argument))) process.exit(9);
		else process.stdout(`serving ${argument}\n`);
	},
	exit: (process, argument) => process.exit(Number(argument)),
	cat(process, argument) {
		const read = process.fs.read(argument);
		if (read.ok) process.stdout(read.value);
		else process.stderr(`${read.error}\n`);
		process.exit(read.ok ? 0 : 1);
	},
	write(process, argument, rest) {
		const written = process.fs.write(argument, `${rest.join(' ')}\n`);
		if (!written.ok) process.stderr(`${written.error}\n`);
		process.exit(written.ok ? 0 : 1);
	},
	fetch: (process, argument, rest) =>
		process.dial(
			{ host: argument, port: Number(rest[0] ?? 80), request: { protocol: 'http', method: 'GET', path: '/', headers: {}, body: '' }, timeoutMs: 3000 },
			'x',
		),
	eat: (process, argument) => process.usage({ memoryBytes: Number(argument) << 20, cpuMilli: 100 }),
	echo(process, argument, rest) {
		process.stdout(`${[argument, ...rest].join(' ')}\n`);
		process.exit(0);
	},
	env(process, argument) {
		process.stdout(`${process.env[argument] ?? '(none)'}\n`);
		process.exit(0);
	},
	id(process) {
		process.stdout(`${process.uid} ${process.gid} ${process.cwd}\n`);
		process.exit(0);
	},
	read: (process) => process.readStdin(),
	busy: (process) => void process.spawn(['tool', 'exit', '0'], { token: 'again' }),
	spawn(process, argument, rest) {
		const started = process.spawn(['tool', argument, ...rest], { stdout: 'collect', token: 't' });
		if (!started.ok) {
			process.stdout(`${started.error}\n`);
			process.exit(1);
		}
	},
};

function image(name: string, user: string): Image {
	return {
		repositories: [`docker.io/test/${name}`],
		tags: ['1'],
		sizeBytes: 60_000_000,
		entrypoint: ['tool'],
		cmd: ['sleep'],
		env: { FROM_IMAGE: 'yes' },
		user,
		workdir: '',
		files: { '/etc/motd': { content: 'hello\n' }, '/data': { directory: true, uid: 70, gid: 70, mode: 0o700 }, '/secret': { content: 'x', mode: 0o600 } },
		programs: { '/bin/tool': tool as unknown as Program<never> },
		users: { worker: [70, 70] },
	};
}

const IMAGES: { readonly [reference: string]: Image } = {
	'test/tool:1': image('tool', ''),
	'test/worker:1': image('worker', 'worker'),
	'test/numbered:1': image('numbered', '70'),
};

const images: Services['images'] = {
	pull(reference) {
		const found = IMAGES[reference];
		if (found !== undefined) return { image: found, imageID: `docker.io/${reference}@sha256:0`, normalised: `docker.io/${reference}` };
		const text = `docker.io/${reference}`;
		return { error: `failed to pull and unpack image "${text}": failed to resolve reference "${text}": ${text}: not found` };
	},
};

export interface TestCluster {
	readonly world: World;
	readonly services: Services;
	/** Moves the clock on by so many seconds. */
	run(seconds: number): void;
	create(path: string, object: { readonly [field: string]: unknown }): KubeObject;
	/** Creates a pod of the test image in a namespace; `main` is its container. */
	pod(
		name: string,
		main: Partial<Container>,
		spec?: { readonly [field: string]: unknown },
		labels?: { readonly [k: string]: string },
		namespace?: string,
	): void;
	getPod(name: string, namespace?: string): Pod | undefined;
	/** Reasons and messages of a pod's events. */
	events(name: string): readonly string[];
	log(name: string, query?: { readonly [k: string]: readonly string[] }): string;
	fetch(from: Source, host: string, port: number, path?: string, seconds?: number): Outcome | undefined;
	/** Runs a command in a pod and returns what it printed and its Status. */
	exec(name: string, command: readonly string[]): { readonly out: string; readonly status: string };
}

export function testCluster(hosts: readonly string[] = []): TestCluster {
	const parts: { [name: string]: unknown } = {};
	const services = {
		get api() {
			return parts['api'];
		},
		get network() {
			return parts['network'];
		},
		get kubelet() {
			return parts['kubelet'];
		},
		get admission() {
			return parts['admission'];
		},
		images,
	} as Services;
	const rooms: Room[] = [];
	parts['admission'] = admissionPlugins(services);
	const apiserver = createApiServer(services, resources(services), (world, change) => {
		for (const room of rooms) room.onChange?.(world, change);
	});
	parts['api'] = apiserver.api;
	const network = createNetwork(services);
	parts['network'] = network.network;
	const kubelet = createKubelet(services);
	parts['kubelet'] = kubelet.kubelet;
	rooms.push(apiserver.room, network.room, controllerRoom(services), schedulerRoom(services), kubelet.room);
	const timers = new Map<string, TimerHandler>(rooms.flatMap((room) => Object.entries(room.timers ?? {})));
	const world = new World(initialState(7, START), { timers });
	for (const room of rooms) {
		room.boot?.(world, { workers: 2, profile: 'full', hosts });
		if (room === apiserver.room) bootDefaults(world, services);
	}
	world.advanceTo(START + 30_000);
	return cluster(world, services);
}

/** What the tests count on, whether or not the API server's boot makes it. */
function bootDefaults(world: World, services: Services): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	ensure(world, client, 'v1/namespaces', undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
	const spec = { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] };
	ensure(world, client, 'v1/services', 'default', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' }, spec });
}

function cluster(world: World, services: Services): TestCluster {
	const client = services.api.client(SYSTEM_USERS.admin);
	let calls = 0;
	const self: TestCluster = {
		world,
		services,
		run: (seconds) => void world.advanceTo(world.now + seconds * 1000),
		create(path, object) {
			const { namespace } = object['metadata'] as { readonly namespace?: string };
			const made = client.create(world, path, namespace, object);
			if (!made.ok) throw new Error(made.status.message);
			return made.value;
		},
		pod(name, main, spec = {}, labels = {}, namespace = 'default') {
			const containers = [{ name: 'main', image: 'test/tool:1', ...main }];
			self.create('v1/pods', {
				apiVersion: 'v1',
				kind: 'Pod',
				metadata: { name, namespace, labels },
				spec: { terminationGracePeriodSeconds: 5, containers, ...spec },
			});
		},
		getPod(name, namespace = 'default') {
			const object = client.get(world, 'v1/pods', namespace, name);
			return object === undefined ? undefined : asPod(object);
		},
		events(name) {
			const about = (e: KubeObject): boolean => (e['involvedObject'] as { readonly name?: string } | undefined)?.name === name;
			return client
				.list(world, 'v1/events')
				.filter(about)
				.map((e) => `${String(e['reason'])}: ${String(e['message'])}`);
		},
		log(name, query = {}) {
			const object = client.get(world, 'v1/pods', 'default', name);
			if (object === undefined) return '(no pod)';
			const result = services.kubelet.log(world, object, query);
			return result.text ?? JSON.stringify(result.body);
		},
		fetch(from, host, port, path = '/', seconds = 10) {
			const id = `call${calls++}`;
			const dial: Dial = { from, host, port, request: { protocol: 'http', method: 'GET', path, headers: { host }, body: '' } };
			services.network.dial(world, dial, { kind: 'call', id });
			world.advanceTo(world.now + seconds * 1000, () => callOutcome(world, id) !== undefined);
			return callOutcome(world, id);
		},
		exec(name, command) {
			const object = client.get(world, 'v1/pods', 'default', name);
			if (object === undefined) return { out: '', status: 'no pod' };
			const result = services.kubelet.exec(world, object, { command, stdin: false, stdout: true, stderr: true, tty: false });
			const stream = result.stream;
			if (stream === undefined) return { out: '', status: JSON.stringify(result.body) };
			world.advanceTo(world.now + 5000);
			const { chunks } = readStream(world, stream.id, 0);
			const text = (channel: number): string =>
				chunks
					.filter((c) => channel === c.channel)
					.map((c) => c.data)
					.join('');
			return { out: text(1) + text(2), status: text(3) };
		},
	};
	return self;
}
