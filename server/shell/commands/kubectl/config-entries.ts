/** `kubectl config set-cluster` and `set-credentials`. Upstream: pkg/cmd/config. */
import { helpError } from './config-help.ts';
import { CliError } from './errors.ts';
import { array, bool, type Flags, list, text } from './flags.ts';
import { saveConfig } from './kubeconfig.ts';
import type { Kube } from './kube.ts';
import type { Subcommand } from './subcommand.ts';

type Entry = { [field: string]: unknown };

const absolute = (kube: Kube, path: string): string => (path === '' || path.startsWith('/') ? path : `${kube.context.cwd}/${path.replace(/^\.\//, '')}`);

/** A file named by `flag`, as its path or, embedded, as its content; the other form goes. */
async function filed(kube: Kube, flags: Flags, flag: string, entry: Entry): Promise<Entry> {
	if (!flags.changed(flag)) return entry;
	const { [flag]: _path, [`${flag}-data`]: _data, ...rest } = entry;
	const path = flags.str(flag);
	if (flags.bool('embed-certs')) return { ...rest, [`${flag}-data`]: Buffer.from(await kube.context.files.read(path), 'utf8').toString('base64') };
	return path === '' ? rest : { ...rest, [flag]: absolute(kube, path) };
}

async function checkFiles(kube: Kube, flags: Flags, names: readonly string[]): Promise<void> {
	if (!flags.bool('embed-certs')) return;
	const given = names.filter((n) => flags.str(n) !== '');
	if (given.length === 0) throw new CliError(`you must specify a ${names.map((n) => `--${n}`).join(' or ')} to embed`);
	for (const name of given)
		if ((await kube.context.files.stat(flags.str(name))) === undefined)
			throw new CliError(`could not stat ${name} file ${flags.str(name)}: stat ${flags.str(name)}: no such file or directory`);
}

/** Sets what the flags of these names say; an empty text takes the field away. */
function withTexts(flags: Flags, names: readonly string[], entry: Entry): Entry {
	let out = entry;
	for (const name of names) {
		if (!flags.changed(name)) continue;
		const { [name]: _old, ...rest } = out;
		out = flags.str(name) === '' ? rest : { ...rest, [name]: flags.str(name) };
	}
	return out;
}

export const setCluster: Subcommand = {
	name: 'set-cluster',
	flags: [text('certificate-authority'), bool('embed-certs'), bool('insecure-skip-tls-verify'), text('proxy-url'), text('server'), text('tls-server-name')],
	completes: 'contexts',
	async run(kube, args, flags) {
		const [name] = args;
		if (args.length !== 1 || name === undefined) throw await helpError(kube, `Unexpected args: [${args.join(' ')}]`);
		if (name === '') throw new CliError('you must specify a non-empty cluster name');
		if (flags.bool('insecure-skip-tls-verify') && flags.str('certificate-authority') !== '')
			throw new CliError('you cannot specify a certificate authority and insecure mode at the same time');
		await checkFiles(kube, flags, ['certificate-authority']);
		let entry: Entry = { ...kube.config.clusters.get(name) };
		if (flags.changed('server')) delete entry['tls-server-name'];
		entry = withTexts(flags, ['server', 'tls-server-name', 'proxy-url'], entry);
		if (flags.changed('insecure-skip-tls-verify')) {
			delete entry['insecure-skip-tls-verify'];
			if (flags.bool('insecure-skip-tls-verify')) {
				entry['insecure-skip-tls-verify'] = true;
				delete entry['certificate-authority'];
				delete entry['certificate-authority-data'];
			}
		}
		if (flags.changed('certificate-authority')) delete entry['insecure-skip-tls-verify'];
		entry = await filed(kube, flags, 'certificate-authority', entry);
		kube.config.clusters.set(name, entry);
		await saveConfig(kube.context, kube.config);
		kube.out(`Cluster "${name}" set.\n`);
		return 0;
	},
};

interface Named {
	readonly name: string;
	readonly value: string;
}

/** `key=value` adds, `key-` takes away. */
function pairs(given: readonly string[], what: string): { readonly set: readonly Named[]; readonly remove: readonly string[] } {
	const set: Named[] = [];
	const remove: string[] = [];
	for (const p of given) {
		const eq = p.indexOf('=');
		if (eq > 0) set.push({ name: p.slice(0, eq), value: p.slice(eq + 1) });
		else if (p.endsWith('-')) remove.push(p.slice(0, -1));
		else throw new CliError(`invalid ${what} format: ${p}`);
	}
	return { set, remove };
}

function withExec(flags: Flags, entry: Entry): Entry {
	let exec = entry['exec'] as Entry | undefined;
	if (flags.changed('exec-command')) {
		const { args: _args, ...rest } = exec ?? { apiVersion: '', args: null, env: null, provideClusterInfo: false };
		exec = { ...rest, args: null, command: flags.str('exec-command') };
	}
	if (exec === undefined) return entry;
	if (flags.changed('exec-api-version')) exec = { ...exec, apiVersion: flags.str('exec-api-version') };
	if (flags.list('exec-arg').length > 0) exec = { ...exec, args: [...flags.list('exec-arg')] };
	if (flags.changed('exec-interactive-mode')) exec = { ...exec, interactiveMode: flags.str('exec-interactive-mode') };
	if (flags.changed('exec-provide-cluster-info')) exec = { ...exec, provideClusterInfo: flags.bool('exec-provide-cluster-info') };
	const env = pairs(flags.list('exec-env'), 'exec-env');
	if (env.set.length + env.remove.length > 0) {
		const old = ((exec['env'] ?? []) as Named[]).filter((e) => !env.remove.includes(e.name));
		const kept = old.map((e) => env.set.find((s) => s.name === e.name) ?? e);
		exec = { ...exec, env: [...kept, ...env.set.filter((s) => !old.some((e) => e.name === s.name))] };
	}
	return { ...entry, exec };
}

function withProvider(flags: Flags, entry: Entry): Entry {
	let provider = entry['auth-provider'] as { name: string; config?: Record<string, string> } | undefined;
	if (flags.changed('auth-provider') && provider?.name !== flags.str('auth-provider')) provider = { name: flags.str('auth-provider') };
	if (provider === undefined) return entry;
	const { set, remove } = pairs(flags.list('auth-provider-arg'), 'auth-provider-arg');
	const config = { ...provider.config };
	for (const key of remove) delete config[key];
	for (const { name, value } of set) config[name] = value;
	return { ...entry, 'auth-provider': { config: Object.keys(config).length > 0 ? config : null, name: provider.name } };
}

export const setCredentials: Subcommand = {
	name: 'set-credentials',
	flags: [
		text('auth-provider'),
		list('auth-provider-arg'),
		text('client-certificate'),
		text('client-key'),
		bool('embed-certs'),
		text('exec-api-version'),
		list('exec-arg'),
		text('exec-command'),
		array('exec-env'),
		text('exec-interactive-mode'),
		bool('exec-provide-cluster-info'),
		text('password'),
		text('token'),
		text('username'),
	],
	completes: 'contexts',
	async run(kube, args, flags) {
		const [name] = args;
		if (args.length !== 1 || name === undefined) throw await helpError(kube, `unexpected args: [${args.join(' ')}]`);
		if (name === '') throw new CliError('you must specify a non-empty user name');
		const basic = flags.str('username') !== '' || flags.str('password') !== '';
		if (flags.str('token') !== '' && basic)
			throw new CliError('you cannot specify more than one authentication method at the same time: --token, --username/--password');
		await checkFiles(kube, flags, ['client-certificate', 'client-key']);
		if (flags.changed('exec-interactive-mode') && !['IfAvailable', 'Always', 'Never'].includes(flags.str('exec-interactive-mode')))
			throw new CliError('invalid interactive mode type, can be only IfAvailable, Never, Always');
		let entry: Entry = { ...kube.config.users.get(name) };
		for (const flag of ['client-certificate', 'client-key']) entry = await filed(kube, flags, flag, entry);
		entry = withExec(flags, withProvider(flags, withTexts(flags, ['token', 'username', 'password'], entry)));
		// A fresh way to log in takes the place of the other one.
		if (flags.str('token') !== '') for (const f of ['username', 'password']) delete entry[f];
		else if (basic) delete entry['token'];
		kube.config.users.set(name, entry);
		await saveConfig(kube.context, kube.config);
		kube.out(`User "${name}" set.\n`);
		return 0;
	},
};
