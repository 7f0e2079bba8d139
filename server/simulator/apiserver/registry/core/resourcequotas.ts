/** Quotas: `pkg/registry/core/resourcequota`. */
import type { Json, KubeObject } from '../../types.ts';
import type { World } from '../../../kernel/world.ts';
import { quotaErrors, quotaUpdateErrors } from './quota-validation.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, rec, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { canonicalResourceList } from './pod-defaults.ts';

function row(world: World, quota: KubeObject): readonly Json[] {
	const { hard, used } = { hard: rec(statusOf(quota).hard), used: rec(statusOf(quota).used) };
	const names = Object.keys(hard).sort();
	const text = (name: string): string => `${name}: ${str(used[name], '0')}/${str(hard[name], '0')}`;
	const isLimit = (name: string): boolean => name.startsWith('limits.');
	return [
		quota.metadata.name,
		names
			.filter((n) => !isLimit(n))
			.map(text)
			.join(', '),
		names.filter(isLimit).map(text).join(', '),
		age(world, quota),
	];
}

export const resourcequotas = defineResource({
	group: '',
	resource: 'resourcequotas',
	kind: 'ResourceQuota',
	validate: (_world, object) => quotaErrors(object),
	validateUpdate: (_world, object, old) => quotaUpdateErrors(object, old),
	shortNames: ['quota'],
	subresources: ['status'],
	defaults: (quota) => changePart(quota, 'spec', (spec) => changeField(spec, 'hard', canonicalResourceList)),
	table: table(['Name', 'Request', 'Limit', 'Age'], row),
});
