/** `/metrics` of the API server: a useful part of what kube-apiserver exposes, in Prometheus' text format. */
import { defineSlice } from '../../kernel/state.ts';
import { type Tree, treeGet, treeRange, treeSet, treeSize } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { resourceKey, storeSlice } from '../registry/store.ts';
import type { ApiCall, Strategy } from '../types.ts';
import { type Family, otherFamilies } from './metric-families.ts';

/** Label sets of requests that are counted; a client could make up any number of them. */
export const REQUEST_SERIES_KEPT = 2000;

/** A request's labels, as they stand in a series → how many there were. */
const requestsSlice = defineSlice<Tree<string, number>>('apiserverRequests', null);

/** `cleanVerb` of `apiserver/pkg/endpoints/metrics`: a PATCH with an apply patch is APPLY. */
function verbLabel({ verb, patchType, subresource }: ApiCall): string {
	if (subresource !== undefined && CONNECT.has(subresource)) return 'CONNECT';
	if (patchType === 'application/apply-patch+yaml') return 'APPLY';
	return VERBS[verb] ?? verb.toUpperCase();
}

const CONNECT: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy', 'log']);
const VERBS: { readonly [verb: string]: string } = { create: 'POST', update: 'PUT' };

function scopeOf({ verb, name, namespace }: ApiCall): string {
	if (name !== undefined || verb === 'create') return 'resource';
	return namespace === undefined ? 'cluster' : 'namespace';
}

/** Counts a request for a resource that is served. */
export function countRequest(world: World, call: ApiCall, code: number): void {
	const { group, version, resource, subresource = '', options } = call;
	const dry = options.dryRun === true ? 'All' : '';
	const series = `code="${code}",component="apiserver",dry_run="${dry}",group="${group}",resource="${resource}",scope="${scopeOf(call)}",subresource="${subresource}",verb="${verbLabel(call)}",version="${version}"`;
	const counted = world.read(requestsSlice);
	const before = treeGet(counted, series);
	if (before === undefined && treeSize(counted) >= REQUEST_SERIES_KEPT) return;
	world.write(requestsSlice, treeSet(counted, series, (before ?? 0) + 1));
}

const BUCKETS = [
	'0.005',
	'0.025',
	'0.05',
	'0.1',
	'0.2',
	'0.4',
	'0.6',
	'0.8',
	'1',
	'1.25',
	'1.5',
	'2',
	'3',
	'4',
	'5',
	'6',
	'8',
	'10',
	'15',
	'20',
	'30',
	'45',
	'60',
	'+Inf',
];

/** Requests take no virtual time: all of them lie in the first bucket. */
function durations(counts: readonly { readonly k: string; readonly v: number }[]): readonly string[] {
	const totals = new Map<string, number>();
	for (const { k, v } of counts) {
		const labels = k.replace(/^code="[^"]*",/, '');
		totals.set(labels, (totals.get(labels) ?? 0) + v);
	}
	const name = 'apiserver_request_duration_seconds';
	return [...totals].flatMap(([labels, n]) => [
		...BUCKETS.map((le) => `${name}_bucket{${labels},le="${le}"} ${n}`),
		`${name}_sum{${labels}} 0`,
		`${name}_count{${labels}} ${n}`,
	]);
}

/** `apps/deployments` → `deployments.apps`. */
const storageName = ({ group, resource }: Pick<Strategy, 'group' | 'resource'>): string => (group === '' ? resource : `${resource}.${group}`);

function families(world: World, strategies: readonly Strategy[], build: { readonly [field: string]: string }): readonly Family[] {
	const counts = [...treeRange(world.read(requestsSlice), '')].map((e) => ({ k: e.k, v: e.v }));
	const { resources, revision } = world.read(storeSlice);
	const objects = strategies
		.filter((s) => s.virtualCreate === undefined && s.virtualRead === undefined)
		.map((s) => `apiserver_storage_objects{resource="${storageName(s)}"} ${treeSize(treeGet(resources, resourceKey(s))?.objects ?? null)}`);
	const info = ['buildDate', 'compiler', 'gitCommit', 'gitTreeState', 'gitVersion', 'goVersion', 'major', 'minor', 'platform'];
	const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
	const labels = info.map((field) => `${snake(field)}="${build[field] ?? ''}"`).join(',');
	return [
		...otherFamilies(
			world,
			counts.map((c) => c.k),
			build['goVersion'] ?? '',
		),
		{
			name: 'apiserver_request_duration_seconds',
			type: 'histogram',
			help: '[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
			lines: durations(counts),
		},
		{
			name: 'apiserver_request_total',
			type: 'counter',
			help: '[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
			lines: counts.map(({ k, v }) => `apiserver_request_total{${k}} ${v}`),
		},
		{
			name: 'apiserver_storage_objects',
			type: 'gauge',
			help: '[STABLE] Number of stored objects at the time of last check split by kind.',
			lines: objects.sort(),
		},
		{
			name: 'etcd_debugging_mvcc_current_revision',
			type: 'gauge',
			help: 'The current revision of store.',
			lines: [`etcd_debugging_mvcc_current_revision ${revision}`],
		},
		{
			name: 'kubernetes_build_info',
			type: 'gauge',
			help: "[ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
			lines: [`kubernetes_build_info{${labels}} 1`],
		},
	];
}

/** The page, families in order of their names as upstream's registry gathers them. */
export function metricsText(world: World, strategies: readonly Strategy[], build: { readonly [field: string]: string }): string {
	return [...families(world, strategies, build)]
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.filter((f) => f.lines.length > 0)
		.map(({ name, help, type, lines }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((l) => `${l}\n`).join('')}`)
		.join('');
}
