/** Cluster roles that every cluster has: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`. */
import type { BootObject } from './object.ts';

interface Rule {
	readonly apiGroups?: readonly string[];
	readonly resources?: readonly string[];
	readonly resourceNames?: readonly string[];
	readonly nonResourceURLs?: readonly string[];
	readonly verbs: readonly string[];
}

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const ALL = ['*'];

const rule = (group: string, resources: readonly string[], verbs: readonly string[]): Rule => ({ apiGroups: [group], resources, verbs });

export const BOOTSTRAP_META = {
	annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
	labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
};

function clusterRole(name: string, rules: readonly Rule[], labels: { readonly [key: string]: string } = {}, aggregate?: string): BootObject {
	const metadata = { name, annotations: BOOTSTRAP_META.annotations, labels: { ...BOOTSTRAP_META.labels, ...labels } };
	const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${aggregate ?? ''}`]: 'true' } }] };
	return { path: 'rbac.authorization.k8s.io/v1/clusterroles', object: { metadata, rules, ...(aggregate === undefined ? {} : { aggregationRule }) } };
}

const VIEWED: readonly Rule[] = [
	rule(
		'',
		[
			'configmaps',
			'endpoints',
			'persistentvolumeclaims',
			'persistentvolumeclaims/status',
			'pods',
			'replicationcontrollers',
			'replicationcontrollers/scale',
			'serviceaccounts',
			'services',
			'services/status',
		],
		READ,
	),
	rule(
		'',
		[
			'bindings',
			'events',
			'limitranges',
			'namespaces/status',
			'pods/log',
			'pods/status',
			'replicationcontrollers/status',
			'resourcequotas',
			'resourcequotas/status',
		],
		READ,
	),
	rule('', ['namespaces'], READ),
	rule('discovery.k8s.io', ['endpointslices'], READ),
	rule(
		'apps',
		[
			'controllerrevisions',
			'daemonsets',
			'daemonsets/status',
			'deployments',
			'deployments/scale',
			'deployments/status',
			'replicasets',
			'replicasets/scale',
			'replicasets/status',
			'statefulsets',
			'statefulsets/scale',
			'statefulsets/status',
		],
		READ,
	),
	rule('autoscaling', ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], READ),
	rule('batch', ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'], READ),
	rule('policy', ['poddisruptionbudgets', 'poddisruptionbudgets/status'], READ),
	rule('networking.k8s.io', ['ingresses', 'ingresses/status', 'networkpolicies'], READ),
	rule('metrics.k8s.io', ['pods', 'nodes'], READ),
];

const EDITED: readonly Rule[] = [
	rule('', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], READ),
	rule('', ['serviceaccounts'], ['impersonate']),
	rule('', ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'], WRITE),
	rule('', ['pods/eviction'], ['create']),
	rule(
		'',
		[
			'configmaps',
			'events',
			'persistentvolumeclaims',
			'replicationcontrollers',
			'replicationcontrollers/scale',
			'secrets',
			'serviceaccounts',
			'services',
			'services/proxy',
		],
		WRITE,
	),
	rule('', ['serviceaccounts/token'], ['create']),
	rule(
		'apps',
		['daemonsets', 'deployments', 'deployments/rollback', 'deployments/scale', 'replicasets', 'replicasets/scale', 'statefulsets', 'statefulsets/scale'],
		WRITE,
	),
	rule('autoscaling', ['horizontalpodautoscalers'], WRITE),
	rule('batch', ['cronjobs', 'jobs'], WRITE),
	rule('policy', ['poddisruptionbudgets'], WRITE),
	rule('networking.k8s.io', ['ingresses', 'networkpolicies'], WRITE),
	rule('coordination.k8s.io', ['leases'], [...WRITE, ...READ]),
];

const ADMINISTERED: readonly Rule[] = [
	rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
	rule('rbac.authorization.k8s.io', ['rolebindings', 'roles'], [...WRITE, ...READ]),
];

const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-';
const events = rule('', ['events'], ['create', 'patch', 'update']);
const reviews: readonly Rule[] = [
	rule('authentication.k8s.io', ['tokenreviews'], ['create']),
	rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
];

export const bootstrapRoles: readonly BootObject[] = [
	clusterRole('cluster-admin', [
		{ apiGroups: ALL, resources: ALL, verbs: ALL },
		{ nonResourceURLs: ALL, verbs: ALL },
	]),
	clusterRole('admin', [...ADMINISTERED, ...EDITED, ...VIEWED], {}, 'admin'),
	clusterRole('edit', [...EDITED, ...VIEWED], { [`${AGGREGATE}admin`]: 'true' }, 'edit'),
	clusterRole('view', VIEWED, { [`${AGGREGATE}edit`]: 'true' }, 'view'),
	clusterRole('system:aggregate-to-admin', ADMINISTERED, { [`${AGGREGATE}admin`]: 'true' }),
	clusterRole('system:aggregate-to-edit', EDITED, { [`${AGGREGATE}edit`]: 'true' }),
	clusterRole('system:aggregate-to-view', VIEWED, { [`${AGGREGATE}view`]: 'true' }),
	clusterRole('system:basic-user', [
		rule('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
		rule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
	]),
	clusterRole('system:discovery', [
		{
			nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'],
			verbs: ['get'],
		},
	]),
	clusterRole('system:public-info-viewer', [{ nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] }]),
	clusterRole('system:monitoring', [
		{ nonResourceURLs: ['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz', '/readyz/*'], verbs: ['get'] },
	]),
	clusterRole('system:service-account-issuer-discovery', [
		{ nonResourceURLs: ['/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'], verbs: ['get'] },
	]),
	clusterRole('system:auth-delegator', reviews),
	clusterRole('system:node', [
		...reviews,
		rule('', ['services'], READ),
		rule('', ['nodes'], ['create', ...READ, 'patch', 'update']),
		rule('', ['nodes/status', 'pods/status'], ['patch', 'update']),
		events,
		rule('', ['pods'], [...READ, 'create', 'delete']),
		rule('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
		rule('', ['configmaps', 'secrets', 'persistentvolumeclaims', 'persistentvolumes'], READ),
		rule('coordination.k8s.io', ['leases'], ['create', 'delete', 'get', 'patch', 'update']),
	]),
	clusterRole('system:node-proxier', [
		rule('', ['endpoints', 'services'], ['list', 'watch']),
		rule('', ['nodes'], READ),
		events,
		rule('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
	]),
	clusterRole('system:kube-scheduler', [
		events,
		rule('', ['nodes', 'pods', 'namespaces', 'replicationcontrollers', 'services', 'persistentvolumes'], READ),
		rule('', ['bindings', 'pods/binding'], ['create']),
		rule('', ['pods'], ['delete']),
		rule('', ['pods/status'], ['patch', 'update']),
		rule('', ['persistentvolumeclaims'], [...READ, 'patch', 'update']),
		rule('apps', ['replicasets', 'statefulsets'], READ),
		rule('policy', ['poddisruptionbudgets'], READ),
		rule('storage.k8s.io', ['storageclasses'], READ),
		rule('coordination.k8s.io', ['leases'], ['create', 'get', 'list', 'update', 'watch']),
		...reviews,
	]),
	clusterRole('system:kube-controller-manager', [
		events,
		rule('', ['secrets', 'serviceaccounts'], ['create', 'delete', 'get', 'update']),
		rule('', ['namespaces', 'configmaps'], ['get']),
		rule('', ['serviceaccounts/token'], ['create']),
		{ apiGroups: ALL, resources: ALL, verbs: ['list', 'watch'] },
		rule('coordination.k8s.io', ['leases'], ['create', 'get', 'update']),
		...reviews,
	]),
];
