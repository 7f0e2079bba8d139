/** The control plane's static pods as kubeadm writes them into /etc/kubernetes/manifests (cmd/kubeadm/app/phases/controlplane). */
import { AUDIT_POLICY_FILE, ENCRYPTION_CONFIG_FILE } from '../../apiserver/config/control-plane.ts';

type Fields = { readonly [field: string]: unknown };

const ADDRESS = '172.18.0.2';
const PKI = '/etc/kubernetes/pki';

/** Which configuration files of the API server's there are. */
export interface Configured {
	readonly audit: boolean;
	readonly encryption: boolean;
}

interface Mount {
	readonly name: string;
	readonly path: string;
	readonly type: string;
	readonly writable?: true;
}

export interface StaticPod {
	readonly name: string;
	readonly image: string;
	readonly cpu: string;
	readonly flags: readonly string[];
	readonly mounts: readonly Mount[];
	readonly health: { readonly path: string; readonly port: number; readonly scheme: 'HTTP' | 'HTTPS' };
	readonly annotations?: Fields;
	readonly memory?: string;
}

const ETCD: StaticPod = {
	name: 'etcd',
	image: 'registry.k8s.io/etcd:3.6.6-0',
	cpu: '100m',
	memory: '100Mi',
	annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${ADDRESS}:2379` },
	flags: [
		`--advertise-client-urls=https://${ADDRESS}:2379`,
		`--cert-file=${PKI}/etcd/server.crt`,
		'--client-cert-auth=true',
		'--data-dir=/var/lib/etcd',
		'--feature-gates=InitialCorruptCheck=true',
		`--initial-advertise-peer-urls=https://${ADDRESS}:2380`,
		`--initial-cluster=foothold-control-plane=https://${ADDRESS}:2380`,
		`--key-file=${PKI}/etcd/server.key`,
		`--listen-client-urls=https://127.0.0.1:2379,https://${ADDRESS}:2379`,
		'--listen-metrics-urls=http://127.0.0.1:2381',
		`--listen-peer-urls=https://${ADDRESS}:2380`,
		'--name=foothold-control-plane',
		`--peer-cert-file=${PKI}/etcd/peer.crt`,
		'--peer-client-cert-auth=true',
		`--peer-key-file=${PKI}/etcd/peer.key`,
		`--peer-trusted-ca-file=${PKI}/etcd/ca.crt`,
		'--snapshot-count=10000',
		`--trusted-ca-file=${PKI}/etcd/ca.crt`,
		'--watch-progress-notify-interval=5s',
	],
	mounts: [
		{ name: 'etcd-data', path: '/var/lib/etcd', type: 'DirectoryOrCreate', writable: true },
		{ name: 'etcd-certs', path: `${PKI}/etcd`, type: 'DirectoryOrCreate', writable: true },
	],
	health: { path: '/readyz', port: 2381, scheme: 'HTTP' },
};

const CERTIFICATES: readonly Mount[] = [
	{ name: 'ca-certs', path: '/etc/ssl/certs', type: 'DirectoryOrCreate' },
	{ name: 'etc-ca-certificates', path: '/etc/ca-certificates', type: 'DirectoryOrCreate' },
	{ name: 'k8s-certs', path: PKI, type: 'DirectoryOrCreate' },
	{ name: 'usr-local-share-ca-certificates', path: '/usr/local/share/ca-certificates', type: 'DirectoryOrCreate' },
	{ name: 'usr-share-ca-certificates', path: '/usr/share/ca-certificates', type: 'DirectoryOrCreate' },
];

function apiServer({ audit, encryption }: Configured): StaticPod {
	const own: string[] = [];
	const mounts: Mount[] = [...CERTIFICATES];
	if (audit) {
		own.push('--audit-log-path=/var/log/kubernetes/audit.log', `--audit-policy-file=${AUDIT_POLICY_FILE}`);
		mounts.push(
			{ name: 'audit-policy', path: AUDIT_POLICY_FILE, type: 'File' },
			{ name: 'audit-log', path: '/var/log/kubernetes', type: 'DirectoryOrCreate', writable: true },
		);
	}
	if (encryption) {
		own.push(`--encryption-provider-config=${ENCRYPTION_CONFIG_FILE}`, '--encryption-provider-config-automatic-reload=true');
		mounts.push({ name: 'encryption-config', path: ENCRYPTION_CONFIG_FILE, type: 'File' });
	}
	return {
		name: 'kube-apiserver',
		image: 'registry.k8s.io/kube-apiserver:v1.36.0',
		cpu: '250m',
		annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${ADDRESS}:6443` },
		flags: [
			...own,
			`--advertise-address=${ADDRESS}`,
			'--allow-privileged=true',
			'--authorization-mode=Node,RBAC',
			`--client-ca-file=${PKI}/ca.crt`,
			'--enable-admission-plugins=NodeRestriction',
			'--enable-bootstrap-token-auth=true',
			`--etcd-cafile=${PKI}/etcd/ca.crt`,
			`--etcd-certfile=${PKI}/apiserver-etcd-client.crt`,
			`--etcd-keyfile=${PKI}/apiserver-etcd-client.key`,
			'--etcd-servers=https://127.0.0.1:2379',
			`--kubelet-client-certificate=${PKI}/apiserver-kubelet-client.crt`,
			`--kubelet-client-key=${PKI}/apiserver-kubelet-client.key`,
			'--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
			`--proxy-client-cert-file=${PKI}/front-proxy-client.crt`,
			`--proxy-client-key-file=${PKI}/front-proxy-client.key`,
			'--requestheader-allowed-names=front-proxy-client',
			`--requestheader-client-ca-file=${PKI}/front-proxy-ca.crt`,
			'--requestheader-extra-headers-prefix=X-Remote-Extra-',
			'--requestheader-group-headers=X-Remote-Group',
			'--requestheader-username-headers=X-Remote-User',
			'--runtime-config=',
			'--secure-port=6443',
			'--service-account-issuer=https://kubernetes.default.svc.cluster.local',
			`--service-account-key-file=${PKI}/sa.pub`,
			`--service-account-signing-key-file=${PKI}/sa.key`,
			'--service-cluster-ip-range=10.96.0.0/16',
			`--tls-cert-file=${PKI}/apiserver.crt`,
			`--tls-private-key-file=${PKI}/apiserver.key`,
		].sort(),
		mounts,
		health: { path: '/livez', port: 6443, scheme: 'HTTPS' },
	};
}

const CONTROLLER_MANAGER: StaticPod = {
	name: 'kube-controller-manager',
	image: 'registry.k8s.io/kube-controller-manager:v1.36.0',
	cpu: '200m',
	flags: [
		'--allocate-node-cidrs=true',
		'--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf',
		'--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf',
		'--bind-address=127.0.0.1',
		`--client-ca-file=${PKI}/ca.crt`,
		'--cluster-cidr=10.244.0.0/16',
		'--cluster-name=foothold',
		`--cluster-signing-cert-file=${PKI}/ca.crt`,
		`--cluster-signing-key-file=${PKI}/ca.key`,
		'--controllers=*,bootstrapsigner,tokencleaner',
		'--enable-hostpath-provisioner=true',
		'--kubeconfig=/etc/kubernetes/controller-manager.conf',
		'--leader-elect=true',
		`--requestheader-client-ca-file=${PKI}/front-proxy-ca.crt`,
		`--root-ca-file=${PKI}/ca.crt`,
		`--service-account-private-key-file=${PKI}/sa.key`,
		'--service-cluster-ip-range=10.96.0.0/16',
		'--use-service-account-credentials=true',
	],
	mounts: [...CERTIFICATES, { name: 'kubeconfig', path: '/etc/kubernetes/controller-manager.conf', type: 'FileOrCreate' }],
	health: { path: '/healthz', port: 10_257, scheme: 'HTTPS' },
};

const SCHEDULER: StaticPod = {
	name: 'kube-scheduler',
	image: 'registry.k8s.io/kube-scheduler:v1.36.0',
	cpu: '100m',
	flags: [
		'--authentication-kubeconfig=/etc/kubernetes/scheduler.conf',
		'--authorization-kubeconfig=/etc/kubernetes/scheduler.conf',
		'--bind-address=127.0.0.1',
		'--kubeconfig=/etc/kubernetes/scheduler.conf',
		'--leader-elect=true',
	],
	mounts: [{ name: 'kubeconfig', path: '/etc/kubernetes/scheduler.conf', type: 'FileOrCreate' }],
	health: { path: '/livez', port: 10_259, scheme: 'HTTPS' },
};

const AS_BOOTED: readonly StaticPod[] = [ETCD, apiServer({ audit: false, encryption: false }), CONTROLLER_MANAGER, SCHEDULER];

export function staticPods({ audit, encryption }: Configured = { audit: false, encryption: false }): readonly StaticPod[] {
	return audit || encryption ? AS_BOOTED.map((p) => (p.name === 'kube-apiserver' ? apiServer({ audit, encryption }) : p)) : AS_BOOTED;
}

export const mountsOf = ({ mounts }: Pick<StaticPod, 'mounts'>): readonly Fields[] =>
	mounts.map((m) => ({ mountPath: m.path, name: m.name, ...(m.writable === true ? {} : { readOnly: true }) }));

export const volumesOf = ({ mounts }: Pick<StaticPod, 'mounts'>): readonly Fields[] =>
	mounts.map((m) => ({ hostPath: { path: m.path, type: m.type }, name: m.name }));

/** The pod of a manifest: what kubeadm writes, keys in the order that its encoder gives them. */
export function manifestOf({ name, image, cpu, memory, flags, mounts, health, annotations }: StaticPod): Fields {
	const probe = (failureThreshold: number, initialDelaySeconds: number): Fields => ({
		failureThreshold,
		httpGet: { host: health.port === 6443 ? ADDRESS : '127.0.0.1', path: health.path, port: health.port, scheme: health.scheme },
		initialDelaySeconds,
		periodSeconds: 10,
		timeoutSeconds: 15,
	});
	return {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: { ...(annotations === undefined ? {} : { annotations }), labels: { component: name, tier: 'control-plane' }, name, namespace: 'kube-system' },
		spec: {
			containers: [
				{
					command: [name, ...flags],
					image,
					imagePullPolicy: 'IfNotPresent',
					livenessProbe: probe(8, 10),
					name,
					resources: { requests: { cpu, ...(memory === undefined ? {} : { memory }) } },
					startupProbe: probe(24, 10),
					volumeMounts: mountsOf({ mounts }),
				},
			],
			hostNetwork: true,
			priority: 2_000_001_000,
			priorityClassName: 'system-node-critical',
			securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
			volumes: volumesOf({ mounts }),
		},
		status: {},
	};
}
