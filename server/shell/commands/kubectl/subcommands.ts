/** kubectl's subcommands, in the groups of its help. */
import { apply } from './apply.ts';
import { create } from './create.ts';
import { del } from './delete.ts';
import { describe } from './describe.ts';
import { exec } from './exec.ts';
import { get } from './get.ts';
import type { Group } from './help.ts';
import { logs } from './logs.ts';

export const groups: readonly Group[] = [
	{ title: 'Basic Commands (Beginner)', commands: [create] },
	{ title: 'Basic Commands (Intermediate)', commands: [get, del] },
	{ title: 'Troubleshooting and Debugging Commands', commands: [describe, logs, exec] },
	{ title: 'Advanced Commands', commands: [apply] },
];
