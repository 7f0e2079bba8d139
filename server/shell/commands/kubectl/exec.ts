/** `kubectl exec`. Upstream: pkg/cmd/exec/exec.go. */
import { CliError, usageError } from './errors.ts';
import { bool, text, time } from './flags.ts';
import { FILE_FLAGS } from './manifests.ts';
import { defaultContainer, onePod } from './pods.ts';
import { stream } from './streams.ts';
import type { Subcommand } from './subcommand.ts';

export const exec: Subcommand = {
	name: 'exec',
	flags: [
		text('container', { short: 'c' }),
		time('pod-running-timeout', '1m0s'),
		bool('quiet', { short: 'q' }),
		bool('stdin', { short: 'i' }),
		bool('tty', { short: 't' }),
		...FILE_FLAGS.filter((f) => f.name === 'filename'),
	],
	completes: 'pod-or-type',
	async run(kube, args, flags) {
		const { dashAt } = flags;
		const name = dashAt !== 0 ? args[0] : undefined;
		if (dashAt !== 0 && dashAt !== 1 && args.length > 1)
			throw usageError(kube.path, 'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead');
		const command = dashAt === 0 || dashAt === 1 ? args.slice(dashAt) : [];
		if (name === undefined) throw new CliError('pod, type/name or --filename must be specified');
		if (command.length === 0) throw new CliError('you must specify at least one command for the container');
		const pod = await onePod(kube, [name], flags.duration('pod-running-timeout'));
		const phase = String(pod['status']?.phase ?? '');
		if (phase === 'Succeeded' || phase === 'Failed') throw new CliError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
		let container = flags.str('container');
		if (container === '') container = defaultContainer(kube, pod, flags.bool('quiet'));
		const stdin = flags.bool('stdin');
		let tty = flags.bool('tty') && stdin;
		if (tty && !kube.context.io.stdinIsTerminal) {
			tty = false;
			if (!flags.bool('quiet')) kube.err('Unable to use a TTY - input is not a terminal or the right kind of file\n');
		}
		return stream(kube, { path: `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}/exec`, container, command, stdin, tty });
	},
};
