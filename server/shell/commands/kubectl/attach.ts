/** `kubectl attach`. Upstream: pkg/cmd/attach/attach.go. */
import { bool, text, time } from './flags.ts';
import type { Kube } from './kube.ts';
import type { Obj } from './client.ts';
import { CliError } from './errors.ts';
import { containersOf, defaultContainer, hasContainer, onePod } from './pods.ts';
import { stream } from './streams.ts';
import type { Subcommand } from './subcommand.ts';

/** Attaches to a container's process until it ends or the signal fires. */
export async function attachTo(
	kube: Kube,
	pod: Obj,
	container: string,
	options: { readonly stdin: boolean; readonly tty: boolean; readonly quiet: boolean },
): Promise<number> {
	const spec = containersOf(pod).find((c) => c.name === container);
	let tty = options.tty && options.stdin;
	if (options.tty && spec !== undefined && spec['tty'] !== true) {
		tty = false;
		kube.err(`error: Unable to use a TTY - container ${container} did not allocate one\n`);
	}
	if (tty && !kube.context.io.stdinIsTerminal) {
		tty = false;
		kube.err('Unable to use a TTY - input is not a terminal or the right kind of file\n');
	}
	if (!options.quiet)
		kube.err(
			"All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try pressing enter.\n",
		);
	const code = await stream(kube, {
		path: `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}/attach`,
		container,
		stdin: options.stdin,
		tty,
	});
	if (!options.quiet && tty && pod['spec']?.restartPolicy === 'Always')
		kube.out(`Session ended, resume using 'kubectl attach ${pod.metadata?.name} -c ${container} -i -t' command when the pod is running\n`);
	return code;
}

export const attach: Subcommand = {
	name: 'attach',
	flags: [
		text('container', { short: 'c' }),
		time('pod-running-timeout', '1m0s'),
		bool('quiet', { short: 'q' }),
		bool('stdin', { short: 'i' }),
		bool('tty', { short: 't' }),
	],
	completes: 'pod-or-type',
	async run(kube, args, flags) {
		if (args.length === 0) throw new CliError('at least 1 argument is required for attach');
		if (args.length > 2) throw new CliError(`expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`);
		const pod = await onePod(kube, args.length === 2 ? [`${args[0]}/${args[1]}`] : args, flags.duration('pod-running-timeout'));
		const phase = String(pod['status']?.phase ?? '');
		if (phase === 'Succeeded' || phase === 'Failed') throw new CliError(`cannot attach a container in a completed pod; current phase is ${phase}`);
		let container = flags.str('container');
		if (container === '') container = defaultContainer(kube, pod, flags.bool('quiet'));
		else if (!hasContainer(pod, container)) throw new CliError(`cannot attach to the container: container ${container} not found in pod ${pod.metadata?.name}`);
		return attachTo(kube, pod, container, { stdin: flags.bool('stdin'), tty: flags.bool('tty'), quiet: flags.bool('quiet') });
	},
};
