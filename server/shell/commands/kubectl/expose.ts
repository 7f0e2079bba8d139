/** `kubectl expose`. Upstream: pkg/cmd/expose/expose.go. */
import { dryRunOf, DRY_RUN, fieldManager, SAVE_CONFIG } from './changes.ts';
import type { Obj } from './client.ts';
import { finish, intOrString, labelPairs } from './create/generator.ts';
import { CliError, throwAll } from './errors.ts';
import { type Flags, text } from './flags.ts';
import { applyMergePatch } from './local.ts';
import { FILE_FLAGS } from './manifests.ts';
import { PRINT_FLAGS } from './printers.ts';
import { type Info, infos } from './select.ts';
import type { Subcommand } from './subcommand.ts';

const EXPOSABLE = ['Pod', 'Service', 'ReplicationController', 'Deployment', 'ReplicaSet'];

function selectorOf(info: Info): Record<string, string> {
	const o = info.object ?? {};
	const fail = (why: string): CliError => new CliError(`couldn't retrieve selectors via --selector flag or introspection: ${why}`);
	if (info.mapping.kind === 'Pod') {
		const labels = o.metadata?.labels ?? {};
		if (Object.keys(labels).length === 0) throw fail('the pod has no labels and cannot be exposed');
		return labels;
	}
	if (info.mapping.kind === 'Service') {
		if (!o['spec']?.selector) throw fail('the service has no pod selector set');
		return o['spec'].selector as Record<string, string>;
	}
	if (info.mapping.kind === 'ReplicationController') return o['spec'].selector as Record<string, string>;
	if ((o['spec']?.selector?.matchExpressions ?? []).length > 0)
		throw fail(`couldn't convert expressions - "${JSON.stringify(o['spec'].selector.matchExpressions)}" to map-based selector format`);
	return (o['spec']?.selector?.matchLabels ?? {}) as Record<string, string>;
}

interface Port {
	readonly port: number;
	readonly protocol: string;
}

function portsOf(info: Info): Port[] {
	const o = info.object ?? {};
	if (info.mapping.kind === 'Service') return ((o['spec']?.ports ?? []) as Obj[]).map((p) => ({ port: p['port'], protocol: p['protocol'] ?? 'TCP' }));
	const containers = (info.mapping.kind === 'Pod' ? o['spec']?.containers : o['spec']?.template?.spec?.containers) as Obj[] | undefined;
	return (containers ?? []).flatMap((c) => ((c['ports'] ?? []) as Obj[]).map((p) => ({ port: p['containerPort'], protocol: p['protocol'] ?? 'TCP' })));
}

function servicePorts(info: Info, flags: Flags): Obj[] {
	const known = portsOf(info);
	const asked = flags.str('port') === '' ? [] : flags.str('port').split(',').map(Number);
	for (const [i, port] of asked.entries()) {
		const given = flags.str('port').split(',')[i] ?? '';
		if (!Number.isInteger(port) || given === '') throw new CliError(`strconv.Atoi: parsing "${given}": invalid syntax`);
	}
	const numbers = asked.length > 0 ? asked : known.map((p) => p.port);
	if (numbers.length === 0) throw new CliError("couldn't find port via --port flag or introspection");
	const target = flags.str('target-port');
	return numbers.map((port, i) => {
		const protocol = flags.str('protocol') || known.find((p) => p.port === port)?.protocol || 'TCP';
		return { ...(numbers.length > 1 ? { name: `port-${i + 1}` } : {}), protocol, port, targetPort: target === '' ? port : intOrString(target) };
	});
}

function overridesOf(text_: string): unknown {
	try {
		return JSON.parse(text_);
	} catch {
		throw new CliError('Invalid JSON Patch');
	}
}

export const expose: Subcommand = {
	name: 'expose',
	flags: [
		text('cluster-ip'),
		DRY_RUN,
		text('external-ip'),
		fieldManager('kubectl-expose'),
		text('labels', { short: 'l' }),
		text('load-balancer-ip'),
		text('name'),
		text('override-type', { def: 'merge' }),
		text('overrides'),
		text('port'),
		text('protocol'),
		SAVE_CONFIG,
		text('selector'),
		text('session-affinity'),
		text('target-port'),
		text('type'),
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	completes: 'resources',
	async run(kube, args, flags) {
		dryRunOf(kube, flags);
		const errors: Error[] = [];
		for (const info of await infos(kube, args, flags, {}, errors)) {
			if (!EXPOSABLE.includes(info.mapping.kind))
				throw new CliError(`cannot expose a ${info.mapping.kind}${info.mapping.group === '' ? '' : `.${info.mapping.group}`}`);
			const selector = flags.str('selector') === '' ? selectorOf(info) : labelPairs(flags.str('selector'));
			const headless = flags.str('cluster-ip') === 'None';
			const affinity = flags.str('session-affinity');
			if (affinity !== '' && affinity !== 'None' && affinity !== 'ClientIP') throw new CliError(`unknown session affinity: ${affinity}`);
			const ports = headless && flags.str('port') === '' && portsOf(info).length === 0 ? [] : servicePorts(info, flags);
			const labels = flags.str('labels') === '' ? info.object?.metadata?.labels : labelPairs(flags.str('labels'));
			const built: Obj = {
				kind: 'Service',
				apiVersion: 'v1',
				metadata: { name: flags.str('name') || info.name, ...(labels === undefined ? {} : { labels }) },
				spec: {
					...(ports.length > 0 ? { ports } : {}),
					selector,
					...(flags.str('cluster-ip') === '' ? {} : { clusterIP: flags.str('cluster-ip') }),
					...(flags.str('type') === '' ? {} : { type: flags.str('type') }),
					...(flags.str('external-ip') === '' ? {} : { externalIPs: [flags.str('external-ip')] }),
					...(affinity === '' ? {} : { sessionAffinity: affinity }),
					...(flags.str('load-balancer-ip') === '' ? {} : { loadBalancerIP: flags.str('load-balancer-ip') }),
				},
				status: { loadBalancer: {} },
			};
			const overrides = flags.str('overrides');
			await finish(kube, flags, overrides === '' ? built : (applyMergePatch(built, overridesOf(overrides)) as Obj), { namespaced: true, verb: 'exposed' });
		}
		throwAll(errors);
		return 0;
	},
};
