/** The workstation's `kubectl`: speaks to the cluster endpoint and words everything as Kubernetes 1.36's own client does. */
import type { Command } from '../command.ts';
import { complete } from './kubectl/complete.ts';
import { run } from './kubectl/root.ts';

export const kubectl: Command = {
	name: 'kubectl',
	summary: 'talk to your Kubernetes cluster',
	help: 'kubectl controls the Kubernetes cluster. Use "kubectl --help" for its commands.\n',
	run,
	complete,
};
