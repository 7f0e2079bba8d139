/** What is on the workstation's PATH: commands of our own, and just-bash's utilities behind them. */
import { Bash, defineCommand, getCommandNames, type IFileSystem, latin1FromBytes } from 'just-bash';
import { latin1FromText, textFromLatin1 } from './bytes.ts';
import type { Command, CommandContext } from './command.ts';
import { binaryCommands } from './commands/binary.ts';
import { curl } from './commands/curl/curl.ts';
import { vllm } from './commands/vllm/vllm.ts';
import { gitCommand } from './commands/git/git.ts';
import { guidellm } from './commands/guidellm/guidellm.ts';
import { kubectl } from './commands/kubectl.ts';
import { less, more } from './commands/less.ts';
import { makeCommand } from './commands/make/make.ts';
import { nano } from './commands/nano/nano.ts';
import { networkCommands } from './commands/network.ts';
import { openssl } from './commands/openssl/command.ts';
import { smallCommands } from './commands/small.ts';
import { sshCommands } from './commands/ssh.ts';
import { systemCommands } from './commands/system.ts';
import { diffCommand } from './commands/text/diff.ts';
import { endCommands } from './commands/text/ends.ts';
import { odCommand } from './commands/text/od.ts';
import { vi, view, vim } from './commands/vi/command.ts';

/** Every command of ours, each name once. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
	[
		kubectl,
		curl,
		gitCommand,
		makeCommand,
		less,
		more,
		nano,
		openssl,
		...binaryCommands,
		...endCommands,
		diffCommand,
		odCommand,
		...sshCommands,
		...systemCommands,
		...networkCommands,
		vi,
		vim,
		view,
		vllm,
		guidellm,
		...smallCommands,
	].map((c) => [c.name, c]),
);

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
	'diff',
	'head',
	'od',
	'tail',
]);

export const UTILITIES: ReadonlySet<string> = new Set(getCommandNames().filter((n) => !LEFT_OUT.has(n) || n === 'cat'));

/** Help of utilities that have none of their own. */
export const UTILITY_HELP: { readonly [name: string]: string } = {
	mkdir:
		'Usage: mkdir [-p] [-m MODE] DIRECTORY...\nCreate the DIRECTORY(ies), if they do not already exist.\n  -p  no error if existing, make parent directories as needed\n',
	touch: 'Usage: touch [-c] [-d DATE] FILE...\nUpdate the access and modification times of each FILE to the current time.\n',
	rm: 'Usage: rm [-f] [-r] [-v] FILE...\nRemove (unlink) the FILE(s).\n  -f  ignore nonexistent files, never prompt\n  -r  remove directories and their contents recursively\n',
	tac: 'Usage: tac [FILE]...\nWrite each FILE to standard output, last line first.\n',
};

/** What to use in place of well-known programs that aren't here. */
const INSTEAD: { readonly [name: string]: string } = {
	docker: 'There is no Docker engine on this workstation; your cluster pulls the images that manifests name.',
	podman: 'There is no container engine on this workstation; your cluster pulls the images that manifests name.',
	minikube: 'Your cluster is running already: try kubectl get nodes.',
	kind: 'Your cluster is running already: try kubectl get nodes.',
	apt: 'The workstation comes complete; nothing can be installed on it.',
	'apt-get': 'The workstation comes complete; nothing can be installed on it.',
	sudo: 'You need no other user here: the cluster is yours already.',
	systemctl: 'There are no services on this workstation; look at the cluster with kubectl get pods -A.',
	telnet: 'Not here: curl -v telnet://<host>:<port>/ is no use either; try curl -v http://<host>:<port>/, or nc from a pod.',
	nc: 'Not on the workstation: kubectl run -it --rm nc --image=busybox -- nc -zv <host> <port> asks from inside the cluster.',
	emacs: 'Not here: use nano, vi, or code FILE for the editor beside the terminal.',
	helm: 'Not here: kubectl apply -k and kubectl kustomize build from bases and overlays.',
	python: 'There is no Python on this workstation; jq, yq, awk and sed are here.',
	python3: 'There is no Python on this workstation; jq, yq, awk and sed are here.',
	node: 'There is no Node on this workstation; jq, yq, awk and sed are here.',
	ifconfig: 'Use ip addr.',
	netstat: 'Use ss -tln.',
	traceroute: 'Not here: a NetworkPolicy shows as a timeout with curl -m 3.',
	journalctl: 'There is no journal on this workstation: kubectl logs and kubectl get events; or ssh <node> for a node of its own.',
	crictl: 'That is a tool of the nodes: ssh <node> goes there.',
	ctr: 'That is a tool of the nodes: ssh <node> goes there.',
	nerdctl: 'There is no container engine on this workstation; your cluster pulls the images that manifests name.',
	kubeadm: 'That is a tool of the control plane: ssh foothold-control-plane goes there.',
	kubelet: 'It runs on the nodes: ssh <node> goes there.',
	etcdctl: 'It lies in the etcd pod: kubectl exec -n kube-system etcd-foothold-control-plane -- etcdctl …',
	yum: 'The workstation comes complete; nothing can be installed on it.',
	dnf: 'The workstation comes complete; nothing can be installed on it.',
	brew: 'The workstation comes complete; nothing can be installed on it.',
	pip: 'There is no Python on this workstation; jq, yq, awk and sed are here.',
	pip3: 'There is no Python on this workstation; jq, yq, awk and sed are here.',
	npm: 'There is no Node on this workstation; jq, yq, awk and sed are here.',
	perl: 'There is no Perl on this workstation; awk and sed are here.',
	go: 'There is no compiler on this workstation.',
	gcc: 'There is no compiler on this workstation.',
	su: 'You need no other user here: the cluster is yours already.',
	service: 'There are no services on this workstation; look at the cluster with kubectl get pods -A.',
	kubectx: 'Use kubectl config get-contexts and kubectl config use-context.',
	kubens: 'Use kubectl config set-context --current --namespace=<name>.',
	k9s: 'Not here: the cluster view beside the terminal, and kubectl get … -w.',
	stern: 'Use kubectl logs -f -l <label> --prefix.',
	tmux: 'Open another terminal, or split this one, with the buttons above it.',
	screen: 'Open another terminal, or split this one, with the buttons above it.',
	tcpdump: 'Not here: a NetworkPolicy shows as a timeout with curl -m 3.',
	iptables: 'The nodes have that, not the workstation; NetworkPolicy is what the cluster filters by.',
};

/** Letters to put in, take out, change or swap to make one name of the other, as far as two. */
function distance(a: string, b: string): number {
	if (Math.abs(a.length - b.length) > 2) return 3;
	let rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
	for (let i = 1; i <= a.length; i++) {
		const [above = [], two = []] = rows;
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1];
			let d = Math.min((above[j] ?? 9) + 1, (row[j - 1] ?? 9) + 1, (above[j - 1] ?? 9) + (same ? 0 : 1));
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, (two[j - 2] ?? 9) + 1);
			row.push(d);
		}
		rows = [row, above];
	}
	return rows[0]?.[b.length] ?? 3;
}

/** What to say beside "command not found": what to use instead, or the name that was meant. */
export function suggestion(name: string): string | undefined {
	if (Object.hasOwn(INSTEAD, name)) return INSTEAD[name];
	if (name.length < 2 || name.length > 20) return undefined;
	const most = name.length < 4 ? 1 : 2;
	const near = [...COMMANDS.keys(), ...UTILITIES]
		.map((n) => ({ n, d: distance(name, n) }))
		.filter((x) => x.d <= most && x.n.length > 1)
		.sort((a, b) => a.d - b.d || (a.n < b.n ? -1 : 1));
	return near[0] === undefined ? undefined : `Did you mean ${near[0].n}?`;
}

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
				const context = contextFor(ctx.cwd, ctx.exportedEnv ?? {}, textFromLatin1(latin1FromBytes(ctx.stdin)), ctx.signal);
				const exitCode = await c.run(args, context);
				const { stdout, stderr } = context.collected();
				return { stdout: latin1FromText(stdout), stdoutKind: 'bytes', stderr, exitCode };
			}),
		),
	});
	return bash;
}
