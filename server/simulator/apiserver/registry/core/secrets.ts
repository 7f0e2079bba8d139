/** Secrets: `pkg/registry/core/secret`; `stringData` is written into `data` as conversion does. */
import { toBase64 } from '../../base64.ts';
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { isRecord, rec, str } from '../fields.ts';
import { age, countKeys, table } from '../table.ts';
import { forbiddenValue, invalidValue, requiredValue, tooLongValue } from '../../validation.ts';
import { invalidEach } from '../validation/field.ts';
import { configKeyErrors } from '../validation/names.ts';
import { MAX_DATA_BYTES } from './configmaps.ts';

function defaults(secret: KubeObject): KubeObject {
	let out: KubeObject = str(secret.type) === '' ? { ...secret, type: 'Opaque' } : secret;
	if ('stringData' in out) {
		const { stringData, ...rest } = out;
		const data: { [key: string]: unknown } = { ...rec(out.data) };
		if (isRecord(stringData)) for (const [key, value] of Object.entries(stringData)) data[key] = toBase64(String(value));
		out = Object.keys(data).length === 0 ? rest : { ...rest, data };
	}
	return out;
}

/** Keys that a type of secret must have. */
const REQUIRED_KEYS: ReadonlyMap<unknown, readonly string[]> = new Map(
	Object.entries({
		'kubernetes.io/dockercfg': ['.dockercfg'],
		'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
		'kubernetes.io/ssh-auth': ['ssh-privatekey'],
		'kubernetes.io/tls': ['tls.crt', 'tls.key'],
	}),
);

function validate(secret: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	const data = rec(secret.data);
	let bytes = 0;
	for (const [key, value] of Object.entries(data)) {
		out.push(...invalidEach(`data[${key}]`, key, configKeyErrors(key)));
		bytes += Math.floor((str(value).length * 3) / 4);
	}
	if (bytes > MAX_DATA_BYTES) out.push(tooLongValue('data', MAX_DATA_BYTES));
	for (const key of REQUIRED_KEYS.get(secret.type) ?? []) if (!(key in data)) out.push(requiredValue(`data[${key}]`));
	if (secret.type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data)) {
		out.push(requiredValue('data[username]'), requiredValue('data[password]'));
	}
	if (secret.type === 'kubernetes.io/service-account-token' && !secret.metadata.annotations?.['kubernetes.io/service-account.name']) {
		out.push(requiredValue('metadata.annotations[kubernetes.io/service-account.name]'));
	}
	return out;
}

function validateUpdate(secret: KubeObject, old: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	if (secret.type !== old.type) out.push(invalidValue('type', secret.type, 'field is immutable'));
	if (old.immutable === true) {
		if (secret.immutable !== true) out.push(forbiddenValue('immutable', 'field is immutable when `immutable` is set'));
		if (!sameData(rec(secret.data), rec(old.data))) out.push(forbiddenValue('data', 'field is immutable when `immutable` is set'));
	}
	return [...out, ...validate(secret)];
}

export const secrets = defineResource({
	group: '',
	resource: 'secrets',
	kind: 'Secret',
	defaults,
	// A type left out on an update means the type it has (secret strategy's PrepareForUpdate).
	prepareForUpdate: (_world, secret, old) => (str(secret.type) === '' ? { ...secret, type: old.type } : secret),
	validate: (_world, secret) => validate(secret),
	validateUpdate: (_world, secret, old) => validateUpdate(secret, old),
	indexes: {
		/** `namespace/account` of a service account's token. */
		byAccount: (secret) => {
			const account = secret.type === 'kubernetes.io/service-account-token' ? secret.metadata.annotations?.['kubernetes.io/service-account.name'] : undefined;
			return account === undefined ? [] : [`${secret.metadata.namespace ?? ''}/${account}`];
		},
	},
	selectableFields: (secret) => ({ type: str(secret.type) }),
	table: table(['Name', 'Type', 'Data', 'Age'], (world, s) => [s.metadata.name, str(s.type), String(countKeys(s.data)), age(world, s)]),
});
