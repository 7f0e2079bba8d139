import type { Machine } from './machine.ts';

/** What the shell itself does. Gives its status, or undefined where the status comes later (a wait, a frame it has pushed). */
export type Builtin = (m: Machine, args: readonly string[], name: string) => number | undefined;
