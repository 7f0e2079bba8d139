/** Images of the GPU Operator's parts. Their programs log what the real ones log; what they do to the cluster happens in this room. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { busyboxTools } from '../../images/toolbox.ts';
import { vectorAddProgram } from '../../images/nvidia/image.ts';
import type { Image, Program } from '../../images/program.ts';
import { dcgmExporter } from '../dcgm/program.ts';
import { DRIVER_REPOSITORY, DRIVER_VERSION, NVIDIA_SMI } from '../driver-files.ts';
import { nvidiaSmiProgram } from '../smi/program.ts';
import { part } from './programs.ts';

interface Part {
	readonly repository: string;
	readonly tag: string;
	readonly sizeBytes: number;
	readonly path: string;
	readonly program: Program<never>;
	readonly programs?: { readonly [path: string]: Program<never> };
}

const smi = { [NVIDIA_SMI]: nvidiaSmiProgram as Program<never> };

/** One row an image; versions of the operator's release 26.3. */
function parts(): { readonly [name: string]: Part } {
	return {
		operator: {
			repository: 'nvcr.io/nvidia/gpu-operator',
			tag: 'v26.3.3',
			sizeBytes: 212_000_000,
			path: '/usr/bin/gpu-operator',
			program: part('operator'),
			programs: { '/usr/bin/nvidia-validator': part('validator'), '/usr/bin/vectorAdd': vectorAddProgram },
		},
		nfd: {
			repository: 'registry.k8s.io/nfd/node-feature-discovery',
			tag: 'v0.18.3',
			sizeBytes: 78_000_000,
			path: '/usr/bin/nfd-master',
			program: part('nfd-master'),
			programs: { '/usr/bin/nfd-worker': part('nfd-worker'), '/usr/bin/nfd-gc': part('nfd-gc') },
		},
		driver: {
			repository: DRIVER_REPOSITORY,
			tag: `${DRIVER_VERSION}-debian13`,
			sizeBytes: 1_460_000_000,
			path: '/usr/local/bin/nvidia-driver',
			program: part('driver'),
			programs: smi,
		},
		driverManager: {
			repository: 'nvcr.io/nvidia/cloud-native/k8s-driver-manager',
			tag: 'v0.11.0',
			sizeBytes: 148_000_000,
			path: '/usr/bin/driver-manager',
			program: part('driver-manager'),
		},
		toolkit: {
			repository: 'nvcr.io/nvidia/k8s/container-toolkit',
			tag: 'v1.20.0',
			sizeBytes: 96_000_000,
			path: '/usr/bin/nvidia-toolkit',
			program: part('toolkit'),
		},
		plugin: {
			repository: 'nvcr.io/nvidia/k8s-device-plugin',
			tag: 'v0.20.0',
			sizeBytes: 124_000_000,
			path: '/usr/bin/nvidia-device-plugin',
			program: part('device-plugin'),
			programs: { '/usr/bin/gpu-feature-discovery': part('gpu-feature-discovery'), '/usr/bin/mps-control-daemon': part('mps-control-daemon') },
		},
		dcgmExporter: {
			repository: 'nvcr.io/nvidia/k8s/dcgm-exporter',
			tag: '4.6.0-4.8.3-distroless',
			sizeBytes: 392_000_000,
			path: '/usr/bin/dcgm-exporter',
			program: dcgmExporter as Program<never>,
		},
		migManager: {
			repository: 'nvcr.io/nvidia/cloud-native/k8s-mig-manager',
			tag: 'v0.15.0',
			sizeBytes: 156_000_000,
			path: '/usr/bin/nvidia-mig-manager',
			program: part('mig-manager'),
			programs: smi,
		},
	};
}

export interface OperatorImage {
	readonly image: Image;
	readonly imageID: string;
	readonly reference: string;
}

function build(p: Part): OperatorImage {
	const digest = bytesToHex(sha256(utf8ToBytes(`${p.repository}:${p.tag}`)));
	const image: Image = {
		repositories: [p.repository],
		tags: [p.tag],
		sizeBytes: p.sizeBytes,
		entrypoint: [p.path],
		cmd: [],
		env: { NVIDIA_VISIBLE_DEVICES: 'void' },
		user: '',
		workdir: '/',
		files: {},
		programs: { ...busyboxTools(), [p.path]: p.program, ...p.programs },
	};
	return { image, imageID: `${p.repository}@sha256:${digest}`, reference: `${p.repository}:${p.tag}` };
}

let built: { readonly byPart: ReadonlyMap<string, OperatorImage>; readonly byReference: ReadonlyMap<string, OperatorImage> } | undefined;

/** Built when a cluster first needs it, shared by all. */
function all(): NonNullable<typeof built> {
	if (built !== undefined) return built;
	const byPart = new Map(Object.entries(parts()).map(([name, p]) => [name, build(p)]));
	const byReference = new Map([...byPart.values()].flatMap((i) => [i.reference, i.image.repositories[0] ?? ''].map((r) => [r, i] as const)));
	built = { byPart, byReference };
	return built;
}

/** An image of the operator's by reference, or by its bare repository. */
export function operatorImage(reference: string): OperatorImage | undefined {
	// Nearly every reference is somebody else's: tell that without building anything.
	return reference.startsWith('nvcr.io/nvidia/') || reference.startsWith('registry.k8s.io/nfd/') ? all().byReference.get(reference) : undefined;
}

/** The reference that a part's pods name. */
export function operatorReference(name: string): string {
	return all().byPart.get(name)?.reference ?? '';
}

/** What GPU nodes have on disk when they join. */
export function operatorPreloaded(): readonly { readonly reference: string; readonly imageID: string; readonly sizeBytes: number }[] {
	return [...all().byPart.values()].map(({ reference, imageID, image }) => ({ reference, imageID, sizeBytes: image.sizeBytes }));
}
