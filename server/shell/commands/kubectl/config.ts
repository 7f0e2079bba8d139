/** `kubectl config`: reads and writes the kubeconfig. Upstream: pkg/cmd/config. */
import type { Obj } from './client.ts';
import { setCluster, setCredentials } from './config-entries.ts';
import { helpError } from './config-help.ts';
import { setProperty, unsetProperty } from './config-property.ts';
import { CliError, usageError } from './errors.ts';
import { bool, text } from './flags.ts';
import { helpOf } from './help/words.ts';
import { configObject, saveConfig } from './kubeconfig.ts';
import type { Kube } from './kube.ts';
import { PRINT_FLAGS, printerFor } from './printers.ts';
import type { Subcommand } from './subcommand.ts';
import { TableText } from './tabs.ts';
import { toYaml } from './yaml-out.ts';

async function oneArg(kube: Kube, args: readonly string[]): Promise<string> {
	const [only] = args;
	if (args.length !== 1 || only === undefined) throw await helpError(kube, `Unexpected args: [${args.join(' ')}]`);
	return only;
}

/** Secrets are shown as placeholders unless --raw. */
function redacted(value: unknown, key = ''): unknown {
	if (Array.isArray(value)) return value.map((v) => redacted(v));
	if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, redacted(v, k)]));
	if (['client-certificate-data', 'certificate-authority-data', 'client-key-data'].includes(key)) return 'DATA+OMITTED';
	if (['token', 'password'].includes(key)) return 'REDACTED';
	return value;
}

function minified(kube: Kube, whole: Obj): Obj {
	const current = kube.flags.str('context') || kube.config.currentContext;
	const context = kube.config.contexts.get(current);
	if (context === undefined)
		throw new CliError(kube.flags.str('context') === '' ? 'current-context must exist in order to minify' : `cannot locate context ${current}`);
	const pick = (list: unknown, name: unknown): unknown[] => (Array.isArray(list) ? list.filter((e) => e.name === name) : []);
	return {
		...whole,
		clusters: pick(whole['clusters'], context['cluster']),
		contexts: pick(whole['contexts'], current),
		users: pick(whole['users'], context['user']),
		'current-context': current,
	};
}

/** Fields as the Go struct has them, which JSON shows. */
function inStructOrder(whole: Obj): Obj {
	const order = (entry: Obj, first: readonly string[]): Obj =>
		Object.fromEntries([...first.filter((f) => entry[f] !== undefined), ...Object.keys(entry).filter((k) => !first.includes(k))].map((k) => [k, entry[k]]));
	const entries = (list: unknown, key: string, first: readonly string[]): unknown =>
		Array.isArray(list) ? (list as Obj[]).map((e) => ({ name: e['name'], [key]: order((e[key] ?? {}) as Obj, first) })) : list;
	const { kind, apiVersion, clusters, contexts } = whole;
	const withExec = (u: Obj): Obj => {
		const provider = (u['user'] as Obj | undefined)?.['auth-provider'] as Obj | undefined;
		if (provider !== undefined) return { ...u, user: { ...u['user'], 'auth-provider': order(provider, ['name', 'config']) } };
		const exec = (u['user'] as Obj | undefined)?.['exec'] as Obj | undefined;
		return exec === undefined
			? u
			: { ...u, user: { ...u['user'], exec: order(exec, ['command', 'args', 'env', 'apiVersion', 'provideClusterInfo', 'interactiveMode']) } };
	};
	const users = Array.isArray(whole['users']) ? (whole['users'] as Obj[]).map(withExec) : whole['users'];
	return {
		kind,
		apiVersion,
		clusters: entries(clusters, 'cluster', [
			'server',
			'tls-server-name',
			'insecure-skip-tls-verify',
			'certificate-authority',
			'certificate-authority-data',
			'proxy-url',
		]),
		users: entries(users, 'user', [
			'client-certificate',
			'client-certificate-data',
			'client-key',
			'client-key-data',
			'token',
			'username',
			'password',
			'auth-provider',
			'exec',
		]),
		contexts: entries(contexts, 'context', ['cluster', 'user', 'namespace']),
		'current-context': whole['current-context'],
	} as Obj;
}

const view: Subcommand = {
	name: 'view',
	flags: [
		bool('flatten'),
		bool('merge', { def: 'true' }),
		bool('minify'),
		bool('raw'),
		...PRINT_FLAGS.map((f) => (f.name === 'output' ? { ...f, def: 'yaml' } : f)),
	],
	async run(kube, args, flags) {
		if (args.length > 0) throw usageError(kube.path, `unexpected arguments: [${args.join(' ')}]`);
		const whole = configObject(kube.config) as Obj;
		const chosen = flags.bool('minify') ? minified(kube, whole) : whole;
		const shown = (flags.bool('raw') || flags.bool('flatten') ? chosen : redacted(chosen)) as Obj;
		const printer = await printerFor(kube, flags, { keepOrder: true });
		kube.out(printer === undefined ? toYaml(shown) : printer(inStructOrder(shown)));
		return 0;
	},
};

const current: Subcommand = {
	name: 'current-context',
	flags: [],
	run(kube) {
		if (kube.config.currentContext === '') throw new CliError('current-context is not set');
		kube.out(`${kube.config.currentContext}\n`);
		return Promise.resolve(0);
	},
};

const use: Subcommand = {
	name: 'use-context',
	aliases: ['use'],
	flags: [],
	completes: 'contexts',
	async run(kube, args) {
		const name = await oneArg(kube, args);
		if (name === '') throw new CliError('empty context names are not allowed');
		if (!kube.config.contexts.has(name)) throw new CliError(`no context exists with the name: "${name}"`);
		kube.config.currentContext = name;
		await saveConfig(kube.context, kube.config);
		kube.out(`Switched to context "${name}".\n`);
		return 0;
	},
};

const getContexts: Subcommand = {
	name: 'get-contexts',
	flags: [bool('no-headers'), text('output', { short: 'o' })],
	completes: 'contexts',
	run(kube, args, flags) {
		const output = flags.str('output');
		if (!['', 'name'].includes(output))
			throw new CliError(`--output ${output} is not available in kubectl config get-contexts; resetting to default output format`);
		const all = kube.config.contexts;
		const names = (args.length > 0 ? [...args] : [...all.keys()]).sort();
		const missing = names.find((n) => !all.has(n));
		if (flags.str('output') === 'name') kube.out(names.map((n) => `${n}\n`).join(''));
		else {
			const rows = names
				.filter((n) => all.has(n))
				.map((n) => {
					const c = all.get(n) ?? {};
					return [n === kube.config.currentContext ? '*' : '', n, String(c['cluster'] ?? ''), String(c['user'] ?? ''), String(c['namespace'] ?? '')];
				});
			kube.out(new TableText().rows(flags.bool('no-headers') ? rows : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'], ...rows]));
		}
		if (missing !== undefined) throw new CliError(`context ${missing} not found`);
		return Promise.resolve(0);
	},
};

function listNames(name: string, pick: (kube: Kube) => Iterable<string>): Subcommand {
	return {
		name,
		flags: [],
		run(kube) {
			kube.out(
				`NAME\n${[...pick(kube)]
					.sort()
					.map((n) => `${n}\n`)
					.join('')}`,
			);
			return Promise.resolve(0);
		},
	};
}

const setContext: Subcommand = {
	name: 'set-context',
	flags: [text('cluster'), bool('current'), text('namespace', { short: 'n' }), text('user')],
	completes: 'contexts',
	async run(kube, args, flags) {
		const isCurrent = flags.bool('current');
		if (args.length > 1) throw await helpError(kube, `Unexpected args: [${args.join(' ')}]`);
		if (isCurrent && args.length > 0) throw new CliError('you cannot specify both a context name and --current');
		if (!isCurrent && (args[0] ?? '') === '') throw new CliError('you must specify a non-empty context name or --current');
		const name = isCurrent ? kube.config.currentContext : (args[0] ?? '');
		if (name === '') throw new CliError('no current context is set');
		const old = kube.config.contexts.get(name);
		const next = { ...old };
		for (const field of ['cluster', 'user', 'namespace']) if (flags.changed(field)) next[field] = flags.str(field);
		kube.config.contexts.set(name, next);
		await saveConfig(kube.context, kube.config);
		kube.out(`Context "${name}" ${old === undefined ? 'created' : 'modified'}.\n`);
		return 0;
	},
};

function remove(name: string, what: string, map: (kube: Kube) => Map<string, unknown>): Subcommand {
	return {
		name,
		flags: [],
		completes: 'contexts',
		async run(kube, args) {
			const [target] = args;
			if (args.length !== 1 || target === undefined) {
				if (what === 'user') throw usageError(kube.path, 'user to delete is required');
				kube.out(await helpOf(kube.path.replace('kubectl ', '')));
				return 0;
			}
			const path = kube.config.paths[0] ?? '';
			if (!map(kube).delete(target)) throw new CliError(`cannot delete ${what} ${target}, not in ${path}`);
			if (what === 'context' && kube.config.currentContext === target)
				kube.err('warning: this removed your active context, use "kubectl config use-context" to select a different one\n');
			await saveConfig(kube.context, kube.config);
			kube.out(`deleted ${what} ${target} from ${path}\n`);
			return 0;
		},
	};
}

const rename: Subcommand = {
	name: 'rename-context',
	flags: [],
	completes: 'contexts',
	async run(kube, args) {
		const [from = '', to = ''] = args;
		if (args.length !== 2) throw await helpError(kube, `Unexpected args: [${args.join(' ')}]`);
		const entry = kube.config.contexts.get(from);
		if (entry === undefined) throw new CliError(`cannot rename the context "${from}", it's not in ${kube.config.paths[0]}`);
		if (kube.config.contexts.has(to)) throw new CliError(`cannot rename the context "${from}", the context "${to}" already exists in ${kube.config.paths[0]}`);
		kube.config.contexts.delete(from);
		kube.config.contexts.set(to, entry);
		if (kube.config.currentContext === from) kube.config.currentContext = to;
		await saveConfig(kube.context, kube.config);
		kube.out(`Context "${from}" renamed to "${to}".\n`);
		return 0;
	},
};

export const config: Subcommand = {
	name: 'config',
	flags: [],
	children: [
		current,
		remove('delete-cluster', 'cluster', (k) => k.config.clusters),
		remove('delete-context', 'context', (k) => k.config.contexts),
		remove('delete-user', 'user', (k) => k.config.users),
		listNames('get-clusters', (k) => k.config.clusters.keys()),
		getContexts,
		listNames('get-users', (k) => k.config.users.keys()),
		rename,
		setProperty,
		setCluster,
		setContext,
		setCredentials,
		unsetProperty,
		use,
		view,
	],
};
