/** `kubectl rollout`: status, history, undo, restart, pause, resume. Upstream: pkg/cmd/rollout, pkg/polymorphichelpers. */
import { DRY_RUN, dryRunOf, fieldManager, LAST_APPLIED, patchObject, withDryRun } from './changes.ts';
import type { Obj } from './client.ts';
import { describeTemplate } from './describe/podspec.ts';
import { Doc } from './describe/writer.ts';
import { replicaSetsOf } from './describe/workloads.ts';
import { groupResource } from './discovery.ts';
import { CliError, throwAll, toError } from './errors.ts';
import { bool, type FlagSpec, type Flags, int, text, time } from './flags.ts';
import { follow } from './follow.ts';
import type { Kube } from './kube.ts';
import { applyStrategic } from './local.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { selectorText } from './pods.ts';
import { objectName, PRINT_FLAGS, resultPrinter } from './printers.ts';
import { type Info, infos } from './select.ts';
import { deepEqual } from './strategic.ts';
import type { Subcommand } from './subcommand.ts';
import { tabulate } from './tabs.ts';

const SELECTOR = text('selector', { short: 'l' });

const WORKLOADS = ['Deployment', 'DaemonSet', 'StatefulSet'];

async function wanted(kube: Kube, args: readonly string[], flags: Flags, errors: Error[]): Promise<Info[]> {
	if (args.length === 0 && !hasFiles(flags)) throw new CliError('required resource not specified');
	const everything = args.length === 1 && !args[0]?.includes('/') && flags.str('selector') === '';
	return infos(kube, args, flags, { selector: flags.str('selector'), all: everything }, errors);
}

interface Progress {
	readonly text: string;
	readonly done: boolean;
}

function deploymentProgress(o: Obj): Progress {
	const { spec, status = {} } = o;
	const name = o.metadata?.name;
	if ((o.metadata?.generation ?? 0) > (status.observedGeneration ?? 0)) return { text: 'Waiting for deployment spec update to be observed...\n', done: false };
	const progressing = ((status.conditions ?? []) as Obj[]).find((c) => c['type'] === 'Progressing');
	if (progressing?.['reason'] === 'ProgressDeadlineExceeded') throw new CliError(`deployment "${name}" exceeded its progress deadline`);
	const [updated, total, available, replicas] = [status.updatedReplicas ?? 0, status.replicas ?? 0, status.availableReplicas ?? 0, spec.replicas ?? 1];
	const waiting = `Waiting for deployment "${name}" rollout to finish: `;
	if (updated < replicas) return { text: `${waiting}${updated} out of ${replicas} new replicas have been updated...\n`, done: false };
	if (total > updated) return { text: `${waiting}${total - updated} old replicas are pending termination...\n`, done: false };
	if (available < updated) return { text: `${waiting}${available} of ${updated} updated replicas are available...\n`, done: false };
	return { text: `deployment "${name}" successfully rolled out\n`, done: true };
}

function daemonProgress(o: Obj): Progress {
	const { spec, status = {} } = o;
	const name = o.metadata?.name;
	if (spec.updateStrategy?.type !== 'RollingUpdate') throw new CliError('rollout status is only available for RollingUpdate strategy type');
	if ((o.metadata?.generation ?? 0) > (status.observedGeneration ?? 0)) return { text: 'Waiting for daemon set spec update to be observed...\n', done: false };
	const [updated, desired, available] = [status.updatedNumberScheduled ?? 0, status.desiredNumberScheduled ?? 0, status.numberAvailable ?? 0];
	const waiting = `Waiting for daemon set "${name}" rollout to finish: `;
	if (updated < desired) return { text: `${waiting}${updated} out of ${desired} new pods have been updated...\n`, done: false };
	if (available < desired) return { text: `${waiting}${available} of ${desired} updated pods are available...\n`, done: false };
	return { text: `daemon set "${name}" successfully rolled out\n`, done: true };
}

function statefulProgress(o: Obj): Progress {
	const { spec, status = {} } = o;
	if (spec.updateStrategy?.type !== 'RollingUpdate') throw new CliError('rollout status is only available for RollingUpdate strategy type');
	const observed = status.observedGeneration ?? 0;
	if (observed === 0 || (o.metadata?.generation ?? 0) > observed) return { text: 'Waiting for statefulset spec update to be observed...\n', done: false };
	const [replicas, ready, updated] = [spec.replicas ?? 1, status.readyReplicas ?? 0, status.updatedReplicas ?? 0];
	if (ready < replicas) return { text: `Waiting for ${replicas - ready} pods to be ready...\n`, done: false };
	const rolling = spec.updateStrategy.rollingUpdate;
	if (rolling) {
		const target = replicas - (rolling.partition ?? 0);
		if (rolling.partition !== undefined && updated < target)
			return { text: `Waiting for partitioned roll out to finish: ${updated} out of ${target} new pods have been updated...\n`, done: false };
		return { text: `partitioned roll out complete: ${updated} new pods have been updated...\n`, done: true };
	}
	if (status.updateRevision !== status.currentRevision)
		return { text: `waiting for statefulset rolling update to complete ${updated} pods at revision ${status.updateRevision}...\n`, done: false };
	return { text: `statefulset rolling update complete ${status.currentReplicas ?? 0} pods at revision ${status.currentRevision}...\n`, done: true };
}

function progress(info: Info, object: Obj, revision: number): Progress {
	switch (info.mapping.kind) {
		case 'Deployment': {
			const running = Number(object.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
			if (revision > 0 && revision !== running) throw new CliError(`desired revision (${revision}) is different from the running revision (${running})`);
			return deploymentProgress(object);
		}
		case 'DaemonSet':
			return daemonProgress(object);
		case 'StatefulSet':
			return statefulProgress(object);
		default:
			throw new CliError(`no status viewer has been implemented for ${info.mapping.kind}${info.mapping.group === '' ? '' : `.${info.mapping.group}`}`);
	}
}

async function followStatus(kube: Kube, flags: Flags, info: Info): Promise<void> {
	const timeout = flags.duration('timeout');
	const end = await follow(kube, {
		mapping: info.mapping,
		namespace: info.namespace,
		name: info.name,
		...(timeout > 0 ? { timeoutMs: timeout } : {}),
		change: (type, object) => {
			if (type === 'DELETED') throw new CliError('object has been deleted');
			const now = progress(info, object, flags.int('revision'));
			// A line for every event, as upstream, even where it says the same again.
			kube.out(now.text);
			return now.done || !flags.bool('watch');
		},
	});
	if (end === 'timeout') throw new CliError('timed out waiting for the condition');
}

const status: Subcommand = {
	name: 'status',
	flags: [int('revision', 0), SELECTOR, time('timeout'), bool('watch', { short: 'w', def: 'true' }), ...FILE_FLAGS],
	completes: 'resources',
	async run(kube, args, flags) {
		if (flags.int('revision') < 0) throw new CliError(`revision must be a positive integer: ${flags.int('revision')}`);
		const errors: Error[] = [];
		const found = await wanted(kube, args, flags, errors);
		throwAll(errors);
		for (const info of found) await followStatus(kube, flags, info);
		if (found.length === 0) kube.err(`No resources found in ${kube.namespace} namespace.\n`);
		return 0;
	},
};

/** A revision: its number, its cause and its template. */
interface Revision {
	readonly number: number;
	readonly cause: string;
	readonly template: Obj;
	readonly object: Obj;
}

const CAUSE = 'kubernetes.io/change-cause';
const REVISION = 'deployment.kubernetes.io/revision';

async function controllerRevisions(kube: Kube, info: Info): Promise<Revision[]> {
	const selector = selectorText(info.object?.['spec']?.selector);
	const answer = await kube.client.json(`/apis/apps/v1/namespaces/${info.namespace}/controllerrevisions`, { query: { labelSelector: selector || undefined } });
	return ((answer['items'] ?? []) as Obj[])
		.filter((r) => r.metadata?.ownerReferences?.some((o) => o.uid === info.object?.metadata?.uid))
		.map((r) => {
			const applied = applyStrategic(info.object, r['data'], info.mapping.kind) as Obj;
			return { number: Number(r['revision']), cause: r.metadata?.annotations?.[CAUSE] ?? '', template: applied['spec'].template as Obj, object: r };
		});
}

async function revisions(kube: Kube, info: Info): Promise<Revision[]> {
	if (!WORKLOADS.includes(info.mapping.kind))
		throw new CliError(`error retrieving history for "${info.mapping.kind}", no visitor method exists for {${info.mapping.group} ${info.mapping.kind}}`);
	if (info.mapping.kind !== 'Deployment') return (await controllerRevisions(kube, info)).sort((a, b) => a.number - b.number);
	const { all } = await replicaSetsOf(kube, info.object ?? {});
	return all
		.map((r) => {
			const cause = r.metadata?.annotations?.[CAUSE] ?? '';
			const template = r['spec'].template as Obj;
			const annotations = { ...template.metadata?.annotations, ...(cause === '' ? {} : { [CAUSE]: cause }) };
			const metadata = Object.keys(annotations).length > 0 ? { ...template.metadata, annotations } : (template.metadata ?? {});
			return { number: Number(r.metadata?.annotations?.[REVISION] ?? 0), cause, template: { ...template, metadata }, object: r };
		})
		.sort((a, b) => a.number - b.number);
}

/** The template as history prints it: without a tabwriter upstream, so tabs stay tabs. */
function templateText(kube: Kube, template: Obj): string {
	const doc = new Doc(kube.now);
	describeTemplate(doc, template);
	return doc.untabbed();
}

const history: Subcommand = {
	name: 'history',
	flags: [int('revision', 0), SELECTOR, ...FILE_FLAGS, ...PRINT_FLAGS],
	completes: 'resources',
	async run(kube, args, flags) {
		const asked = flags.int('revision');
		if (asked < 0) throw new CliError(`revision must be a positive integer: ${asked}`);
		const errors: Error[] = [];
		const found = await wanted(kube, args, flags, errors);
		throwAll(errors);
		const print = await resultPrinter(kube, flags);
		for (const info of found) {
			const all = await revisions(kube, info);
			const one = all.find((r) => r.number === asked);
			if (asked > 0 && one === undefined) throw new CliError('unable to find the specified revision');
			if (flags.str('output') !== '') for (const r of one === undefined ? all : [one]) print(info.mapping, r.object, '');
			else if (one !== undefined) kube.out(`${objectName(info.mapping, info.name)} with revision #${asked}\n${templateText(kube, one.template)}\n`);
			else if (all.length === 0) kube.out(`${objectName(info.mapping, info.name)} \nNo rollout history found.\n`);
			else {
				const table = tabulate(`REVISION\tCHANGE-CAUSE\n${all.map((r) => `${r.number}\t${r.cause === '' ? '<none>' : r.cause}\n`).join('')}`, {
					min: 0,
					padding: 2,
				});
				kube.out(`${objectName(info.mapping, info.name)} \n${table}\n`);
			}
		}
		return 0;
	},
};

const KEPT = [
	'kubectl.kubernetes.io/last-applied-configuration',
	REVISION,
	'deployment.kubernetes.io/revision-history',
	'deployment.kubernetes.io/desired-replicas',
	'deployment.kubernetes.io/max-replicas',
	'deprecated.deployment.rollback.to',
];

function target(all: readonly Revision[], asked: number): Revision {
	if (asked > 0) {
		const found = all.find((r) => r.number === asked);
		if (found === undefined) throw new CliError(`unable to find specified revision ${asked} in history`);
		return found;
	}
	const previous = all.at(-2);
	if (previous === undefined) throw new CliError('no last revision to roll back to');
	return previous;
}

async function undoOne(kube: Kube, info: Info, asked: number, dryRun: 'none' | 'client' | 'server'): Promise<string> {
	const all = await revisions(kube, info);
	if (all.length === 0) throw new CliError(`no rollout history found for ${info.mapping.kind.toLowerCase()} "${info.name}"`);
	const back = target(all, asked);
	const live = info.object ?? {};
	const { 'pod-template-hash': _hash, ...labels } = back.object['spec']?.template?.metadata?.labels ?? back.template.metadata?.labels ?? {};
	const raw = info.mapping.kind === 'Deployment' ? (back.object['spec'].template as Obj) : back.template;
	const template = { ...raw, metadata: { ...raw.metadata, labels } };
	if (dryRun === 'client') return templateText(kube, raw);
	if (info.mapping.kind === 'Deployment' && live['spec']?.paused)
		throw new CliError("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again");
	if (
		deepEqual(template, { ...live['spec'].template, metadata: { ...live['spec'].template?.metadata, labels: { ...live['spec'].template?.metadata?.labels } } })
	) {
		return `skipped rollback (current template already matches revision ${asked})`;
	}
	const annotations: Record<string, string> = {};
	for (const k of KEPT) if (live.metadata?.annotations?.[k] !== undefined) annotations[k] = live.metadata.annotations[k];
	if (info.mapping.kind === 'Deployment')
		for (const [k, v] of Object.entries(back.object.metadata?.annotations ?? {})) if (!KEPT.includes(k)) annotations[k] = v;
	const operations = [
		{ op: 'replace', path: '/spec/template', value: template },
		...(info.mapping.kind === 'Deployment' ? [{ op: 'replace', path: '/metadata/annotations', value: annotations }] : []),
	];
	await patchObject(kube, info.mapping, info.namespace, info.name, 'json-patch+json', operations, { dryRun });
	return 'rolled back';
}

const undo: Subcommand = {
	name: 'undo',
	flags: [DRY_RUN, SELECTOR, int('to-revision', 0), ...FILE_FLAGS, ...PRINT_FLAGS],
	completes: 'resources',
	async run(kube, args, flags) {
		const errors: Error[] = [];
		const dryRun = dryRunOf(kube, flags);
		const found = await wanted(kube, args, flags, errors);
		const print = await resultPrinter(kube, flags);
		for (const info of found) {
			try {
				if (!WORKLOADS.includes(info.mapping.kind)) throw new CliError(`no rollbacker has been implemented for "${info.mapping.kind}.${info.mapping.group}"`);
				if (info.object?.metadata?.annotations?.[LAST_APPLIED] !== undefined) {
					kube.warn(
						`resource ${groupResource(info.mapping)}/${info.name} was previously managed with 'kubectl apply'. Rolling back will not update the ${LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.`,
					);
				}
				print(info.mapping, info.object ?? {}, withDryRun(await undoOne(kube, info, flags.int('to-revision'), dryRun), dryRun));
			} catch (err) {
				errors.push(toError(err));
			}
		}
		throwAll(errors);
		return 0;
	},
};

const CHANGE_FLAGS: readonly FlagSpec[] = [SELECTOR, ...FILE_FLAGS, ...PRINT_FLAGS];

/** restart, pause and resume: one patch each, or why not. */
function patchCommand(name: 'restart' | 'pause' | 'resume', verb: string, patchFor: (kube: Kube, info: Info) => Obj): Subcommand {
	return {
		name,
		flags: [...CHANGE_FLAGS, fieldManager('kubectl-rollout')],
		completes: 'resources',
		async run(kube, args, flags) {
			const errors: Error[] = [];
			const found = await wanted(kube, args, flags, errors);
			const print = await resultPrinter(kube, flags);
			for (const info of found) {
				try {
					const made = await patchObject(kube, info.mapping, info.namespace, info.name, 'strategic-merge-patch+json', patchFor(kube, info), {
						manager: flags.str('field-manager'),
					});
					print(info.mapping, made, verb);
				} catch (err) {
					errors.push(toError(err));
				}
			}
			if (found.length === 0 && errors.length === 0) kube.err(`No resources found in ${kube.namespace} namespace.\n`);
			throwAll(errors);
			return 0;
		},
	};
}

const refuse = (info: Info, why: string): CliError => new CliError(`${groupResource(info.mapping)} "${info.name}" ${why}`);

const restart = patchCommand('restart', 'restarted', (kube, info) => {
	if (!WORKLOADS.includes(info.mapping.kind)) throw refuse(info, 'restarting is not supported');
	if (info.mapping.kind === 'Deployment' && info.object?.['spec']?.paused) throw refuse(info, "can't restart paused deployment (run rollout resume first)");
	const at = new Date(kube.now).toISOString().replace(/\.\d+Z$/, 'Z');
	return { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } } };
});

const pause = patchCommand('pause', 'paused', (_kube, info) => {
	if (info.mapping.kind !== 'Deployment') throw refuse(info, 'pausing is not supported');
	if (info.object?.['spec']?.paused) throw refuse(info, 'is already paused');
	return { spec: { paused: true } };
});

const resume = patchCommand('resume', 'resumed', (_kube, info) => {
	if (info.mapping.kind !== 'Deployment') throw refuse(info, 'resuming is not supported');
	if (!info.object?.['spec']?.paused) throw refuse(info, 'is not paused');
	return { spec: { paused: null } };
});

export const rollout: Subcommand = {
	name: 'rollout',
	bare: 'stdout',
	flags: [],
	children: [history, pause, restart, resume, status, undo],
};
