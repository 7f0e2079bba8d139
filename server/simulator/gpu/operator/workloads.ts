/** Namespace `gpu-operator`: what the operator's chart and the operator itself put there. Models gpu-operator's assets/ and its chart with node feature discovery. */
import { DRIVER_VERSION } from '../driver-files.ts';
import { operatorReference } from './images.ts';

export const NAMESPACE = 'gpu-operator';
type Fields = { readonly [field: string]: unknown };

const TOLERATIONS = [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];
const CONTROL_PLANE = [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Equal', value: '', effect: 'NoSchedule' }];
const PRIVILEGED = { securityContext: { privileged: true } };

interface Component {
	readonly name: string;
	readonly kind: 'DaemonSet' | 'Deployment';
	/** End of its `nvidia.com/gpu.deploy.` label; all nodes where left out. */
	readonly gate?: string;
	readonly image: string;
	readonly container: string;
	readonly command?: readonly string[];
	/** Init containers: name and what they validate. */
	readonly waits?: readonly (readonly [name: string, component: string])[];
	readonly init?: Fields;
	readonly extra?: Fields;
	readonly everywhere?: boolean;
	readonly ports?: readonly Fields[];
}

const NVIDIA_CLASS = { runtimeClassName: 'nvidia' };

/** In the order in which they wait for one another: driver, toolkit, plugin and its neighbours, validator. */
const COMPONENTS: readonly Component[] = [
	{
		name: 'gpu-operator',
		kind: 'Deployment',
		image: 'operator',
		container: 'gpu-operator',
		command: ['gpu-operator', '--leader-elect'],
		ports: [{ name: 'metrics', containerPort: 8080 }],
	},
	{ name: 'gpu-operator-node-feature-discovery-master', kind: 'Deployment', image: 'nfd', container: 'master', command: ['nfd-master'] },
	{ name: 'gpu-operator-node-feature-discovery-gc', kind: 'Deployment', image: 'nfd', container: 'gc', command: ['nfd-gc'] },
	{ name: 'gpu-operator-node-feature-discovery-worker', kind: 'DaemonSet', image: 'nfd', container: 'worker', command: ['nfd-worker'], everywhere: true },
	{
		name: 'nvidia-driver-daemonset',
		kind: 'DaemonSet',
		gate: 'driver',
		image: 'driver',
		container: 'nvidia-driver-ctr',
		command: ['nvidia-driver', 'init'],
		init: { name: 'k8s-driver-manager', image: 'driverManager', command: ['driver-manager'] },
		extra: { ...NVIDIA_CLASS, hostPID: true },
	},
	{
		name: 'nvidia-container-toolkit-daemonset',
		kind: 'DaemonSet',
		gate: 'container-toolkit',
		image: 'toolkit',
		container: 'nvidia-container-toolkit-ctr',
		waits: [['driver-validation', 'driver']],
	},
	{
		name: 'nvidia-device-plugin-daemonset',
		kind: 'DaemonSet',
		gate: 'device-plugin',
		image: 'plugin',
		container: 'nvidia-device-plugin',
		command: ['nvidia-device-plugin'],
		waits: [['toolkit-validation', 'toolkit']],
		extra: NVIDIA_CLASS,
	},
	{
		name: 'nvidia-device-plugin-mps-control-daemon',
		kind: 'DaemonSet',
		gate: 'device-plugin',
		image: 'plugin',
		container: 'mps-control-daemon-ctr',
		command: ['mps-control-daemon'],
		waits: [['toolkit-validation', 'toolkit']],
		// Feature discovery says where the plugin shares by MPS.
		extra: { ...NVIDIA_CLASS, nodeSelector: { 'nvidia.com/gpu.deploy.device-plugin': 'true', 'nvidia.com/mps.capable': 'true' } },
	},
	{
		name: 'gpu-feature-discovery',
		kind: 'DaemonSet',
		gate: 'gpu-feature-discovery',
		image: 'plugin',
		container: 'gpu-feature-discovery',
		command: ['gpu-feature-discovery'],
		waits: [['toolkit-validation', 'toolkit']],
		extra: NVIDIA_CLASS,
	},
	{
		name: 'nvidia-dcgm-exporter',
		kind: 'DaemonSet',
		gate: 'dcgm-exporter',
		image: 'dcgmExporter',
		container: 'nvidia-dcgm-exporter',
		waits: [['toolkit-validation', 'toolkit']],
		extra: NVIDIA_CLASS,
		ports: [{ name: 'metrics', containerPort: 9400 }],
	},
	{
		name: 'nvidia-mig-manager',
		kind: 'DaemonSet',
		gate: 'mig-manager',
		image: 'migManager',
		container: 'nvidia-mig-manager',
		waits: [['toolkit-validation', 'toolkit']],
		extra: { ...NVIDIA_CLASS, hostPID: true },
	},
	{
		name: 'nvidia-operator-validator',
		kind: 'DaemonSet',
		gate: 'operator-validator',
		image: 'operator',
		container: 'nvidia-operator-validator',
		command: ['sh', '-c', 'echo all validations are successful; sleep infinity'],
		waits: [
			['driver-validation', 'driver'],
			['toolkit-validation', 'toolkit'],
			['cuda-validation', 'cuda'],
			['plugin-validation', 'plugin'],
		],
		extra: NVIDIA_CLASS,
	},
];

function podSpec(c: Component): Fields {
	const system = c.kind === 'DaemonSet' ? PRIVILEGED : {};
	const waits = (c.waits ?? []).map(([name, component]) => ({
		name,
		image: operatorReference('operator'),
		command: ['nvidia-validator'],
		env: [{ name: 'COMPONENT', value: component }],
		...PRIVILEGED,
	}));
	const init = c.init === undefined ? [] : [{ ...c.init, image: operatorReference(String(c.init['image'])), ...PRIVILEGED }];
	const initContainers = [...init, ...waits];
	const usesDevices = c.extra?.['runtimeClassName'] === 'nvidia' ? { env: [{ name: 'NVIDIA_VISIBLE_DEVICES', value: 'all' }] } : {};
	return {
		serviceAccountName: c.gate === undefined ? 'gpu-operator' : `nvidia-${c.gate}`,
		automountServiceAccountToken: false,
		priorityClassName: 'system-node-critical',
		...(c.gate === undefined ? {} : { nodeSelector: { [`nvidia.com/gpu.deploy.${c.gate}`]: 'true' } }),
		tolerations: c.everywhere === true ? [{ operator: 'Exists' }] : c.kind === 'Deployment' ? CONTROL_PLANE : TOLERATIONS,
		...(initContainers.length === 0 ? {} : { initContainers }),
		containers: [
			{
				name: c.container,
				image: operatorReference(c.image),
				imagePullPolicy: 'IfNotPresent',
				...(c.command === undefined ? {} : { command: c.command }),
				...usesDevices,
				...(c.ports === undefined ? {} : { ports: c.ports }),
				...system,
			},
		],
		...c.extra,
	};
}

function workload(c: Component): Fields {
	const labels = { app: c.name, 'app.kubernetes.io/part-of': 'gpu-operator', 'app.kubernetes.io/managed-by': 'gpu-operator' };
	const spec = { selector: { matchLabels: { app: c.name } }, template: { metadata: { labels }, spec: podSpec(c) } };
	return {
		apiVersion: 'apps/v1',
		kind: c.kind,
		metadata: { name: c.name, namespace: NAMESPACE, labels },
		spec: c.kind === 'Deployment' ? { replicas: 1, ...spec } : spec,
	};
}

/** Creation order matters: accounts and classes before what names them. */
export function operatorObjects(): readonly { readonly path: string; readonly namespace?: string; readonly object: Fields }[] {
	const accounts = new Set(COMPONENTS.map((c) => String(podSpec(c)['serviceAccountName'])));
	const service = (name: string, port: number): Fields => ({
		metadata: { name, namespace: NAMESPACE, labels: { app: name } },
		spec: { selector: { app: name }, ports: [{ name: 'gpu-metrics', port, targetPort: port, protocol: 'TCP' }] },
	});
	return [
		{ path: 'v1/namespaces', object: { metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } } },
		{
			path: 'node.k8s.io/v1/runtimeclasses',
			object: { metadata: { name: 'nvidia', labels: { 'app.kubernetes.io/component': 'gpu-operator' } }, handler: 'nvidia' },
		},
		...[...accounts].map((name) => ({ path: 'v1/serviceaccounts', namespace: NAMESPACE, object: { metadata: { name, namespace: NAMESPACE } } })),
		{ path: 'v1/configmaps', namespace: NAMESPACE, object: { metadata: { name: MIG_CONFIG_MAP, namespace: NAMESPACE }, data: { 'config.yaml': '' } } },
		{ path: 'v1/services', namespace: NAMESPACE, object: service('gpu-operator', 8080) },
		{ path: 'v1/services', namespace: NAMESPACE, object: service('nvidia-dcgm-exporter', 9400) },
		...COMPONENTS.map((c) => ({ path: c.kind === 'Deployment' ? 'apps/v1/deployments' : 'apps/v1/daemonsets', namespace: NAMESPACE, object: workload(c) })),
	];
}

/** The pod that the validator has run on a node: CUDA's sample in an init container, so that it ends as Completed. */
export function cudaValidator(node: string): Fields {
	const container = (name: string, command: readonly string[]): Fields => ({ name, image: operatorReference('operator'), command, ...PRIVILEGED });
	return {
		metadata: { generateName: 'nvidia-cuda-validator-', namespace: NAMESPACE, labels: { app: 'nvidia-cuda-validator' } },
		spec: {
			...NVIDIA_CLASS,
			nodeName: node,
			restartPolicy: 'OnFailure',
			serviceAccountName: 'nvidia-operator-validator',
			automountServiceAccountToken: false,
			tolerations: TOLERATIONS,
			initContainers: [{ ...container('cuda-validation', ['vectorAdd']), env: [{ name: 'NVIDIA_VISIBLE_DEVICES', value: 'all' }] }],
			containers: [container('nvidia-cuda-validator', ['sh', '-c', 'echo cuda workload validation is successful'])],
		},
	};
}

export const MIG_CONFIG_MAP = 'default-mig-parted-config';

/** The CRD, with the fields left to themselves: the operator's own validation is by its webhook-free Go types. */
export const clusterPolicyDefinition: Fields = {
	metadata: { name: 'clusterpolicies.nvidia.com' },
	spec: {
		group: 'nvidia.com',
		names: { kind: 'ClusterPolicy', listKind: 'ClusterPolicyList', plural: 'clusterpolicies', singular: 'clusterpolicy' },
		scope: 'Cluster',
		versions: [
			{
				name: 'v1',
				served: true,
				storage: true,
				subresources: { status: {} },
				additionalPrinterColumns: [
					{ name: 'Status', type: 'string', jsonPath: '.status.state' },
					{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
				],
				schema: {
					openAPIV3Schema: {
						type: 'object',
						description: 'ClusterPolicy is the Schema for the clusterpolicies API',
						properties: {
							apiVersion: { type: 'string' },
							kind: { type: 'string' },
							metadata: { type: 'object' },
							spec: {
								type: 'object',
								'x-kubernetes-preserve-unknown-fields': true,
								properties: {
									mig: { type: 'object', properties: { strategy: { type: 'string', enum: ['none', 'single', 'mixed'] } } },
									devicePlugin: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
									migManager: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
								},
							},
							status: {
								type: 'object',
								'x-kubernetes-preserve-unknown-fields': true,
								properties: { state: { type: 'string', enum: ['ignored', 'ready', 'notReady', 'disabled'] }, namespace: { type: 'string' } },
							},
						},
					},
				},
			},
		],
	},
};

/** The one ClusterPolicy, with the defaults that matter here. */
export const clusterPolicy: Fields = {
	apiVersion: 'nvidia.com/v1',
	kind: 'ClusterPolicy',
	metadata: { name: 'cluster-policy', labels: { 'app.kubernetes.io/component': 'gpu-operator', 'app.kubernetes.io/managed-by': 'Helm' } },
	spec: {
		operator: { defaultRuntime: 'containerd', runtimeClass: 'nvidia' },
		daemonsets: { tolerations: TOLERATIONS, priorityClassName: 'system-node-critical' },
		driver: { enabled: true, version: DRIVER_VERSION },
		toolkit: { enabled: true },
		cdi: { enabled: true },
		devicePlugin: { enabled: true, config: { name: '', default: '' } },
		gfd: { enabled: true },
		dcgm: { enabled: false },
		dcgmExporter: { enabled: true },
		mig: { strategy: 'single' },
		migManager: { enabled: true, config: { name: MIG_CONFIG_MAP, default: 'all-disabled' } },
	},
};
