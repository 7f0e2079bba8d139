/**
 * ssh and scp to the cluster's nodes. The sandbox has one way in, the Kubernetes API, so a connection is a pod on the node for as long as
 * it lasts: privileged, in the host's namespaces, its root under /host, as `kubectl debug node --profile=sysadmin` makes one. It lies in
 * kube-system and goes when the connection ends.
 */
import type { Command, CommandContext, ShellIo } from '../command.ts';
import { kubectl } from './kubectl.ts';

interface Node {
	readonly metadata: { readonly name: string };
	readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

const PODS = 'http://cluster/api/v1/namespaces/kube-system/pods';
/** How long a node is given to answer, ms of the sandbox's clock: ssh's own ConnectTimeout has no such end, people do. */
const CONNECT_MS = 30_000;
const VALUED = 'pPilLRDoFJEcmQWw';

interface Target {
	readonly user: string | undefined;
	readonly host: string;
}

function targetOf(text: string): Target {
	const url = text.replace(/^ssh:\/\//, '');
	const at = url.lastIndexOf('@');
	return { user: at < 0 ? undefined : url.slice(0, at), host: url.slice(at + 1) };
}

/** Options taken off: the first operand and what follows it. */
function operands(args: readonly string[]): { readonly rest: readonly string[]; readonly flags: string } {
	let flags = '';
	let i = 0;
	for (; i < args.length; i++) {
		const a = args[i] ?? '';
		if (!/^-./.test(a)) break;
		flags += a.slice(1);
		if (VALUED.includes(a[1] ?? ' ') && a.length === 2) i++;
	}
	return { rest: args.slice(i), flags };
}

async function nodeNamed(c: CommandContext, host: string): Promise<string | undefined> {
	const got = await c.cluster.fetch(new Request('http://cluster/api/v1/nodes')).catch(() => undefined);
	if (!got?.ok) return undefined;
	const { items } = (await got.json()) as { readonly items: readonly Node[] };
	return items.find((n) => n.metadata.name === host || n.status?.addresses?.some((a) => a.address === host))?.metadata.name;
}

const podFor = (node: string, name: string): object => ({
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name, namespace: 'kube-system', labels: { 'foothold.dev/connection': 'ssh' } },
	spec: {
		nodeName: node,
		restartPolicy: 'Never',
		hostPID: true,
		hostIPC: true,
		hostNetwork: true,
		terminationGracePeriodSeconds: 0,
		tolerations: [{ operator: 'Exists' }],
		containers: [
			{
				name: 'shell',
				image: 'busybox',
				command: ['sleep', '86400'],
				securityContext: { privileged: true },
				volumeMounts: [{ name: 'root', mountPath: '/host' }],
			},
		],
		volumes: [{ name: 'root', hostPath: { path: '/' } }],
	},
});

/** Holds a pod on the node while `use` runs; 255 and ssh's words where there is none to be had. */
async function connected(c: CommandContext, program: string, host: string, use: (pod: string) => Promise<number>): Promise<number> {
	const node = await nodeNamed(c, host);
	if (node === undefined) {
		c.io.stderr(
			`${program}: Could not resolve hostname ${host}: Name or service not known\nThe cluster's nodes can be reached: kubectl get nodes lists them.\n`,
		);
		return 255;
	}
	const refused = (why: string): number => {
		c.io.stderr(`${program}: connect to host ${host} port 22: ${why}\n`);
		return 255;
	};
	const name = `ssh-${node}-${Math.random().toString(36).slice(2, 7)}`;
	const made = await c.cluster.fetch(
		new Request(PODS, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(podFor(node, name)) }),
	);
	if (!made.ok) return refused(made.status === 403 ? 'Permission denied: your user may not create pods in kube-system' : 'Connection refused');
	try {
		const until = c.clock.now() + CONNECT_MS;
		for (;;) {
			const got = await c.cluster.fetch(new Request(`${PODS}/${name}`));
			const pod = got.ok ? ((await got.json()) as { readonly status?: { readonly phase?: string } }) : undefined;
			if (pod?.status?.phase === 'Running') break;
			if (pod === undefined || pod.status?.phase === 'Failed' || c.clock.now() > until)
				return refused(pod === undefined ? 'Connection refused' : 'Connection timed out');
			await c.sleep(200);
		}
		return await use(name);
	} finally {
		await c.cluster.fetch(new Request(`${PODS}/${name}?gracePeriodSeconds=0`, { method: 'DELETE' })).catch(() => undefined);
	}
}

/** kubectl exec into the connection's pod, in the node's own root; only what kubectl itself would say is left out. */
function inNode(c: CommandContext, pod: string, command: readonly string[], tty: boolean, input?: string): Promise<number> {
	const quiet = (text: string): void => {
		const left = text.replace(
			/^(command terminated with exit code \d+|error: Internal error occurred: .*exit.*|All commands and output .*|If you don't see a command prompt.*)\n/gm,
			'',
		);
		if (left !== '') c.io.stderr(left);
	};
	const own: PropertyDescriptorMap = { stderr: { value: quiet } };
	if (input !== undefined) Object.assign(own, { stdin: { value: input }, stdinIsTerminal: { value: false } });
	const io = Object.create(c.io, own) as ShellIo;
	const flags = tty ? ['-it'] : input !== undefined || !c.io.stdinIsTerminal ? ['-i'] : [];
	return kubectl.run(['exec', '-q', '-n', 'kube-system', ...flags, pod, '--', 'chroot', '/host', ...command], { ...c, io });
}

async function ssh(args: readonly string[], c: CommandContext): Promise<number> {
	const { rest, flags } = operands(args);
	const [given, ...command] = rest;
	if (flags.includes('V')) {
		c.io.stderr('OpenSSH_9.2p1 Foothold, OpenSSL 3.5.0 8 Apr 2025\n');
		return 0;
	}
	if (given === undefined) {
		c.io.stderr('usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-i identity_file] [-l login_name] [-o option] [-p port] destination [command [argument ...]]\n');
		return 255;
	}
	const { host } = targetOf(given);
	const interactive = command.length === 0 && c.io.stdinIsTerminal;
	const closed = await connected(c, 'ssh', host, (pod) => {
		if (command.length > 0)
			return inNode(c, pod, ['sh', '-c', command.join(' ')], flags.includes('t') && c.io.stdinIsTerminal, c.io.stdinIsTerminal ? undefined : c.io.stdin);
		return interactive ? inNode(c, pod, ['bash'], true) : readAll(c).then((script) => inNode(c, pod, ['sh'], false, script));
	});
	if (interactive && closed !== 255) c.io.stderr(`Connection to ${host} closed.\n`);
	return closed;
}

async function readAll(c: CommandContext): Promise<string> {
	let text = c.io.stdin;
	if (text === '') for (let t = await c.io.read(); t !== null; t = await c.io.read()) text += t;
	return text;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

async function upload(c: CommandContext, pod: string, source: string, target: string, recursive: boolean): Promise<number> {
	const stat = await c.files.stat(source);
	if (stat === undefined) {
		c.io.stderr(`scp: stat local "${source}": No such file or directory\n`);
		return 1;
	}
	if (stat.kind === 'directory' && !recursive) {
		c.io.stderr(`scp: local "${source}" is not a regular file\nscp: failed to upload file ${source} to ${target}\n`);
		return 1;
	}
	const base = c.disk.resolvePath(c.cwd, source);
	const name = base.slice(base.lastIndexOf('/') + 1);
	for (const file of stat.kind === 'directory' ? await c.files.list(base, { recursive: true }) : [base]) {
		const below = `${name}${file.slice(base.length)}`;
		// Into a folder that is there; else the target is the name.
		const script = `t=${quoted(target === '' ? '.' : target)}; [ -d "$t" ] && t="$t"/${quoted(below)}; mkdir -p "$(dirname "$t")"; cat > "$t"`;
		const status = await inNode(c, pod, ['sh', '-c', script], false, await c.files.read(file));
		if (status !== 0) return 1;
	}
	return 0;
}

async function download(c: CommandContext, pod: string, source: string, target: string): Promise<number> {
	let content = '';
	const io = Object.create(c.io, { stdout: { value: (t: string) => (content += t) } }) as ShellIo;
	if ((await inNode({ ...c, io }, pod, ['cat', source], false)) !== 0) {
		c.io.stderr(`scp: failed to download file ${source}\n`);
		return 1;
	}
	const folder = (await c.files.stat(target))?.kind === 'directory';
	await c.files.write(folder ? `${target}/${source.slice(source.lastIndexOf('/') + 1)}` : target, content);
	return 0;
}

async function scp(args: readonly string[], c: CommandContext): Promise<number> {
	const { rest, flags } = operands(args);
	const target = rest.at(-1);
	const sources = rest.slice(0, -1);
	if (target === undefined || sources.length === 0) {
		c.io.stderr('usage: scp [-346ABCOpqRrsTv] [-i identity_file] [-o ssh_option] [-P port] source ... target\n');
		return 1;
	}
	const remote = (text: string): { readonly host: string; readonly path: string } | undefined => {
		const m = /^([^/:]+):(.*)$/.exec(text);
		return m === null ? undefined : { host: targetOf(m[1] ?? '').host, path: m[2] ?? '' };
	};
	const to = remote(target);
	for (const s of sources) {
		const from = remote(s);
		if (from === undefined && to === undefined) return c.spawn('cp', [...(flags.includes('r') ? ['-r'] : []), s, target]);
		const status = await connected(c, 'scp', (from ?? to)?.host ?? '', (pod) =>
			from === undefined ? upload(c, pod, s, to?.path ?? '', flags.includes('r')) : download(c, pod, from.path, target),
		);
		if (status !== 0) return status;
	}
	return 0;
}

export const sshCommands: readonly Command[] = [
	{
		name: 'ssh',
		summary: "open a shell on one of the cluster's nodes",
		help: `Usage: ssh [-t] [USER@]NODE [COMMAND]
Opens a shell on a node (kubectl get nodes names them), or runs COMMAND there. exit or Ctrl-D comes back; Ctrl-C goes to what runs there.
While it lasts a pod ssh-NODE-… stands in kube-system: the cluster's API is the way in here.
`,
		run: ssh,
		complete: async (words, context) => {
			const got = await context.cluster.fetch(new Request('http://cluster/api/v1/nodes')).catch(() => undefined);
			if (!got?.ok) return undefined;
			const { items } = (await got.json()) as { readonly items: readonly Node[] };
			return items.map((n) => n.metadata.name).filter((n) => n.startsWith(words.at(-1) ?? ''));
		},
	},
	{
		name: 'scp',
		summary: "copy files to and from the cluster's nodes",
		help: 'Usage: scp [-r] SOURCE… TARGET\nA SOURCE or TARGET on a node is written NODE:/path.\n',
		run: scp,
	},
];
