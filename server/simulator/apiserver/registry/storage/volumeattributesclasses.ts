/** What of a volume may be changed while it is in use: `pkg/registry/storage/volumeattributesclass`. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkQualifiedName, forbiddenValue, invalidValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { str, textMap } from '../fields.ts';
import { age, table } from '../table.ts';
import { invalidEach } from '../validation/field.ts';

const DEFAULT_CLASS = 'volumeattributesclass.alpha.kubernetes.io/is-default-class';

function validate(c: KubeObject): readonly FieldError[] {
	const driver = str(c.driverName);
	const out: FieldError[] = driver === '' ? [requiredValue('driverName')] : [...invalidEach('driverName', driver, checkQualifiedName(driver.toLowerCase()))];
	const keys = Object.keys(textMap(c.parameters));
	if (keys.length === 0) out.push(requiredValue('parameters', 'must contain at least one key/value pair'));
	if (keys.includes('')) out.push(invalidValue('parameters', '', 'field can not be empty.'));
	return out;
}

export const volumeattributesclasses = defineResource({
	group: 'storage.k8s.io',
	resource: 'volumeattributesclasses',
	kind: 'VolumeAttributesClass',
	shortNames: ['vac'],
	namespaced: false,
	validate: (_world, c) => validate(c),
	validateUpdate: (_world, c, old) => [
		...(str(c.driverName) === str(old.driverName) ? [] : [forbiddenValue('driverName', 'updates to driverName are forbidden.')]),
		...(sameData(c.parameters, old.parameters) ? [] : [forbiddenValue('parameters', 'updates to parameters are forbidden.')]),
	],
	table: table(['Name', 'DriverName', 'Age'], (world, c) => [
		c.metadata.annotations?.[DEFAULT_CLASS] === 'true' ? `${c.metadata.name} (default)` : c.metadata.name,
		str(c.driverName),
		age(world, c),
	]),
});
