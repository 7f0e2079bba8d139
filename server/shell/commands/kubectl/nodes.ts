/** `kubectl taint`, `cordon`, `uncordon`, `drain`. Upstream: pkg/cmd/taint, pkg/cmd/drain, pkg/drain. */
import { DRY_RUN, type DryRun, dryRunOf, fieldManager, patchObject, VALIDATE, withDryRun } from './changes.ts';
import type { Obj } from './client.ts';
import { deleteObject } from './delete.ts';
import { AggregateError_, CliError, isNotFound, StatusError, throwAll, toError, usageError } from './errors.ts';
import { bool, type Flags, int, text, time } from './flags.ts';
import type { Kube } from './kube.ts';
import { objectName, PRINT_FLAGS, resultPrinter } from './printers.ts';
import { getObject, type Info, infos } from './select.ts';
import type { Subcommand } from './subcommand.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

const NAME_PART =
	"name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

function parseTaint(spec: string): Obj {
	const match = /^([^=:]+)(?:=([^:]*))?(?::(.*))?$/.exec(spec);
	const key = spec.includes(':') ? (spec.split(/[:=]/)[0] ?? '') : spec;
	if (!/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(key.split('/').at(-1) ?? ''))
		throw new CliError(
			`invalid taint spec: ${spec}, ${key === '' ? 'name part must be non-empty; ' : ''}${NAME_PART}\nSee 'kubectl taint -h' for help and examples`,
		);
	if (match === null || match[3] === undefined) throw new CliError(`invalid taint spec: ${spec}`);
	if (!EFFECTS.includes(match[3]))
		throw new CliError(`invalid taint effect: ${match[3]}, unsupported taint effect\nSee 'kubectl taint -h' for help and examples`);
	return { key: match[1], ...(match[2] ? { value: match[2] } : {}), effect: match[3] };
}

function parseRemoval(spec: string): { readonly key: string; readonly effect?: string } {
	const [key = '', effect] = spec.split(':') as [string, string?];
	const bare = key.split('=')[0] ?? key;
	if (effect !== undefined && effect !== '' && !EFFECTS.includes(effect)) throw new CliError(`invalid taint effect: ${effect}, unsupported taint effect`);
	return effect ? { key: bare, effect } : { key: bare };
}

interface TaintChange {
	readonly add: readonly Obj[];
	readonly remove: readonly { readonly key: string; readonly effect?: string }[];
}

function retaint(node: Obj, change: TaintChange, overwrite: boolean): { readonly taints: Obj[]; readonly verb: string } {
	const old = (node['spec']?.taints ?? []) as Obj[];
	const same = (a: Obj, b: Obj): boolean => a.key === b.key && a.effect === b.effect;
	const exists = change.add.filter((t) => old.some((o) => same(o, t)));
	if (exists.length > 0 && !overwrite) {
		throw new CliError(
			`node ${node.metadata?.name} already has ${[...new Set(exists.map((t) => t['key']))].join(',')} taint(s) with same effect(s) and --overwrite is false`,
		);
	}
	for (const r of change.remove) {
		if (!old.some((o) => o['key'] === r.key && (r.effect === undefined || o['effect'] === r.effect)))
			throw new CliError(`taint "${r.key}${r.effect === undefined ? '' : `:${r.effect}`}" not found`);
	}
	const kept = old.filter(
		(o) => !change.remove.some((r) => o['key'] === r.key && (r.effect === undefined || o['effect'] === r.effect)) && !change.add.some((t) => same(o, t)),
	);
	const verb =
		change.add.length > 0 && change.remove.length > 0 ? 'modified' : change.add.length > 0 ? (exists.length > 0 ? 'modified' : 'tainted') : 'untainted';
	return { taints: [...change.add, ...kept], verb };
}

export const taint: Subcommand = {
	name: 'taint',
	flags: [bool('all'), DRY_RUN, fieldManager('kubectl-taint'), bool('overwrite'), text('selector', { short: 'l' }), VALIDATE, ...PRINT_FLAGS],
	completes: 'resources',
	async run(kube, args, flags) {
		const isSpec = (a: string): boolean => a.includes('=') || a.includes(':') || a.endsWith('-');
		const at = args.findIndex(isSpec);
		const resources = at < 0 ? args : args.slice(0, at);
		const specs = at < 0 ? [] : args.slice(at);
		if (resources.length < 1) throw new CliError('one or more resources must be specified as <resource> <name>');
		if (specs.length === 0) throw new CliError('at least one taint update is required');
		const type = (resources[0] ?? '').toLowerCase().split('/')[0] ?? '';
		if (!['node', 'nodes', 'no'].includes(type)) throw new CliError(`invalid resource type ${resources[0]}, only node types are supported`);
		if (resources.length < 2 && !resources[0]?.includes('/') && !flags.bool('all') && flags.str('selector') === '')
			throw new CliError("at least one resource name must be specified since 'all' parameter is not set");
		const change: TaintChange = {
			add: specs.filter((s) => !s.endsWith('-')).map(parseTaint),
			remove: specs.filter((s) => s.endsWith('-')).map((s) => parseRemoval(s.slice(0, -1))),
		};
		const twice = change.remove.filter((r) => change.add.some((t) => t['key'] === r.key && (r.effect === undefined || t['effect'] === r.effect)));
		if (twice.length > 0)
			throw new CliError(
				`can not both modify and remove the following taint(s) in the same command: ${twice.map((r) => `${r.key}=${r.effect ?? ''}`).join(', ')}`,
			);
		const dryRun = dryRunOf(kube, flags);
		const print = await resultPrinter(kube, flags);
		const errors: Error[] = [];
		for (const info of await infos(kube, resources, flags, { selector: flags.str('selector'), all: flags.bool('all') }, errors)) {
			try {
				const { taints, verb } = retaint(info.object ?? {}, change, flags.bool('overwrite'));
				const next = { ...info.object, spec: { ...info.object?.['spec'], taints } };
				const made =
					dryRun === 'client'
						? next
						: await patchObject(
								kube,
								info.mapping,
								'',
								info.name,
								'merge-patch+json',
								{ spec: { taints: taints.length > 0 ? taints : null } },
								{ dryRun, manager: flags.str('field-manager') },
							);
				// Upstream forgets the dry run here.
				print(info.mapping, made, verb);
			} catch (err) {
				errors.push(toError(err));
			}
		}
		throwAll(errors);
		return 0;
	},
};

async function wantedNodes(kube: Kube, args: readonly string[], flags: Flags): Promise<Info[]> {
	const selector = flags.str('selector');
	if (args.length === 0 && selector === '') throw usageError(kube.path, `USAGE: ${kube.path.split(' ').at(-1)} NODE [flags]`);
	if (args.length > 0 && selector !== '') throw usageError(kube.path, 'error: cannot specify both a node name and a --selector option');
	const errors: Error[] = [];
	const found = await infos(kube, selector === '' ? args.map((a) => (a.includes('/') ? a : `node/${a}`)) : ['nodes'], flags, { selector }, errors);
	throwAll(errors);
	return found;
}

async function setUnschedulable(kube: Kube, info: Info, desired: boolean, dryRun: DryRun): Promise<void> {
	const already = info.object?.['spec']?.unschedulable === true;
	if (already === desired) {
		kube.out(`${objectName(info.mapping, info.name)} ${withDryRun(desired ? 'already cordoned' : 'already uncordoned', dryRun)}\n`);
		return;
	}
	if (dryRun !== 'client')
		await patchObject(kube, info.mapping, '', info.name, 'strategic-merge-patch+json', { spec: { unschedulable: desired ? true : null } }, { dryRun });
	kube.out(`${objectName(info.mapping, info.name)} ${withDryRun(desired ? 'cordoned' : 'uncordoned', dryRun)}\n`);
}

function cordonCommand(name: 'cordon' | 'uncordon'): Subcommand {
	const desired = name === 'cordon';
	return {
		name,
		flags: [DRY_RUN, text('selector', { short: 'l' })],
		completes: 'nodes',
		async run(kube, args, flags) {
			const dryRun = dryRunOf(kube, flags);
			for (const info of await wantedNodes(kube, args, flags)) await setUnschedulable(kube, info, desired, dryRun);
			return 0;
		},
	};
}

export const cordon = cordonCommand('cordon');
export const uncordon = cordonCommand('uncordon');

interface Verdict {
	readonly pod: Obj;
	readonly remove: boolean;
	readonly warning?: string;
	readonly error?: string;
}

/** The filters of pkg/drain, in their order; an error keeps the whole drain from starting. */
function judge(pod: Obj, flags: Flags): Verdict {
	const finished = ['Succeeded', 'Failed'].includes(String(pod['status']?.phase));
	const owner = pod.metadata?.ownerReferences?.find((r) => r.controller === true);
	if (pod.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined) return { pod, remove: false };
	if (owner?.kind === 'DaemonSet' && !finished) {
		if (!flags.bool('ignore-daemonsets')) return { pod, remove: false, error: 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
		return { pod, remove: false, warning: 'ignoring DaemonSet-managed Pods' };
	}
	const local = ((pod['spec']?.volumes ?? []) as Obj[]).some((v) => v['emptyDir'] !== undefined);
	// Its warning is lost upstream, where the next filter answers anew (localStorageFilter).
	if (local && !finished && !flags.bool('delete-emptydir-data')) {
		return { pod, remove: false, error: 'Pods with local storage (use --delete-emptydir-data to override)' };
	}
	if (owner === undefined && !finished) {
		if (!flags.bool('force')) return { pod, remove: false, error: 'cannot delete Pods that declare no controller (use --force to override)' };
		return { pod, remove: true, warning: 'deleting Pods that declare no controller' };
	}
	return { pod, remove: true };
}

function grouped(verdicts: readonly Verdict[], field: 'warning' | 'error'): Map<string, string[]> {
	const out = new Map<string, string[]>();
	for (const v of verdicts) {
		const message = v[field];
		if (message !== undefined) out.set(message, [...(out.get(message) ?? []), `${v.pod.metadata?.namespace}/${v.pod.metadata?.name}`]);
	}
	return out;
}

/** EvictErrorRetryDelay, and how often a pod's going is looked for (ms). */
const RETRY_MS = 5000;
const POLL_MS = 1000;

async function evict(kube: Kube, flags: Flags, pod: Obj, until: number): Promise<void> {
	const [namespace, name] = [pod.metadata?.namespace ?? '', pod.metadata?.name ?? ''];
	const grace = flags.int('grace-period');
	for (;;) {
		try {
			const deleteOptions = grace >= 0 ? { deleteOptions: { gracePeriodSeconds: grace } } : {};
			await kube.client.json(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
				method: 'POST',
				body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, ...deleteOptions },
			});
			return;
		} catch (err) {
			if (isNotFound(err)) return;
			if (!(err instanceof StatusError) || err.code !== 429)
				throw new CliError(`error when evicting pods/"${name}" -n "${namespace}": ${toError(err).message}`);
			if (kube.now >= until) throw new CliError(`error when evicting pods/"${name}" -n "${namespace}": global timeout reached: ${flags.str('timeout')}`);
			kube.err(`error when evicting pods/"${name}" -n "${namespace}" (will retry after 5s): ${err.message}\n`);
			await kube.context.sleep(RETRY_MS);
		}
	}
}

async function gone(kube: Kube, pod: Obj, until: number, timeout: string): Promise<void> {
	const mapping = await kube.mapper.byWord('pods');
	const [namespace, name] = [pod.metadata?.namespace ?? '', pod.metadata?.name ?? ''];
	for (;;) {
		try {
			if ((await getObject(kube, { mapping, namespace, name })).metadata?.uid !== pod.metadata?.uid) return;
		} catch (err) {
			if (isNotFound(err)) return;
			throw err;
		}
		if (kube.now >= until)
			throw new CliError(`error when waiting for pod "${name}" in namespace "${namespace}" to terminate: global timeout reached: ${timeout}`);
		await kube.context.sleep(POLL_MS);
	}
}

async function emptyNode(kube: Kube, flags: Flags, info: Info, dryRun: DryRun): Promise<void> {
	const selector = flags.str('pod-selector');
	const list = await kube.client.json('/api/v1/pods', { query: { fieldSelector: `spec.nodeName=${info.name}`, labelSelector: selector || undefined } });
	const verdicts = ((list['items'] ?? []) as Obj[]).map((p) => judge(p, flags));
	throwAll([...grouped(verdicts, 'error')].map(([message, pods]) => new CliError(`cannot delete ${message}: ${pods.join(', ')}`, { raw: true })));
	const warnings = [...grouped(verdicts, 'warning')].map(([message, pods]) => `${message}: ${pods.join(', ')}`);
	if (warnings.length > 0) kube.warn(warnings.join('; '));
	const pods = verdicts.filter((v) => v.remove).map((v) => v.pod);
	const timeout = flags.duration('timeout');
	const until = timeout === 0 ? Number.POSITIVE_INFINITY : kube.now + timeout;
	const mapping = await kube.mapper.byWord('pods');
	for (const pod of pods) {
		const verb = flags.bool('disable-eviction') ? 'deleting' : 'evicting';
		kube.out(
			`${verb} pod ${pod.metadata?.namespace}/${pod.metadata?.name}${dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'}\n`,
		);
	}
	if (dryRun !== 'none') return;
	await Promise.all(
		pods.map(async (pod) => {
			const [namespace, name] = [pod.metadata?.namespace ?? '', pod.metadata?.name ?? ''];
			if (flags.bool('disable-eviction'))
				await deleteObject(kube, { mapping, namespace, name }, { gracePeriod: flags.int('grace-period'), cascade: 'background' });
			else await evict(kube, flags, pod, until);
			await gone(kube, pod, until, flags.str('timeout'));
			kube.out(`pod/${name} ${flags.bool('disable-eviction') ? 'deleted' : 'evicted'}\n`);
		}),
	);
}

export const drain: Subcommand = {
	name: 'drain',
	flags: [
		int('chunk-size', 500),
		bool('delete-emptydir-data'),
		bool('disable-eviction'),
		DRY_RUN,
		bool('force'),
		{ name: 'grace-period', kind: 'int', def: '-1' },
		bool('ignore-daemonsets'),
		text('pod-selector'),
		text('selector', { short: 'l' }),
		int('skip-wait-for-delete-timeout', 0),
		time('timeout'),
	],
	completes: 'nodes',
	async run(kube, args, flags) {
		const dryRun = dryRunOf(kube, flags);
		const nodes = await wantedNodes(kube, args, flags);
		for (const info of nodes) await setUnschedulable(kube, info, true, dryRun);
		const failed: { readonly name: string; readonly error: Error }[] = [];
		for (const info of nodes) {
			try {
				await emptyNode(kube, flags, info, dryRun);
				kube.out(`${objectName(info.mapping, info.name)} ${withDryRun('drained', dryRun)}\n`);
			} catch (err) {
				const error = toError(err);
				kube.err(
					`error: unable to drain node "${info.name}" due to error: ${error instanceof AggregateError_ ? `[${error.message}]` : error.message}, continuing command...\n`,
				);
				failed.push({ name: info.name, error });
			}
		}
		if (failed.length > 0) kube.err(`There are pending nodes to be drained:\n${failed.map((f) => ` ${f.name}\n`).join('')}`);
		// Upstream returns an aggregate even of one: its message stands without `error: `.
		if (failed.length > 0) throw new AggregateError_(failed.flatMap(({ error }) => (error instanceof AggregateError_ ? error.errors : [error])));
		return 0;
	},
};
