/** The system's workloads as kind and the ingress-nginx manifests set them up: static pods, DaemonSets, Deployments and their services. */
import type { ApiClient } from '../apiserver/client.ts';
import { formatTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import { INGRESS_ADDRESS } from '../network/boot.ts';
import { CLUSTER_DNS } from '../network/resolver.ts';
import type { NodePlan } from './boot.ts';
import { bootConfigMaps } from './boot-configmaps.ts';
import { ensure } from './boot-ensure.ts';
import { mountsOf, type StaticPod, staticPods, volumesOf } from './node/static-pods.ts';
import { imageOf } from './system-images.ts';

type Fields = { readonly [field: string]: unknown };

/** The one whose tools read certificates and write snapshots. The volumes of the others nobody looks into: a kilobyte of every cluster's heap each. */
const LOOKED_INTO = 'etcd';

/** A static pod as the kubelet shows it: its manifest, without health checks, which nothing here could fail. */
function staticPod(world: World, plan: NodePlan, nodeUid: string, pod: StaticPod): Fields {
	let hash = 0;
	for (const c of pod.name + plan.name) hash = (Math.imul(hash, 33) + c.charCodeAt(0)) >>> 0;
	const digest = hash.toString(16).padStart(8, '0').repeat(4);
	return {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: {
			name: `${pod.name}-${plan.name}`,
			namespace: 'kube-system',
			labels: { component: pod.name, tier: 'control-plane' },
			annotations: {
				...pod.annotations,
				'kubernetes.io/config.hash': digest,
				'kubernetes.io/config.mirror': digest,
				'kubernetes.io/config.seen': formatTime(world.now),
				'kubernetes.io/config.source': 'file',
			},
			ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: plan.name, uid: nodeUid, controller: true }],
		},
		spec: {
			nodeName: plan.name,
			hostNetwork: true,
			priorityClassName: 'system-node-critical',
			priority: 2_000_001_000,
			tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
			securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
			containers: [
				{
					name: pod.name,
					image: pod.image,
					imagePullPolicy: 'IfNotPresent',
					command: [pod.name, ...pod.flags],
					resources: { requests: { cpu: pod.cpu, ...(pod.memory === undefined ? {} : { memory: pod.memory }) } },
					...(pod.name === LOOKED_INTO ? { volumeMounts: mountsOf(pod) } : {}),
				},
			],
			...(pod.name === LOOKED_INTO ? { volumes: volumesOf(pod) } : {}),
		},
	};
}

/** The classes that upstream's API server makes at its start, for as long as ours leaves that to us. */
const PRIORITIES = [
	['system-cluster-critical', 2_000_000_000, 'must run in the cluster, but can be moved to another node if necessary'],
	['system-node-critical', 2_000_001_000, 'must not be moved from their current node'],
] as const;

interface Workload {
	readonly kind: 'DaemonSet' | 'Deployment';
	readonly namespace: string;
	readonly name: string;
	readonly labels: { readonly [key: string]: string };
	readonly replicas?: number;
	readonly account: string;
	readonly pod: Fields;
}

const EVERYWHERE = [{ operator: 'Exists' }];
const CONTROL_PLANE_TOLERATION = [
	{ key: 'CriticalAddonsOnly', operator: 'Exists' },
	{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
];

function workloads(): readonly Workload[] {
	return [
		{
			kind: 'DaemonSet',
			namespace: 'kube-system',
			name: 'kube-proxy',
			labels: { 'k8s-app': 'kube-proxy' },
			account: 'kube-proxy',
			pod: {
				hostNetwork: true,
				priorityClassName: 'system-node-critical',
				tolerations: EVERYWHERE,
				nodeSelector: { 'kubernetes.io/os': 'linux' },
				containers: [
					{
						name: 'kube-proxy',
						image: imageOf('proxy'),
						imagePullPolicy: 'IfNotPresent',
						command: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf'],
						securityContext: { privileged: true },
					},
				],
			},
		},
		{
			kind: 'DaemonSet',
			namespace: 'kube-system',
			name: 'kindnet',
			labels: { app: 'kindnet', 'k8s-app': 'kindnet', tier: 'node' },
			account: 'kindnet',
			pod: {
				hostNetwork: true,
				priorityClassName: 'system-node-critical',
				tolerations: EVERYWHERE,
				nodeSelector: { 'kubernetes.io/os': 'linux' },
				containers: [
					{
						name: 'kindnet-cni',
						image: imageOf('kindnet'),
						imagePullPolicy: 'IfNotPresent',
						resources: { requests: { cpu: '100m', memory: '50Mi' }, limits: { cpu: '100m', memory: '50Mi' } },
						securityContext: { privileged: false, capabilities: { add: ['NET_RAW', 'NET_ADMIN'] } },
					},
				],
			},
		},
		{
			kind: 'Deployment',
			namespace: 'kube-system',
			name: 'coredns',
			labels: { 'k8s-app': 'kube-dns' },
			replicas: 2,
			account: 'coredns',
			pod: {
				priorityClassName: 'system-cluster-critical',
				dnsPolicy: 'Default',
				tolerations: CONTROL_PLANE_TOLERATION,
				nodeSelector: { 'kubernetes.io/os': 'linux' },
				containers: [
					{
						name: 'coredns',
						image: imageOf('coredns'),
						imagePullPolicy: 'IfNotPresent',
						args: ['-conf', '/etc/coredns/Corefile'],
						resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
						ports: [
							{ containerPort: 53, name: 'dns', protocol: 'UDP' },
							{ containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
							{ containerPort: 9153, name: 'metrics', protocol: 'TCP' },
						],
						// kubeadm's manifest probes every 10 s; a minute keeps an idle cluster cheap and readiness true all the same.
						readinessProbe: { httpGet: { path: '/ready', port: 8181, scheme: 'HTTP' }, periodSeconds: 60 },
						securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] } },
					},
				],
			},
		},
		{
			kind: 'Deployment',
			namespace: 'local-path-storage',
			name: 'local-path-provisioner',
			labels: { app: 'local-path-provisioner' },
			replicas: 1,
			account: 'local-path-provisioner-service-account',
			pod: {
				tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Equal', effect: 'NoSchedule' }],
				nodeSelector: { 'kubernetes.io/os': 'linux' },
				containers: [
					{
						name: 'local-path-provisioner',
						image: imageOf('localPath'),
						imagePullPolicy: 'IfNotPresent',
						command: ['local-path-provisioner', '--debug', 'start', '--helper-image', 'docker.io/kindest/local-path-helper:v20241212-8ac705d0'],
					},
				],
			},
		},
		{
			kind: 'Deployment',
			namespace: 'ingress-nginx',
			name: 'ingress-nginx-controller',
			labels: { 'app.kubernetes.io/component': 'controller', 'app.kubernetes.io/instance': 'ingress-nginx', 'app.kubernetes.io/name': 'ingress-nginx' },
			replicas: 1,
			account: 'ingress-nginx',
			pod: {
				terminationGracePeriodSeconds: 300,
				nodeSelector: { 'kubernetes.io/os': 'linux' },
				tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Equal', effect: 'NoSchedule' }],
				containers: [
					{
						name: 'controller',
						image: imageOf('ingress'),
						imagePullPolicy: 'IfNotPresent',
						args: [
							'--election-id=ingress-nginx-leader',
							'--controller-class=k8s.io/ingress-nginx',
							'--ingress-class=nginx',
							'--publish-service=$(POD_NAMESPACE)/ingress-nginx-controller',
						],
						env: [
							{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
							{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
						],
						ports: [
							{ containerPort: 80, name: 'http', protocol: 'TCP' },
							{ containerPort: 443, name: 'https', protocol: 'TCP' },
						],
						readinessProbe: { httpGet: { path: '/healthz', port: 10_254, scheme: 'HTTP' }, initialDelaySeconds: 10, periodSeconds: 60, failureThreshold: 3 },
						resources: { requests: { cpu: '100m', memory: '90Mi' } },
						securityContext: { runAsUser: 101, runAsGroup: 82, allowPrivilegeEscalation: false, capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] } },
					},
				],
			},
		},
	];
}

function object(w: Workload): Fields {
	const spec = {
		selector: { matchLabels: w.labels },
		template: { metadata: { labels: w.labels }, spec: { serviceAccountName: w.account, automountServiceAccountToken: false, ...w.pod } },
	};
	return {
		apiVersion: 'apps/v1',
		kind: w.kind,
		metadata: { name: w.name, namespace: w.namespace, labels: w.labels },
		spec: w.kind === 'Deployment' ? { replicas: w.replicas ?? 1, ...spec } : spec,
	};
}

function bootServices(world: World, client: ApiClient): void {
	ensure(world, client, 'v1/services', 'kube-system', {
		apiVersion: 'v1',
		kind: 'Service',
		metadata: {
			name: 'kube-dns',
			namespace: 'kube-system',
			labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
			annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
		},
		spec: {
			clusterIP: CLUSTER_DNS,
			selector: { 'k8s-app': 'kube-dns' },
			ports: [
				{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
				{ name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
				{ name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
			],
		},
	});
	const labels = { 'app.kubernetes.io/component': 'controller', 'app.kubernetes.io/instance': 'ingress-nginx', 'app.kubernetes.io/name': 'ingress-nginx' };
	const ingress = ensure(world, client, 'v1/services', 'ingress-nginx', {
		apiVersion: 'v1',
		kind: 'Service',
		metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx', labels },
		spec: {
			type: 'LoadBalancer',
			externalTrafficPolicy: 'Local',
			selector: labels,
			ports: [
				{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http', appProtocol: 'http' },
				{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' },
			],
		},
	});
	client.updateStatus(world, 'v1/services', { ...ingress, status: { loadBalancer: { ingress: [{ ip: INGRESS_ADDRESS, ipMode: 'VIP' }] } } });
}

/** Everything that runs in a fresh cluster. Roles and bindings are the API server's business. */
export function bootWorkloads(world: World, client: ApiClient, plans: readonly NodePlan[]): void {
	for (const name of ['kube-system', 'kube-node-lease', 'local-path-storage', 'ingress-nginx']) {
		ensure(world, client, 'v1/namespaces', undefined, {
			apiVersion: 'v1',
			kind: 'Namespace',
			metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
		});
	}
	for (const [name, value, what] of PRIORITIES) {
		ensure(world, client, 'scheduling.k8s.io/v1/priorityclasses', undefined, {
			apiVersion: 'scheduling.k8s.io/v1',
			kind: 'PriorityClass',
			metadata: { name },
			value,
			description: `Used for system critical pods that ${what}.`,
		});
	}
	ensure(world, client, 'networking.k8s.io/v1/ingressclasses', undefined, {
		apiVersion: 'networking.k8s.io/v1',
		kind: 'IngressClass',
		metadata: { name: 'nginx', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } },
		spec: { controller: 'k8s.io/ingress-nginx' },
	});
	// The pods that read them stand without their volumes: CoreDNS' program asks for its Corefile itself (network/corefile.ts).
	bootConfigMaps(world, client);
	bootServices(world, client);
	for (const w of workloads()) {
		ensure(world, client, 'v1/serviceaccounts', w.namespace, {
			apiVersion: 'v1',
			kind: 'ServiceAccount',
			metadata: { name: w.account, namespace: w.namespace },
		});
		ensure(world, client, w.kind === 'Deployment' ? 'apps/v1/deployments' : 'apps/v1/daemonsets', w.namespace, object(w));
	}
	for (const plan of plans) {
		if (!plan.controlPlane) continue;
		const node = client.get(world, 'v1/nodes', undefined, plan.name);
		for (const spec of staticPods()) ensure(world, client, 'v1/pods', 'kube-system', staticPod(world, plan, node?.metadata.uid ?? '', spec));
	}
}
