/** What lies on a node's disk: Debian's programs, and what kubeadm and containerd put there. Built when somebody looks, kept for all worlds. */
import { stringify } from 'yaml';
import { NVIDIA_SMI, DRIVER_REPOSITORY } from '../../gpu/driver-files.ts';
import { debianTools } from '../../images/toolbox.ts';
import { baseFiles } from '../../images/image.ts';
import type { Image, ImageFile } from '../../images/program.ts';
import { binaryContent, imageTree } from '../../storage-volumes/image-tree.ts';
import type { FsDir } from '../../storage-volumes/tree.ts';
import { NODE_PROGRAMS, NODE_REPOSITORY } from './paths.ts';
import { manifestOf, staticPods } from './static-pods.ts';

export interface NodeFacts {
	readonly name: string;
	readonly address: string;
	readonly podCIDR: string;
	readonly controlPlane: boolean;
	readonly gpu: boolean;
	/** The API server's configuration files; '' where there is none. */
	readonly audit: string;
	readonly encryption: string;
	/** The cluster's certificate authority, PEM. */
	readonly authority: string;
}

type Files = { [path: string]: ImageFile };

/** YAML as kubeadm writes it: two spaces, no folding, lists as deep as their key. */
export const yamlText = (value: unknown): string => stringify(value, { lineWidth: 0, indentSeq: false });

export const KUBELET_CONFIG = {
	apiVersion: 'kubelet.config.k8s.io/v1beta1',
	authentication: {
		anonymous: { enabled: false },
		webhook: { cacheTTL: '0s', enabled: true },
		x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
	},
	authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '0s', cacheUnauthorizedTTL: '0s' } },
	cgroupDriver: 'systemd',
	cgroupRoot: '/kubelet',
	clusterDNS: ['10.96.0.10'],
	clusterDomain: 'cluster.local',
	containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
	cpuManagerReconcilePeriod: '0s',
	evictionHard: { 'imagefs.available': '0%', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%' },
	evictionPressureTransitionPeriod: '0s',
	failSwapOn: false,
	fileCheckFrequency: '0s',
	healthzBindAddress: '127.0.0.1',
	healthzPort: 10_248,
	httpCheckFrequency: '0s',
	imageGCHighThresholdPercent: 100,
	imageMaximumGCAge: '0s',
	imageMinimumGCAge: '0s',
	kind: 'KubeletConfiguration',
	nodeStatusReportFrequency: '0s',
	nodeStatusUpdateFrequency: '0s',
	rotateCertificates: true,
	runtimeRequestTimeout: '0s',
	shutdownGracePeriod: '0s',
	shutdownGracePeriodCriticalPods: '0s',
	staticPodPath: '/etc/kubernetes/manifests',
	streamingConnectionIdleTimeout: '0s',
	syncFrequency: '0s',
	volumeStatsAggPeriod: '0s',
};

function kubeconfig(user: string, certificate: object): ImageFile {
	const context = `${user}@foothold`;
	const config = {
		apiVersion: 'v1',
		clusters: [{ cluster: { 'certificate-authority': '/etc/kubernetes/pki/ca.crt', server: 'https://foothold-control-plane:6443' }, name: 'foothold' }],
		contexts: [{ context: { cluster: 'foothold', user }, name: context }],
		'current-context': context,
		kind: 'Config',
		users: [{ name: user, user: certificate }],
	};
	return { content: yamlText(config), mode: 0o600 };
}

const KEY = { content: '-----BEGIN PRIVATE KEY-----\nkept out of the simulation\n-----END PRIVATE KEY-----\n', mode: 0o600 } as const;
const CERTIFICATES = [
	'apiserver',
	'apiserver-etcd-client',
	'apiserver-kubelet-client',
	'ca',
	'front-proxy-ca',
	'front-proxy-client',
	'etcd/ca',
	'etcd/healthcheck-client',
	'etcd/peer',
	'etcd/server',
];

function controlPlaneFiles(facts: NodeFacts): Files {
	const out: Files = {};
	const pods = staticPods({ audit: facts.audit !== '', encryption: facts.encryption !== '' });
	for (const pod of pods) out[`/etc/kubernetes/manifests/${pod.name}.yaml`] = { content: yamlText(manifestOf(pod)), mode: 0o600 };
	for (const name of CERTIFICATES) {
		out[`/etc/kubernetes/pki/${name}.crt`] = { content: facts.authority };
		out[`/etc/kubernetes/pki/${name}.key`] = KEY;
	}
	out['/etc/kubernetes/pki/sa.key'] = KEY;
	out['/etc/kubernetes/pki/sa.pub'] = { content: '-----BEGIN PUBLIC KEY-----\nkept out of the simulation\n-----END PUBLIC KEY-----\n', mode: 0o600 };
	const own = { 'client-certificate': '/var/lib/kubelet/pki/kubelet-client-current.pem', 'client-key': '/var/lib/kubelet/pki/kubelet-client-current.pem' };
	for (const [file, user] of [
		['admin', 'kubernetes-admin'],
		['super-admin', 'kubernetes-super-admin'],
		['controller-manager', 'system:kube-controller-manager'],
		['scheduler', 'system:kube-scheduler'],
	] as const)
		out[`/etc/kubernetes/${file}.conf`] = kubeconfig(user, own);
	if (facts.audit !== '') {
		out['/etc/kubernetes/audit-policy.yaml'] = { content: facts.audit };
		out['/var/log/kubernetes'] = { directory: true };
	}
	if (facts.encryption !== '') out['/etc/kubernetes/encryption-config.yaml'] = { content: facts.encryption, mode: 0o600 };
	out['/var/lib/etcd'] = { directory: true, mode: 0o700 };
	out['/var/lib/etcd/member/snap'] = { directory: true, mode: 0o700 };
	out['/var/lib/etcd/member/wal'] = { directory: true, mode: 0o700 };
	return out;
}

const UNIT = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=http://kubernetes.io/docs/

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=1s

[Install]
WantedBy=multi-user.target
`;
const DROP_IN = `# https://github.com/kubernetes/kubernetes/blob/ba8fcafaf8c502a454acd86b728c857932555315/build/debs/10-kubeadm.conf
# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`;

function files(facts: NodeFacts): Files {
	const { name, address, podCIDR } = facts;
	const cni = {
		cniVersion: '0.3.1',
		name: 'kindnet',
		plugins: [
			{
				type: 'ptp',
				ipMasq: false,
				ipam: { type: 'host-local', dataDir: '/run/cni-ipam-state', routes: [{ dst: '0.0.0.0/0' }], ranges: [[{ subnet: podCIDR }]] },
				mtu: 1500,
			},
			{ type: 'portmap', capabilities: { portMappings: true } },
		],
	};
	const directories = [
		'/etc/kubernetes/manifests',
		'/var/log/containers',
		'/var/log/pods',
		'/var/log/journal',
		'/var/lib/containerd',
		'/run/containerd',
		'/opt/cni/bin',
		'/kind',
	];
	return {
		...baseFiles({ name: 'Debian GNU/Linux 13 (trixie)', id: 'debian', version: '13', shell: '/bin/bash' }),
		...Object.fromEntries(directories.map((path) => [path, { directory: true, mode: 0o755 } as const])),
		'/etc/hostname': { content: `${name}\n` },
		'/etc/hosts': { content: `127.0.0.1\tlocalhost\n${address}\t${name}\n` },
		'/etc/resolv.conf': { content: 'nameserver 172.18.0.1\noptions edns0 trust-ad ndots:0\n' },
		'/etc/crictl.yaml': { content: 'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n' },
		'/etc/containerd/config.toml': {
			content:
				'version = 3\n\n[plugins."io.containerd.cri.v1.runtime".containerd]\n  default_runtime_name = "runc"\n  snapshotter = "overlayfs"\n\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n\n[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n',
		},
		'/etc/cni/net.d/10-kindnet.conflist': { content: `${JSON.stringify(cni, null, '\t')}\n` },
		'/etc/systemd/system/kubelet.service': { content: UNIT },
		'/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': { content: DROP_IN },
		'/etc/kubernetes/kubelet.conf': kubeconfig(`system:node:${name}`, {
			'client-certificate': '/var/lib/kubelet/pki/kubelet-client-current.pem',
			'client-key': '/var/lib/kubelet/pki/kubelet-client-current.pem',
		}),
		'/etc/kubernetes/pki/ca.crt': { content: facts.authority },
		'/var/lib/kubelet/config.yaml': { content: yamlText(KUBELET_CONFIG), mode: 0o644 },
		'/var/lib/kubelet/kubeadm-flags.env': {
			content: `KUBELET_KUBEADM_ARGS="--node-ip=${address} --node-labels= --pod-infra-container-image=registry.k8s.io/pause:3.10.1 --provider-id=kind://docker/foothold/${name}"\n`,
		},
		'/var/lib/kubelet/pki/kubelet-client-current.pem': { content: `${facts.authority}${KEY.content}`, mode: 0o600 },
		'/var/lib/kubelet/pki/kubelet.crt': { content: facts.authority },
		'/var/lib/kubelet/pki/kubelet.key': KEY,
		'/var/lib/kubelet/pods': { directory: true, mode: 0o750 },
		'/var/lib/kubelet/plugins': { directory: true, mode: 0o750 },
		'/var/lib/kubelet/plugins_registry': { directory: true, mode: 0o750 },
		'/var/lib/kubelet/device-plugins': { directory: true, mode: 0o750 },
		...(facts.controlPlane ? controlPlaneFiles(facts) : {}),
		...Object.fromEntries(Object.values(NODE_PROGRAMS).map((path) => [path, { content: binaryContent(NODE_REPOSITORY, path), mode: 0o755 }])),
		...(facts.gpu ? { [NVIDIA_SMI]: { content: binaryContent(DRIVER_REPOSITORY, NVIDIA_SMI), mode: 0o755 } } : {}),
	};
}

const trees = new Map<string, FsDir>();
/** Trees kept: of nodes that somebody has looked at. */
const TREES_KEPT = 64;

export function nodeTree(facts: NodeFacts): FsDir {
	const key = Object.values(facts).join('\u0000');
	let tree = trees.get(key);
	if (tree === undefined) {
		if (trees.size >= TREES_KEPT) trees.clear();
		const image: Image = {
			repositories: [NODE_REPOSITORY],
			tags: [],
			sizeBytes: 0,
			entrypoint: [],
			cmd: [],
			env: {},
			user: '',
			workdir: '/',
			files: files(facts),
			programs: debianTools(),
		};
		tree = imageTree(image);
		trees.set(key, tree);
	}
	return tree;
}
