/** The `kubernetes` Service by which pods reach the API server, and its endpoints: `pkg/controlplane/controller/kubernetesservice`. */
import type { BootObject } from './object.ts';

/** The control plane's node. */
const SERVER_ADDRESS = '172.18.0.2';
const SERVER_PORT = 6443;

/** `clusterIP`: the first of the service range. */
export const apiServerObjects = (clusterIP: string): readonly BootObject[] => [
	{
		path: 'v1/services',
		namespace: 'default',
		object: {
			metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
			spec: {
				type: 'ClusterIP',
				clusterIP,
				ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: SERVER_PORT }],
			},
		},
	},
	{
		path: 'v1/endpoints',
		namespace: 'default',
		object: {
			metadata: { name: 'kubernetes', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
			subsets: [{ addresses: [{ ip: SERVER_ADDRESS }], ports: [{ name: 'https', port: SERVER_PORT, protocol: 'TCP' }] }],
		},
	},
	{
		path: 'discovery.k8s.io/v1/endpointslices',
		namespace: 'default',
		object: {
			metadata: { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
			addressType: 'IPv4',
			endpoints: [{ addresses: [SERVER_ADDRESS], conditions: { ready: true } }],
			ports: [{ name: 'https', port: SERVER_PORT, protocol: 'TCP' }],
		},
	},
];
