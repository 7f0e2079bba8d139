/** CSI nodes, one a node, named like it: `pkg/registry/storage/csinode`. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Subdomain, checkQualifiedName, duplicateValue, invalidValue, requiredValue, tooLongValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { changePart, type Fields, fill, num, rec, recs, specOf, str, strs } from '../fields.ts';
import { age, table } from '../table.ts';
import { invalidEach } from '../validation/field.ts';
import { nonNegative } from '../validation/numbers.ts';

const NODE_ID_LONGEST = 256;

/** ValidateCSIDriverName. */
export function driverNameErrors(field: string, name: string): readonly FieldError[] {
	if (name === '') return [requiredValue(field)];
	if (name.length > 63) return [tooLongValue(field, 63)];
	return invalidEach(field, name, checkDns1123Subdomain(name.toLowerCase()));
}

function driverErrors(driver: Fields, field: string, names: Set<string>): readonly FieldError[] {
	const name = str(driver.name);
	const nodeID = str(driver.nodeID);
	const out = [...driverNameErrors(`${field}.name`, name)];
	if (nodeID === '') out.push(requiredValue(`${field}.nodeID`));
	else if (nodeID.length > NODE_ID_LONGEST) out.push(invalidValue(`${field}.nodeID`, nodeID, `must be ${NODE_ID_LONGEST} characters or less`));
	out.push(...nonNegative(`${field}.allocatable.count`, rec(driver.allocatable).count));
	if (names.has(name)) out.push(duplicateValue(`${field}.name`, name));
	names.add(name);
	const keys = new Set<string>();
	for (const key of strs(driver.topologyKeys)) {
		if (key === '') out.push(requiredValue(field));
		if (keys.has(key)) out.push(duplicateValue(field, key));
		keys.add(key);
		out.push(...invalidEach(field, key, checkQualifiedName(key)));
	}
	return out;
}

function validate(node: KubeObject): readonly FieldError[] {
	const names = new Set<string>();
	return recs(specOf(node).drivers).flatMap((d, i) => driverErrors(d, `spec.drivers[${i}]`, names));
}

/** A driver may come and go; what it said of the node may not change, but for how many volumes fit. */
function validateUpdate(node: KubeObject, old: KubeObject): readonly FieldError[] {
	const out = [...validate(node)];
	for (const before of recs(specOf(old).drivers)) {
		const now = recs(specOf(node).drivers).find((d) => d.name === before.name);
		if (now === undefined || sameData({ ...now, allocatable: null }, { ...before, allocatable: null })) continue;
		out.push(invalidValue('CSINodeDriver', now, 'field is immutable'));
	}
	return out;
}

export const csinodes = defineResource({
	group: 'storage.k8s.io',
	resource: 'csinodes',
	kind: 'CSINode',
	namespaced: false,
	defaults: (node) => changePart(node, 'spec', (spec) => fill(spec, { drivers: null })),
	validate: (_world, node) => validate(node),
	validateUpdate: (_world, node, old) => validateUpdate(node, old),
	table: table(['Name', 'Drivers:integer', 'Age'], (world, node) => [node.metadata.name, num(recs(specOf(node).drivers).length), age(world, node)]),
});
