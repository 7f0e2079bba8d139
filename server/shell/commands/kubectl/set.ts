/** `kubectl set`: image, env, resources, serviceaccount, selector, subject. Upstream: pkg/cmd/set. */
import { DRY_RUN, type DryRun, dryRunOf, fieldManager, patchObject, withDryRun } from './changes.ts';
import type { Obj } from './client.ts';
import { subjectsOf } from './create/access.ts';
import { resourceList } from './create/policy.ts';
import { CliError, throwAll, toError } from './errors.ts';
import { bool, type FlagSpec, type Flags, list, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { alwaysRecursive, FILE_FLAGS, hasFiles } from './manifests.ts';
import { podSpecOf } from './pod-spec.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { type Info, infos, localInfos } from './select.ts';
import { listEnv, resolver, templateOf } from './set-env-list.ts';
import { deepEqual, twoWayPatch } from './strategic.ts';
import type { Subcommand } from './subcommand.ts';

const SHARED: readonly FlagSpec[] = [
	bool('all'),
	DRY_RUN,
	fieldManager('kubectl-set'),
	bool('local'),
	text('selector', { short: 'l' }),
	...FILE_FLAGS,
	...PRINT_FLAGS,
];

function withPodSpec(o: Obj, spec: Obj): Obj {
	if (o.kind === 'Pod') return { ...o, spec };
	if (o.kind === 'CronJob') {
		const job = o['spec'].jobTemplate;
		return { ...o, spec: { ...o['spec'], jobTemplate: { ...job, spec: { ...job.spec, template: { ...job.spec.template, spec } } } } };
	}
	return { ...o, spec: { ...o['spec'], template: { ...o['spec'].template, spec } } };
}

/** Upstream decodes files into Go structs first, whose empty parts are then printed. */
function asStruct(o: Obj): Obj {
	const spec = podSpecOf(o);
	if (spec === undefined) return o;
	const filled = mapContainers(
		spec,
		() => true,
		(c) => ({ ...c, resources: c['resources'] ?? {} }),
	).spec;
	const whole = withPodSpec(o, filled);
	const strategy =
		o.kind === 'Deployment' ? { strategy: o['spec']?.strategy ?? {} } : o.kind === 'DaemonSet' ? { updateStrategy: o['spec']?.updateStrategy ?? {} } : {};
	return { ...whole, spec: { ...whole['spec'], ...strategy }, status: o['status'] ?? {} };
}

interface Edit {
	/** The object changed, or a fault with it. */
	apply(info: Info, object: Obj): Obj;
	readonly verb: string;
	readonly failure: string;
}

async function edit(kube: Kube, flags: Flags, args: readonly string[], change: Edit): Promise<void> {
	const dryRun: DryRun = dryRunOf(kube, flags);
	const local = flags.bool('local');
	const errors: Error[] = [];
	const wanted = local ? await localInfos(kube, flags) : await infos(kube, args, flags, { selector: flags.str('selector'), all: flags.bool('all') }, errors);
	const print = await resultPrinter(kube, flags);
	for (const info of wanted) {
		const before = info.object ?? {};
		try {
			const after = change.apply(info, before);
			if (local || dryRun === 'client') {
				print(info.mapping, local ? asStruct(after) : after, withDryRun(change.verb, dryRun));
				continue;
			}
			// Nothing changed: upstream says nothing either, but for printing with -o.
			if (deepEqual(before, after)) {
				if (flags.str('output') !== '') print(info.mapping, after, '');
				continue;
			}
			const patch = twoWayPatch(before, after, info.mapping.kind);
			const made = await patchObject(kube, info.mapping, info.namespace, info.name, 'strategic-merge-patch+json', patch, {
				dryRun,
				manager: flags.str('field-manager'),
			});
			print(info.mapping, made, withDryRun(change.verb, dryRun));
		} catch (err) {
			errors.push(err instanceof CliError ? err : new CliError(`${change.failure} ${toError(err).message}`));
		}
	}
	throwAll(errors);
}

/** Splits arguments at the first that is a change. */
function split(args: readonly string[], isChange: (a: string) => boolean): readonly [readonly string[], readonly string[]] {
	const at = args.findIndex(isChange);
	return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)];
}

function mapContainers(spec: Obj, names: (name: string) => boolean, change: (c: Obj) => Obj): { readonly spec: Obj; readonly hits: number } {
	let hits = 0;
	const run = (all: readonly Obj[] | undefined): Obj[] | undefined =>
		all?.map((c) => {
			if (!names(String(c['name']))) return c;
			hits++;
			return change(c);
		});
	const containers = run(spec['containers']);
	const inits = run(spec['initContainers']);
	return { spec: { ...spec, ...(containers === undefined ? {} : { containers }), ...(inits === undefined ? {} : { initContainers: inits }) }, hits };
}

const image: Subcommand = {
	name: 'image',
	flags: SHARED,
	completes: 'resources',
	async run(kube, args, flags) {
		const [resources, pairs] = split(args, (a) => a.includes('='));
		const problems: Error[] = [];
		// What is named is looked up before the images are.
		if (!flags.bool('local')) {
			const missing: Error[] = [];
			await infos(kube, resources, flags, { selector: flags.str('selector'), all: flags.bool('all') }, missing);
			throwAll(missing);
		}
		if (pairs.length === 0) problems.push(new CliError('at least one image update is required'));
		const images = new Map(pairs.map((p) => [p.slice(0, p.indexOf('=')), p.slice(p.indexOf('=') + 1)]));
		if (images.has('*') && images.size > 1)
			problems.push(new CliError('all containers are already specified by *, but saw more than one container_name=container_image pairs'));
		throwAll(problems);
		await edit(kube, flags, resources, {
			verb: 'image updated',
			failure: 'failed to patch image update to pod template:',
			apply(info, o) {
				let spec = templateOf(info, o);
				for (const [name, value] of images) {
					const result = mapContainers(
						spec,
						(n) => name === '*' || n === name,
						(c) => ({ ...c, image: value }),
					);
					if (result.hits === 0) throw new CliError(`error: unable to find container named "${name}"`);
					spec = result.spec;
				}
				return withPodSpec(o, spec);
			},
		});
		return 0;
	},
};

const globbed = (pattern: string): ((name: string) => boolean) => {
	const re = new RegExp(
		`^${pattern
			.replace(/[.+^${}()|[\]\\]/g, '\\$&')
			.replaceAll('*', '.*')
			.replaceAll('?', '.')}$`,
	);
	return (name) => re.test(name);
};

interface EnvChange {
	readonly set: readonly Obj[];
	readonly remove: ReadonlySet<string>;
}

async function envFrom(kube: Kube, flags: Flags): Promise<Obj[]> {
	const from = flags.str('from');
	if (from === '') return [];
	const errors: Error[] = [];
	const [info] = await infos(kube, [from], flags, {}, errors);
	throwAll(errors);
	if (info === undefined || !['ConfigMap', 'Secret'].includes(info.mapping.kind)) throw new CliError('unsupported resource specified in --from');
	const only = flags.list('keys');
	const ref = info.mapping.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
	const wanted = Object.keys(info.object?.['data'] ?? {})
		.sort()
		.filter((k) => only.length === 0 || only.includes(k));
	const upper = (key: string): string => key.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
	for (const key of wanted) if (upper(key) !== key) kube.warn(`key ${key} transferred to ${upper(key)}`);
	return wanted.map((key) => ({ name: `${flags.str('prefix')}${upper(key)}`, valueFrom: { [ref]: { name: info.name, key } } }));
}

const env: Subcommand = {
	name: 'env',
	flags: [
		...SHARED,
		text('containers', { short: 'c', def: '*' }),
		list('env', { short: 'e', kind: 'array' }),
		text('from'),
		list('keys'),
		bool('list'),
		bool('overwrite', { def: 'true' }),
		text('prefix'),
		bool('resolve'),
	],
	completes: 'resources',
	async run(kube, args, flags) {
		const [resources, specs] = split(args, (a) => a.includes('=') || (a.endsWith('-') && a.length > 1 && !a.includes('/')));
		if (resources.length === 0 && !hasFiles(flags)) throw new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
		const all = [...specs, ...flags.list('env')];
		const set = all.filter((s) => s.includes('=')).map((s) => ({ name: s.slice(0, s.indexOf('=')), value: s.slice(s.indexOf('=') + 1) }));
		const change: EnvChange = {
			set: [...set, ...(await envFrom(kube, flags))],
			remove: new Set(all.filter((s) => !s.includes('=') && s.endsWith('-')).map((s) => s.slice(0, -1))),
		};
		const names = globbed(flags.str('containers'));
		if (flags.bool('list')) {
			const errors: Error[] = [];
			const resolve = flags.bool('resolve') ? resolver(kube) : undefined;
			for (const info of await infos(kube, resources, flags, { selector: flags.str('selector'), all: flags.bool('all') }, errors))
				await listEnv(kube, info, names, resolve);
			throwAll(errors);
			return 0;
		}
		await edit(kube, flags, resources, {
			verb: 'env updated',
			failure: 'failed to patch env update to pod template:',
			apply(info, o) {
				const { spec, hits } = mapContainers(templateOf(info, o), names, (c) => changeEnv(c, change, flags.bool('overwrite')));
				if (hits === 0) {
					kube.err(`Warning: ${info.mapping.kind}/${info.name} does not have any containers matching "${flags.str('containers')}"\n`);
					return o;
				}
				return withPodSpec(o, spec);
			},
		});
		return 0;
	},
};

function changeEnv(container: Obj, change: EnvChange, overwrite: boolean): Obj {
	const old = (container['env'] ?? []) as Obj[];
	if (!overwrite) {
		const taken = old.find((e) => change.set.some((s) => s['name'] === e['name'] && s['value'] !== e['value']));
		if (taken !== undefined) throw new CliError(`'${taken['name']}' already has a value (${taken['value'] ?? ''}), and --overwrite is false`);
	}
	const kept = old.filter((e) => !change.remove.has(String(e['name']))).map((e) => change.set.find((s) => s['name'] === e['name']) ?? e);
	const fresh = change.set.filter((s) => !old.some((e) => e['name'] === s['name']));
	const env_ = [...kept, ...fresh];
	const { env: _old, ...rest } = container;
	return env_.length > 0 ? { ...rest, env: env_ } : rest;
}

const resources: Subcommand = {
	name: 'resources',
	flags: [
		...SHARED,
		text('containers', {
			short: 'c',
			def: '*',
		}),
		text('limits'),
		text('requests'),
	],
	completes: 'resources',
	async run(kube, args, flags) {
		if (flags.str('limits') === '' && flags.str('requests') === '')
			throw new CliError('you must specify an update to requests or limits (in the form of --requests/--limits)');
		const limits = resourceList(flags.str('limits'), 'invalid argument syntax');
		const requests = resourceList(flags.str('requests'), 'invalid argument syntax');
		await edit(kube, flags, args, {
			verb: 'resource requirements updated',
			failure: 'failed to patch resources update to pod template',
			apply(info, o) {
				const put = (old: Obj | undefined, fresh: Record<string, string>, field: 'limits' | 'requests'): Obj => {
					const merged: Record<string, string> = { ...old?.[field], ...fresh };
					// A quantity of 0 takes the entry away.
					for (const [k, v] of Object.entries(fresh)) if (v === '0') delete merged[k];
					return Object.keys(merged).length > 0 ? { [field]: merged } : {};
				};
				const { spec, hits } = mapContainers(templateOf(info, o), globbed(flags.str('containers')), (c) => ({
					...c,
					resources: { ...put(c['resources'], limits, 'limits'), ...put(c['resources'], requests, 'requests') },
				}));
				if (hits === 0) throw new CliError(`error: unable to find container named ${flags.str('containers')}`);
				return withPodSpec(o, spec);
			},
		});
		return 0;
	},
};

const serviceAccount: Subcommand = {
	name: 'serviceaccount',
	aliases: ['sa'],
	flags: SHARED.filter((f) => f.name !== 'selector'),
	completes: 'resources',
	async run(kube, args, flags) {
		const name = args.at(-1);
		if (name === undefined) throw new CliError('serviceaccount is required');
		await edit(kube, flags, args.slice(0, -1), {
			verb: 'serviceaccount updated',
			failure: 'failed to patch ServiceAccountName',
			apply: (info, o) => withPodSpec(o, { ...templateOf(info, o), serviceAccountName: name }),
		});
		return 0;
	},
};

const selector: Subcommand = {
	name: 'selector',
	flags: [...SHARED.filter((f) => f.name !== 'selector' && f.name !== 'kustomize').map(alwaysRecursive), text('resource-version')],
	completes: 'resources',
	async run(kube, args, flags) {
		// The last word is the selector, whatever it looks like; resources are looked at first.
		const [resources_, specs] = [args.slice(0, -1), args.slice(-1)];
		if (resources_.length === 1 && !resources_[0]?.includes('/') && !flags.bool('all'))
			throw new CliError('resource(s) were provided, but no name was specified');
		if (specs.length === 0) throw new CliError('one selector is required');
		const wanted = Object.fromEntries(specs.flatMap((s) => s.split(',')).map((p) => p.split('=') as [string, string]));
		await edit(kube, flags, resources_, {
			verb: 'selector updated',
			failure: 'failed to patch selector:',
			apply(_info, o) {
				if (o.kind !== 'Service') throw new CliError('setting a selector is only supported for Services');
				return { ...o, spec: { ...o['spec'], selector: wanted } };
			},
		});
		return 0;
	},
};

const subject: Subcommand = {
	name: 'subject',
	flags: [...SHARED, list('group'), list('serviceaccount'), list('user')],
	completes: 'resources',
	async run(kube, args, flags) {
		const added = subjectsOf(flags);
		if (added.length === 0) throw new CliError('you must specify at least one value of user, group or serviceaccount');
		await edit(kube, flags, args, {
			verb: 'subjects updated',
			failure: 'failed to patch subjects to rolebinding:',
			apply(_info, o) {
				if (o.kind !== 'RoleBinding' && o.kind !== 'ClusterRoleBinding')
					throw new CliError('setting subjects is only supported for RoleBinding/ClusterRoleBinding');
				const old = (o['subjects'] ?? []) as Obj[];
				return {
					...o,
					subjects: [...old, ...added.filter((a) => !old.some((s) => s.kind === a.kind && s['name'] === a['name'] && s['namespace'] === a['namespace']))],
				};
			},
		});
		return 0;
	},
};

export const set: Subcommand = {
	name: 'set',
	flags: [],
	children: [env, image, resources, selector, serviceAccount, subject],
};
