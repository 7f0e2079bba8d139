/** `kubectl logs`. Upstream: pkg/cmd/logs/logs.go. */
import { chunks, type Obj } from './client.ts';
import { CliError, StatusError, toError, usageError } from './errors.ts';
import { bool, type Flags, int, text, time } from './flags.ts';
import type { Kube } from './kube.ts';
import { checkContainer, containersOf, defaultContainer, ephemeralContainersOf, initContainersOf, oneObject, podsBySelector, podsOf } from './pods.ts';
import type { Info } from './select.ts';
import type { Subcommand } from './subcommand.ts';

interface Source {
	readonly pod: Obj;
	readonly container: string;
}

const USAGE = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

function queryOf(flags: Flags, container: string) {
	const selecting = flags.str('selector') !== '';
	const tail = flags.changed('tail') ? flags.int('tail') : selecting ? 10 : -1;
	const since = flags.duration('since');
	return {
		container,
		follow: flags.bool('follow') || undefined,
		previous: flags.bool('previous') || undefined,
		timestamps: flags.bool('timestamps') || undefined,
		sinceSeconds: since === 0 ? undefined : Math.round(since / 1000),
		sinceTime: flags.str('since-time') || undefined,
		limitBytes: flags.int('limit-bytes') || undefined,
		tailLines: tail === -1 ? undefined : tail,
	};
}

async function emit(kube: Kube, flags: Flags, source: Source): Promise<void> {
	const { pod, container } = source;
	const path = `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}/log`;
	const response = await kube.client.fetch(path, { query: queryOf(flags, container), accept: '*/*' });
	const prefix = flags.bool('prefix') || flags.bool('all-pods') ? `[pod/${pod.metadata?.name}/${container}] ` : '';
	let rest = '';
	for await (const piece of chunks(response, kube.signal)) {
		if (prefix === '') {
			kube.out(piece);
			continue;
		}
		rest += piece;
		const end = rest.lastIndexOf('\n') + 1;
		kube.out(rest.slice(0, end).replace(/^(?=.)|(?<=\n)(?=[^$])/g, prefix));
		rest = rest.slice(end);
	}
	if (rest !== '') kube.out(prefix + rest);
}

function sources(kube: Kube, flags: Flags, container: string, pod: Obj): Source[] {
	if (flags.bool('all-containers')) {
		return [...initContainersOf(pod), ...containersOf(pod), ...ephemeralContainersOf(pod)].map((c) => ({ pod, container: c.name }));
	}
	const name = container || defaultContainer(kube, pod, flags.bool('all-pods'));
	checkContainer(pod, name);
	return [{ pod, container: name }];
}

async function podsWanted(kube: Kube, flags: Flags, arg: string | undefined): Promise<Obj[]> {
	if (flags.str('selector') !== '') {
		const pods = await podsBySelector(kube, kube.namespace, flags.str('selector'));
		if (pods.length === 0) kube.err(`No resources found in ${kube.namespace} namespace.\n`);
		return pods;
	}
	let info: Info;
	try {
		info = await oneObject(kube, [arg ?? '']);
	} catch (err) {
		if (err instanceof StatusError && err.reason === 'NotFound')
			throw new CliError(`error from server (NotFound): ${err.message} in namespace "${kube.namespace}"`);
		throw err;
	}
	const pods = await firstPods(kube, info);
	if (pods.length > 1 && !flags.bool('all-pods')) {
		kube.err(`Found ${pods.length} pods, using pod/${pods[0]?.metadata?.name}\n`);
		return pods.slice(0, 1);
	}
	return pods;
}

/** Upstream's default of --pod-running-timeout for logs. */
const POD_TIMEOUT_MS = 20_000;

async function firstPods(kube: Kube, info: Info): Promise<Obj[]> {
	const until = kube.now + POD_TIMEOUT_MS;
	for (;;) {
		const pods = await podsOf(kube, info, 'cannot get the logs from');
		if (pods.length > 0) return pods;
		if (kube.now >= until) throw new CliError('timed out waiting for the condition');
		await kube.context.sleep(500);
	}
}

function check(kube: Kube, args: readonly string[], flags: Flags): string {
	if (args.length > 2 || (args.length === 0 && flags.str('selector') === '')) throw usageError(kube.path, USAGE);
	if (args.length === 1 && flags.str('selector') !== '') throw usageError(kube.path, 'only a selector (-l) or a POD name is allowed');
	const container = args[1] ?? flags.str('container');
	const since = flags.str('since-time');
	if (since !== '' && Number.isNaN(Date.parse(since)))
		throw new CliError(`parsing time ${JSON.stringify(since)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(since)} as "2006"`);
	if (flags.str('since-time') !== '' && flags.duration('since') !== 0) throw new CliError('at most one of `sinceTime` or `sinceSeconds` may be specified');
	if (flags.bool('all-containers') && container !== '') throw new CliError(`--all-containers=true should not be specified with container name ${container}`);
	if (flags.changed('container') && args.length === 2) throw new CliError('only one of -c or an inline [CONTAINER] arg is allowed');
	if (flags.int('limit-bytes') < 0) throw new CliError('--limit-bytes must be greater than 0');
	if (flags.duration('since') < 0) throw new CliError('--since must be greater than 0');
	if (flags.int('tail') < -1) throw new CliError('--tail must be greater than or equal to -1');
	return container;
}

export const logs: Subcommand = {
	name: 'logs',
	aliases: ['log'],
	flags: [
		bool('all-containers'),
		bool('all-pods'),
		text('container', { short: 'c' }),
		bool('follow', { short: 'f' }),
		bool('ignore-errors'),
		bool('insecure-skip-tls-verify-backend'),
		int('limit-bytes', 0),
		int('max-log-requests', 5),
		time('pod-running-timeout', '20s'),
		bool('prefix'),
		bool('previous', { short: 'p' }),
		text('selector', { short: 'l' }),
		time('since'),
		text('since-time'),
		int('tail', -1),
		bool('timestamps'),
	],
	completes: 'pod-or-type',
	async run(kube, args, flags) {
		const container = check(kube, args, flags);
		const wanted = (await podsWanted(kube, flags, args[0])).flatMap((pod) => sources(kube, flags, container, pod));
		const max = flags.int('max-log-requests');
		if (flags.bool('follow') && wanted.length > 1) {
			if (wanted.length > max) {
				throw new CliError(
					`you are attempting to follow ${wanted.length} log streams, but maximum allowed concurrency is ${max}, use --max-log-requests to increase the limit`,
				);
			}
			await Promise.all(wanted.map((s) => emitTolerant(kube, flags, s)));
			return 0;
		}
		for (const source of wanted) await emitTolerant(kube, flags, source);
		return 0;
	},
};

async function emitTolerant(kube: Kube, flags: Flags, source: Source): Promise<void> {
	try {
		await emit(kube, flags, source);
	} catch (err) {
		if (!flags.bool('ignore-errors')) throw err;
		kube.out(`error: ${toError(err).message}\n`);
	}
}
