/** What sessions ask of grading. `grade.ts` exports `gradeLab: GradeLab`, `labs.ts` exports `loadLabs: LoadLabs`. */
import type { LabDefinition, Verdict } from '../protocol/lab.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { CheckFunction, CheckTable } from './check.ts';

export interface LoadedLab {
	readonly definition: LabDefinition;
	/** brief.md, as it is. */
	readonly brief: string;
	/** Absolute path of the lab's folder. */
	readonly directory: string;
	readonly checks: CheckTable;
	/** Of a drill: passes while the fault can be felt from outside. */
	readonly symptom?: CheckFunction;
	/** Texts of cluster/*.yaml, in name order. */
	readonly clusterManifests: readonly string[];
	/** The learner's home at the start; paths relative to it. */
	readonly files: readonly { readonly path: string; readonly content: string }[];
}

export type LoadLabs = (root: string) => Promise<readonly LoadedLab[]>;

export interface GradeRequest {
	readonly lab: LoadedLab;
	readonly sandbox: Sandbox;
	readonly seed: number;
	readonly attempt: number;
	/** 'live' runs only the checks marked live. */
	readonly only?: 'live';
	readonly onProgress?: (done: number, total: number, title: string) => void;
}

/** Never rejects for a learner's fault; a check that throws is 'ungraded' with the reason. */
export type GradeLab = (request: GradeRequest) => Promise<Verdict>;
