/** The areas that are compared, in the order of the table. */
import type { Area } from './case.ts';
import { CHANGE_AREAS } from './change.ts';
import { CREATE_AREAS } from './create.ts';
import { EXAM_AREAS } from './exam.ts';
import { EXERCISE_AREAS } from './exercises.ts';
import { HELP_AREAS } from './help.ts';
import { KIND_AREAS } from './kinds.ts';
import { KUSTOMIZE_AREAS } from './kustomize.ts';
import { READ_AREAS } from './read.ts';
import { RUNNING_AREAS } from './running.ts';
import { WRONG_AREAS } from './wrong.ts';

export type { Area, Case } from './case.ts';
export const AREAS: readonly Area[] = [
	...READ_AREAS,
	...KIND_AREAS,
	...CREATE_AREAS,
	...CHANGE_AREAS,
	...RUNNING_AREAS,
	...WRONG_AREAS,
	...KUSTOMIZE_AREAS,
	...HELP_AREAS,
	...EXAM_AREAS,
	...EXERCISE_AREAS,
];
