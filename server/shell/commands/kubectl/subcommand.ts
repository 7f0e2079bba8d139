/** A subcommand of kubectl as a value: its flags and help beside what it does. */
import type { Flags, FlagSpec } from './flags.ts';
import type { Kube } from './kube.ts';

export interface Subcommand {
	readonly name: string;
	readonly aliases?: readonly string[];
	/** One line in the parent's list. */
	readonly short: string;
	/** More, under the first line of `--help`. */
	readonly long?: string;
	/** Lines of the `Examples:` section. */
	readonly examples?: string;
	/** After `kubectl <name> `, without `[options]`. */
	readonly usage: string;
	readonly flags: readonly FlagSpec[];
	/** Names of flags that must be given. */
	readonly required?: readonly string[];
	/** false: the first argument ends the flags (none of kubectl's today, kept for `exec`-likes). */
	readonly interspersed?: boolean;
	readonly children?: readonly Subcommand[];
	/** Resolves with an exit code; undefined is 0. Throws the errors of `errors.ts`. */
	run?(kube: Kube, args: readonly string[], flags: Flags): Promise<number | undefined>;
	/** What the arguments are, for completion. */
	readonly completes?: 'resources' | 'pods' | 'pod-or-type' | 'nodes' | 'files' | 'contexts' | 'types' | 'none';
}
