/** `kubectl apply --prune`: deletes what was applied once and is not among the files any more. Upstream: pkg/cmd/apply/prune.go. */
import { type DryRun, LAST_APPLIED, withDryRun } from './changes.ts';
import type { Obj } from './client.ts';
import { type Mapping, resourcePath } from './discovery.ts';
import { CliError } from './errors.ts';
import type { Flags } from './flags.ts';
import type { Kube } from './kube.ts';
import { resultPrinter } from './printers.ts';

/** Looked through where no list is given: namespaced kinds first. */
const DEFAULT =
	'core/v1/ConfigMap core/v1/Endpoints core/v1/PersistentVolumeClaim core/v1/Pod core/v1/ReplicationController core/v1/Secret core/v1/Service batch/v1/Job batch/v1/CronJob networking.k8s.io/v1/Ingress apps/v1/DaemonSet apps/v1/Deployment apps/v1/ReplicaSet apps/v1/StatefulSet core/v1/Namespace core/v1/PersistentVolume'.split(
		' ',
	);

async function mappings(kube: Kube, kinds: readonly string[]): Promise<readonly Mapping[]> {
	const out: Mapping[] = [];
	for (const spec of kinds) {
		const parts = spec.split('/');
		const [group = '', version = '', kind = ''] = parts;
		if (parts.length !== 3) throw new CliError(`invalid GroupVersionKind format: ${spec}, please follow <group/version/kind>`);
		const mapping = await kube.mapper.byKind(group === 'core' || group === '' ? version : `${group}/${version}`, kind);
		if (mapping === undefined) throw new CliError(`no matches for kind "${kind}" in version "${group === 'core' ? '' : `${group}/`}${version}"`);
		out.push(mapping);
	}
	return out;
}

/** The refusals that have to do with pruning. */
export function checkPrune(flags: Flags): void {
	if (flags.bool('all') && flags.str('selector') !== '') throw new CliError('cannot set --all and --selector at the same time');
	if (!flags.bool('prune')) return;
	if (flags.bool('force')) throw new CliError('--force cannot be used with --prune');
	if (!flags.bool('all') && flags.str('selector') === '')
		throw new CliError(
			'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
		);
	if (flags.bool('server-side')) throw new CliError("--prune is in alpha and doesn't currently work on objects created by server-side apply");
}

/** The kinds to prune; read before anything is applied, so that a wrong one stops it. */
export const pruned = (kube: Kube, flags: Flags): Promise<readonly Mapping[]> => mappings(kube, flags.list('prune-allowlist'));

/** Deletes the applied objects of the namespaces gone through whose uids are not in `kept`. */
export async function prune(
	kube: Kube,
	flags: Flags,
	asked: readonly Mapping[],
	visited: { readonly uids: ReadonlySet<string>; readonly namespaces: readonly string[] },
	dryRun: DryRun,
): Promise<void> {
	const kinds = asked.length > 0 ? asked : await mappings(kube, DEFAULT);
	if (asked.length === 0)
		kube.err(
			'W1120 00:00:00.000000       1 prune.go:71] Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.\n',
		);
	const print = await resultPrinter(kube, flags);
	const places = [
		...visited.namespaces.flatMap((namespace) => kinds.filter((m) => m.namespaced).map((mapping) => ({ namespace, mapping }))),
		...kinds.filter((m) => !m.namespaced).map((mapping) => ({ namespace: '', mapping })),
	];
	const grace = flags.int('grace-period');
	for (const { namespace, mapping } of places) {
		const found = await kube.client.json(resourcePath(mapping, namespace), { query: { labelSelector: flags.str('selector') || undefined } });
		for (const object of (found['items'] ?? []) as Obj[]) {
			const { name = '', uid = '', annotations } = object.metadata ?? {};
			if (annotations?.[LAST_APPLIED] === undefined || visited.uids.has(uid)) continue;
			if (dryRun !== 'client') {
				const body = {
					kind: 'DeleteOptions',
					apiVersion: 'v1',
					propagationPolicy: { orphan: 'Orphan', foreground: 'Foreground' }[flags.str('cascade')] ?? 'Background',
					...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
					...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
				};
				await kube.client.json(resourcePath(mapping, namespace, name), { method: 'DELETE', body });
			}
			print(mapping, object, withDryRun('pruned', dryRun));
		}
	}
}
