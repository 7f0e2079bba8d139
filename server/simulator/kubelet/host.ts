/** What the parts of the kubelet need from each other at run time, handed down instead of imported, so that no import runs in a circle. */
import type { Image } from '../images/program.ts';
import type { World } from '../kernel/world.ts';
import type { Services } from '../services.ts';

export interface ContainerEnd {
	readonly exitCode: number;
	readonly signal?: number;
	readonly oomKilled?: boolean;
}

export interface Host {
	readonly services: Services;
	/** An image by reference, system images included; undefined where none is found. */
	image(reference: string): Image | undefined;
	/** The first process of a container has ended. */
	containerEnded(world: World, key: string, end: ContainerEnd): void;
}
