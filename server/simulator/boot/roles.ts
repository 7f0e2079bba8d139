/** Cluster roles that every cluster has: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`. */
import type { BootObject } from './object.ts';
import { CONTROLLER_RULES, KIND_RULES, type Rule, rulesOf, SYSTEM_RULES } from './role-table.ts';

const ALL = ['*'];

export const BOOTSTRAP_META = {
	annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
	labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
};

function clusterRole(name: string, rules: readonly Rule[], labels: { readonly [key: string]: string } = {}, aggregate?: string): BootObject {
	const metadata = { name, annotations: BOOTSTRAP_META.annotations, labels: { ...BOOTSTRAP_META.labels, ...labels } };
	const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${aggregate ?? ''}`]: 'true' } }] };
	return { path: 'rbac.authorization.k8s.io/v1/clusterroles', object: { metadata, rules, ...(aggregate === undefined ? {} : { aggregationRule }) } };
}

const SCALED = 'deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale';

const VIEWED = rulesOf(
	[
		'core configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status glw',
		'core bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status glw',
		'core namespaces glw',
		'discovery.k8s.io endpointslices glw',
		'apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status glw',
		'autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status glw',
		'batch cronjobs,cronjobs/status,jobs,jobs/status glw',
		'extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale glw',
		'policy poddisruptionbudgets,poddisruptionbudgets/status glw',
		'networking.k8s.io ingresses,ingresses/status,networkpolicies glw',
	].join(';'),
);

const EDITED = rulesOf(
	[
		'core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy glw',
		'core serviceaccounts impersonate',
		'core pods,pods/attach,pods/exec,pods/portforward,pods/proxy cdDpu',
		'core pods/eviction c',
		'core configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy cdDpu',
		'core serviceaccounts/token c',
		'apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale cdDpu',
		'autoscaling horizontalpodautoscalers cdDpu',
		'batch cronjobs,jobs cdDpu',
		`extensions daemonsets,deployments,deployments/rollback,${SCALED} cdDpu`,
		'policy poddisruptionbudgets cdDpu',
		'networking.k8s.io ingresses,networkpolicies cdDpu',
		'coordination.k8s.io leases cdDglpuw',
	].join(';'),
);

const ADMINISTERED = rulesOf('authorization.k8s.io localsubjectaccessreviews c; rbac.authorization.k8s.io rolebindings,roles cdDglpuw');

/** metrics-server brings this one: whoever may view may see what is used. */
const METRICS = rulesOf('metrics.k8s.io pods,nodes glw');

/** As the aggregation controller would put them together: each role's rules once, the roles in order of their names. */
const VIEW = [...VIEWED, ...METRICS];
const EDIT = [...EDITED, ...METRICS, ...VIEWED];
const ADMIN = [...EDIT, ...ADMINISTERED];

const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-';
export const bootstrapRoles: readonly BootObject[] = [
	clusterRole('cluster-admin', [
		{ apiGroups: ALL, resources: ALL, verbs: ALL },
		{ nonResourceURLs: ALL, verbs: ALL },
	]),
	clusterRole('admin', ADMIN, {}, 'admin'),
	clusterRole('edit', EDIT, { [`${AGGREGATE}admin`]: 'true' }, 'edit'),
	clusterRole('view', VIEW, { [`${AGGREGATE}edit`]: 'true' }, 'view'),
	clusterRole('system:aggregate-to-admin', ADMINISTERED, { [`${AGGREGATE}admin`]: 'true' }),
	clusterRole('system:aggregate-to-edit', EDITED, { [`${AGGREGATE}edit`]: 'true' }),
	clusterRole('system:aggregate-to-view', VIEWED, { [`${AGGREGATE}view`]: 'true' }),
	clusterRole('system:aggregated-metrics-reader', METRICS, { [`${AGGREGATE}admin`]: 'true', [`${AGGREGATE}edit`]: 'true', [`${AGGREGATE}view`]: 'true' }),
	...Object.entries(SYSTEM_RULES).map(([name, rules]) => clusterRole(name, rulesOf(rules))),
	...Object.entries(CONTROLLER_RULES).map(([name, rules]) => clusterRole(`system:controller:${name}`, rulesOf(rules))),
];

const role = (path: string, name: string, rules: readonly Rule[], namespace?: string): BootObject => ({
	path: `rbac.authorization.k8s.io/v1/${path}`,
	...(namespace === undefined ? {} : { namespace }),
	object: { metadata: { name }, rules },
});

/** Roles that kubeadm, kind and the parts it installs bring with them. */
export const kindRoles: readonly BootObject[] = Object.entries(KIND_RULES).map(([name, rules]) => role('clusterroles', name, rulesOf(rules)));

/** A namespace's roles of the control plane: namespace_policy.go, and kubeadm's. */
const NAMESPACED: { readonly [namespaceAndName: string]: string } = {
	'kube-system extension-apiserver-authentication-reader': 'core configmaps[extension-apiserver-authentication] glw',
	'kube-system system:controller:bootstrap-signer': 'core secrets glw',
	'kube-system system:controller:cloud-provider': 'core configmaps cglw',
	'kube-system system:controller:token-cleaner': 'core secrets dglw; core,events.k8s.io events cup',
	'kube-system system::leader-locking-kube-controller-manager': 'core configmaps w; core configmaps[kube-controller-manager] gu',
	'kube-system system::leader-locking-kube-scheduler': 'core configmaps w; core configmaps[kube-scheduler] gu',
	'kube-public system:controller:bootstrap-signer': 'core configmaps glw; core configmaps[cluster-info] u; core,events.k8s.io events cup',
};

export const bootstrapNamespaceRoles: readonly BootObject[] = Object.entries(NAMESPACED).map(([key, rules]) => {
	const [namespace = '', name = ''] = key.split(' ');
	const { path, object } = role('roles', name, rulesOf(rules));
	return { path, namespace, object: { ...object, metadata: { name, ...BOOTSTRAP_META } } };
});

/** kubeadm's, in kube-system and kube-public. */
export const kubeadmRoles: readonly BootObject[] = [
	role('roles', 'kube-proxy', rulesOf('core configmaps[kube-proxy] g'), 'kube-system'),
	role('roles', 'kubeadm:kubelet-config', rulesOf('core configmaps[kubelet-config] g'), 'kube-system'),
	role('roles', 'kubeadm:nodes-kubeadm-config', rulesOf('core configmaps[kubeadm-config] g'), 'kube-system'),
	role('roles', 'kubeadm:bootstrap-signer-clusterinfo', rulesOf('core configmaps[cluster-info] g'), 'kube-public'),
];
