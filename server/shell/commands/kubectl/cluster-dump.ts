/** `kubectl cluster-info dump`: lists and logs, printed or written as files. Upstream: pkg/cmd/clusterinfo. */
import type { Obj } from './client.ts';
import { CliError, StatusError, toError } from './errors.ts';
import { bool, list, text, time } from './flags.ts';
import type { Kube } from './kube.ts';
import { PRINT_FLAGS, printerFor } from './printers.ts';
import type { Subcommand } from './subcommand.ts';

/** What is listed in each namespace: resource path and name of the file. */
const LISTS: readonly (readonly [string, string, string])[] = [
	['/api/v1', 'events', 'events'],
	['/api/v1', 'replicationcontrollers', 'replication-controllers'],
	['/api/v1', 'services', 'services'],
	['/apis/apps/v1', 'daemonsets', 'daemonsets'],
	['/apis/apps/v1', 'deployments', 'deployments'],
	['/apis/apps/v1', 'replicasets', 'replicasets'],
	['/api/v1', 'pods', 'pods'],
];

async function logsOf(kube: Kube, namespace: string, pod: string, container: string): Promise<string> {
	const title = `logs for container ${container} of pod ${namespace}/${pod} ====\n`;
	let text_: string;
	try {
		text_ = await (await kube.client.fetch(`/api/v1/namespaces/${namespace}/pods/${pod}/log`, { query: { container } })).text();
	} catch (err) {
		// The body of such an answer is not looked at.
		const said =
			err instanceof StatusError && err.code === 400 ? `the server rejected our request for an unknown reason (get pods ${pod})` : toError(err).message;
		text_ = `Request log error: ${said}\n`;
	}
	return `==== START ${title}${text_}==== END ${title}`;
}

export const dump: Subcommand = {
	name: 'dump',
	flags: [
		bool('all-namespaces', { short: 'A' }),
		list('namespaces'),
		text('output-directory'),
		time('pod-running-timeout', '20s'),
		...PRINT_FLAGS.map((f) => (f.name === 'output' ? { ...f, def: 'json' } : f)),
	],
	async run(kube, _args, flags) {
		const print = await printerFor(kube, flags, { keepOrder: true });
		if (flags.str('output') === 'name') throw new CliError('list types are not supported by name printing: *v1.NodeList');
		const folder = flags.str('output-directory');
		const extension = { json: '.json', yaml: '.yaml' }[flags.str('output')] ?? '.txt';
		const put = async (name: string, content: string): Promise<void> => {
			if (folder === '' || folder === '-') return kube.out(content);
			const path = `${folder.replace(/\/+$/, '')}/${name}`;
			await kube.context.files.mkdir(path.slice(0, path.lastIndexOf('/')));
			await kube.context.files.write(path, content);
		};
		const fetched = async (path: string): Promise<Obj> => kube.client.json(path);
		const shown = (o: Obj): string => (print === undefined ? '' : print(o));
		await put(`nodes${extension}`, shown(await fetched('/api/v1/nodes')));
		const asked = flags.list('namespaces');
		const all = async (): Promise<string[]> => ((await fetched('/api/v1/namespaces'))['items'] as Obj[]).map((n) => n.metadata?.name ?? '');
		const namespaces = flags.bool('all-namespaces') ? await all() : asked.length > 0 ? asked : ['kube-system', kube.namespace];
		for (const namespace of namespaces) {
			let last: Obj = {};
			for (const [root, resource, name] of LISTS) {
				last = await fetched(`${root}/namespaces/${namespace}/${resource}`);
				await put(`${namespace}/${name}${extension}`, shown(last));
			}
			for (const pod of (last['items'] ?? []) as Obj[]) {
				const containers = [...(pod['spec']?.initContainers ?? []), ...(pod['spec']?.containers ?? [])] as Obj[];
				let logs = '';
				for (const c of containers) logs += await logsOf(kube, namespace, pod.metadata?.name ?? '', String(c['name']));
				await put(`${namespace}/${pod.metadata?.name}/logs.txt`, logs);
			}
		}
		if (folder !== '' && folder !== '-') kube.out(`Cluster info dumped to ${folder}\n`);
		return 0;
	},
};
