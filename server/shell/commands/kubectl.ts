/** The workstation's `kubectl`: speaks to the cluster endpoint and words everything as Kubernetes 1.36's own client does. */
import type { Command } from '../command.ts';
import { complete } from './kubectl/complete.ts';
import { resolve, run } from './kubectl/root.ts';

/**
 * What a line like `kubectl foo bar x` may mean as a plugin, the longest name first: kubectl-foo-bar-x with nothing after it,
 * kubectl-foo-bar with `x`, kubectl-foo (HandlePluginCommand of pkg/cmd/cmd.go). Empty where kubectl knows the command itself.
 */
export function pluginsFor(args: readonly string[]): readonly { readonly name: string; readonly args: readonly string[] }[] {
	if (args[0] === undefined || args[0].startsWith('-') || args[0] === 'help' || resolve(args).unknown === undefined) return [];
	const end = args.findIndex((a) => a.startsWith('-'));
	const words = (end < 0 ? args : args.slice(0, end)).map((w) => w.replaceAll('-', '_'));
	return words.map((_w, i) => ({ name: `kubectl-${words.slice(0, words.length - i).join('-')}`, args: args.slice(words.length - i) }));
}

export const kubectl: Command = {
	name: 'kubectl',
	summary: 'talk to your Kubernetes cluster',
	help: 'kubectl controls the Kubernetes cluster. Use "kubectl --help" for its commands.\n',
	run,
	complete,
};
