/** `kubectl config set` and `unset`: a dotted path into the kubeconfig. Upstream: pkg/cmd/config/set.go, navigation_step_parser.go. */
import { helpError } from './config-help.ts';
import { CliError } from './errors.ts';
import { bool, type FlagSpec } from './flags.ts';
import { saveConfig } from './kubeconfig.ts';
import type { Kube } from './kube.ts';
import type { Subcommand } from './subcommand.ts';

type Entries = Map<string, { [field: string]: unknown }>;
type Kind = 'string' | 'bytes' | 'bool' | 'map';

const CLUSTER: { readonly [field: string]: Kind } = {
	server: 'string',
	'tls-server-name': 'string',
	'insecure-skip-tls-verify': 'bool',
	'certificate-authority': 'string',
	'certificate-authority-data': 'bytes',
	'proxy-url': 'string',
	'disable-compression': 'bool',
	extensions: 'map',
};
const CONTEXT: { readonly [field: string]: Kind } = { cluster: 'string', user: 'string', namespace: 'string', extensions: 'map' };
const USER: { readonly [field: string]: Kind } = {
	'client-certificate': 'string',
	'client-certificate-data': 'bytes',
	'client-key': 'string',
	'client-key-data': 'bytes',
	token: 'string',
	tokenFile: 'string',
	act: 'string',
	as: 'string',
	'as-uid': 'string',
	'as-user-extra': 'map',
	username: 'string',
	password: 'string',
	'auth-provider': 'map',
	exec: 'map',
	extensions: 'map',
};

interface Section {
	readonly entries: Entries;
	readonly fields: { readonly [field: string]: Kind };
}

function sectionOf(kube: Kube, word: string, path: string): Section {
	const { clusters, contexts, users } = kube.config;
	if (word === 'clusters') return { entries: clusters, fields: CLUSTER };
	if (word === 'contexts') return { entries: contexts, fields: CONTEXT };
	if (word === 'users') return { entries: users, fields: USER };
	throw new CliError(`unable to parse ${path} after [] at api.Config`);
}

/** A name may hold dots itself: it ends before the first word that is a field. */
function stepsOf(parts: readonly string[], fields: Section['fields']): { readonly name: string; readonly rest: readonly string[] } {
	const end = parts.findIndex((p, i) => i > 0 && fields[p] !== undefined);
	return end < 0 ? { name: parts.join('.'), rest: [] } : { name: parts.slice(0, end).join('.'), rest: parts.slice(end) };
}

function parsed(kind: Kind, value: string, raw: boolean): unknown {
	if (kind === 'bool') {
		if (!/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value)) throw new CliError(`strconv.ParseBool: parsing "${value}": invalid syntax`);
		return /^(1|t)/i.test(value);
	}
	if (kind !== 'bytes') return value;
	if (raw) return Buffer.from(value, 'utf8').toString('base64');
	const bad = /[^A-Za-z0-9+/=]/.exec(value);
	if (bad !== null || value.length % 4 !== 0)
		throw new CliError(`error decoding input value: illegal base64 data at input byte ${bad?.index ?? value.length - (value.length % 4)}`);
	return value;
}

const RAW_BYTES: FlagSpec = bool('set-raw-bytes');

export const setProperty: Subcommand = {
	name: 'set',
	flags: [RAW_BYTES],
	async run(kube, args, flags) {
		const [path = '', value = ''] = args;
		if (args.length !== 2) throw await helpError(kube, `Unexpected args: [${args.join(' ')}]`);
		if (value === '') throw new CliError('you cannot use set to unset a property');
		if (path === '') throw new CliError('you must specify a property');
		const [head = '', ...parts] = path.split('.');
		if (head === 'current-context') kube.config.currentContext = value;
		else {
			const { entries, fields } = sectionOf(kube, head, path);
			const { name, rest } = stepsOf(parts, fields);
			const [field = ''] = rest;
			if (rest.length === 0) throw new CliError(`can't set a map to a value: map[]`);
			const kind = fields[field] ?? 'string';
			if (rest.length > 1 && kind !== 'map') throw new CliError(`unable to parse one or more field values of ${path}`);
			entries.set(name, { ...entries.get(name), [field]: parsed(kind, value, flags.bool('set-raw-bytes')) });
		}
		await saveConfig(kube.context, kube.config);
		kube.out(`Property "${path}" set.\n`);
		return 0;
	},
};

export const unsetProperty: Subcommand = {
	name: 'unset',
	flags: [],
	async run(kube, args) {
		const [path = ''] = args;
		if (args.length !== 1) throw await helpError(kube, `Unexpected args: [${args.join(' ')}]`);
		if (path === '') throw new CliError('you must specify a property');
		const [head = '', ...parts] = path.split('.');
		if (head === 'current-context') kube.config.currentContext = '';
		else {
			const { entries, fields } = sectionOf(kube, head, path);
			const { name, rest } = stepsOf(parts, fields);
			const [field] = rest;
			if (parts.length === 0) entries.clear();
			else if (field === undefined) entries.delete(name);
			else if (!entries.has(name)) throw new CliError(`current map key \`${name}\` is invalid`);
			else {
				const { [field]: _gone, ...kept } = entries.get(name) ?? {};
				entries.set(name, kept);
			}
		}
		await saveConfig(kube.context, kube.config);
		kube.out(`Property "${path}" unset.\n`);
		return 0;
	},
};
