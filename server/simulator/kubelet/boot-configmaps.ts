/** What kubeadm leaves of its settings in the cluster: ConfigMaps of kube-system. Their texts are shared by all clusters. */
import type { ApiClient } from '../apiserver/client.ts';
import type { World } from '../kernel/world.ts';
import { COREFILE } from '../network/corefile.ts';
import { ensure } from './boot-ensure.ts';
import { KUBELET_CONFIG, yamlText } from './node/files.ts';

const CLUSTER_CONFIGURATION = {
	apiServer: { certSANs: ['localhost', '127.0.0.1'], extraArgs: [{ name: 'runtime-config', value: '' }] },
	apiVersion: 'kubeadm.k8s.io/v1beta4',
	caCertificateValidityPeriod: '87600h0m0s',
	certificateValidityPeriod: '8760h0m0s',
	certificatesDir: '/etc/kubernetes/pki',
	clusterName: 'foothold',
	controlPlaneEndpoint: 'foothold-control-plane:6443',
	controllerManager: { extraArgs: [{ name: 'enable-hostpath-provisioner', value: 'true' }] },
	dns: {},
	encryptionAlgorithm: 'RSA-2048',
	etcd: { local: { dataDir: '/var/lib/etcd' } },
	imageRepository: 'registry.k8s.io',
	kind: 'ClusterConfiguration',
	kubernetesVersion: 'v1.36.0',
	networking: { dnsDomain: 'cluster.local', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16' },
	proxy: {},
	scheduler: {},
};

const PROXY_CONFIGURATION = {
	apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
	bindAddress: '0.0.0.0',
	bindAddressHardFail: false,
	clientConnection: { acceptContentTypes: '', burst: 0, contentType: '', kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf', qps: 0 },
	clusterCIDR: '10.244.0.0/16',
	configSyncPeriod: '0s',
	conntrack: { maxPerCore: 0, min: null, tcpCloseWaitTimeout: '0s', tcpEstablishedTimeout: '0s', udpStreamTimeout: '0s', udpTimeout: '0s' },
	enableProfiling: false,
	healthzBindAddress: '',
	hostnameOverride: '',
	iptables: { localhostNodePorts: null, masqueradeAll: false, masqueradeBit: null, minSyncPeriod: '1s', syncPeriod: '0s' },
	kind: 'KubeProxyConfiguration',
	metricsBindAddress: '',
	mode: 'iptables',
	nodePortAddresses: null,
	oomScoreAdj: null,
	portRange: '',
	showHiddenMetricsForVersion: '',
};

const PROXY_KUBECONFIG = {
	apiVersion: 'v1',
	kind: 'Config',
	clusters: [
		{
			cluster: { 'certificate-authority': '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt', server: 'https://foothold-control-plane:6443' },
			name: 'default',
		},
	],
	contexts: [{ context: { cluster: 'default', namespace: 'default', user: 'default' }, name: 'default' }],
	'current-context': 'default',
	users: [{ name: 'default', user: { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' } }],
};

type Data = { readonly [key: string]: string };
interface Settings {
	readonly name: string;
	readonly labels?: Data;
	readonly data: Data;
}

let made: readonly Settings[] | undefined;

function settings(): readonly Settings[] {
	made ??= [
		{ name: 'coredns', data: { Corefile: COREFILE } },
		{ name: 'kubeadm-config', data: { ClusterConfiguration: yamlText(CLUSTER_CONFIGURATION) } },
		{ name: 'kubelet-config', data: { kubelet: yamlText(KUBELET_CONFIG) } },
		{
			name: 'kube-proxy',
			labels: { app: 'kube-proxy' },
			data: { 'config.conf': yamlText(PROXY_CONFIGURATION), 'kubeconfig.conf': yamlText(PROXY_KUBECONFIG) },
		},
	];
	return made;
}

export function bootConfigMaps(world: World, client: ApiClient): void {
	for (const { name, labels, data } of settings())
		ensure(world, client, 'v1/configmaps', 'kube-system', {
			apiVersion: 'v1',
			kind: 'ConfigMap',
			metadata: { name, namespace: 'kube-system', ...(labels === undefined ? {} : { labels }) },
			data,
		});
}
