/** EncryptionConfiguration: which resources are encrypted in the store, and how. `apiserver/pkg/apis/apiserver` (types_encryption.go, validation). */
import { base64Bytes } from '../base64.ts';
import { type Fields, isRecord, recs, str, strs } from '../registry/fields.ts';
import type { FieldError } from '../types.ts';
import { invalidValue, requiredValue } from '../validation.ts';

export interface Provider {
	readonly kind: 'identity' | 'aescbc' | 'aesgcm' | 'secretbox' | 'kms';
	/** What stands before the stored bytes; '' for identity. */
	readonly prefix: string;
	/** The key, base64; '' for identity and KMS. */
	readonly secret: string;
	/** Of a KMS plugin. */
	readonly plugin?: { readonly name: string; readonly endpoint: string; readonly version: 'v1' | 'v2' };
}

export interface EncryptionConfig {
	readonly resources: readonly {
		readonly resources: readonly string[];
		/** In order: the first writes; every key of every provider can read. */
		readonly providers: readonly Provider[];
	}[];
}

const AES_KEYS = [16, 24, 32];
const SIZES: { readonly [kind: string]: readonly number[] } = { aescbc: AES_KEYS, aesgcm: AES_KEYS, secretbox: [32] };
const KINDS = ['kms', 'aesgcm', 'aescbc', 'secretbox', 'identity'] as const;

function keyErrors(key: Fields, field: string, sizes: readonly number[]): readonly FieldError[] {
	const out: FieldError[] = [];
	if (str(key.name) === '') out.push(requiredValue(`${field}.name`, 'name is a mandatory field for a key'));
	if (str(key.secret) === '') return [...out, requiredValue(`${field}.secret`, 'secret is a mandatory field for a key')];
	const bytes = base64Bytes(str(key.secret));
	if (bytes === undefined) return [...out, invalidValue(`${field}.secret`, 'REDACTED', 'secrets must be base64 encoded')];
	if (!sizes.includes(bytes.length)) {
		const text = `secret is not of the expected length, got ${bytes.length}, expected one of [${sizes.join(' ')}]`;
		out.push(invalidValue(`${field}.secret`, 'REDACTED', text));
	}
	return out;
}

function kmsErrors(kms: Fields, field: string, names: Set<string>): readonly FieldError[] {
	const out: FieldError[] = [];
	const [name, endpoint, version] = [str(kms.name), str(kms.endpoint), str(kms.apiVersion, 'v1')];
	if (name === '') out.push(requiredValue(`${field}.name`, 'name is a mandatory field for a provider'));
	else if (version !== 'v1' && name.includes(':')) out.push(invalidValue(`${field}.name`, name, `invalid KMS provider name ${name}, must not contain ':'`));
	else if (names.has(name)) out.push(invalidValue(`${field}.name`, name, `duplicate KMS provider name ${name}, names must be unique`));
	names.add(name);
	if (endpoint === '') out.push(requiredValue(`${field}.endpoint`, 'endpoint is a mandatory field for a kms'));
	else if (!endpoint.startsWith('unix:')) {
		const scheme = /^([a-z0-9+.-]+):/i.exec(endpoint)?.[1] ?? '';
		out.push(invalidValue(`${field}.endpoint`, endpoint, `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`));
	}
	if (version !== 'v1' && version !== 'v2') {
		out.push(invalidValue(`${field}.apiVersion`, version, `unsupported apiVersion ${version} for KMS provider, only v1 and v2 are supported`));
	}
	return out;
}

function providerErrors(provider: Fields, field: string, names: Set<string>): readonly FieldError[] {
	const found = KINDS.filter((kind) => isRecord(provider[kind]));
	const [kind] = found;
	if (kind === undefined) {
		return [invalidValue(field, provider, 'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity')];
	}
	if (found.length > 1) {
		return [invalidValue(field, provider, 'more than one provider specified in a single element, should split into different list elements')];
	}
	const body = provider[kind] as Fields;
	if (kind === 'kms') return kmsErrors(body, `${field}.kms`, names);
	if (kind === 'identity') return [];
	const keys = recs(body.keys);
	const path = `${field}.${kind}.keys`;
	if (keys.length === 0) return [requiredValue(path, 'at least one keys is required')];
	return keys.flatMap((key, i) => keyErrors(key, `${path}[${i}]`, SIZES[kind] ?? []));
}

function nameErrors(name: string, field: string): readonly FieldError[] {
	const [resource = '', ...rest] = name.split('.');
	const group = rest.join('.');
	if (/[A-Z]/.test(name)) return [invalidValue(field, name, 'resource name should not contain capital letters')];
	if (name === '*') return [invalidValue(field, name, "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources")];
	if (group === 'extensions') return [invalidValue(field, name, "'extensions' group has been removed and cannot be used for encryption")];
	if (group === 'events.k8s.io') {
		const why = "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
		return [invalidValue(field, name, why)];
	}
	if (group === '*' && resource !== '*') return [invalidValue(field, name, 'encrypting the same resource across groups is not supported')];
	return [];
}

function overlapErrors(names: readonly string[], field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const plain = names.map((n) => n.replace(/\.$/, ''));
	if (new Set(plain).size < plain.length) out.push(invalidValue(field, names, 'the same resource cannot be specified multiple times'));
	const groups = names.map((n) => n.slice(n.indexOf('.') < 0 ? n.length : n.indexOf('.') + 1));
	const masks = names.some((n, i) => (n === '*.*' && names.length > 1) || (n.startsWith('*.') && groups.some((g, j) => j !== i && g === groups[i])));
	if (masks) {
		const why = "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked";
		out.push(invalidValue(field, names, why));
	}
	return out;
}

function errorsOf(config: Fields): readonly FieldError[] {
	const groups = recs(config.resources);
	if (groups.length === 0) return [requiredValue('resources', 'at least one resources is required')];
	const names = new Set<string>();
	return groups.flatMap((group, i) => {
		const [r, p] = [`resources[${i}].resources`, `resources[${i}].providers`];
		const [resources, providers] = [strs(group.resources), recs(group.providers)];
		const out: FieldError[] = [];
		if (resources.length === 0) out.push(requiredValue(r, `at least one ${r} is required`));
		out.push(...overlapErrors(resources, r), ...resources.flatMap((name, j) => nameErrors(name, `${r}[${j}]`)));
		if (providers.length === 0) out.push(requiredValue(p, `at least one ${p} is required`));
		out.push(...providers.flatMap((provider, j) => providerErrors(provider, `${p}[${j}]`, names)));
		return out;
	});
}

/** One provider of a file's list as those it stands for: one a key. */
function providersOf(provider: Fields): readonly Provider[] {
	if (isRecord(provider.identity)) return [{ kind: 'identity', prefix: '', secret: '' }];
	if (isRecord(provider.kms)) {
		const version = str(provider.kms.apiVersion, 'v1') === 'v2' ? 'v2' : 'v1';
		const name = str(provider.kms.name);
		return [{ kind: 'kms', prefix: `k8s:enc:kms:${version}:${name}:`, secret: '', plugin: { name, endpoint: str(provider.kms.endpoint), version } }];
	}
	return (['aesgcm', 'aescbc', 'secretbox'] as const).flatMap((kind) => {
		const body = provider[kind];
		if (!isRecord(body)) return [];
		return recs(body.keys).map((key) => ({ kind, prefix: `k8s:enc:${kind}:v1:${str(key.name)}:`, secret: str(key.secret) }));
	});
}

/** A configuration out of a file's content, or why kube-apiserver would not take it. */
export function readEncryptionConfig(value: unknown): EncryptionConfig | { readonly error: string } {
	const path = 'error while parsing file: error decoding encryption provider configuration file: ';
	if (!isRecord(value)) return { error: `${path}couldn't get version/kind` };
	const { apiVersion, kind } = value;
	if (apiVersion !== 'apiserver.config.k8s.io/v1' || kind !== 'EncryptionConfiguration') {
		return {
			error: `${path}no kind "${str(kind)}" is registered for version "${str(apiVersion)}" in scheme "pkg/server/options/encryptionconfig/config.go:75"`,
		};
	}
	const errors = errorsOf(value);
	if (errors.length > 0) {
		const texts = errors.map((e) => `${e.field}: ${e.message}`);
		return { error: `error while parsing file: ${texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`}` };
	}
	const resources = recs(value.resources).map((group) => ({ resources: strs(group.resources), providers: recs(group.providers).flatMap(providersOf) }));
	return { resources };
}

function covers(names: readonly string[], group: string, resource: string): boolean {
	const whole = group === '' ? resource : `${resource}.${group}`;
	return names.some((n) => n === '*.*' || n === whole || (group === '' && n === `${resource}.`) || n === `*.${group}`);
}

/** The providers of a resource, the writing one first; undefined where it is stored as it is. The first list that names the resource holds. */
export function providersFor(config: EncryptionConfig, group: string, resource: string): readonly Provider[] | undefined {
	return config.resources.find((entry) => covers(entry.resources, group, resource))?.providers;
}
