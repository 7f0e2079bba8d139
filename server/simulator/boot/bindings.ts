/** Who has the bootstrap roles: `bootstrappolicy`'s bindings and kubeadm's own for its administrators. */
import type { BootObject } from './object.ts';
import { BOOTSTRAP_META } from './roles.ts';

const RBAC = 'rbac.authorization.k8s.io';

interface Subject {
	readonly kind: 'User' | 'Group';
	readonly name: string;
}

const group = (name: string): Subject => ({ kind: 'Group', name });
const user = (name: string): Subject => ({ kind: 'User', name });

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

export const bootstrapBindings: readonly BootObject[] = [
	binding('cluster-admin', [group('system:masters')]),
	binding('kubeadm:cluster-admins', [group('kubeadm:cluster-admins')], 'cluster-admin', false),
	binding('system:basic-user', [group('system:authenticated')]),
	binding('system:discovery', [group('system:authenticated')]),
	binding('system:public-info-viewer', [group('system:authenticated'), group('system:unauthenticated')]),
	binding('system:monitoring', [group('system:monitoring')]),
	binding('system:service-account-issuer-discovery', [group('system:serviceaccounts')]),
	binding('system:node', []),
	binding('system:node-proxier', [user('system:kube-proxy')]),
	binding('system:kube-scheduler', [user('system:kube-scheduler')]),
	binding('system:kube-controller-manager', [user('system:kube-controller-manager')]),
];
