/** `kubectl api-resources`, `api-versions`, `cluster-info`, `version`, `options`. */
import type { Obj } from './client.ts';
import { dump } from './cluster-dump.ts';
import { apiVersionOf, type Mapping, preferred } from './discovery.ts';
import { CliError, ConnectionError, usageError } from './errors.ts';
import { bool, list, text } from './flags.ts';
import { helpOf } from './help/words.ts';
import type { Subcommand } from './subcommand.ts';
import { TableText } from './tabs.ts';
import { toKyaml } from './kyaml-out.ts';
import { toJson, toYaml } from './yaml-out.ts';

export const apiResources: Subcommand = {
	name: 'api-resources',
	flags: [
		text('api-group'),
		bool('cached'),
		list('categories'),
		bool('namespaced', { def: 'true' }),
		bool('no-headers'),
		text('output', { short: 'o' }),
		bool('show-managed-fields'),
		text('sort-by'),
		list('verbs'),
	],
	async run(kube, args, flags) {
		if (args.length > 0) throw usageError(kube.path, `unexpected arguments: [${args.join(' ')}]`);
		const [output, sort] = [flags.str('output'), flags.str('sort-by')];
		if (!['', 'name', 'kind'].includes(sort)) throw new CliError('--sort-by accepts only name or kind');
		if (!['', 'wide', 'name', 'json', 'yaml', 'kyaml'].includes(output))
			throw new CliError(`unable to match a printer suitable for the output format "${output}", allowed formats are: json,kyaml,name,wide,yaml`);
		const found = preferred(await kube.mapper.catalogue(true)).filter(
			(m) =>
				m.verbs.length > 0 &&
				(!flags.changed('api-group') || m.group === flags.str('api-group')) &&
				(!flags.changed('namespaced') || m.namespaced === flags.bool('namespaced')) &&
				flags.list('verbs').every((v) => m.verbs.includes(v)) &&
				flags.list('categories').every((c) => m.categories.includes(c)),
		);
		const key = (m: Mapping): string => (sort === 'name' ? m.resource : sort === 'kind' ? m.kind : m.group);
		const sorted = [...found].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.resource < b.resource ? -1 : 1));
		if (output === 'name') kube.out(sorted.map((m) => `${m.resource}${m.group === '' ? '' : `.${m.group}`}\n`).join(''));
		else if (['json', 'yaml', 'kyaml'].includes(output)) {
			const value = {
				kind: 'APIResourceList',
				apiVersion: 'v1',
				groupVersion: '',
				resources: sorted.map((m) => ({
					name: m.resource,
					singularName: m.singular,
					namespaced: m.namespaced,
					group: m.group,
					version: m.version,
					kind: m.kind,
					verbs: m.verbs,
					...(m.shortNames.length > 0 ? { shortNames: m.shortNames } : {}),
					...(m.categories.length > 0 ? { categories: m.categories } : {}),
				})),
			};
			kube.out(output === 'json' ? toJson(value, { keepOrder: true }) : output === 'kyaml' ? toKyaml(value, { keepOrder: true }) : toYaml(value));
		} else {
			const wide = output === 'wide';
			const rows = sorted.map((m) => [
				m.resource,
				m.shortNames.join(','),
				apiVersionOf(m),
				String(m.namespaced),
				m.kind,
				...(wide ? [m.verbs.join(','), m.categories.join(',')] : []),
			]);
			const head = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])];
			kube.out(new TableText().rows(flags.bool('no-headers') ? rows : [head, ...rows]));
		}
		return 0;
	},
};

export const apiVersions: Subcommand = {
	name: 'api-versions',
	flags: [],
	async run(kube, args) {
		if (args.length > 0) throw usageError(kube.path, `unexpected arguments: [${args.join(' ')}]`);
		kube.out(
			[...(await kube.mapper.catalogue(true)).groupVersions]
				.sort()
				.map((v) => `${v}\n`)
				.join(''),
		);
		return 0;
	},
};

const green = (s: string, colour: boolean): string => (colour ? `\x1b[0;32m${s}\x1b[0m` : s);
const yellow = (s: string, colour: boolean): string => (colour ? `\x1b[0;33m${s}\x1b[0m` : s);

export const clusterInfo: Subcommand = {
	name: 'cluster-info',
	children: [dump],
	flags: [],
	async run(kube) {
		const colour = kube.context.io.stdoutIsTerminal;
		const server = `https://${kube.client.host}`;
		const services = await kube.client.json('/api/v1/namespaces/kube-system/services', { query: { labelSelector: 'kubernetes.io/cluster-service=true' } });
		kube.out(`${green('Kubernetes control plane', colour)} is running at ${yellow(server, colour)}\n`);
		for (const s of (services['items'] ?? []) as Obj[]) {
			const name = s.metadata?.labels?.['kubernetes.io/name'] ?? s.metadata?.name ?? '';
			const port = ((s['spec']?.ports ?? []) as Obj[])[0];
			const link = `${server}/api/v1/namespaces/${s.metadata?.namespace}/services/${s.metadata?.name}${port?.['name'] ? `:${port['name']}` : ''}/proxy`;
			kube.out(`${green(name, colour)} is running at ${yellow(link, colour)}\n`);
		}
		kube.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
		return 0;
	},
};

const CLIENT = {
	major: '1',
	minor: '36',
	gitVersion: 'v1.36.0',
	gitCommit: '',
	gitTreeState: 'clean',
	buildDate: '2026-04-22T00:00:00Z',
	goVersion: 'go1.26.0',
	compiler: 'gc',
	platform: 'linux/amd64',
};
const KUSTOMIZE = 'v5.8.1';

export const version: Subcommand = {
	name: 'version',
	flags: [bool('client'), text('output', { short: 'o' })],
	async run(kube, args, flags) {
		if (args.length > 0) throw new CliError(`extra arguments: [${args.join(' ')}]`);
		const output = flags.str('output');
		if (!['', 'json', 'yaml'].includes(output)) throw new CliError("--output must be 'yaml' or 'json'");
		let server: Obj | undefined;
		let failed: Error | undefined;
		if (!flags.bool('client')) {
			try {
				server = await kube.client.json('/version');
			} catch (err) {
				if (!(err instanceof ConnectionError)) throw err;
				failed = err;
			}
		}
		const value = { clientVersion: CLIENT, kustomizeVersion: KUSTOMIZE, ...(server === undefined ? {} : { serverVersion: server }) };
		if (output === 'json') kube.out(toJson(value, { keepOrder: true, indent: 2 }));
		else if (output === 'yaml') kube.out(toYaml(value));
		else
			kube.out(
				`Client Version: ${CLIENT.gitVersion}\nKustomize Version: ${KUSTOMIZE}\n${server === undefined ? '' : `Server Version: ${server['gitVersion']}\n`}`,
			);
		if (failed !== undefined) throw failed;
		return 0;
	},
};

export const options: Subcommand = {
	name: 'options',
	flags: [],
	async run(kube) {
		kube.out(await helpOf('options'));
		return 0;
	},
};
