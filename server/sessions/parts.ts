/** What the server's workers are made of. */
import { gradeLab } from '../grading/grade.ts';
import { loadLabs } from '../grading/labs.ts';
import { createWorkstation } from '../shell/workstation.ts';
import type { Parts } from './parts.types.ts';
import { createSource } from './sources.ts';

export const parts: Parts = { loadLabs, gradeLab, createWorkstation, createSource };
