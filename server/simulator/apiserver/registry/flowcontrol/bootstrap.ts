/**
 * The flow schemas and priority levels that every API server has: `apiserver/pkg/apis/flowcontrol/bootstrap`. Plain data that
 * all worlds share.
 */
import type { Fields } from '../fields.ts';

interface Subject {
	readonly kind: string;
}

const groups = (...names: readonly string[]): readonly Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: readonly string[]): readonly Subject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const accounts = (...names: readonly string[]): readonly Subject[] =>
	names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { name, namespace: 'kube-system' } }));

const ALL = ['*'];
const resourceRule = (verbs: readonly string[], group: string, resources: readonly string[], clusterScope: boolean): Fields => ({
	verbs,
	apiGroups: [group],
	resources,
	...(clusterScope ? { clusterScope } : {}),
	namespaces: ALL,
});
const EVERYTHING: Fields = { resourceRules: [resourceRule(ALL, '*', ALL, true)], nonResourceRules: [{ verbs: ALL, nonResourceURLs: ALL }] };
const LEADER_VERBS = ['get', 'create', 'update'];

function schema(level: string, matchingPrecedence: number, by: '' | 'ByUser' | 'ByNamespace', subjects: readonly Subject[], rules: Fields): Fields {
	return {
		priorityLevelConfiguration: { name: level },
		matchingPrecedence,
		...(by === '' ? {} : { distinguisherMethod: { type: by } }),
		rules: [{ subjects, ...rules }],
	};
}

const EVERYBODY = groups('system:unauthenticated', 'system:authenticated');
const MANAGER = 'system:kube-controller-manager';
const LEASES = resourceRule(LEADER_VERBS, 'coordination.k8s.io', ['leases'], false);

/** On objects whose specs the server keeps up to date itself (`flowcontrol.AutoUpdateAnnotationKey`). */
export const AUTO_UPDATE = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

/** Specs by name. */
export const bootstrapSchemas: { readonly [name: string]: Fields } = {
	exempt: schema('exempt', 1, '', groups('system:masters'), EVERYTHING),
	probes: schema('exempt', 2, '', EVERYBODY, { nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] }),
	'system-leader-election': schema('leader-election', 100, 'ByUser', [...users(MANAGER, 'system:kube-scheduler'), ...accounts('*')], {
		resourceRules: [LEASES],
	}),
	'endpoint-controller': schema('workload-high', 150, 'ByUser', [...users(MANAGER), ...accounts('endpoint-controller', 'endpointslicemirroring-controller')], {
		resourceRules: [resourceRule(LEADER_VERBS, '', ['endpoints'], false)],
	}),
	'workload-leader-election': schema('leader-election', 200, 'ByUser', accounts('*'), {
		resourceRules: [resourceRule(LEADER_VERBS, '', ['endpoints', 'configmaps'], false), LEASES],
	}),
	'system-node-high': schema('node-high', 400, 'ByUser', groups('system:nodes'), {
		resourceRules: [resourceRule(ALL, '', ['nodes', 'nodes/status'], true), resourceRule(ALL, 'coordination.k8s.io', ['leases'], false)],
	}),
	'system-nodes': schema('system', 500, 'ByUser', groups('system:nodes'), EVERYTHING),
	'kube-controller-manager': schema('workload-high', 800, 'ByNamespace', users(MANAGER), EVERYTHING),
	'kube-scheduler': schema('workload-high', 800, 'ByNamespace', users('system:kube-scheduler'), EVERYTHING),
	'kube-system-service-accounts': schema('workload-high', 900, 'ByNamespace', accounts('*'), EVERYTHING),
	'service-accounts': schema('workload-low', 9000, 'ByUser', groups('system:serviceaccounts'), EVERYTHING),
	'global-default': schema('global-default', 9900, 'ByUser', EVERYBODY, EVERYTHING),
	'catch-all': schema('catch-all', 10_000, 'ByUser', EVERYBODY, EVERYTHING),
};

function limited(shares: number, lendablePercent: number, queues?: number, handSize = 6): Fields {
	const queuing = { queues, handSize, queueLengthLimit: 50 };
	const limitResponse = queues === undefined ? { type: 'Reject' } : { type: 'Queue', queuing };
	return { type: 'Limited', limited: { nominalConcurrencyShares: shares, limitResponse, lendablePercent } };
}

/** The two that the server needs to be as they are. */
export const mandatoryLevels: { readonly [name: string]: Fields } = {
	'catch-all': limited(5, 0),
	exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
};

export const bootstrapLevels: { readonly [name: string]: Fields } = {
	...mandatoryLevels,
	'global-default': limited(20, 50, 128),
	'leader-election': limited(10, 0, 16, 4),
	'node-high': limited(40, 25, 64),
	system: limited(30, 33, 64),
	'workload-high': limited(40, 50, 128),
	'workload-low': limited(100, 90, 128),
};
