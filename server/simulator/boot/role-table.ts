/**
 * The rules of the roles that every cluster has, as facts: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy` (policy.go,
 * controller_policy.go), kubeadm's and kind's own. A rule is `groups resources[names] verbs`: groups parted by commas with `core`
 * for the core group; verbs as letters (g get, l list, w watch, c create, u update, p patch, d delete, D deletecollection) or
 * words; a rule that begins with a slash names paths. Read once a process and shared by all clusters.
 */

const EVENTS = 'core,events.k8s.io events cup';
const REVIEWS = 'authentication.k8s.io tokenreviews c; authorization.k8s.io subjectaccessreviews c';

/** Rules by the name of a controller: `system:controller:<name>`, bound to its service account in kube-system. */
export const CONTROLLER_RULES: { readonly [controller: string]: string } = {
	'attachdetach-controller': `core persistentvolumeclaims,persistentvolumes lw; core nodes glw; core nodes/status pu; core pods lw; ${EVENTS}; storage.k8s.io volumeattachments cdglw; storage.k8s.io csidrivers glw; storage.k8s.io csinodes glw`,
	'certificate-controller': `certificates.k8s.io certificatesigningrequests dglw; certificates.k8s.io certificatesigningrequests/approval,certificatesigningrequests/status u; certificates.k8s.io signers[kubernetes.io/kube-apiserver-client-kubelet] approve; certificates.k8s.io signers[kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown] sign; authorization.k8s.io subjectaccessreviews c; ${EVENTS}`,
	'clusterrole-aggregation-controller': 'rbac.authorization.k8s.io clusterroles escalate,get,list,patch,update,watch',
	'cronjob-controller': `batch cronjobs gluw; batch jobs cdglpuw; batch cronjobs/status u; batch cronjobs/finalizers u; core pods dlw; ${EVENTS}`,
	'daemon-set-controller': `apps,extensions daemonsets glw; apps,extensions daemonsets/status u; apps,extensions daemonsets/finalizers u; core nodes lw; core pods cdlpw; core pods/binding c; apps controllerrevisions cdglpuw; ${EVENTS}`,
	'deployment-controller': `apps,extensions deployments gluw; apps,extensions deployments/status u; apps,extensions deployments/finalizers u; apps,extensions replicasets cdglpuw; core pods gluw; ${EVENTS}`,
	'device-taint-eviction-controller': `core pods dglw; core pods/status pu; resource.k8s.io resourceclaims glw; resource.k8s.io resourceslices glw; resource.k8s.io deviceclasses glw; ${EVENTS}`,
	'disruption-controller': `apps,extensions deployments glw; apps,extensions replicasets glw; core replicationcontrollers glw; policy poddisruptionbudgets glw; apps statefulsets glw; policy poddisruptionbudgets/status u; core pods/status pu; * */scale g; ${EVENTS}`,
	'endpoint-controller': `core pods,services glw; core endpoints cdgluw; core endpoints/restricted c; ${EVENTS}`,
	'endpointslice-controller': `core nodes,pods,services glw; core services/finalizers u; discovery.k8s.io endpointslices cdgluw; ${EVENTS}`,
	'endpointslicemirroring-controller': `core endpoints,services glw; core services/finalizers u; core endpoints/finalizers u; discovery.k8s.io endpointslices cdgluw; ${EVENTS}`,
	'ephemeral-volume-controller': `core pods glw; core pods/finalizers u; core persistentvolumeclaims cglw; ${EVENTS}`,
	'expand-controller': `core persistentvolumes glpuw; core persistentvolumeclaims/status pu; core persistentvolumeclaims glw; ${EVENTS}`,
	'generic-garbage-collector': `* * dglpuw; ${EVENTS}`,
	'horizontal-pod-autoscaler': `autoscaling horizontalpodautoscalers glw; autoscaling horizontalpodautoscalers/status u; * */scale gu; core pods lw; metrics.k8s.io pods lw; custom.metrics.k8s.io * glw; external.metrics.k8s.io * glw; ${EVENTS}`,
	'job-controller': `batch jobs glpuw; batch jobs/status u; batch jobs/finalizers u; core pods cdlpw; ${EVENTS}`,
	'legacy-service-account-token-cleaner': 'core configmaps[kube-apiserver-legacy-service-account-token-tracking] g; core secrets dp',
	'namespace-controller': 'core namespaces dglw; core namespaces/finalize,namespaces/status u; * * dDglw',
	'node-controller': `core nodes dglpuw; core nodes/status pu; core pods/status pu; core pods dglw; ${EVENTS}`,
	'persistent-volume-binder': `core persistentvolumes cdgluw; core persistentvolumes/status u; core persistentvolumeclaims gluw; core persistentvolumeclaims/status u; core pods cdglw; storage.k8s.io storageclasses glw; core nodes lw; ${EVENTS}; core events w`,
	'pod-garbage-collector': 'core pods dlw; core nodes glw; core pods/status p',
	'pv-protection-controller': `core persistentvolumes gluw; ${EVENTS}`,
	'pvc-protection-controller': `core persistentvolumeclaims gluw; core persistentvolumeclaims/status u; core pods glw; ${EVENTS}`,
	'replicaset-controller': `apps,extensions replicasets gluw; apps,extensions replicasets/status u; apps,extensions replicasets/finalizers u; core pods cdlpw; ${EVENTS}`,
	'replication-controller': `core replicationcontrollers gluw; core replicationcontrollers/status u; core replicationcontrollers/finalizers u; core pods cdlpw; ${EVENTS}`,
	'resource-claim-controller': `core pods glw; core pods/finalizers u; resource.k8s.io resourceclaims cdglw; resource.k8s.io resourceclaims,resourceclaims/status pu; core pods/status pu; ${EVENTS}; resource.k8s.io resourceclaims/binding pu`,
	'resourcequota-controller': `* * lw; core resourcequotas/status u; ${EVENTS}`,
	'root-ca-cert-publisher': `core configmaps cu; ${EVENTS}`,
	'route-controller': `core nodes lw; core nodes/status p; ${EVENTS}`,
	'selinux-warning-controller': `${EVENTS}; core persistentvolumes glw; core persistentvolumeclaims glw; core pods glw; storage.k8s.io csidrivers glw`,
	'service-account-controller': `core serviceaccounts c; ${EVENTS}`,
	'service-cidrs-controller': `networking.k8s.io servicecidrs glpuw; networking.k8s.io servicecidrs/finalizers pu; networking.k8s.io servicecidrs/status pu; networking.k8s.io ipaddresses glw; ${EVENTS}`,
	'service-controller': `core services glw; core services/status pu; core nodes lw; ${EVENTS}`,
	'statefulset-controller': `core pods lw; apps statefulsets glw; apps statefulsets/status u; apps statefulsets/finalizers u; core pods cdgpu; apps controllerrevisions cdglpuw; core persistentvolumeclaims cglw; core persistentvolumeclaims du; core pods/finalizers u; ${EVENTS}`,
	'ttl-after-finished-controller': `batch jobs dglw; ${EVENTS}`,
	'ttl-controller': `core nodes lpuw; ${EVENTS}`,
	'validatingadmissionpolicy-status-controller': `admissionregistration.k8s.io validatingadmissionpolicies glw; admissionregistration.k8s.io validatingadmissionpolicies/status gpu; ${EVENTS}`,
	'volumeattributesclass-protection-controller': `core persistentvolumeclaims glw; core persistentvolumes glw; storage.k8s.io volumeattributesclasses gluw; ${EVENTS}`,
};

/** Rules of the other roles of `system:`. */
export const SYSTEM_RULES: { readonly [role: string]: string } = {
	'system:auth-delegator': REVIEWS,
	'system:basic-user': 'authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews c; authentication.k8s.io selfsubjectreviews c',
	'system:certificates.k8s.io:certificatesigningrequests:nodeclient': 'certificates.k8s.io certificatesigningrequests/nodeclient c',
	'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': 'certificates.k8s.io certificatesigningrequests/selfnodeclient c',
	'system:certificates.k8s.io:kube-apiserver-client-approver': 'certificates.k8s.io signers[kubernetes.io/kube-apiserver-client] approve',
	'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': 'certificates.k8s.io signers[kubernetes.io/kube-apiserver-client-kubelet] approve',
	'system:certificates.k8s.io:kubelet-serving-approver': 'certificates.k8s.io signers[kubernetes.io/kubelet-serving] approve',
	'system:certificates.k8s.io:legacy-unknown-approver': 'certificates.k8s.io signers[kubernetes.io/legacy-unknown] approve',
	'system:discovery': '/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/ g',
	'system:heapster': 'core events,namespaces,nodes,pods glw; extensions deployments glw',
	'system:kube-aggregator': 'core endpoints,services glw',
	'system:kube-controller-manager': `${EVENTS}; coordination.k8s.io leases c; coordination.k8s.io leases[kube-controller-manager] gu; core secrets,serviceaccounts c; core secrets d; core configmaps,namespaces,secrets,serviceaccounts g; core secrets,serviceaccounts u; ${REVIEWS}; * * lw; core serviceaccounts/token c`,
	'system:kube-dns': 'core endpoints,services lw',
	'system:kube-scheduler': `${EVENTS}; coordination.k8s.io leases c; coordination.k8s.io leases[kube-scheduler] gu; core nodes glw; core pods dglw; core bindings,pods/binding c; core pods/status pu; core replicationcontrollers,services glw; apps,extensions replicasets glw; apps statefulsets glw; policy poddisruptionbudgets glw; core persistentvolumeclaims,persistentvolumes glw; ${REVIEWS}; storage.k8s.io csinodes glw; core namespaces glw; storage.k8s.io csidrivers glw; storage.k8s.io csistoragecapacities glw; storage.k8s.io volumeattachments glw`,
	'system:kubelet-api-admin': 'core nodes glw; core nodes proxy; core nodes/log,nodes/metrics,nodes/proxy,nodes/stats *',
	'system:monitoring': '/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/* g',
	'system:node': `authentication.k8s.io tokenreviews c; authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews c; core services glw; core nodes cglw; core nodes/status pu; core nodes pu; core events cup; core pods glw; core pods cd; core pods/status pu; core pods/eviction c; core configmaps,secrets glw; core persistentvolumeclaims,persistentvolumes g; core endpoints g; certificates.k8s.io certificatesigningrequests cglw; coordination.k8s.io leases cdgpu; storage.k8s.io volumeattachments g; core serviceaccounts/token c; core persistentvolumeclaims/status gpu; storage.k8s.io csidrivers glw; storage.k8s.io csinodes cdgpu; node.k8s.io runtimeclasses glw`,
	'system:node-bootstrapper': 'certificates.k8s.io certificatesigningrequests cglw',
	'system:node-problem-detector': `core nodes g; core nodes/status p; ${EVENTS}`,
	'system:node-proxier': `core endpoints,services lw; core nodes glw; ${EVENTS}; discovery.k8s.io endpointslices lw; networking.k8s.io servicecidrs lw`,
	'system:persistent-volume-provisioner': `core persistentvolumes cdglw; core persistentvolumeclaims gluw; storage.k8s.io storageclasses glw; core events w; ${EVENTS}`,
	'system:public-info-viewer': '/healthz,/livez,/readyz,/version,/version/ g',
	'system:service-account-issuer-discovery': '/.well-known/openid-configuration,/openid/v1/jwks g',
	'system:volume-scheduler': 'core persistentvolumes glpuw; storage.k8s.io storageclasses glw; core persistentvolumeclaims glpuw',
};

/** What kubeadm and kind's own parts add. */
export const KIND_RULES: { readonly [role: string]: string } = {
	'ingress-nginx': `core configmaps,endpoints,nodes,pods,secrets,namespaces lw; coordination.k8s.io leases lw; core nodes g; core services glw; networking.k8s.io ingresses glw; core events cp; networking.k8s.io ingresses/status u; networking.k8s.io ingressclasses glw; discovery.k8s.io endpointslices lwg`,
	kindnet: 'core nodes lwp; core configmaps g; core pods,namespaces lw; networking.k8s.io networkpolicies lw',
	'kubeadm:get-nodes': 'core nodes g',
	'local-path-provisioner-role':
		'core nodes,persistentvolumeclaims,configmaps,pods,pods/log glw; core persistentvolumes glwcpud; core events cp; storage.k8s.io storageclasses glw',
	'system:coredns': 'core endpoints,services,pods,namespaces lw; discovery.k8s.io endpointslices lw',
};

export interface Rule {
	readonly apiGroups?: readonly string[];
	readonly resources?: readonly string[];
	readonly resourceNames?: readonly string[];
	readonly nonResourceURLs?: readonly string[];
	readonly verbs: readonly string[];
}

const VERBS: { readonly [letter: string]: string } = {
	c: 'create',
	d: 'delete',
	D: 'deletecollection',
	g: 'get',
	l: 'list',
	p: 'patch',
	u: 'update',
	w: 'watch',
};

function verbsOf(text: string): readonly string[] {
	const letters = [...text].map((letter) => VERBS[letter]);
	const words = letters.every((v) => v !== undefined) ? letters : text.split(',');
	return words.filter((v) => v !== undefined).sort();
}

function ruleOf(text: string): Rule {
	const parts = text.trim().split(' ');
	if (parts[0]?.startsWith('/') === true) return { nonResourceURLs: parts[0].split(','), verbs: verbsOf(parts[1] ?? '') };
	const [groups = '', what = '', verbs = ''] = parts;
	const [, resources = '', names] = /^([^[]*)(?:\[(.*)\])?$/.exec(what) ?? [];
	return {
		apiGroups: groups.split(',').map((g) => (g === 'core' ? '' : g)),
		resources: resources.split(','),
		...(names === undefined ? {} : { resourceNames: names.split(',') }),
		verbs: verbsOf(verbs),
	};
}

export const rulesOf = (text: string): readonly Rule[] => text.split(';').map(ruleOf);
