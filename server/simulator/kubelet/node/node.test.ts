import { beforeAll, describe, expect, it } from 'vitest';
import { rec, recs, str } from '../../apiserver/registry/fields.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { parseGpuPools } from '../../gpu/pools.ts';
import { SYSTEM_USERS } from '../../services.ts';
import { buildSystem, Simulator } from '../../simulator.ts';
import { imageOf } from '../system-images.ts';
import { MANIFESTS_READ } from './manifests.ts';
import { manifestOf, staticPods } from './static-pods.ts';

const system = buildSystem();
const pools = parseGpuPools('l4=1x2');
const base = Simulator.boot({ seed: 9, now: Date.UTC(2026, 0, 1), gpus: 'pools' in pools ? pools.pools : [] }, system);
const client = system.services.api.client(SYSTEM_USERS.loopback);

/** A pod that has its node's disk at /host, as `kubectl debug node/x` makes one. */
function onNode(sim: Simulator, node: string): void {
	const container = { name: 'debugger', image: 'busybox:1.37', command: ['sleep', '36000'], volumeMounts: [{ name: 'host-root', mountPath: '/host' }] };
	const spec = {
		nodeName: node,
		hostPID: true,
		hostNetwork: true,
		tolerations: [{ operator: 'Exists' }],
		volumes: [{ name: 'host-root', hostPath: { path: '/' } }],
		containers: [container],
	};
	const made = client.create(sim.world, 'v1/pods', 'default', { metadata: { name: `on-${node}` }, spec });
	if (!made.ok) throw new Error(made.status.message);
	sim.world.advanceTo(sim.world.now + 15_000);
}

function sh(sim: Simulator, node: string, script: string, host = true): string {
	const words = [...(host ? ['chroot', '/host'] : []), 'sh', '-c', script];
	const url = `/api/v1/namespaces/default/pods/on-${node}/exec?${words.map((w) => `command=${encodeURIComponent(w)}`).join('&')}&stdout=true&stderr=true`;
	const { response } = sim.apply({ kind: 'request', at: sim.now, request: { method: 'POST', url, headers: {}, user: SYSTEM_USERS.admin } });
	if (response?.stream === undefined) throw new Error(JSON.stringify(response));
	sim.world.advanceTo(sim.world.now + 1000);
	return sim
		.readStream(response.stream.id, 0)
		.chunks.filter((c) => c.channel !== 3)
		.map((c) => c.data)
		.join('');
}

const PLANE = 'foothold-control-plane';
const WORKER = 'foothold-worker';
const run = (sim: Simulator, ms: number): unknown => sim.world.advanceTo(sim.world.now + ms);
const pod = (sim: Simulator, name: string, namespace = 'default'): KubeObject | undefined => client.get(sim.world, 'v1/pods', namespace, name);

describe('a node’s disk', () => {
	let seen: Simulator;
	beforeAll(() => {
		seen = base.fork();
		onNode(seen, PLANE);
		onNode(seen, WORKER);
	});

	it('holds what kubeadm wrote', () => {
		expect(sh(seen, PLANE, 'ls /etc/kubernetes /etc/kubernetes/manifests').split('\n')).toEqual(
			expect.arrayContaining(['admin.conf', 'kubelet.conf', 'pki', 'super-admin.conf', 'etcd.yaml', 'kube-apiserver.yaml']),
		);
		expect(sh(seen, PLANE, 'grep service-cluster /etc/kubernetes/manifests/kube-apiserver.yaml')).toBe('    - --service-cluster-ip-range=10.96.0.0/16\n');
		expect(sh(seen, WORKER, 'ls /etc/kubernetes/manifests; cat /etc/hostname; grep staticPodPath /var/lib/kubelet/config.yaml')).toBe(
			'foothold-worker\nstaticPodPath: /etc/kubernetes/manifests\n',
		);
		expect(sh(seen, PLANE, 'cat /host/etc/os-release', false)).toContain('Debian GNU/Linux 13 (trixie)');
		expect(sh(seen, WORKER, 'cat /host/etc/kubernetes/pki/ca.crt', false)).toContain('BEGIN CERTIFICATE');
	});

	it('has a node’s programs', () => {
		expect(sh(seen, PLANE, 'crictl ps')).toMatch(/kube-apiserver +0 +\w{13} +kube-apiserver-foothold-control-plane/);
		expect(sh(seen, PLANE, 'systemctl status kubelet')).toContain('Active: active (running) since');
		expect(sh(seen, WORKER, 'journalctl -u kubelet -n 2').split('\n')).toHaveLength(3);
		expect(sh(seen, PLANE, 'ps aux')).toMatch(/kubelet --bootstrap-kubeconfig[\s\S]*kube-apiserver --advertise-address/);
		expect(sh(seen, WORKER, 'nvidia-smi')).toContain('not found');
		expect(sh(seen, WORKER, 'chroot /nowhere', false)).toContain("chroot: can't change root directory to '/nowhere': No such file or directory");
	});

	it('shows a GPU node’s cards to whoever stands on it', () => {
		const sim = base.fork();
		onNode(sim, 'foothold-gpu-l4-1');
		expect(sh(sim, 'foothold-gpu-l4-1', 'nvidia-smi -L').match(/NVIDIA L4/g)).toHaveLength(2);
	});

	it('tells of the API server’s configuration files by flags', () => {
		const sim = base.fork();
		const write = (path: string, content: string): unknown => sim.apply({ kind: 'file', at: sim.now, op: { op: 'write', path, content } });
		write('/etc/kubernetes/audit-policy.yaml', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n');
		onNode(sim, PLANE);
		expect(sh(sim, PLANE, 'grep audit-policy-file /etc/kubernetes/manifests/kube-apiserver.yaml; tail -n1 /etc/kubernetes/audit-policy.yaml')).toBe(
			'    - --audit-policy-file=/etc/kubernetes/audit-policy.yaml\n- level: Metadata\n',
		);
	});

	it('takes no state until somebody writes', () => {
		expect(JSON.stringify(base.world.state).includes('KUBELET_KUBEADM_ARGS')).toBe(false);
		expect(JSON.stringify(seen.world.state).includes('KUBELET_KUBEADM_ARGS')).toBe(false);
	});
});

describe('static pods', () => {
	it('name the images that the cluster runs', () => {
		const images = staticPods().map((p) => p.image);
		expect(images).toEqual((['etcd', 'apiserver', 'controllerManager', 'scheduler'] as const).map(imageOf));
		for (const pod of staticPods({ audit: true, encryption: true })) expect(rec(manifestOf(pod)['spec'])['hostNetwork']).toBe(true);
	});

	it('of the control plane start anew when their manifest is edited, and the others stay', () => {
		const sim = base.fork();
		onNode(sim, PLANE);
		const name = `kube-scheduler-${PLANE}`;
		const [before, etcd] = [pod(sim, name, 'kube-system')?.metadata.uid, pod(sim, `etcd-${PLANE}`, 'kube-system')?.metadata.uid];
		sh(sim, PLANE, 'sed -i s/--leader-elect=true/--leader-elect=false/ /etc/kubernetes/manifests/kube-scheduler.yaml');
		run(sim, 60_000);
		const after = pod(sim, name, 'kube-system');
		expect(after?.metadata.uid).not.toBe(before);
		expect(rec(recs(rec(after?.['spec'])['containers'])[0])['command']).toContain('--leader-elect=false');
		expect(recs(rec(after?.['status'])['conditions']).find((c) => c['type'] === 'Ready')).toMatchObject({ status: 'True' });
		expect(pod(sim, `etcd-${PLANE}`, 'kube-system')?.metadata.uid).toBe(etcd);
	});

	it('follow the manifests of a worker: come, come back, change and go', () => {
		const sim = base.fork();
		onNode(sim, WORKER);
		const manifest = (image: string): string =>
			`apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {app: web}\nspec:\n  containers:\n  - {name: web, image: "${image}"}\n`;
		const write = (image: string): string => sh(sim, WORKER, `cat > /etc/kubernetes/manifests/web.yaml <<'X'\n${manifest(image)}X`);
		write('nginx:1.29');
		run(sim, 20_000);
		const name = `web-${WORKER}`;
		const first = pod(sim, name);
		expect(first).toMatchObject({ metadata: { labels: { app: 'web' }, ownerReferences: [{ kind: 'Node', name: WORKER }] }, status: { phase: 'Running' } });
		expect(first?.metadata.annotations).toMatchObject({
			'kubernetes.io/config.source': 'file',
			'kubernetes.io/config.mirror': first?.metadata.annotations?.['kubernetes.io/config.hash'],
		});
		client.delete(sim.world, 'v1/pods', 'default', name);
		run(sim, 60_000);
		expect(pod(sim, name)?.metadata.uid).not.toBe(first?.metadata.uid);
		write('nginx:1.28');
		run(sim, 60_000);
		expect(str(rec(recs(rec(pod(sim, name)?.['spec'])['containers'])[0])['image'])).toBe('nginx:1.28');
		sh(sim, WORKER, 'rm /etc/kubernetes/manifests/web.yaml');
		run(sim, 60_000);
		expect(pod(sim, name)).toBeUndefined();
	});

	it('are read up to a ceiling, and what is no pod is passed over', () => {
		const sim = base.fork();
		onNode(sim, WORKER);
		const pods = `i=0; while [ $i -lt ${MANIFESTS_READ + 3} ]; do printf 'kind: Pod\\nmetadata: {name: p'$i'}\\nspec: {containers: [{name: c, image: pause}]}\\n' > /etc/kubernetes/manifests/p$i.yaml; i=$((i+1)); done; echo not: [yaml > /etc/kubernetes/manifests/a.yaml`;
		sh(sim, WORKER, pods);
		run(sim, 20_000);
		expect(client.list(sim.world, 'v1/pods', 'default').filter((p) => p.metadata.name.endsWith(`-${WORKER}`) && p.metadata.name.startsWith('p'))).toHaveLength(
			MANIFESTS_READ - 1,
		);
	});
});
