/** Labels that a GPU node carries: GPU Feature Discovery's, Node Feature Discovery's and the GPU Operator's. */
import { deviceMemoryBytes, type Device, devicesByResource, migProfile, migResource, uniform, WHOLE } from './cards.ts';
import { CUDA_VERSION, DRIVER_VERSION } from './driver-files.ts';
import { type GpuModel, gpuModel, type MigProfile } from './models.ts';
import type { GpuNode } from './state.ts';

type Labels = { readonly [label: string]: string };

/** Components that the operator puts on a node, by the end of their `nvidia.com/gpu.deploy.` label. */
const COMPONENTS = [
	'container-toolkit',
	'dcgm',
	'dcgm-exporter',
	'device-plugin',
	'driver',
	'gpu-feature-discovery',
	'node-status-exporter',
	'operator-validator',
];

/** What the operator and Node Feature Discovery write when a node joins. */
export function joinLabels(node: GpuNode): Labels {
	const mig = gpuModel(node.model).profiles.length > 0;
	return {
		'feature.node.kubernetes.io/pci-10de.present': 'true',
		'feature.node.kubernetes.io/pci-10de.sriov.capable': 'true',
		'feature.node.kubernetes.io/cpu-model.vendor_id': 'Intel',
		// The full version is no label's value: Debian's has a plus in it.
		'feature.node.kubernetes.io/kernel-version.major': '6',
		'feature.node.kubernetes.io/kernel-version.minor': '12',
		'feature.node.kubernetes.io/system-os_release.ID': 'debian',
		'nvidia.com/gpu.present': 'true',
		...Object.fromEntries(COMPONENTS.map((c) => [`nvidia.com/gpu.deploy.${c}`, 'true'])),
		...(mig ? { 'nvidia.com/gpu.deploy.mig-manager': 'true', 'nvidia.com/mig.config': 'all-disabled', 'nvidia.com/mig.config.state': 'success' } : {}),
	};
}

/** `NVIDIA-A100-SXM4-80GB`: feature discovery puts a dash for every space. */
export function productLabel(model: GpuModel): string {
	return model.spec.product.replaceAll(' ', '-');
}

function versions(): Labels {
	const [major = '', minor = '', revision = ''] = DRIVER_VERSION.split('.');
	const [runtimeMajor = '', runtimeMinor = ''] = CUDA_VERSION.split('.');
	return {
		'nvidia.com/cuda.driver-version.full': DRIVER_VERSION,
		'nvidia.com/cuda.driver-version.major': major,
		'nvidia.com/cuda.driver-version.minor': minor,
		'nvidia.com/cuda.driver-version.revision': revision,
		'nvidia.com/cuda.driver.major': major,
		'nvidia.com/cuda.driver.minor': minor,
		'nvidia.com/cuda.driver.rev': revision,
		'nvidia.com/cuda.runtime-version.full': CUDA_VERSION,
		'nvidia.com/cuda.runtime-version.major': runtimeMajor,
		'nvidia.com/cuda.runtime-version.minor': runtimeMinor,
		'nvidia.com/cuda.runtime.major': runtimeMajor,
		'nvidia.com/cuda.runtime.minor': runtimeMinor,
	};
}

/** Replicas, sharing strategy and product of one resource; a shared one is marked unless its resource has a name of its own. */
function shared(node: GpuNode, resource: string, prefix: string, product: string): Labels {
	const { sharing } = node;
	const replicas = sharing?.replicas[resource];
	const marked = replicas !== undefined && sharing?.renameByDefault === false;
	return {
		[`${prefix}.product`]: marked ? `${product}-SHARED` : product,
		[`${prefix}.replicas`]: String(replicas ?? 1),
		[`${prefix}.sharing-strategy`]: replicas === undefined || sharing === undefined ? 'none' : sharing.kind,
	};
}

function sliceLabels(prefix: string, profile: MigProfile): Labels {
	const [copy, decoder, jpeg, ofa] = profile.engines;
	return {
		[`${prefix}.multiprocessors`]: String(profile.sms),
		[`${prefix}.slices.gi`]: String(profile.slices),
		[`${prefix}.slices.ci`]: String(profile.slices),
		[`${prefix}.engines.copy`]: String(copy),
		[`${prefix}.engines.decoder`]: String(decoder),
		[`${prefix}.engines.encoder`]: '0',
		[`${prefix}.engines.jpeg`]: String(jpeg),
		[`${prefix}.engines.ofa`]: String(ofa),
	};
}

const mebibytes = (bytes: number): string => String(Math.floor(bytes / 2 ** 20));

function sliceOf(node: GpuNode, devices: readonly Device[]): { readonly profile: MigProfile; readonly memory: string } | undefined {
	const [first] = devices;
	const profile = first?.instance === undefined ? undefined : migProfile(gpuModel(node.model), first.instance.profile);
	return first === undefined || profile === undefined ? undefined : { profile, memory: mebibytes(deviceMemoryBytes(node, first)) };
}

/** Labels of `nvidia.com/gpu.*` for whole cards, for all instances alike (single) or for what single cannot say. */
function gpuLabels(node: GpuNode): Labels {
	const model = gpuModel(node.model);
	const product = productLabel(model);
	const devices = devicesByResource(node).get(WHOLE) ?? [];
	const base = { 'nvidia.com/gpu.memory': String(model.spec.memoryMiB), 'nvidia.com/gpu.count': String(node.cards.length) };
	if (node.strategy === 'single' && node.cards.some((c) => c.mig)) {
		if (!uniform(node)) {
			return {
				...shared(node, WHOLE, 'nvidia.com/gpu', `${product}-MIG-INVALID`),
				'nvidia.com/gpu.count': '0',
				'nvidia.com/gpu.memory': '0',
				'nvidia.com/gpu.replicas': '0',
			};
		}
		const slice = sliceOf(node, devices);
		if (slice !== undefined) {
			return {
				...shared(node, WHOLE, 'nvidia.com/gpu', `${product}-MIG-${slice.profile.name.replaceAll('+', '.')}`),
				'nvidia.com/gpu.count': String(devices.length),
				'nvidia.com/gpu.memory': slice.memory,
				...sliceLabels('nvidia.com/gpu', slice.profile),
			};
		}
	}
	return { ...base, ...shared(node, WHOLE, 'nvidia.com/gpu', product) };
}

function mixedLabels(node: GpuNode): Labels {
	const labels: { [label: string]: string } = {};
	if (node.strategy !== 'mixed') return labels;
	for (const [resource, devices] of devicesByResource(node)) {
		const slice = resource === WHOLE ? undefined : sliceOf(node, devices);
		if (slice === undefined) continue;
		const prefix = migResource(slice.profile.name);
		const product = `${productLabel(gpuModel(node.model))}-MIG-${slice.profile.name.replaceAll('+', '.')}`;
		Object.assign(labels, shared(node, resource, prefix, product), sliceLabels(prefix, slice.profile));
		labels[`${prefix}.count`] = String(devices.length);
		labels[`${prefix}.memory`] = slice.memory;
	}
	return labels;
}

/** What GPU Feature Discovery finds now. Models k8s-device-plugin's internal/lm. */
export function discoveryLabels(node: GpuNode): Labels {
	const model = gpuModel(node.model);
	const [major = '', minor = ''] = model.spec.computeCapability.split('.');
	const capable = model.profiles.length > 0;
	return {
		...versions(),
		'nvidia.com/gfd.timestamp': String(Math.floor(node.since / 1000)),
		'nvidia.com/gpu.compute.major': major,
		'nvidia.com/gpu.compute.minor': minor,
		'nvidia.com/gpu.family': model.family,
		'nvidia.com/gpu.machine': 'Foothold-Simulated-Node',
		'nvidia.com/gpu.mode': 'compute',
		'nvidia.com/mig.capable': String(capable),
		'nvidia.com/mig.strategy': node.strategy,
		'nvidia.com/mps.capable': String(node.sharing?.kind === 'mps'),
		'nvidia.com/vgpu.present': 'false',
		...gpuLabels(node),
		...mixedLabels(node),
	};
}

/** True for labels that feature discovery owns: those it no longer finds go. */
export function isDiscovered(label: string): boolean {
	if (label === 'nvidia.com/gpu.present' || label.startsWith('nvidia.com/gpu.deploy.') || label.startsWith('nvidia.com/mig.config')) return false;
	if (label === 'nvidia.com/device-plugin.config') return false;
	return /^nvidia\.com\/(?:cuda|gfd|gpu|mig|mps|vgpu)[.-]/.test(label);
}
