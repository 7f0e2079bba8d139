/** What sessions need of a sandbox that they host, beyond what checks and the workstation may use. */
import type { ClusterEndpoint, CommandRecord, Sandbox } from './sandbox.ts';

type Change = 'comes-back' | 'vanishes' | 'changes';

export interface FileChange {
	readonly path: string;
	readonly change: Change;
	/** Hunks of a unified diff; '' where there is none to show. */
	readonly diff: string;
}

export interface ObjectChange {
	readonly kind: string;
	/** '' for those of the cluster. */
	readonly namespace: string;
	readonly name: string;
	readonly change: Change;
	/** `spec.replicas: 3 → 1`. */
	readonly detail: readonly string[];
}

/** What going back to a checkpoint would change. */
export interface SandboxChanges {
	/** ms since the epoch that the sandbox's clock will show. */
	readonly at: number;
	readonly files: readonly FileChange[];
	readonly objects: readonly ObjectChange[];
	/** How many more there are than listed, and how many objects that follow from others. */
	readonly more: { readonly files: number; readonly objects: number; readonly owned: number };
}

/** Places to go back to. Ids are `c` and a number, the caller's to choose. */
export interface SandboxCheckpoints {
	/** Puts the present by. Resolves with its bytes on disk, when it is durable. */
	save(id: string): Promise<number>;
	changes(id: string): Promise<SandboxChanges>;
	/** Called once the sandbox is disposed: it comes back as it was at the checkpoint. */
	choose(id: string): void;
	remove(id: string): Promise<void>;
}

export interface HostedSandbox extends Sandbox {
	/** Undefined where the provider can't go back (`capabilities.rewind`). */
	readonly checkpoints?: SandboxCheckpoints | undefined;
	/** Reads the cluster without leaving a trace where the provider can (the cluster view's lists and watches). */
	readonly observer: ClusterEndpoint;
	/** Why part of what was kept could not be read back, where so. */
	readonly damage: string | undefined;
	/** Somebody is attached: time goes on until the returned function is called. */
	hold(): () => void;
	/** Writes a command line to the journal; resolves when it is durable. */
	recordCommand(record: CommandRecord): Promise<void>;
}
