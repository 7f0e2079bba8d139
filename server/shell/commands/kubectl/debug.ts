/** `kubectl debug`: an ephemeral container in a pod, or a copy of the pod. Upstream: pkg/cmd/debug. */
import { attachTo } from './attach.ts';
import { createObject, patchObject } from './changes.ts';
import type { Obj } from './client.ts';
import { CliError } from './errors.ts';
import { array, bool, type Flags, text } from './flags.ts';
import { follow } from './follow.ts';
import type { Kube } from './kube.ts';
import { ephemeralContainersOf, oneObject } from './pods.ts';
import type { Info } from './select.ts';
import type { Subcommand } from './subcommand.ts';

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** A name in the manner of `debugger-x2k4p`, out of what is there already and the time. */
function debuggerName(kube: Kube, pod: Obj): string {
	const taken = new Set(ephemeralContainersOf(pod).map((c) => c.name));
	for (let seed = kube.now; ; seed += 7919) {
		let n = seed;
		let suffix = '';
		for (let i = 0; i < 5; i++) {
			suffix += LETTERS[n % LETTERS.length];
			n = Math.floor(n / LETTERS.length) + i * 13;
		}
		if (!taken.has(`debugger-${suffix}`)) return `debugger-${suffix}`;
	}
}

async function ready(kube: Kube, info: Info, name: string, container: string): Promise<Obj> {
	let last: Obj = info.object ?? {};
	const end = await follow(kube, {
		mapping: info.mapping,
		namespace: info.namespace,
		name,
		timeoutMs: 300_000,
		change: (_type, o) => {
			last = o;
			const all = [...(o['status']?.ephemeralContainerStatuses ?? []), ...(o['status']?.containerStatuses ?? [])] as Obj[];
			const state = all.find((s) => s['name'] === container)?.['state'];
			return state?.running !== undefined || state?.terminated !== undefined;
		},
	});
	if (end === 'timeout') throw new CliError('timed out waiting for the condition');
	return last;
}

function container(flags: Flags, name: string, words: readonly string[]): Obj {
	const env = flags.list('env').map((e) => ({ name: e.slice(0, e.indexOf('=')), value: e.slice(e.indexOf('=') + 1) }));
	return {
		name,
		image: flags.str('image'),
		...(words.length > 0 ? { command: [...words] } : {}),
		...(env.length > 0 ? { env } : {}),
		...(flags.str('image-pull-policy') === '' ? {} : { imagePullPolicy: flags.str('image-pull-policy') }),
		stdin: flags.bool('stdin'),
		tty: flags.bool('tty'),
		terminationMessagePolicy: 'File',
	};
}

const NO_IMAGE = 'you must specify --image when not using --copy-to.';

export const debug: Subcommand = {
	name: 'debug',
	flags: [
		bool('attach'),
		text('container', { short: 'c' }),
		text('copy-to'),
		array('env'),
		text('image'),
		text('image-pull-policy'),
		text('profile', { def: 'general' }),
		bool('quiet', { short: 'q' }),
		bool('replace'),
		bool('share-processes', { def: 'true' }),
		bool('stdin', { short: 'i' }),
		text('target'),
		bool('tty', { short: 't' }),
	],
	completes: 'pod-or-type',
	async run(kube, args, flags) {
		const [target] = args;
		if (target === undefined || flags.dashAt === 0)
			throw new CliError(flags.str('image') === '' && flags.str('copy-to') === '' ? NO_IMAGE : 'NAME is required for debug');
		if (flags.str('image') === '' && flags.str('copy-to') === '') throw new CliError(NO_IMAGE);
		const words = flags.dashAt >= 0 ? args.slice(flags.dashAt) : args.slice(1);
		const info = await oneObject(kube, [target]);
		if (info.mapping.kind !== 'Pod') throw new CliError(`"${info.mapping.kind}" not supported by debug on this workstation: debug a pod`);
		const pod = info.object ?? {};
		const name = flags.str('container') || debuggerName(kube, pod);
		const attach = flags.bool('attach') || (!flags.changed('attach') && (flags.bool('stdin') || flags.bool('tty')));
		let shown = info.name;
		if (flags.str('copy-to') !== '') shown = await copy(kube, flags, info, container(flags, name, words));
		else {
			if (flags.str('target') !== '' && !flags.bool('quiet'))
				kube.err(
					`Targeting container "${flags.str('target')}". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
				);
			if (flags.str('container') === '' && !flags.bool('quiet')) kube.err(`Defaulting debug container name to ${name}.\n`);
			const fresh = { ...container(flags, name, words), ...(flags.str('target') === '' ? {} : { targetContainerName: flags.str('target') }) };
			await patchObject(
				kube,
				info.mapping,
				info.namespace,
				info.name,
				'strategic-merge-patch+json',
				{ spec: { ephemeralContainers: [fresh] } },
				{ subresource: 'ephemeralcontainers' },
			);
		}
		if (!attach) return 0;
		const running = await ready(kube, info, shown, name);
		return attachTo(kube, running, name, { stdin: flags.bool('stdin'), tty: flags.bool('tty'), quiet: flags.bool('quiet') });
	},
};

async function copy(kube: Kube, flags: Flags, info: Info, fresh: Obj): Promise<string> {
	const source = info.object?.['spec'] as Obj;
	const name = flags.str('copy-to');
	const { nodeName: _node, ...spec } = source;
	const containers = flags.str('image') === '' ? spec['containers'] : [...spec['containers'], fresh];
	const object = {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: { name, namespace: info.namespace, annotations: info.object?.metadata?.annotations },
		spec: { ...spec, containers, shareProcessNamespace: flags.bool('share-processes') },
	};
	await createObject(kube, info.mapping, info.namespace, object, { manager: 'kubectl-debug' });
	return name;
}
