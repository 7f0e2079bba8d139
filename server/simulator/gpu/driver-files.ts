/** What the container toolkit mounts from the host's driver: `nvidia-smi` and device files. */
import { binaryContent } from '../storage-volumes/image-tree.ts';

/** The image under whose name the kubelet knows the driver's own programs. */
export const DRIVER_REPOSITORY = 'nvcr.io/nvidia/driver';
export const DRIVER_VERSION = '580.95.05';
export const CUDA_VERSION = '13.0';
export const NVIDIA_SMI = '/usr/bin/nvidia-smi';

/** Paths and contents for a container with so many devices. */
export function driverFiles(devices: number): readonly (readonly [path: string, content: string])[] {
	const nodes = ['nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools', ...Array.from({ length: devices }, (_, i) => `nvidia${i}`)];
	return [
		[NVIDIA_SMI, binaryContent(DRIVER_REPOSITORY, NVIDIA_SMI)],
		[
			'/proc/driver/nvidia/version',
			`NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  ${DRIVER_VERSION}  Release Build  (dvs-builder@U22-I3-AF03-09-1)\n`,
		],
		...nodes.map((name) => [`/dev/${name}`, ''] as const),
	];
}
