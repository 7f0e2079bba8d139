/** `kubectl debug`: an ephemeral container in a pod, a copy of the pod, or a pod on a node. Upstream: pkg/cmd/debug. */
import { attachTo } from './attach.ts';
import { createObject, patchObject } from './changes.ts';
import type { Obj } from './client.ts';
import { profileOf, type Profile, type Style } from './debug-profiles.ts';
import { resourcePath } from './discovery.ts';
import { CliError, throwAll } from './errors.ts';
import { array, bool, type Flags, list, text } from './flags.ts';
import { follow } from './follow.ts';
import type { Kube } from './kube.ts';
import { applyStrategic } from './local.ts';
import { containersOf, ephemeralContainersOf, initContainersOf } from './pods.ts';
import { type Info, infos } from './select.ts';
import type { Subcommand } from './subcommand.ts';
import { parseYaml } from './yaml-in.ts';

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const IMAGE = /^(?!.*[A-Z].*\/)[\w.-]+(?::\d+)?(?:\/[\w.-]+)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z]\w*(?:[-_+.][A-Za-z]\w*)*:[\da-fA-F]{32,})?$/;

/** Five letters out of the time, as apimachinery's names end; `taken` ones are passed over. */
function suffix(kube: Kube, taken: (suffix: string) => boolean): string {
	for (let seed = kube.now; ; seed += 7919) {
		let n = seed;
		let out = '';
		for (let i = 0; i < 5; i++) {
			out += LETTERS[n % LETTERS.length];
			n = Math.floor(n / LETTERS.length) + i * 13;
		}
		if (!taken(out)) return out;
	}
}

/** What the flags ask for, read once. */
interface Asked {
	readonly flags: Flags;
	readonly words: readonly string[];
	readonly env: readonly Obj[];
	readonly images: ReadonlyMap<string, string>;
	readonly profile: Profile;
	readonly custom: Obj | undefined;
	readonly attach: boolean;
}

function pairs(flags: Flags, name: string): readonly (readonly [string, string])[] {
	return flags.list(name).map((p) => {
		const eq = p.indexOf('=');
		if (eq < 0)
			throw new CliError(
				`invalid argument "${flags.list(name).join(',')}" for "--${name}" flag: ${p} must be formatted as key=value\nSee 'kubectl debug --help' for usage.`,
			);
		return [p.slice(0, eq), p.slice(eq + 1)] as const;
	});
}

async function customProfile(kube: Kube, path: string): Promise<Obj | undefined> {
	if (path === '') return undefined;
	const content = await kube.context.files.read(path).catch(() => {
		throw new CliError(`must pass a container spec json file for custom profile: open ${path}: no such file or directory`);
	});
	return parseYaml(content) as Obj;
}

async function asked(kube: Kube, flags: Flags, words: readonly string[]): Promise<Asked> {
	const env = pairs(flags, 'env').map(([name, value]) => ({ name, value }));
	const images = new Map(pairs(flags, 'set-image'));
	const profile = profileOf(flags.str('profile'));
	const custom = await customProfile(kube, flags.str('custom'));
	const attach = flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin');
	return { flags, words, env, images, profile, custom, attach };
}

/** The refusals of DebugOptions.Validate, in its order. */
function check(kube: Kube, names: readonly string[], { flags, words, images, custom }: Asked): void {
	const has = (flag: string): boolean => flags.str(flag) !== '';
	if (flags.bool('attach') && !has('image') && !has('container'))
		throw new CliError('you must specify --container or create a new container using --image in order to attach.');
	if (has('copy-to')) {
		if (!has('image') && images.size === 0 && words.length === 0) throw new CliError('you must specify --image, --set-image or command arguments.');
		if (words.length > 0 && !has('container') && !has('image'))
			throw new CliError('you must specify an existing container or a new image when specifying args.');
	} else {
		if (flags.bool('replace')) throw new CliError('--replace may only be used with --copy-to.');
		if (flags.bool('same-node')) throw new CliError('--same-node may only be used with --copy-to.');
		if (images.size > 0) throw new CliError('--set-image may only be used with --copy-to.');
		if (!has('image')) throw new CliError('you must specify --image when not using --copy-to.');
	}
	if (has('image') && !IMAGE.test(flags.str('image'))) throw new CliError(`invalid image name "${flags.str('image')}": invalid reference format`);
	if (names.length === 0 && flags.list('filename').length === 0) throw new CliError('NAME or filename is required for debug');
	if (!['', 'Always', 'IfNotPresent', 'Never'].includes(flags.str('image-pull-policy')))
		throw new CliError(`invalid image pull policy: ${flags.str('image-pull-policy')}`);
	for (const [name, image] of images)
		if (!IMAGE.test(image)) throw new CliError(`invalid image name "${image}" for container "${name}": invalid reference format`);
	if (has('target')) {
		if (has('copy-to')) throw new CliError('--target is incompatible with --copy-to. Use --share-processes instead.');
		if (!flags.bool('quiet'))
			kube.out(
				`Targeting container "${flags.str('target')}". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
			);
	}
	if (flags.bool('tty') && !flags.bool('stdin')) throw new CliError('-i/--stdin is required for containers with -t/--tty=true');
	if (custom !== undefined && ['name', 'command', 'image', 'lifecycle', 'volumeDevices'].some((f) => custom[f] !== undefined))
		throw new CliError('name, command, image, lifecycle and volume devices are not modifiable via custom profile');
	if (flags.str('profile') === 'legacy')
		kube.err(
			'--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".\n',
		);
}

/** Whether that debug container could do less than its profile says (issue kubernetes/kubectl#1650). */
function warnOfUser(kube: Kube, pod: Obj, container: Obj): void {
	const user = pod['spec']?.securityContext?.runAsUser;
	const own = container['securityContext'] as Obj | undefined;
	if (!user || own === undefined || own['runAsUser'] === 0) return;
	if (own['privileged'] !== true && (own['capabilities']?.add ?? []).length === 0) return;
	kube.err(
		'Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".\n',
	);
}

function nameFor(kube: Kube, pod: Obj, flags: Flags): string {
	if (flags.str('container') !== '') return flags.str('container');
	const taken = new Set([...containersOf(pod), ...initContainersOf(pod), ...ephemeralContainersOf(pod)].map((c) => c.name));
	const name = `debugger-${suffix(kube, (s) => taken.has(`debugger-${s}`))}`;
	if (!flags.bool('quiet')) kube.out(`Defaulting debug container name to ${name}.\n`);
	return name;
}

/** A new container as the flags describe it. */
function fresh(name: string, { flags, words, env }: Asked): Obj {
	return {
		name,
		image: flags.str('image'),
		...(words.length > 0 ? { [flags.bool('arguments-only') ? 'args' : 'command']: [...words] } : {}),
		...(env.length > 0 ? { env: [...env] } : {}),
		...(flags.str('image-pull-policy') === '' ? {} : { imagePullPolicy: flags.str('image-pull-policy') }),
		...(flags.bool('stdin') ? { stdin: true } : {}),
		...(flags.bool('tty') ? { tty: true } : {}),
		resources: {},
		terminationMessagePolicy: 'File',
	};
}

function withProfile(pod: Obj, container: Obj, style: Style, how: Asked): void {
	const keep = (flag: string): boolean => how.flags.bool(`keep-${flag}`);
	how.profile(pod, container, style, {
		labels: keep('labels'),
		annotations: keep('annotations'),
		livenessProbe: keep('liveness'),
		readinessProbe: keep('readiness'),
		startupProbe: keep('startup'),
		initContainers: keep('init-containers'),
	});
	if (how.custom !== undefined) Object.assign(container, applyStrategic(container, how.custom, 'Container'));
}

async function inPod(kube: Kube, info: Info, how: Asked): Promise<{ readonly pod: Obj; readonly container: string }> {
	const pod = structuredClone(info.object ?? {});
	const name = nameFor(kube, pod, how.flags);
	const target = how.flags.str('target');
	const container: Obj = { ...fresh(name, how), ...(target === '' ? {} : { targetContainerName: target }) };
	withProfile(pod, container, 'ephemeral', how);
	warnOfUser(kube, pod, container);
	const order = [...ephemeralContainersOf(pod).map((c) => ({ name: c.name })), { name }];
	const body = { spec: { '$setElementOrder/ephemeralContainers': order, ephemeralContainers: [container] } };
	await patchObject(kube, info.mapping, info.namespace, info.name, 'strategic-merge-patch+json', body, { subresource: 'ephemeralcontainers' });
	return { pod, container: name };
}

async function asCopy(kube: Kube, info: Info, how: Asked): Promise<{ readonly pod: Obj; readonly container: string }> {
	const { flags, words, env, images } = how;
	const source = structuredClone(info.object ?? {});
	const { ephemeralContainers: _none, nodeName, ...spec } = source['spec'] as Obj;
	if (flags.bool('same-node') && nodeName) spec['nodeName'] = nodeName;
	if (flags.changed('share-processes')) spec['shareProcessNamespace'] = flags.bool('share-processes');
	const { annotations, labels } = source.metadata ?? {};
	const metadata = { name: flags.str('copy-to'), namespace: info.namespace, ...(annotations ? { annotations } : {}), ...(labels ? { labels } : {}) };
	const pod: Obj = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
	for (const c of containersOf(pod)) {
		const image = images.get(c.name) ?? images.get('*');
		if (image) (c as Obj)['image'] = image;
	}
	let name = flags.str('container');
	let container = [...containersOf(pod), ...initContainersOf(pod)].find((c) => c.name === name) as Obj | undefined;
	if (container === undefined && flags.str('image') === '') {
		if (images.size === 0) throw new CliError('you must specify image when creating new container');
	} else {
		if (container === undefined) {
			name ||= nameFor(kube, pod, flags);
			container = { name, resources: {}, terminationMessagePolicy: 'File' };
			(spec['containers'] as Obj[]).push(container);
		}
		if (words.length > 0) {
			container[flags.bool('arguments-only') ? 'args' : 'command'] = [...words];
			if (!flags.bool('arguments-only')) delete container['args'];
		}
		if (env.length > 0) container['env'] = [...env];
		if (flags.str('image') !== '') container['image'] = flags.str('image');
		if (flags.str('image-pull-policy') !== '') container['imagePullPolicy'] = flags.str('image-pull-policy');
		for (const f of ['stdin', 'tty']) {
			if (flags.bool(f)) container[f] = true;
			else delete container[f];
		}
		withProfile(pod, container, 'copy', how);
		warnOfUser(kube, pod, container);
	}
	const made = await createObject(kube, info.mapping, info.namespace, pod, { manager: 'kubectl-debug' });
	if (flags.bool('replace'))
		await kube.client.json(resourcePath(info.mapping, info.namespace, info.name), { method: 'DELETE', body: { gracePeriodSeconds: 0 } });
	return { pod: made, container: container === undefined ? '' : name };
}

async function onNode(kube: Kube, info: Info, how: Asked): Promise<{ readonly pod: Obj; readonly container: string }> {
	const container = how.flags.str('container') || 'debugger';
	const name = `node-debugger-${info.name}-${suffix(kube, () => false)}`;
	if (!how.flags.bool('quiet')) kube.out(`Creating debugging pod ${name} with container ${container} on node ${info.name}.\n`);
	const debugger_ = fresh(container, how);
	const pod: Obj = {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } },
		spec: { containers: [debugger_], nodeName: info.name, restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }] },
	};
	withProfile(pod, debugger_, 'node', how);
	const mapping = await kube.mapper.byWord('pods');
	return { pod: await createObject(kube, mapping, kube.namespace, pod, { manager: 'kubectl-debug' }), container };
}

/** Resolves with the pod once its container runs, or has ended. */
async function ready(kube: Kube, pod: Obj, container: string, quiet: boolean): Promise<Obj> {
	let last = pod;
	const end = await follow(kube, {
		mapping: await kube.mapper.byWord('pods'),
		namespace: pod.metadata?.namespace ?? '',
		name: pod.metadata?.name ?? '',
		change: (_type, o) => {
			last = o;
			const { ephemeralContainerStatuses = [], containerStatuses = [] } = (o['status'] ?? {}) as Obj;
			const state = ([...ephemeralContainerStatuses, ...containerStatuses] as Obj[]).find((s) => s['name'] === container)?.['state'];
			if (!quiet && state?.waiting?.message) kube.warn(`container ${container}: ${state.waiting.message}`);
			return state?.running !== undefined || state?.terminated !== undefined;
		},
	});
	if (end === 'timeout') throw new CliError('timed out waiting for the condition');
	return last;
}

export const debug: Subcommand = {
	name: 'debug',
	flags: [
		bool('arguments-only'),
		bool('attach'),
		text('container', { short: 'c' }),
		text('copy-to'),
		text('custom'),
		list('env'),
		array('filename', { kind: 'list', short: 'f' }),
		text('image'),
		text('image-pull-policy'),
		...['annotations', 'labels', 'liveness', 'readiness', 'startup'].map((what) => bool(`keep-${what}`)),
		bool('keep-init-containers', { def: 'true' }),
		// 1.36's default; the one of 1.35 is legacy.
		text('profile', { def: 'general' }),
		bool('quiet', { short: 'q' }),
		bool('replace'),
		bool('same-node'),
		list('set-image'),
		bool('share-processes', { def: 'true' }),
		bool('stdin', { short: 'i' }),
		text('target'),
		bool('tty', { short: 't' }),
	],
	completes: 'pod-or-type',
	async run(kube, args, flags) {
		const names = flags.dashAt >= 0 ? args.slice(0, flags.dashAt) : args;
		const how = await asked(kube, flags, flags.dashAt >= 0 ? args.slice(flags.dashAt) : []);
		check(kube, names, how);
		const errors: Error[] = [];
		const found = await infos(kube, names, flags, { word: 'pods' }, errors);
		throwAll(errors);
		for (const info of found) {
			const { mapping } = info;
			if (mapping.kind !== 'Pod' && mapping.kind !== 'Node')
				throw new CliError(`"${mapping.group}/${mapping.version}, Kind=${mapping.kind}" not supported by debug`);
			const make = mapping.kind === 'Node' ? onNode : flags.str('copy-to') === '' ? inPod : asCopy;
			const { pod, container } = await make(kube, info, how);
			if (!how.attach || container === '') continue;
			const running = await ready(kube, pod, container, flags.bool('quiet'));
			const code = await attachTo(kube, running, container, { stdin: flags.bool('stdin'), tty: flags.bool('tty'), quiet: flags.bool('quiet') });
			if (code !== 0) return code;
		}
		return 0;
	},
};
