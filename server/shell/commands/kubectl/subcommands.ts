/** kubectl's subcommands, in the groups and the order of its help. */
import { apply } from './apply.ts';
import { attach } from './attach.ts';
import { create } from './create.ts';
import { del } from './delete.ts';
import { describe } from './describe.ts';
import { exec } from './exec.ts';
import { expose } from './expose.ts';
import { get } from './get.ts';
import type { Group } from './help.ts';
import { logs } from './logs.ts';
import { annotate, label } from './metadata-edit.ts';
import { cordon, drain, taint, uncordon } from './nodes.ts';
import { patch } from './patch.ts';
import { replace } from './replace.ts';
import { rollout } from './rollout.ts';
import { run } from './run.ts';
import { autoscale, scale } from './scale.ts';
import { set } from './set.ts';
import { wait } from './wait.ts';

export const groups: readonly Group[] = [
	{ title: 'Basic Commands (Beginner)', commands: [create, expose, run, set] },
	{ title: 'Basic Commands (Intermediate)', commands: [get, del] },
	{ title: 'Deploy Commands', commands: [rollout, scale, autoscale] },
	{ title: 'Cluster Management Commands', commands: [cordon, uncordon, drain, taint] },
	{ title: 'Troubleshooting and Debugging Commands', commands: [describe, logs, attach, exec] },
	{ title: 'Advanced Commands', commands: [apply, patch, replace, wait] },
	{ title: 'Settings Commands', commands: [label, annotate] },
];
