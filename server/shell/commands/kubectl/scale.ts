/** `kubectl scale` and `kubectl autoscale`. Upstream: pkg/cmd/scale, pkg/cmd/autoscale. */
import { finish } from './create/generator.ts';
import { DRY_RUN, dryRunOf, fieldManager, patchObject, SAVE_CONFIG, withDryRun } from './changes.ts';
import type { Obj } from './client.ts';
import { resourcePath } from './discovery.ts';
import { CliError, StatusError, throwAll, toError } from './errors.ts';
import { bool, type Flags, text, time } from './flags.ts';
import { follow } from './follow.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS } from './manifests.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { type Info, infos } from './select.ts';
import type { Subcommand } from './subcommand.ts';

async function scaleOne(kube: Kube, flags: Flags, info: Info, replicas: number, server: boolean): Promise<Obj> {
	const current = flags.int('current-replicas');
	const path = resourcePath(info.mapping, info.namespace, info.name, 'scale');
	if (current !== -1 || flags.str('resource-version') !== '') {
		const scale = await kube.client.json(path);
		if (current !== -1 && (scale.spec?.replicas ?? 0) !== current) throw new CliError(`Expected replicas to be ${current}, was ${scale.spec?.replicas ?? 0}`);
		if (flags.str('resource-version') !== '' && scale.metadata?.resourceVersion !== flags.str('resource-version')) {
			throw new CliError(`Expected resource version to be ${flags.str('resource-version')}, was ${scale.metadata?.resourceVersion}`);
		}
		scale.spec = { ...scale.spec, replicas };
		await kube.client.json(path, { method: 'PUT', body: scale, query: { dryRun: server ? 'All' : undefined } });
	} else {
		await patchObject(
			kube,
			info.mapping,
			info.namespace,
			info.name,
			'merge-patch+json',
			{ spec: { replicas } },
			{ subresource: 'scale', dryRun: server ? 'server' : 'none' },
		);
	}
	return { ...info.object, spec: { ...info.object?.['spec'], replicas } };
}

/** Until status and spec agree on the number wanted. */
async function waitScaled(kube: Kube, info: Info, replicas: number, timeoutMs: number): Promise<void> {
	const end = await follow(kube, {
		mapping: info.mapping,
		namespace: info.namespace,
		name: info.name,
		timeoutMs,
		change: (_type, o) => (o['status']?.observedGeneration ?? 0) >= (o.metadata?.generation ?? 0) && (o['status']?.replicas ?? 0) === replicas,
	});
	if (end === 'timeout') throw new CliError(`timed out waiting for "${info.name}" to be synced`);
}

export const scale: Subcommand = {
	name: 'scale',
	flags: [
		bool('all'),
		{ name: 'current-replicas', kind: 'int', def: '-1' },
		DRY_RUN,
		{ name: 'replicas', kind: 'int', def: '0' },
		text('resource-version'),
		text('selector', { short: 'l' }),
		time('timeout'),
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	required: ['replicas'],
	completes: 'resources',
	async run(kube, args, flags) {
		const replicas = flags.int('replicas');
		if (replicas < 0) throw new CliError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
		if (flags.int('current-replicas') < -1) throw new CliError('The --current-replicas must specify an integer of -1 or greater');
		const dryRun = dryRunOf(kube, flags);
		const errors: Error[] = [];
		const wanted = await infos(kube, args, flags, { selector: flags.str('selector'), all: flags.bool('all') }, errors);
		if (flags.str('resource-version') !== '' && wanted.length > 1) throw new CliError('cannot use --resource-version with multiple resources');
		const print = await resultPrinter(kube, flags);
		for (const info of wanted) {
			try {
				const object = dryRun === 'client' ? (info.object ?? {}) : await scaleOne(kube, flags, info, replicas, dryRun === 'server');
				print(info.mapping, object, withDryRun('scaled', dryRun));
				if (dryRun === 'none' && flags.duration('timeout') > 0) await waitScaled(kube, info, replicas, flags.duration('timeout'));
			} catch (err) {
				if (err instanceof StatusError && err.code === 404 && !info.mapping.subresources.includes('scale'))
					errors.push(new StatusError({ ...err.status, message: 'the server could not find the requested resource' }));
				else errors.push(toError(err));
			}
		}
		if (wanted.length === 0 && errors.length === 0) throw new CliError('no objects passed to scale');
		// The first fault is where upstream stops.
		throwAll(errors.slice(0, 1));
		return 0;
	},
};

function metric(name: string, value: string): Obj {
	const percent = /^(\d+)%$/.exec(value);
	// A bare number of CPU counts thousandths.
	if (name === 'cpu' && /^\d+$/.test(value)) return metric(name, `${value}m`);
	if (percent === null && !/^[\d.]+(?:[eE][+-]?\d+|m|[kMGTPE]i?)?$/.test(value)) throw new CliError(`invalid resource ${name} value: ${value}`);
	if (percent !== null) return { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization: Number(percent[1]) } } };
	return { type: 'Resource', resource: { name, target: { type: 'AverageValue', averageValue: value } } };
}

export const autoscale: Subcommand = {
	name: 'autoscale',
	flags: [
		text('cpu'),
		{
			name: 'cpu-percent',
			hidden: true,
			kind: 'int',
			def: '-1',
			deprecated: "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
		},
		text('memory'),
		DRY_RUN,
		fieldManager('kubectl-autoscale'),
		{ name: 'max', kind: 'int', def: '-1' },
		{ name: 'min', kind: 'int', def: '-1' },
		text('name'),
		SAVE_CONFIG,
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	required: ['max'],
	completes: 'resources',
	async run(kube, args, flags) {
		const [min, max] = [flags.int('min'), flags.int('max')];
		if (max < 1) throw new CliError(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
		if (max < min) throw new CliError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
		const errors: Error[] = [];
		for (const info of await infos(kube, args, flags, {}, errors)) {
			if (!info.mapping.subresources.includes('scale'))
				throw new CliError(
					`cannot autoscale a ${info.mapping.kind}: could not find scale subresource for ${info.mapping.group}/${info.mapping.version}, Resource=${info.mapping.resource} in discovery information`,
				);
			const metrics: Obj[] = [];
			if (flags.int('cpu-percent') >= 0) metrics.push(metric('cpu', `${flags.int('cpu-percent')}%`));
			if (flags.str('cpu') !== '') metrics.push(metric('cpu', flags.str('cpu')));
			if (flags.str('memory') !== '') metrics.push(metric('memory', flags.str('memory')));
			const apiVersion = info.mapping.group === '' ? info.mapping.version : `${info.mapping.group}/${info.mapping.version}`;
			const hpa: Obj = {
				kind: 'HorizontalPodAutoscaler',
				apiVersion: 'autoscaling/v2',
				metadata: { name: flags.str('name') || info.name },
				spec: {
					scaleTargetRef: { kind: info.mapping.kind, name: info.name, apiVersion },
					...(min > 0 ? { minReplicas: min } : {}),
					maxReplicas: max,
					...(metrics.length > 0 ? { metrics } : {}),
				},
				status: { desiredReplicas: 0, currentMetrics: null },
			};
			await finish(kube, flags, hpa, { namespaced: true, verb: 'autoscaled' });
		}
		throwAll(errors);
		return 0;
	},
};
