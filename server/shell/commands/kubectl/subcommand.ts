/** A subcommand of kubectl as a value: its flags beside what it does. What its help says is in `help/`. */
import type { Flags, FlagSpec } from './flags.ts';
import type { Kube } from './kube.ts';

export interface Subcommand {
	readonly name: string;
	readonly aliases?: readonly string[];
	readonly flags: readonly FlagSpec[];
	/** Names of flags that must be given. */
	readonly required?: readonly string[];
	/** false: the first argument ends the flags (none of kubectl's today, kept for `exec`-likes). */
	readonly interspersed?: boolean;
	readonly children?: readonly Subcommand[];
	/** What a command that only holds others does alone: help on standard error and 1 (unset), on standard output and 1, or plain help and 0. */
	readonly bare?: 'stdout' | 'help';
	/** Resolves with an exit code; undefined is 0. Throws the errors of `errors.ts`. */
	run?(kube: Kube, args: readonly string[], flags: Flags): Promise<number | undefined>;
	/** What the arguments are, for completion. */
	readonly completes?: 'resources' | 'pods' | 'pod-or-type' | 'nodes' | 'files' | 'contexts' | 'types' | 'none';
}
