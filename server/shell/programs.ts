/** What is on the workstation's PATH: commands of our own, and just-bash's utilities behind them. */
import { Bash, defineCommand, getCommandNames, type IFileSystem } from 'just-bash';
import type { Command, CommandContext } from './command.ts';
import { curl } from './commands/curl.ts';
import { kubectl } from './commands/kubectl.ts';
import { openssl } from './commands/openssl/command.ts';
import { smallCommands } from './commands/small.ts';
import { vi, view, vim } from './commands/vi/command.ts';

/** Every command of ours, each name once. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([kubectl, curl, openssl, vi, vim, view, ...smallCommands].map((c) => [c.name, c]));

/** just-bash's utilities that stay away: shells and others that ours replace, and what makes no sense here. */
const LEFT_OUT = new Set([
	'bash',
	'sh',
	'alias',
	'unalias',
	'history',
	'help',
	'cd',
	'curl',
	'date',
	'whoami',
	'hostname',
	'clear',
	'sleep',
	'timeout',
	'env',
	'which',
	'html-to-markdown',
	'xan',
	'sqlite3',
	'time',
]);

export const UTILITIES: ReadonlySet<string> = new Set(getCommandNames().filter((n) => !LEFT_OUT.has(n) || n === 'cat'));

/** What to use in place of well-known programs that aren't here. */
export const INSTEAD: { readonly [name: string]: string } = {
	docker: 'There is no Docker engine on this workstation; your cluster pulls the images that manifests name.',
	podman: 'There is no container engine on this workstation; your cluster pulls the images that manifests name.',
	minikube: 'Your cluster is running already: try kubectl get nodes.',
	kind: 'Your cluster is running already: try kubectl get nodes.',
	apt: 'The workstation comes complete; nothing can be installed on it.',
	'apt-get': 'The workstation comes complete; nothing can be installed on it.',
	sudo: 'You need no other user here: the cluster is yours already.',
	wget: 'Use curl -O <url>.',
	systemctl: 'There are no services on this workstation; look at the cluster with kubectl get pods -A.',
	ping: 'Pods and services answer to TCP: try curl -v http://<host>/.',
	telnet: 'Use curl -v telnet-style: curl -v http://<host>:<port>/.',
	less: 'Scroll the terminal itself, or open the file in the editor: vi <file>.',
	more: 'Scroll the terminal itself, or open the file in the editor: vi <file>.',
};

/**
 * just-bash as a box of utilities: each call runs one of them. Commands of ours are registered in it, too, so that
 * `xargs kubectl delete pod` and `find -exec` reach them.
 */
export function utilityBox(
	fs: IFileSystem,
	contextFor: (
		cwd: string,
		env: { readonly [name: string]: string },
		stdin: string,
		signal: AbortSignal | undefined,
	) => CommandContext & { collected(): { stdout: string; stderr: string } },
): Bash {
	const bash = new Bash({
		fs,
		cwd: '/home/learner',
		// It would patch globals that our own file system and clock need while a utility runs; no utility runs JavaScript of the learner's.
		defenseInDepth: false,
		executionLimits: { maxExecutionTimeMs: 600_000 },
		processInfo: { pid: 4243, ppid: 4242, uid: 1000, gid: 1000 },
		customCommands: [...COMMANDS.values()].map((c) =>
			defineCommand(c.name, async (args, ctx) => {
				const context = contextFor(ctx.cwd, ctx.exportedEnv ?? {}, String(ctx.stdin), ctx.signal);
				const exitCode = await c.run(args, context);
				return { ...context.collected(), exitCode };
			}),
		),
	});
	return bash;
}
