/** Addresses in use, one object each, named by the address: `pkg/registry/networking/ipaddress`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Subdomain, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { isRecord, rec, specOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { immutableErrors, invalidEach } from '../validation/field.ts';
import { isIP, pathSegmentErrors } from '../validation/names.ts';

/** `netip.ParseAddr`, and that a text is the address's own canonical form. */
function nameErrors(name: string): readonly string[] {
	if (isIP(name)) return name === name.toLowerCase() ? [] : ['not a valid ip in canonical format'];
	return [`ParseAddr(${JSON.stringify(name)}): unable to parse IP`];
}

function validate(address: KubeObject): readonly FieldError[] {
	const { parentRef } = specOf(address);
	if (!isRecord(parentRef)) return [requiredValue('spec.parentRef')];
	const out: FieldError[] = [];
	const group = str(parentRef.group);
	if (group !== '') out.push(...invalidEach('spec.parentRef.group', group, checkDns1123Subdomain(group)));
	for (const part of ['resource', 'name', 'namespace']) {
		const value = str(parentRef[part]);
		const field = `spec.parentRef.${part}`;
		if (value !== '') out.push(...invalidEach(field, value, pathSegmentErrors(value)));
		else if (part !== 'namespace') out.push(requiredValue(field));
	}
	return out;
}

function parent(address: KubeObject): string {
	const { parentRef } = specOf(address);
	if (!isRecord(parentRef)) return '<none>';
	const { group, resource, namespace, name } = rec(parentRef);
	return [
		[str(resource), str(group)]
			.filter((t) => t !== '')
			.join('.')
			.toLowerCase(),
		str(namespace),
		str(name),
	]
		.filter((t) => t !== '')
		.join('/');
}

export const ipaddresses = defineResource({
	group: 'networking.k8s.io',
	resource: 'ipaddresses',
	kind: 'IPAddress',
	shortNames: ['ip'],
	namespaced: false,
	validateName: nameErrors,
	validate: (_world, address) => validate(address),
	validateUpdate: (_world, address, old) => immutableErrors('spec.parentRef', specOf(address).parentRef, specOf(old).parentRef),
	selectableFields: (address) => {
		const { resource, namespace, name, group } = rec(specOf(address).parentRef);
		return {
			'spec.parentRef.group': str(group),
			'spec.parentRef.resource': str(resource),
			'spec.parentRef.namespace': str(namespace),
			'spec.parentRef.name': str(name),
		};
	},
	table: table(['Name', 'ParentRef', 'Age'], (world, address) => [address.metadata.name, parent(address), age(world, address)]),
});
