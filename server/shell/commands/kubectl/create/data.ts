/** `create configmap` and `create secret …`: data out of literals, files, folders and env files. */
import type { Obj } from '../client.ts';
import { CliError } from '../errors.ts';
import { array, bool, type Flags, text } from '../flags.ts';
import type { Kube } from '../kube.ts';
import { base64, type Generator, oneName } from './generator.ts';

const DATA_FLAGS = [bool('append-hash'), array('from-env-file'), array('from-file'), array('from-literal')];

/** One datum; `origin` words the fault of a second one with its key. */
type Put = (key: string, value: string) => void;

const KEY = /^[-._a-zA-Z0-9]+$/;
const KEY_FAULT =
	"a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function literals(flags: Flags, put: Put): void {
	for (const source of flags.list('from-literal')) {
		const eq = source.indexOf('=');
		if (eq <= 0) throw new CliError(`invalid literal source ${source}, expected key=value`);
		put(source.slice(0, eq), source.slice(eq + 1).replace(/^(["'])(.*)\1$/s, '$2'));
	}
}

async function fromFiles(kube: Kube, flags: Flags, put: Put): Promise<void> {
	const { files } = kube.context;
	for (const source of flags.list('from-file')) {
		const parts = source.split('=');
		if (parts.length > 2) throw new CliError(`key names or file paths cannot contain '='`);
		const path = parts.length === 2 ? (parts[1] ?? '') : source;
		if (parts.length === 2 && parts[0] === '') throw new CliError(`key name for file path ${path} missing`);
		if (parts.length === 2 && path === '') throw new CliError(`file path for key name ${parts[0]} missing`);
		const stat = await files.stat(path);
		if (stat === undefined) throw new CliError(`error reading ${path}: no such file or directory`);
		if (stat.kind === 'directory') {
			if (parts.length === 2) throw new CliError('cannot give a key name for a directory path');
			for (const file of await files.list(path)) {
				const key = file.slice(file.lastIndexOf('/') + 1);
				if (KEY.test(key)) put(key, await files.read(file));
			}
			continue;
		}
		put(parts.length === 2 ? (parts[0] ?? '') : path.slice(path.lastIndexOf('/') + 1), await files.read(path));
	}
}

async function fromEnvFiles(kube: Kube, flags: Flags, put: Put): Promise<void> {
	for (const path of flags.list('from-env-file')) {
		const stat = await kube.context.files.stat(path);
		if (stat === undefined) throw new CliError(`error reading ${path}: no such file or directory`);
		if (stat.kind === 'directory') throw new CliError('env config file cannot be a directory');
		for (const line of (await kube.context.files.read(path)).split(/\r?\n/)) {
			const trimmed = line.trimStart();
			if (trimmed === '' || trimmed.startsWith('#')) continue;
			const eq = trimmed.indexOf('=');
			const key = eq < 0 ? trimmed : trimmed.slice(0, eq);
			if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key)) {
				throw new CliError(
					`"${key}" is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
				);
			}
			// A key alone takes its value from the environment, where that has it.
			if (eq < 0) {
				const value = kube.context.env[key];
				if (value !== undefined) put(key, value);
			} else put(key, trimmed.slice(eq + 1));
		}
	}
}

async function collect(
	kube: Kube,
	flags: Flags,
	wording: { readonly bad: (key: string) => string; readonly twice: (key: string) => string },
): Promise<Record<string, string>> {
	const data: Record<string, string> = {};
	if (flags.list('from-env-file').length > 0 && (flags.list('from-file').length > 0 || flags.list('from-literal').length > 0)) {
		throw new CliError('from-env-file cannot be combined with from-file or from-literal');
	}
	const put: Put = (key, value) => {
		if (!KEY.test(key)) throw new CliError(wording.bad(key));
		if (data[key] !== undefined) throw new CliError(wording.twice(key));
		data[key] = value;
	};
	await fromFiles(kube, flags, put);
	literals(flags, put);
	await fromEnvFiles(kube, flags, put);
	return data;
}

/** Text that is UTF-8 without stray bytes; other contents are binary data. */
const isText = (value: string): boolean => !value.includes('\uFFFD');

export const configMap: Generator = {
	name: 'configmap',
	aliases: ['cm'],
	flags: DATA_FLAGS,
	namespaced: true,
	failure: 'failed to create configmap:',
	async build(kube, args, flags) {
		const name = oneName(kube, args);
		const all = await collect(kube, flags, {
			bad: (k) => `"${k}" is not a valid key name for a ConfigMap: ${KEY_FAULT}`,
			twice: (k) => `cannot add key "${k}", another key by that name already exists in Data for ConfigMap "${name}"`,
		});
		const data = Object.fromEntries(Object.entries(all).filter(([, v]) => isText(v)));
		const binary = Object.fromEntries(
			Object.entries(all)
				.filter(([, v]) => !isText(v))
				.map(([k, v]) => [k, base64(v)]),
		);
		return {
			kind: 'ConfigMap',
			apiVersion: 'v1',
			metadata: { name },
			...(Object.keys(data).length > 0 ? { data } : {}),
			...(Object.keys(binary).length > 0 ? { binaryData: binary } : {}),
		};
	},
};

const encoded = (data: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(data).map(([k, v]) => [k, base64(v)]));

const secret = (name: string, data: Record<string, string>, type: string): Obj => ({
	kind: 'Secret',
	apiVersion: 'v1',
	metadata: { name },
	...(Object.keys(data).length > 0 ? { data: encoded(data) } : {}),
	...(type === '' ? {} : { type }),
});

const genericSecret: Generator = {
	name: 'generic',
	flags: [...DATA_FLAGS, text('type')],
	namespaced: true,
	failure: 'failed to create secret',
	async build(kube, args, flags) {
		const name = oneName(kube, args);
		const data = await collect(kube, flags, {
			bad: (k) => `"${k}" is not valid key name for a Secret ${KEY_FAULT}`,
			twice: (k) => `cannot add key ${k}, another key by that name already exists`,
		});
		return secret(name, data, flags.str('type'));
	},
};

async function pem(kube: Kube, path: string): Promise<string> {
	try {
		return await kube.context.files.read(path);
	} catch {
		throw new CliError(`Cannot read file ${path}, open ${path}: no such file or directory`);
	}
}

const tlsSecret: Generator = {
	name: 'tls',
	flags: [bool('append-hash'), text('cert'), text('key')],
	namespaced: true,
	failure: 'failed to create secret',
	async build(kube, args, flags) {
		const name = oneName(kube, args);
		if (flags.str('key') === '' || flags.str('cert') === '') throw new CliError('key and cert must be specified');
		const cert = await pem(kube, flags.str('cert'));
		const key = await pem(kube, flags.str('key'));
		if (!cert.includes('-----BEGIN CERTIFICATE-----')) throw new CliError('tls: failed to find any PEM data in certificate input');
		if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) throw new CliError('tls: failed to find any PEM data in key input');
		return secret(name, { 'tls.crt': cert, 'tls.key': key }, 'kubernetes.io/tls');
	},
};

const dockerSecret: Generator = {
	name: 'docker-registry',
	flags: [
		bool('append-hash'),
		text('docker-email'),
		text('docker-password'),
		text('docker-server', { def: 'https://index.docker.io/v1/' }),
		text('docker-username'),
		array('from-file'),
	],
	namespaced: true,
	failure: 'failed to create secret',
	async build(kube, args, flags) {
		const name = oneName(kube, args);
		const type = 'kubernetes.io/dockerconfigjson';
		if (flags.list('from-file').length > 0)
			return secret(
				name,
				await collect(kube, flags, {
					bad: (k) => `"${k}" is not valid key name for a Secret ${KEY_FAULT}`,
					twice: (k) => `cannot add key ${k}, another key by that name already exists`,
				}),
				type,
			);
		const [username, password, email] = [flags.str('docker-username'), flags.str('docker-password'), flags.str('docker-email')];
		if (username === '' || password === '')
			throw new CliError('either --from-file or the combination of --docker-username, --docker-password and --docker-server is required');
		const entry = {
			...(username === '' ? {} : { username }),
			...(password === '' ? {} : { password }),
			...(email === '' ? {} : { email }),
			auth: base64(`${username}:${password}`),
		};
		return secret(name, { '.dockerconfigjson': JSON.stringify({ auths: { [flags.str('docker-server')]: entry } }) }, type);
	},
};

export const secretGenerators: readonly Generator[] = [dockerSecret, genericSecret, tlsSecret];
