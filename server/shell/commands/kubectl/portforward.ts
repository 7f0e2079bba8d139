/** `kubectl port-forward`: local ports whose HTTP requests travel through the API server into a pod. Upstream: pkg/cmd/portforward. */
import { ClusterRefusal } from '../../../sandboxes/sandbox.ts';
import { failure, type Obj } from './client.ts';
import { CliError, StatusError, toError, usageError } from './errors.ts';
import { array, time } from './flags.ts';
import { rawExchange } from './http-over-stream.ts';
import type { Kube } from './kube.ts';
import { containersOf, oneObject, podsOf } from './pods.ts';
import type { Info } from './select.ts';
import type { Subcommand } from './subcommand.ts';

interface Pair {
	readonly local: number;
	readonly remote: number;
}

function named(pod: Obj, name: string): number {
	for (const c of containersOf(pod)) for (const p of (c['ports'] ?? []) as Obj[]) if (p['name'] === name) return Number(p['containerPort']);
	throw new CliError(`Pod '${pod.metadata?.name}' does not have a named port '${name}'`);
}

/** A port of a service is led to its target port in the pod. */
function remotePort(info: Info, pod: Obj, text: string): number {
	if (info.mapping.kind !== 'Service') return /^\d+$/.test(text) ? Number(text) : named(pod, text);
	const ports = (info.object?.['spec']?.ports ?? []) as Obj[];
	const port = ports.find((p) => (/^\d+$/.test(text) ? p['port'] === Number(text) : p['name'] === text));
	if (port === undefined)
		throw new CliError(
			/^\d+$/.test(text) ? `Service ${info.name} does not have a service port ${text}` : `Service '${info.name}' does not have a named port '${text}'`,
		);
	const target = port['targetPort'] ?? port['port'];
	if (info.object?.['spec']?.clusterIP === 'None') return Number(port['port']);
	return typeof target === 'number' ? target : named(pod, String(target));
}

function pairOf(info: Info, pod: Obj, spec: string): Pair {
	const parts = spec.split(':');
	if (parts.length > 2) throw new CliError(`invalid port format '${spec}'`);
	const [first = '', second] = parts;
	if (second === '') throw new CliError('remote port cannot be empty');
	const remote = remotePort(info, pod, second ?? first);
	// A service's own port stays the local one where only one is given.
	const local = second === undefined ? (/^\d+$/.test(first) ? Number(first) : remote) : first === '' ? 0 : Number(first);
	if (!Number.isInteger(local) || local > 65535)
		throw new CliError(`error parsing local port '${first}': strconv.ParseUint: parsing "${first}": invalid syntax`);
	if (remote < 1 || remote > 65535) throw new CliError(`remote port must be > 0`);
	return { local, remote };
}

async function forward(kube: Kube, pod: Obj, { local, remote }: Pair, request: Request): Promise<Response> {
	const path = `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}/portforward`;
	try {
		const socket = await kube.client.connect(path, { ports: String(remote) });
		return await rawExchange(socket, request, AbortSignal.any([kube.signal, request.signal]));
	} catch (err) {
		// Whoever asked has hung up: nothing went wrong.
		if (request.signal.aborted) return Response.error();
		const cause = err instanceof ClusterRefusal ? await failure(err.response, 'POST') : toError(err);
		kube.err(`E1120 portforward.go:424] "Unhandled Error" err="an error occurred forwarding ${local} -> ${remote}: ${cause.message}"\n`);
		if (cause instanceof StatusError || cause.message.includes('lost connection')) kube.err('error: lost connection to pod\n');
		return Response.error();
	}
}

export const portForward: Subcommand = {
	name: 'port-forward',
	flags: [array('address', { kind: 'list', def: 'localhost' }), time('pod-running-timeout', '1m0s')],
	completes: 'pod-or-type',
	async run(kube, args, flags) {
		const [name, ...specs] = args;
		if (name === undefined || specs.length === 0) throw usageError(kube.path, 'TYPE/NAME and list of ports are required for port-forward');
		const info = await oneObject(kube, [name]);
		const until = kube.now + flags.duration('pod-running-timeout');
		let pod = (await podsOf(kube, info))[0];
		while (pod === undefined) {
			if (kube.now >= until) throw new CliError('timed out waiting for the condition');
			await kube.context.sleep(500);
			pod = (await podsOf(kube, info))[0];
		}
		const chosen = pod;
		if (chosen['status']?.phase !== 'Running')
			throw new CliError(`unable to forward port because pod is not running. Current status=${chosen['status']?.phase}`);
		const pairs = specs.map((s) => pairOf(info, chosen, s));
		const open: { close(): void }[] = [];
		try {
			for (const { local, remote } of pairs) {
				try {
					const listener = await kube.context.ports.listen(local, (request) => {
						kube.out(`Handling connection for ${listener.port}\n`);
						return forward(kube, chosen, { local: listener.port, remote }, request);
					});
					open.push(listener);
					kube.out(`Forwarding from 127.0.0.1:${listener.port} -> ${remote}\nForwarding from [::1]:${listener.port} -> ${remote}\n`);
				} catch (err) {
					if ((err as { code?: string }).code !== 'EADDRINUSE') throw err;
					kube.err(
						`Unable to listen on port ${local}: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:${local}: bind: address already in use unable to create listener: Error listen tcp6 [::1]:${local}: bind: address already in use]\n`,
					);
				}
			}
			if (open.length === 0) throw new CliError(`unable to listen on any of the requested ports: [${pairs.map((p) => `{${p.local} ${p.remote}}`).join(' ')}]`);
			await new Promise<void>((resolve) => {
				if (kube.signal.aborted) resolve();
				kube.signal.addEventListener('abort', () => resolve(), { once: true });
			});
		} finally {
			for (const listener of open) listener.close();
		}
		return 130;
	},
};
