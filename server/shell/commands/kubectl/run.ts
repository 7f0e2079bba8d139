/** `kubectl run`. Upstream: pkg/cmd/run/run.go. */
import { attachTo } from './attach.ts';
import { createObject, DRY_RUN, dryRunOf, fieldManager, SAVE_CONFIG } from './changes.ts';
import { chunks, type Obj } from './client.ts';
import { finish, labelPairs } from './create/generator.ts';
import { deleteAndWait } from './delete.ts';
import { CliError, StatusError, usageError } from './errors.ts';
import { array, bool, type Flags, text, time } from './flags.ts';
import { follow } from './follow.ts';
import type { Kube } from './kube.ts';
import { applyJsonPatch, applyMergePatch, applyStrategic } from './local.ts';
import { FILE_FLAGS } from './manifests.ts';
import { PRINT_FLAGS } from './printers.ts';
import type { Subcommand } from './subcommand.ts';

function podOf(name: string, words: readonly string[], flags: Flags): Obj {
	const env = flags.list('env').map((e) => {
		const eq = e.indexOf('=');
		if (eq <= 0) throw new CliError(`invalid env: ${e}`);
		return { name: e.slice(0, eq), value: e.slice(eq + 1) };
	});
	const annotations = flags.list('annotations').length > 0 ? labelPairs(flags.list('annotations').join(',')) : undefined;
	const container = {
		name,
		image: flags.str('image'),
		...(words.length > 0 ? (flags.bool('command') ? { command: [...words] } : { args: [...words] }) : {}),
		...(flags.str('port') === '' ? {} : { ports: [{ containerPort: Number(flags.str('port')) }] }),
		...(env.length > 0 ? { env } : {}),
		resources: {},
		...(flags.str('image-pull-policy') === '' ? {} : { imagePullPolicy: flags.str('image-pull-policy') }),
		...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}),
		...(flags.bool('stdin') ? { stdin: true } : {}),
		...(flags.bool('stdin') && !flags.bool('leave-stdin-open') ? { stdinOnce: true } : {}),
		...(flags.bool('tty') ? { tty: true } : {}),
	};
	const labels = flags.str('labels') === '' ? { run: name } : labelPairs(flags.str('labels'));
	return {
		kind: 'Pod',
		apiVersion: 'v1',
		metadata: { name, labels, ...(annotations === undefined ? {} : { annotations }) },
		spec: { containers: [container], restartPolicy: flags.str('restart') || 'Always', dnsPolicy: 'ClusterFirst' },
		status: {},
	};
}

function overridden(pod: Obj, flags: Flags): Obj {
	const overrides = flags.str('overrides');
	if (overrides === '') return pod;
	let patch: unknown;
	try {
		patch = JSON.parse(overrides);
	} catch {
		throw new CliError('Invalid JSON Patch');
	}
	if (flags.str('override-type') === 'strategic') return applyStrategic(pod, patch, 'Pod') as Obj;
	if (flags.str('override-type') === 'json') return applyJsonPatch(pod, patch) as Obj;
	if (flags.str('override-type') !== 'merge') throw new CliError(`invalid override type: ${flags.str('override-type')}`);
	return applyMergePatch(pod, patch) as Obj;
}

function check(kube: Kube, args: readonly string[], flags: Flags): { readonly name: string; readonly words: readonly string[]; readonly attach: boolean } {
	const { dashAt } = flags;
	const [name] = args;
	if (name === undefined || dashAt === 0) throw usageError(kube.path, 'NAME is required for run');
	const interactive = flags.bool('stdin') || flags.bool('tty');
	if (flags.bool('tty') && !flags.bool('stdin')) throw usageError(kube.path, '-i/--stdin is required for containers with -t/--tty=true');
	if (flags.bool('expose') && flags.str('port') === '') throw usageError(kube.path, '--port must be set when exposing a service');
	if (flags.str('port') !== '' && !/^\d+$/.test(flags.str('port'))) throw usageError(kube.path, '--port must be a number');
	if (!['', 'Always', 'OnFailure', 'Never'].includes(flags.str('restart'))) throw usageError(kube.path, `invalid restart policy: ${flags.str('restart')}`);
	if (!['', 'Always', 'IfNotPresent', 'Never'].includes(flags.str('image-pull-policy')))
		throw usageError(kube.path, `invalid image pull policy: ${flags.str('image-pull-policy')}`);
	const attach = flags.bool('attach') || (!flags.changed('attach') && interactive);
	if (flags.bool('rm') && !attach) throw usageError(kube.path, '--rm should only be used for attached containers');
	if (attach && dryRunOf(kube, flags) !== 'none')
		throw usageError(kube.path, "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)");
	if (flags.str('image') === '') throw new CliError('--image is required');
	// distribution/reference: a path of lower-case components, a tag, a digest.
	if (!/^[\w.:-]+(?:\/[\w.-]+)*(?::[\w][\w.-]{0,127})?(?:@[\w:+.-]+)?$/.test(flags.str('image')) || /[A-Z]/.test(flags.str('image').replace(/[:@][^/]*$/, '')))
		throw new CliError(`Invalid image name "${flags.str('image')}": invalid reference format`);
	return { name, words: args.slice(1), attach };
}

/** Waits until the pod runs or is over; resolves with it, or undefined when time ran out. */
async function started(kube: Kube, pod: Obj, timeoutMs: number): Promise<Obj | undefined> {
	const mapping = await kube.mapper.byWord('pods');
	let last: Obj | undefined;
	const end = await follow(kube, {
		mapping,
		namespace: pod.metadata?.namespace ?? '',
		name: pod.metadata?.name ?? '',
		timeoutMs,
		change: (type, o) => {
			if (type === 'DELETED') throw new CliError(`pod ${o.metadata?.name} was deleted`);
			last = o;
			return (
				o['status']?.phase !== 'Pending' &&
				(o['status']?.phase !== 'Running' || ((o['status']?.containerStatuses ?? []) as Obj[]).some((s) => s['state']?.running || s['state']?.terminated))
			);
		},
	});
	return end === 'done' ? last : undefined;
}

async function ended(kube: Kube, pod: Obj): Promise<Obj> {
	const mapping = await kube.mapper.byWord('pods');
	let last = pod;
	await follow(kube, {
		mapping,
		namespace: pod.metadata?.namespace ?? '',
		name: pod.metadata?.name ?? '',
		change: (type, o) => {
			last = o;
			return type === 'DELETED' || ['Succeeded', 'Failed'].includes(String(o['status']?.phase));
		},
	});
	return last;
}

async function printLogs(kube: Kube, pod: Obj): Promise<void> {
	const response = await kube.client.fetch(`/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}/log`, {
		query: { container: pod['spec'].containers[0].name },
		accept: '*/*',
	});
	for await (const piece of chunks(response, kube.signal)) kube.out(piece);
}

/** A container that was over before the attach came through is read from its log instead. */
async function attachOrLogs(kube: Kube, flags: Flags, pod: Obj): Promise<void> {
	try {
		await attachTo(kube, pod, pod['spec'].containers[0].name, { stdin: flags.bool('stdin'), tty: flags.bool('tty'), quiet: flags.bool('quiet') });
	} catch (err) {
		if (!(err instanceof StatusError) && !(err instanceof CliError)) throw err;
		kube.err(`warning: couldn't attach to pod/${pod.metadata?.name}, falling back to streaming logs: ${err.message}\n`);
		await printLogs(kube, pod);
	}
}

async function session(kube: Kube, flags: Flags, made: Obj): Promise<number> {
	const pod = await started(kube, made, flags.duration('pod-running-timeout'));
	if (pod === undefined) throw new CliError('timed out waiting for the condition');
	const over = pod['status']?.phase === 'Succeeded' || pod['status']?.phase === 'Failed';
	if (over) await printLogs(kube, pod);
	else await attachOrLogs(kube, flags, pod);
	if (flags.str('restart') === 'Always' || flags.str('restart') === '') return 0;
	if (flags.bool('leave-stdin-open')) return 0;
	const done = await ended(kube, pod);
	if (done['status']?.phase === 'Succeeded') return 0;
	const terminated = done['status']?.containerStatuses?.[0]?.state?.terminated;
	if (done['status']?.phase === 'Failed' && terminated?.exitCode) {
		throw new CliError(`pod ${done.metadata?.namespace}/${done.metadata?.name} terminated (${terminated.reason})\n${terminated.message ?? ''}`, {
			raw: true,
			exitCode: Number(terminated.exitCode),
		});
	}
	if (done['status']?.phase === 'Failed') throw new CliError(`pod ${done.metadata?.namespace}/${done.metadata?.name} failed with unknown exit code`);
	throw new CliError(`pod ${done.metadata?.namespace}/${done.metadata?.name} left in phase ${done['status']?.phase}`);
}

export const run: Subcommand = {
	name: 'run',
	flags: [
		array('annotations'),
		bool('attach'),
		{ name: 'cascade', kind: 'string', def: 'background', bare: 'background' },
		bool('command'),
		DRY_RUN,
		array('env'),
		bool('expose'),
		fieldManager('kubectl-run'),
		bool('force'),
		{ name: 'grace-period', kind: 'int', def: '-1' },
		text('image'),
		text('image-pull-policy'),
		text('labels', { short: 'l' }),
		bool('leave-stdin-open'),
		text('override-type', { def: 'merge' }),
		text('overrides'),
		time('pod-running-timeout', '1m0s'),
		text('port'),
		bool('privileged'),
		bool('quiet', { short: 'q' }),
		text('restart', { def: 'Always' }),
		bool('rm'),
		SAVE_CONFIG,
		bool('stdin', { short: 'i' }),
		time('timeout'),
		bool('tty', { short: 't' }),
		bool('wait'),
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	required: ['image'],
	async run(kube, args, flags) {
		const { name, words, attach } = check(kube, args, flags);
		const pod = overridden(podOf(name, words, flags), flags);
		if (flags.bool('expose')) {
			const port = Number(flags.str('port'));
			const service = {
				kind: 'Service',
				apiVersion: 'v1',
				metadata: { name },
				spec: { ports: [{ protocol: 'TCP', port, targetPort: port }], selector: pod.metadata?.labels },
				status: { loadBalancer: {} },
			};
			await finish(kube, flags, service, { namespaced: true });
			// Upstream writes a separator of its own before the printer writes another.
			if (flags.str('output') === 'yaml') kube.out('---\n---\n');
		}
		if (!attach) {
			await finish(kube, flags, pod, { namespaced: true });
			return 0;
		}
		const mapping = await kube.mapper.byWord('pods');
		const made = await createObject(
			kube,
			mapping,
			kube.namespace,
			{ ...pod, metadata: { ...pod.metadata, namespace: kube.namespace } },
			{ manager: flags.str('field-manager') },
		);
		try {
			return await session(kube, flags, made);
		} finally {
			if (flags.bool('rm')) {
				await deleteAndWait(kube, { mapping, namespace: kube.namespace, name }, { gracePeriod: flags.int('grace-period'), cascade: 'background' });
				kube.out(`pod "${name}" deleted from ${kube.namespace} namespace\n`);
			}
		}
	},
};
