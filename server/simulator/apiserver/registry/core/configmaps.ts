/** Config maps: `pkg/registry/core/configmap`. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { rec } from '../fields.ts';
import { age, countKeys, table } from '../table.ts';
import { forbiddenValue, invalidValue, tooLongValue } from '../../validation.ts';
import { invalidEach } from '../validation/field.ts';
import { configKeyErrors } from '../validation/names.ts';

/** Bytes that the data of one object may hold: 1 MiB (MaxSecretSize). */
export const MAX_DATA_BYTES = 1_048_576;

function validate(configMap: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	let bytes = 0;
	for (const part of ['data', 'binaryData'] as const) {
		for (const [key, value] of Object.entries(rec(configMap[part]))) {
			const field = `${part}[${key}]`;
			out.push(...invalidEach(field, key, configKeyErrors(key)));
			if (part === 'data' && Object.hasOwn(rec(configMap.binaryData), key)) out.push(invalidValue(field, key, 'duplicate of key present in binaryData'));
			bytes += String(value).length;
		}
	}
	if (bytes > MAX_DATA_BYTES) out.push(tooLongValue('', MAX_DATA_BYTES));
	return out;
}

function validateUpdate(configMap: KubeObject, old: KubeObject): readonly FieldError[] {
	const out = [...validate(configMap)];
	if (old.immutable !== true) return out;
	if (configMap.immutable !== true) out.push(forbiddenValue('immutable', 'field is immutable when `immutable` is set'));
	for (const part of ['data', 'binaryData']) {
		if (!sameData(rec(configMap[part]), rec(old[part]))) out.push(forbiddenValue(part, 'field is immutable when `immutable` is set'));
	}
	return out;
}

export const configmaps = defineResource({
	group: '',
	resource: 'configmaps',
	kind: 'ConfigMap',
	shortNames: ['cm'],
	validate: (_world, configMap) => validate(configMap),
	validateUpdate: (_world, configMap, old) => validateUpdate(configMap, old),
	table: table(['Name', 'Data', 'Age'], (world, cm) => [cm.metadata.name, String(countKeys(cm.data) + countKeys(cm.binaryData)), age(world, cm)]),
});
