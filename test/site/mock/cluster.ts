/** The cluster view as it looks at three moments of the lab: before anything, while things start, and when it runs. */
import { type ClusterView, clusterViewSchema } from '../../../server/protocol/messages.ts';

export type Stage = 'empty' | 'starting' | 'running';

const Mi = 1024 * 1024;
const start = Date.parse('2026-11-20T10:00:00Z');

export function clusterView(stage: Stage, tick: number): ClusterView {
	const now = start + tick * 1000;
	const on = stage !== 'empty';
	const up = stage === 'running';
	const pod = (name: string, owner: string, node: string, ok: boolean, status: string, message = '') => ({
		namespace: 'notes',
		name,
		node,
		status,
		ready: ok ? '1/1' : '0/1',
		restarts: status === 'CrashLoopBackOff' ? 3 : 0,
		owner,
		ip: ok ? '10.244.1.12' : '',
		ok,
		message,
	});
	const system = (name: string, owner: string, node: string) => ({
		namespace: owner.startsWith('ingress') ? 'ingress-nginx' : 'kube-system',
		name,
		node,
		status: 'Running',
		ready: '1/1',
		restarts: 0,
		owner,
		ip: '10.244.0.3',
		ok: true,
		message: '',
	});
	const node = (name: string, roles: string, pods: number, cpu: number, memory: number) => ({
		name,
		ready: true,
		schedulable: true,
		roles,
		pods,
		cpuRequested: cpu,
		cpuAllocatable: 4,
		memoryRequested: memory * Mi,
		memoryAllocatable: 8192 * Mi,
	});
	return clusterViewSchema.parse({
		now,
		nodes: [
			node('foothold-control-plane', 'control-plane', 8, 0.95, 290),
			node('foothold-worker', '<none>', on ? 5 : 2, on ? 0.6 : 0.1, on ? 1100 : 150),
			node('foothold-worker2', '<none>', on ? 4 : 2, on ? 3.5 : 0.1, on ? 860 : 50),
		],
		workloads: [
			...(on
				? [
						{ namespace: 'notes', kind: 'Deployment', name: 'api', ready: up ? 2 : 1, wanted: 2, message: up ? '' : '1 of 2 pods is not ready' },
						{ namespace: 'notes', kind: 'Deployment', name: 'web', ready: up ? 2 : 0, wanted: 2, message: up ? '' : 'ImagePullBackOff' },
						{ namespace: 'notes', kind: 'StatefulSet', name: 'db', ready: 1, wanted: 1, message: '' },
					]
				: []),
			{ namespace: 'kube-system', kind: 'Deployment', name: 'coredns', ready: 2, wanted: 2, message: '' },
			{ namespace: 'ingress-nginx', kind: 'Deployment', name: 'ingress-nginx-controller', ready: 1, wanted: 1, message: '' },
		],
		pods: [
			...(on
				? [
						pod('api-6d9f7c8b5d-4xk2p', 'ReplicaSet/api-6d9f7c8b5d', 'foothold-worker', true, 'Running'),
						pod('api-6d9f7c8b5d-zq8wn', 'ReplicaSet/api-6d9f7c8b5d', 'foothold-worker2', up, up ? 'Running' : 'ContainerCreating'),
						pod('db-0', 'StatefulSet/db', 'foothold-worker', true, 'Running'),
						up
							? pod('web-7f5b6c9d4-8trlm', 'ReplicaSet/web-7f5b6c9d4', 'foothold-worker', true, 'Running')
							: pod('web-7f5b6c9d4-8trlm', 'ReplicaSet/web-7f5b6c9d4', 'foothold-worker', false, 'ImagePullBackOff', 'Back-off pulling image "nginx:1.29.33"'),
						up
							? pod('web-7f5b6c9d4-kk4tz', 'ReplicaSet/web-7f5b6c9d4', 'foothold-worker2', true, 'Running')
							: {
									...pod(
										'web-7f5b6c9d4-kk4tz',
										'ReplicaSet/web-7f5b6c9d4',
										'',
										false,
										'Pending',
										'0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.',
									),
									pending: [
										{
											where: 'foothold-control-plane',
											what: 'Its taint node-role.kubernetes.io/control-plane:NoSchedule keeps it for the control plane.',
											next: 'That is as it should be: make room on another node.',
										},
										{
											where: 'foothold-worker, foothold-worker2',
											what: 'It asks for 3 CPU; of 4 CPU there 0.9 CPU are free.',
											next: 'Ask for less in resources.requests, scale down what runs there, or add a node.',
										},
									],
								},
					]
				: []),
			system('coredns-674b8bbfcf-2hx5p', 'ReplicaSet/coredns', 'foothold-control-plane'),
			system('coredns-674b8bbfcf-9jqzv', 'ReplicaSet/coredns', 'foothold-control-plane'),
			system('ingress-nginx-controller-6b5c5d9c6-4kq8r', 'ingress-nginx-controller', 'foothold-worker'),
		],
		services: [
			...(on
				? [
						{ namespace: 'notes', name: 'api', type: 'ClusterIP', address: '10.96.41.7', ports: '80/TCP', endpoints: up ? 2 : 1 },
						{ namespace: 'notes', name: 'db', type: 'ClusterIP', address: 'None', ports: '5432/TCP', endpoints: 1 },
						{ namespace: 'notes', name: 'web', type: 'ClusterIP', address: '10.96.200.18', ports: '80/TCP', endpoints: up ? 2 : 0 },
					]
				: []),
			{ namespace: 'default', name: 'kubernetes', type: 'ClusterIP', address: '10.96.0.1', ports: '443/TCP', endpoints: 1 },
		],
		ingresses: on ? [{ namespace: 'notes', name: 'notes', hosts: 'notes.foothold.test', address: '172.18.0.100' }] : [],
		events: on
			? [
					{
						namespace: 'notes',
						object: 'Pod/web-7f5b6c9d4-8trlm',
						type: 'Warning',
						reason: 'Failed',
						message: 'Failed to pull image "nginx:1.29.33": not found',
						count: 3,
						at: start + 4000,
					},
					{ namespace: 'notes', object: 'Pod/db-0', type: 'Normal', reason: 'Started', message: 'Container started', count: 1, at: start + 3000 },
					{
						namespace: 'notes',
						object: 'Pod/db-0',
						type: 'Normal',
						reason: 'Scheduled',
						message: 'Successfully assigned notes/db-0 to foothold-worker',
						count: 1,
						at: start + 1000,
					},
				]
			: [],
	});
}
