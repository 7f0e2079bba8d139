/** The workstation's `kubectl`: speaks to the cluster endpoint and words everything as Kubernetes 1.36's own client does. */
import type { Command } from '../command.ts';
import { complete } from './kubectl/complete.ts';
import { rootHelp } from './kubectl/help.ts';
import { run } from './kubectl/root.ts';
import { groups } from './kubectl/subcommands.ts';

export const kubectl: Command = {
	name: 'kubectl',
	summary: 'talk to your Kubernetes cluster',
	help: rootHelp(groups),
	run,
	complete,
};
