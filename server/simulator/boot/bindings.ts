/** Who has the bootstrap roles: `bootstrappolicy`'s bindings, kubeadm's for its administrators and nodes, and kind's own. */
import type { BootObject } from './object.ts';
import { CONTROLLER_RULES } from './role-table.ts';
import { BOOTSTRAP_META } from './roles.ts';

const RBAC = 'rbac.authorization.k8s.io';

interface Subject {
	readonly kind: 'User' | 'Group' | 'ServiceAccount';
	readonly name: string;
	readonly namespace?: string;
}

const group = (name: string): Subject => ({ kind: 'Group', name });
const user = (name: string): Subject => ({ kind: 'User', name });
const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });

function binding(name: string, subjects: readonly Subject[], role = name, bootstrap = true): BootObject {
	return {
		path: `${RBAC}/v1/clusterrolebindings`,
		object: {
			metadata: { name, ...(bootstrap ? BOOTSTRAP_META : {}) },
			roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
			...(subjects.length === 0 ? {} : { subjects }),
		},
	};
}

function namespaced(namespace: string, name: string, subjects: readonly Subject[], role = name, bootstrap = true): BootObject {
	return {
		path: `${RBAC}/v1/rolebindings`,
		namespace,
		object: { metadata: { name, ...(bootstrap ? BOOTSTRAP_META : {}) }, roleRef: { apiGroup: RBAC, kind: 'Role', name: role }, subjects },
	};
}

export const bootstrapBindings: readonly BootObject[] = [
	binding('cluster-admin', [group('system:masters')]),
	binding('system:basic-user', [group('system:authenticated')]),
	binding('system:discovery', [group('system:authenticated')]),
	binding('system:public-info-viewer', [group('system:authenticated'), group('system:unauthenticated')]),
	binding('system:monitoring', [group('system:monitoring')]),
	binding('system:service-account-issuer-discovery', [group('system:serviceaccounts')]),
	binding('system:kube-dns', [account('kube-system', 'kube-dns')]),
	// Nodes are the node authorizer's: nobody has the role by this binding.
	binding('system:node', []),
	binding('system:node-proxier', [user('system:kube-proxy')]),
	binding('system:kube-scheduler', [user('system:kube-scheduler')]),
	binding('system:volume-scheduler', [user('system:kube-scheduler')]),
	binding('system:kube-controller-manager', [user('system:kube-controller-manager')]),
	...Object.keys(CONTROLLER_RULES).map((name) => binding(`system:controller:${name}`, [account('kube-system', name)])),
	...['kube-controller-manager', 'kube-scheduler'].flatMap((name) => [
		namespaced('kube-system', `system::leader-locking-${name}`, [user(`system:${name}`), account('kube-system', name)]),
	]),
	namespaced(
		'kube-system',
		'system::extension-apiserver-authentication-reader',
		[user('system:kube-controller-manager'), user('system:kube-scheduler')],
		'extension-apiserver-authentication-reader',
	),
	...['kube-system', 'kube-public'].map((ns) => namespaced(ns, 'system:controller:bootstrap-signer', [account('kube-system', 'bootstrap-signer')])),
	namespaced('kube-system', 'system:controller:cloud-provider', [account('kube-system', 'cloud-provider')]),
	namespaced('kube-system', 'system:controller:token-cleaner', [account('kube-system', 'token-cleaner')]),
];

const JOINING = 'system:bootstrappers:kubeadm:default-node-token';
const SIGNING = 'system:certificates.k8s.io:certificatesigningrequests:';

/** kubeadm's and kind's. */
export const kindBindings: readonly BootObject[] = [
	binding('kubeadm:cluster-admins', [group('kubeadm:cluster-admins')], 'cluster-admin', false),
	binding('kubeadm:get-nodes', [group(JOINING)], 'kubeadm:get-nodes', false),
	binding('kubeadm:kubelet-bootstrap', [group(JOINING)], 'system:node-bootstrapper', false),
	binding('kubeadm:node-autoapprove-bootstrap', [group(JOINING)], `${SIGNING}nodeclient`, false),
	binding('kubeadm:node-autoapprove-certificate-rotation', [group('system:nodes')], `${SIGNING}selfnodeclient`, false),
	binding('kubeadm:node-proxier', [account('kube-system', 'kube-proxy')], 'system:node-proxier', false),
	binding('system:coredns', [account('kube-system', 'coredns')], 'system:coredns', false),
	binding('kindnet', [account('kube-system', 'kindnet')], 'kindnet', false),
	binding('local-path-provisioner-bind', [account('local-path-storage', 'local-path-provisioner-service-account')], 'local-path-provisioner-role', false),
	binding('ingress-nginx', [account('ingress-nginx', 'ingress-nginx')], 'ingress-nginx', false),
	namespaced('kube-system', 'kube-proxy', [group(JOINING)], 'kube-proxy', false),
	namespaced('kube-system', 'kubeadm:kubelet-config', [group('system:nodes'), group(JOINING)], 'kubeadm:kubelet-config', false),
	namespaced('kube-system', 'kubeadm:nodes-kubeadm-config', [group('system:nodes'), group(JOINING)], 'kubeadm:nodes-kubeadm-config', false),
	namespaced('kube-public', 'kubeadm:bootstrap-signer-clusterinfo', [user('system:anonymous')], 'kubeadm:bootstrap-signer-clusterinfo', false),
];
