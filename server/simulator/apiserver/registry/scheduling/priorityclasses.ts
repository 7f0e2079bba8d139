/** Priority classes: `pkg/registry/scheduling/priorityclass`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { fill, num, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { forbiddenValue, invalidValue } from '../../validation.ts';

/** Highest value a class of a user may have; above are the system's two. */
const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PRIORITIES: { readonly [name: string]: number } = {
	'system-cluster-critical': 2_000_000_000,
	'system-node-critical': 2_000_001_000,
};

function validate(pc: KubeObject): readonly FieldError[] {
	const { name } = pc.metadata;
	if (name.startsWith('system-')) {
		if (SYSTEM_PRIORITIES[name] !== undefined && num(pc.value) === SYSTEM_PRIORITIES[name]) return [];
		return [
			forbiddenValue(
				'metadata.name',
				`priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`,
			),
		];
	}
	return num(pc.value) > HIGHEST_USER_PRIORITY ? [forbiddenValue('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`)] : [];
}

function validateUpdate(pc: KubeObject, old: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	if (num(pc.value) !== num(old.value)) out.push(forbiddenValue('value', 'may not be changed in an update.'));
	if (pc.preemptionPolicy !== old.preemptionPolicy) out.push(invalidValue('preemptionPolicy', pc.preemptionPolicy, 'field is immutable'));
	return out;
}

export const priorityclasses = defineResource({
	group: 'scheduling.k8s.io',
	resource: 'priorityclasses',
	kind: 'PriorityClass',
	shortNames: ['pc'],
	namespaced: false,
	defaults: (pc) => fill(pc, { preemptionPolicy: 'PreemptLowerPriority' }) as KubeObject,
	validate: (_world, pc) => validate(pc),
	validateUpdate: (_world, pc, old) => validateUpdate(pc, old),
	table: table(['Name', 'Value:integer', 'Global-Default:boolean', 'Age', 'PreemptionPolicy'], (world, pc) => [
		pc.metadata.name,
		num(pc.value),
		pc.globalDefault === true,
		age(world, pc),
		str(pc.preemptionPolicy),
	]),
});
