import { describe, expect, it } from 'vitest';
import { Simulator } from '../simulator.ts';
import { gpuSlice } from './state.ts';
import { GpuCluster } from './testing.ts';

const L4 = 'foothold-gpu-l4-1';
const A100 = 'foothold-gpu-a100-80-1';
const CUDA = 'nvidia/cuda:12.4.1-base-ubuntu22.04';
const SAMPLE = 'nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0';
const BURN = 'oguzpastirmaci/gpu-burn';
const POLICY = '/apis/nvidia.com/v1/clusterpolicies/cluster-policy';
const one = { 'nvidia.com/gpu': '1' };
const sleeps = { command: ['sleep', 'infinity'] };
const state = (c: GpuCluster, node: string): string | undefined => c.node(node).metadata.labels['nvidia.com/mig.config.state'];

describe('GPU nodes', () => {
	it('carry labels, resources and a taint, and have an operator that is ready', () => {
		const c = new GpuCluster('l4=1,a100-80=1x2');
		const { metadata, status } = c.node(A100);
		expect(metadata.labels).toMatchObject({
			'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB',
			'nvidia.com/gpu.count': '2',
			'nvidia.com/gpu.memory': '81920',
			'nvidia.com/gpu.family': 'ampere',
			'nvidia.com/gpu.compute.major': '8',
			'nvidia.com/mig.capable': 'true',
			'feature.node.kubernetes.io/pci-10de.present': 'true',
		});
		expect(status.allocatable['nvidia.com/gpu']).toBe('2');
		expect(c.request('GET', POLICY)?.json).toMatchObject({ status: { state: 'ready' } });
		expect(c.part('nvidia-mig-manager', A100)).not.toBe('');
		expect(c.part('nvidia-mig-manager', L4)).toBe('');
		const validator = c.part('nvidia-cuda-validator', L4);
		expect(c.read<object>(`/api/v1/namespaces/gpu-operator/pods/${validator}`)).toMatchObject({ status: { phase: 'Succeeded' } });
		expect(
			c
				.read<{ readonly items: readonly { readonly status: { readonly phase: string } }[] }>('/api/v1/namespaces/gpu-operator/pods')
				.items.filter((p) => !['Running', 'Succeeded'].includes(p.status.phase)),
		).toEqual([]);
	});

	it('are not there, nor anything of them, in a cluster without', () => {
		const { world } = Simulator.boot({ seed: 7, now: 1_795_197_600_000, workers: 1 });
		expect(world.read(gpuSlice)).toEqual(gpuSlice.initial);
	});

	it('give a container its device, and no other', () => {
		const c = new GpuCluster('a100-80=1x2');
		expect(c.pod('a', CUDA, one, sleeps)).toBe('');
		expect(c.pod('b', CUDA, one, sleeps)).toBe('');
		expect(c.pod('none', CUDA, {}, sleeps)).toBe('');
		c.run(60);
		const uuid = (pod: string): string => /UUID: (GPU-[^)]+)\)/.exec(c.exec(pod, ['nvidia-smi', '-L']))?.[1] ?? '';
		expect(uuid('a')).not.toBe('');
		expect(uuid('a')).not.toBe(uuid('b'));
		expect(c.exec('a', ['sh', '-c', 'echo $NVIDIA_VISIBLE_DEVICES'])).toBe(`${uuid('a')}\n`);
		expect(c.exec('none', ['sh', '-c', 'nvidia-smi'])).toContain('not found');
		expect(c.exec('a', ['sh', '-c', 'nvidia-smi -i 5; echo $?'])).toBe('No devices were found\n6\n');
		expect(c.exec('a', ['nvidia-smi', '--query-gpu=index,name,memory.total,utilization.gpu', '--format=csv,noheader'])).toBe(
			'0, NVIDIA A100-SXM4-80GB, 81920 MiB, 0 %\n',
		);
	});

	it('run the sample with a device only', () => {
		const c = new GpuCluster('l4=1');
		c.pod('with', SAMPLE, one);
		c.pod('without', SAMPLE, {});
		c.run(60);
		expect(c.log('with')).toContain('Test PASSED\nDone\n');
		expect(c.log('without')).toContain('Failed to allocate device vector A (error code CUDA driver version is insufficient for CUDA runtime version)!');
		expect(c.status('without').phase).toBe('Failed');
	});

	it('go on from a snapshot as they were', () => {
		const c = new GpuCluster('l4=1');
		c.pod('a', CUDA, one, sleeps);
		c.run(30);
		const before = c.exec('a', ['nvidia-smi', '-L']);
		const snapshot = JSON.parse(JSON.stringify(c.simulator.snapshot())) as ReturnType<Simulator['snapshot']>;
		expect(Simulator.restore(snapshot, c.simulator.system).world.read(gpuSlice)).toEqual(c.simulator.world.read(gpuSlice));
		expect(before).toContain('NVIDIA L4');
	});

	it('give devices back when a pod ends', () => {
		const c = new GpuCluster('l4=1');
		c.pod('first', SAMPLE, one);
		c.run(60);
		c.pod('second', SAMPLE, one);
		c.run(60);
		expect([c.status('first').phase, c.status('second').phase]).toEqual(['Succeeded', 'Succeeded']);
	});

	it('refuse halves, and requests that are not the limits', () => {
		const c = new GpuCluster('l4=1');
		expect(c.pod('half', CUDA, { 'nvidia.com/gpu': '0.5' })).toContain('must be an integer');
		expect(
			c.create('/api/v1/namespaces/default/pods', {
				metadata: { name: 'u' },
				spec: { containers: [{ name: 'c', image: CUDA, resources: { requests: one, limits: { 'nvidia.com/gpu': '2' } } }] },
			}),
		).toContain('must be equal to nvidia.com/gpu limit of 2');
	});

	it('show all columns of the table in line', () => {
		const c = new GpuCluster('a100-80=1x2');
		c.pod('burn', BURN, one, { args: ['600'] });
		c.run(60);
		const driver = c.part('nvidia-driver-daemonset', A100);
		const page = c.exec(driver, ['nvidia-smi'], 'gpu-operator');
		const widths = new Set(
			page
				.split('\n')
				.filter((l) => /^[|+]/.test(l))
				.map((l) => l.length),
		);
		expect([...widths]).toEqual([91]);
		expect(page).toContain('|   0  NVIDIA A100-SXM4-80GB          On  |');
		expect(page).toMatch(/100% +Default/);
		expect(page).toMatch(/0 +N\/A +N\/A +\d+ +C +\/app\/gpu_burn +\d+MiB/);
	});
});

describe('MIG by label', () => {
	it('cuts all cards alike under strategy single', () => {
		const c = new GpuCluster('a100-80=1x2');
		c.label(A100, { 'nvidia.com/mig.config': 'all-1g.10gb' });
		c.run(5);
		expect(state(c, A100)).toBe('pending');
		c.run(60);
		expect(state(c, A100)).toBe('success');
		const { metadata, status } = c.node(A100);
		expect(metadata.labels).toMatchObject({
			'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB-MIG-1g.10gb',
			'nvidia.com/gpu.count': '14',
			'nvidia.com/gpu.slices.gi': '1',
		});
		expect(status.allocatable['nvidia.com/gpu']).toBe('14');
		c.pod('slice', CUDA, one, sleeps);
		c.run(30);
		expect(c.exec('slice', ['nvidia-smi', '-L'])).toMatch(
			/^GPU 0: NVIDIA A100-SXM4-80GB \(UUID: GPU-[^)]+\)\n {2}MIG 1g\.10gb {5}Device {2}0: \(UUID: MIG-[^)]+\)\n$/,
		);
	});

	it('names every kind of slice under strategy mixed', () => {
		const c = new GpuCluster('a100-80=1');
		c.patch(POLICY, { spec: { mig: { strategy: 'mixed' } } });
		c.label(A100, { 'nvidia.com/mig.config': 'all-balanced' });
		c.run(60);
		expect(c.node(A100).status.allocatable).toMatchObject({
			'nvidia.com/gpu': '0',
			'nvidia.com/mig-1g.10gb': '2',
			'nvidia.com/mig-2g.20gb': '1',
			'nvidia.com/mig-3g.40gb': '1',
		});
		c.pod('mixed', CUDA, { 'nvidia.com/mig-3g.40gb': '1' }, sleeps);
		c.run(30);
		expect(c.exec('mixed', ['nvidia-smi', '-L'])).toContain('MIG 3g.40gb');
	});

	it('cannot say with strategy single what is cut into different slices', () => {
		const c = new GpuCluster('a100-80=1');
		c.label(A100, { 'nvidia.com/mig.config': 'all-balanced' });
		c.run(60);
		expect(c.node(A100).metadata.labels['nvidia.com/gpu.product']).toBe('NVIDIA-A100-SXM4-80GB-MIG-INVALID');
		expect(c.node(A100).status.allocatable['nvidia.com/gpu']).toBe('0');
	});

	it('can be cut by hand, which the device plugin learns when it starts anew', () => {
		const c = new GpuCluster('h100=1');
		const node = 'foothold-gpu-h100-1';
		const smi = (...args: readonly string[]): string => c.exec(c.part('nvidia-driver-daemonset', node), ['nvidia-smi', ...args], 'gpu-operator');
		expect(smi('mig', '-lgip')).toBe('No MIG-enabled devices found.\n');
		expect(smi('-mig', '1')).toBe('Enabled MIG Mode for GPU 00000000:1B:00.0\nAll done.\n');
		expect(
			smi('mig', '-cgi', '9,3g.40gb', '-C')
				.split('\n')
				.filter((l) => l.includes('GPU instance ID') && !l.includes('compute')),
		).toEqual([
			'Successfully created GPU instance ID  2 on GPU  0 using profile MIG 3g.40gb (ID  9)',
			'Successfully created GPU instance ID  1 on GPU  0 using profile MIG 3g.40gb (ID  9)',
		]);
		expect(smi('mig', '-cgi', '19')).toContain('Insufficient Resources');
		expect(smi('mig', '-lgi')).toContain('|   0  MIG 3g.40gb          9        2          4:4     |');
		expect(c.node(node).status.allocatable['nvidia.com/gpu']).toBe('1');
		c.request('DELETE', `/api/v1/namespaces/gpu-operator/pods/${c.part('nvidia-device-plugin-daemonset', node)}`);
		c.run(60);
		expect(c.node(node).status.allocatable['nvidia.com/gpu']).toBe('2');
		expect(smi('mig', '-dgi')).toContain('Successfully destroyed GPU instance ID  1 from GPU  0');
	});

	it('fails for unknown layouts, for those that do not fit, and while a pod has the card', () => {
		const c = new GpuCluster('a100-80=1');
		c.label(A100, { 'nvidia.com/mig.config': 'all-9g' });
		c.run(60);
		expect(state(c, A100)).toBe('failed');
		const config = 'version: v1\nmig-configs:\n  mine:\n  - devices: all\n    mig-enabled: true\n    mig-devices: {"3g.40gb": 2, "1g.10gb": 1}\n';
		c.patch('/api/v1/namespaces/gpu-operator/configmaps/default-mig-parted-config', { data: { 'config.yaml': config } });
		c.label(A100, { 'nvidia.com/mig.config': 'mine' });
		c.run(60);
		expect(state(c, A100)).toBe('failed');
		const manager = c.part('nvidia-mig-manager', A100);
		expect(c.log(manager, 'gpu-operator')).toContain('no possible permutations of MIG devices to achieve the desired config');
		c.pod('busy', CUDA, one, sleeps);
		c.run(30);
		c.patch('/api/v1/namespaces/gpu-operator/configmaps/default-mig-parted-config', {
			data: { 'config.yaml': config.replace('"1g.10gb": 1', '"1g.10gb": 0') },
		});
		c.label(A100, { 'nvidia.com/mig.config': 'all-disabled' });
		c.label(A100, { 'nvidia.com/mig.config': 'mine' });
		c.run(60);
		expect(c.log(c.part('nvidia-mig-manager', A100), 'gpu-operator')).toContain('In use by another client');
		expect(c.node(A100).status.allocatable['nvidia.com/gpu']).toBe('1');
	});
});

describe('sharing', () => {
	const shared = (kind: string, more: string): string =>
		`version: v1\nsharing:\n  ${kind}:\n${more}    resources:\n    - name: nvidia.com/gpu\n      replicas: 4\n`;
	function configure(c: GpuCluster, text: string): void {
		c.create('/api/v1/namespaces/gpu-operator/configmaps', { metadata: { name: 'plugin' }, data: { any: text } });
		c.patch(POLICY, { spec: { devicePlugin: { config: { name: 'plugin', default: 'any' } } } });
		c.run(20);
	}

	it('slices time: four pods on one card, no fifth', () => {
		const c = new GpuCluster('l4=1');
		configure(c, shared('timeSlicing', ''));
		expect(c.node(L4).metadata.labels).toMatchObject({
			'nvidia.com/gpu.product': 'NVIDIA-L4-SHARED',
			'nvidia.com/gpu.replicas': '4',
			'nvidia.com/gpu.sharing-strategy': 'time-slicing',
		});
		for (const i of [1, 2, 3, 4, 5]) c.pod(`p${i}`, CUDA, one, sleeps);
		c.run(60);
		expect([1, 2, 3, 4, 5].map((i) => c.status(`p${i}`).phase)).toEqual(['Running', 'Running', 'Running', 'Running', 'Pending']);
		expect(c.exec('p1', ['nvidia-smi', '-L'])).toBe(c.exec('p4', ['nvidia-smi', '-L']));
	});

	it('renames the resource, and refuses more than one replica where told to', () => {
		const c = new GpuCluster('l4=1');
		configure(c, shared('timeSlicing', '    renameByDefault: true\n    failRequestsGreaterThanOne: true\n'));
		expect(c.node(L4).status.allocatable).toMatchObject({ 'nvidia.com/gpu.shared': '4', 'nvidia.com/gpu': '0' });
		expect(c.node(L4).metadata.labels['nvidia.com/gpu.product']).toBe('NVIDIA-L4');
		c.pod('two', CUDA, { 'nvidia.com/gpu.shared': '2' }, sleeps);
		c.run(20);
		expect(c.status('two')).toMatchObject({ phase: 'Failed', reason: 'UnexpectedAdmissionError' });
		expect(c.status('two').message).toContain('maximum request size for shared resources is 1');
	});

	it('gives an MPS client its part of the memory, and never two parts', () => {
		const c = new GpuCluster('l4=1');
		expect(c.part('nvidia-device-plugin-mps-control-daemon', L4)).toBe('');
		configure(c, shared('mps', ''));
		expect(c.node(L4).metadata.labels).toMatchObject({ 'nvidia.com/mps.capable': 'true', 'nvidia.com/gpu.sharing-strategy': 'mps' });
		c.pod('burn', BURN, one, { args: ['600'] });
		c.pod('two', CUDA, { 'nvidia.com/gpu': '2' }, sleeps);
		c.run(60);
		const used = Number(/FB_USED\{[^}]*\} (\d+)/.exec(c.metrics(L4))?.[1]);
		// gpu-burn takes 90 % of what it sees: of 22.03 GiB a quarter.
		expect(used).toBeGreaterThan(5000);
		expect(used).toBeLessThan(5150);
		expect(c.status('two').reason).toBe('UnexpectedAdmissionError');
		expect(c.part('nvidia-device-plugin-mps-control-daemon', L4)).not.toBe('');
	});

	it('keeps to what held before where the configuration is broken', () => {
		const c = new GpuCluster('l4=1');
		configure(c, 'version: v1\nsharing:\n  timeSlicing:\n    resources:\n    - name: nvidia.com/gpu\n      replicas: 1\n');
		expect(c.node(L4).status.allocatable['nvidia.com/gpu']).toBe('1');
		expect(c.log(c.part('nvidia-device-plugin-daemonset', L4), 'gpu-operator')).toContain('number of replicas must be >= 2');
	});
});

describe('dynamic resource allocation', () => {
	const CLAIMS_PATH = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
	const policy = { spec: { devicePlugin: { enabled: false }, draDriver: { enabled: true } } };
	const claim = (name: string, deviceClassName: string, expression: string) => ({
		metadata: { name },
		spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName, selectors: [{ cel: { expression } }] } }] } },
	});
	function claiming(c: GpuCluster, name: string, claims: string): void {
		const containers = [{ name: 'main', image: CUDA, command: ['sleep', 'infinity'], resources: { claims: [{ name: 'gpu' }] } }];
		c.pod(name, CUDA, {}, { containers, resourceClaims: [{ name: 'gpu', resourceClaimName: claims }] });
	}

	it('brings cards and slices to pods by what they are', () => {
		const c = new GpuCluster('l4=1,a100-80=1');
		c.patch(POLICY, policy);
		c.label(A100, { 'nvidia.com/mig.config': 'all-3g.40gb' });
		c.run(60);
		expect(c.node(L4).status.allocatable['nvidia.com/gpu']).toBe('0');
		expect(c.create(CLAIMS_PATH, claim('ada', 'gpu.nvidia.com', `device.attributes['gpu.nvidia.com'].architecture == 'Ada Lovelace'`))).toBe('');
		expect(c.create(CLAIMS_PATH, claim('slice', 'mig.nvidia.com', `device.attributes['gpu.nvidia.com'].profile == '3g.40gb'`))).toBe('');
		expect(c.create(CLAIMS_PATH, claim('big', 'gpu.nvidia.com', `device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('60Gi')) > 0`))).toBe('');
		claiming(c, 'on-ada', 'ada');
		claiming(c, 'on-slice', 'slice');
		claiming(c, 'on-big', 'big');
		c.run(60);
		expect(c.exec('on-ada', ['nvidia-smi', '-L'])).toContain('NVIDIA L4');
		expect(c.exec('on-slice', ['nvidia-smi', '-L'])).toMatch(/^GPU 0: NVIDIA A100-SXM4-80GB .*\n {2}MIG 3g\.40gb {5}Device {2}0: [^\n]*\n$/);
		expect(c.status('on-big').phase).toBe('Pending');
	});
});

describe('telemetry and faults', () => {
	const value = (page: string, name: string): number | undefined => {
		const m = new RegExp(`^${name}\\{[^}]*\\} (.*)$`, 'm').exec(page);
		return m === null ? undefined : Number(m[1]);
	};

	it('exports what containers do, with their pod', () => {
		const c = new GpuCluster('l4=1');
		expect(value(c.metrics(L4), 'DCGM_FI_DEV_GPU_UTIL')).toBe(0);
		c.pod('burn', BURN, one, { args: ['600'] });
		c.run(60);
		const page = c.metrics(L4);
		expect(value(page, 'DCGM_FI_DEV_GPU_UTIL')).toBe(100);
		expect(value(page, 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE')).toBe(0.9);
		expect(value(page, 'DCGM_FI_DEV_FB_USED')).toBeGreaterThan(20_000);
		expect(page).toContain('container="main",namespace="default",pod="burn"');
		const joules = (value(c.metrics(L4), 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION') ?? 0) - (value(page, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION') ?? 0);
		expect(joules / 1000).toBeCloseTo(value(page, 'DCGM_FI_DEV_POWER_USAGE') ?? 0, 0);
	});

	it('have no GPU_UTIL of slices', () => {
		const c = new GpuCluster('a100-80=1');
		c.label(A100, { 'nvidia.com/mig.config': 'all-3g.40gb' });
		c.run(60);
		const page = c.metrics(A100);
		expect(page).toContain('GPU_I_PROFILE="3g.40gb",GPU_I_ID="2"');
		expect(value(page, 'DCGM_FI_DEV_GPU_UTIL')).toBeUndefined();
		expect(value(page, 'DCGM_FI_PROF_GR_ENGINE_ACTIVE')).toBe(0);
	});

	it('lose a card to Xid 79, and have it back after a reset', () => {
		const c = new GpuCluster('a100-80=1x2');
		c.pod('burn', BURN, { 'nvidia.com/gpu': '2' }, { args: ['6000'] });
		c.run(60);
		c.fail(A100, 1, 79);
		c.run(5);
		expect(c.node(A100).status.capacity['nvidia.com/gpu']).toBe('2');
		expect(c.node(A100).status.allocatable['nvidia.com/gpu']).toBe('1');
		expect(c.status('burn').phase).toBe('Failed');
		expect(c.log('burn')).toContain('CUDA error: unspecified launch failure');
		expect(c.metrics(A100)).toMatch(/DCGM_FI_DEV_XID_ERRORS\{gpu="1".*err_code="79",err_msg="GPU has fallen off the bus"\} 79/);
		expect(c.log(c.part('nvidia-device-plugin-daemonset', A100), 'gpu-operator')).toContain('XidCriticalError: Xid=79');
		c.simulator.apply({ at: c.simulator.now, kind: 'fault', fault: 'gpu-reset', node: A100 });
		c.run(5);
		expect(c.node(A100).status.allocatable['nvidia.com/gpu']).toBe('2');
	});

	it('take a card for well again when the device plugin starts anew, unless the card is gone', () => {
		const c = new GpuCluster('l4=1');
		for (const [xid, left] of [
			[95, '1'],
			[79, '0'],
		] as const) {
			c.fail(L4, 0, xid);
			c.run(5);
			expect(c.node(L4).status.allocatable['nvidia.com/gpu']).toBe('0');
			c.request('DELETE', `/api/v1/namespaces/gpu-operator/pods/${c.part('nvidia-device-plugin-daemonset', L4)}`);
			c.run(60);
			expect(c.node(L4).status.allocatable['nvidia.com/gpu']).toBe(left);
		}
	});

	it('fail without a word of it on the node, and only where they are', () => {
		const c = new GpuCluster('l4=1');
		const before = c.node(L4).metadata.annotations;
		c.fail(L4, 0, 79);
		c.run(5);
		expect(c.node(L4).metadata.annotations).toEqual(before);
		const at = c.simulator.now;
		for (const [node, card] of [
			[L4, 1],
			['foothold-worker', 0],
		] as const)
			expect(c.simulator.apply({ at, kind: 'fault', fault: 'gpu-xid', node, card, xid: 79 }).done).toBe(false);
	});

	it('leave errors of applications to these', () => {
		const c = new GpuCluster('l4=1');
		c.fail(L4, 0, 13);
		c.run(5);
		expect(c.node(L4).status.allocatable['nvidia.com/gpu']).toBe('1');
	});
});

describe('node groups', () => {
	const events = (c: GpuCluster, reason: string): readonly string[] =>
		c
			.read<{ readonly items: readonly { readonly reason: string; readonly message: string }[] }>('/api/v1/events')
			.items.filter((e) => e.reason === reason)
			.map((e) => e.message);

	it('grow for pods that wait, after the time that a cloud takes, and no further than they may', () => {
		const c = new GpuCluster('l4=0-1');
		c.pod('first', CUDA, one, sleeps);
		c.pod('second', CUDA, one, sleeps);
		c.run(30);
		expect(events(c, 'TriggeredScaleUp')).toEqual(['pod triggered scale-up: [{foothold-gpu-l4 0->1 (max: 1)}]']);
		expect(events(c, 'NotTriggerScaleUp')).toEqual(["pod didn't trigger scale-up: 1 max node group size reached"]);
		expect(c.request('GET', `/api/v1/nodes/${L4}`)?.status).toBe(404);
		c.run(300);
		expect(c.node(L4).status.allocatable['nvidia.com/gpu']).toBe('1');
		expect([c.status('first').phase, c.status('second').phase].sort()).toEqual(['Pending', 'Running']);
		expect(c.part('nvidia-device-plugin-daemonset', L4)).not.toBe('');
	});

	it('do not grow for what would not fit on a new node', () => {
		const c = new GpuCluster('l4=0-1');
		c.pod('two', CUDA, { 'nvidia.com/gpu': '2' }, sleeps);
		c.run(30);
		expect(events(c, 'NotTriggerScaleUp')).toEqual(["pod didn't trigger scale-up: 1 Insufficient nvidia.com/gpu"]);
	});

	it('give a node back that nobody has needed for ten minutes, not below their least', () => {
		const c = new GpuCluster('l4=0-2');
		c.pod('first', CUDA, one, sleeps);
		c.run(330);
		expect(c.status('first').phase).toBe('Running');
		// Far past the delay after growing: a node that is in use stays.
		c.run(1200);
		expect(c.request('GET', `/api/v1/nodes/${L4}`)?.status).toBe(200);
		c.request('DELETE', '/api/v1/namespaces/default/pods/first');
		c.run(400);
		// Needed in between: the ten minutes begin anew.
		c.pod('second', CUDA, one, sleeps);
		c.run(60);
		expect(c.status('second').phase).toBe('Running');
		c.request('DELETE', '/api/v1/namespaces/default/pods/second');
		c.run(580);
		expect(c.request('GET', `/api/v1/nodes/${L4}`)?.status).toBe(200);
		c.run(80);
		expect(events(c, 'ScaleDown')).toEqual(['marked the node as toBeDeleted/unschedulable', 'node removed by cluster autoscaler']);
		expect(c.read<{ readonly spec: object }>(`/api/v1/nodes/${L4}`).spec).toMatchObject({
			taints: expect.arrayContaining([expect.objectContaining({ key: 'ToBeDeletedByClusterAutoscaler' })]) as unknown,
		});
		c.run(90);
		expect(c.request('GET', `/api/v1/nodes/${L4}`)?.status).toBe(404);
		// The group may grow again, under a new name.
		c.pod('third', CUDA, one, sleeps);
		c.run(330);
		expect(c.status('third').phase).toBe('Running');
		expect(c.node('foothold-gpu-l4-2').status.allocatable['nvidia.com/gpu']).toBe('1');
	});

	it('keep a node that says so, and those they began with', () => {
		const c = new GpuCluster('l4=1-2');
		c.run(1500);
		expect(c.request('GET', `/api/v1/nodes/${L4}`)?.status).toBe(200);
		const two = { 'nvidia.com/gpu': '1' };
		c.pod('a', CUDA, two, sleeps);
		c.pod('b', CUDA, two, sleeps);
		c.run(330);
		expect(c.status('b').phase).toBe('Running');
		c.patch('/api/v1/nodes/foothold-gpu-l4-2', { metadata: { annotations: { 'cluster-autoscaler.kubernetes.io/scale-down-disabled': 'true' } } });
		c.patch(`/api/v1/nodes/${L4}`, { metadata: { annotations: { 'cluster-autoscaler.kubernetes.io/scale-down-disabled': 'true' } } });
		for (const pod of ['a', 'b']) c.request('DELETE', `/api/v1/namespaces/default/pods/${pod}`);
		c.run(1500);
		expect(c.request('GET', '/api/v1/nodes/foothold-gpu-l4-2')?.status).toBe(200);
	});

	it('lose a spot machine after its notice, and get another for what ran there', () => {
		const c = new GpuCluster('l4=1-1');
		c.create('/apis/apps/v1/namespaces/default/deployments', {
			metadata: { name: 'd' },
			spec: {
				selector: { matchLabels: { app: 'd' } },
				template: {
					metadata: { labels: { app: 'd' } },
					spec: {
						tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
						containers: [{ name: 'main', image: CUDA, ...sleeps, resources: { limits: one } }],
					},
				},
			},
		});
		c.run(60);
		c.patch(`/api/v1/nodes/${L4}`, { metadata: { annotations: { 'gpu.foothold.dev/spot-interruption': 'now' } } });
		c.run(5);
		expect(c.read<{ readonly spec: object }>(`/api/v1/nodes/${L4}`).spec).toMatchObject({ unschedulable: true });
		c.run(130);
		expect(c.request('GET', `/api/v1/nodes/${L4}`)?.status).toBe(404);
		c.run(700);
		expect(c.node('foothold-gpu-l4-2').status.allocatable['nvidia.com/gpu']).toBe('1');
		const pods = c.read<{ readonly items: readonly { readonly spec: object; readonly status: object }[] }>('/api/v1/namespaces/default/pods').items;
		expect(pods.filter((p) => (p.status as { readonly phase: string }).phase === 'Running')).toMatchObject([{ spec: { nodeName: 'foothold-gpu-l4-2' } }]);
	});
});
