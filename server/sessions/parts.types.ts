/** What a worker is put together from; `parts.ts` has the real ones, tests give doubles. */
import type { GradeLab, LoadedLab, LoadLabs } from '../grading/grade.types.ts';
import type { HostedSandbox } from '../sandboxes/hosted.ts';
import type { CreateWorkstation } from '../shell/workstation.types.ts';
import type { WorkerStart } from './wire.ts';

export interface SandboxRequest {
	readonly id: string;
	/** The sandbox's own folder; holds all that a resume needs. */
	readonly folder: string;
	readonly lab: LoadedLab;
	/** Tokens in the lab's files and manifests derive from it. */
	readonly seed: number;
	readonly onFault: (error: unknown) => void;
	/** Told before (true) and after (false) each stretch of computing for this sandbox that could take long. */
	readonly onBusy?: (busy: boolean) => void;
}

/** Where a worker's sandboxes come from. */
export interface SandboxSource {
	/** A sandbox for the lab: from its folder where it was before, else a new one. */
	open(request: SandboxRequest): Promise<{ readonly sandbox: HostedSandbox; readonly resumed: boolean }>;
	/** The lab's cluster as it is at the start, to compare with; dispose it. Absent where the provider keeps no start. */
	start?(lab: LoadedLab, seed: number): Promise<HostedSandbox>;
	/** Gets ready what makes the next `open` quick. */
	warm(lab: LoadedLab): void;
}

export interface Parts {
	readonly loadLabs: LoadLabs;
	readonly gradeLab: GradeLab;
	readonly createWorkstation: CreateWorkstation;
	createSource(start: WorkerStart): SandboxSource;
}
