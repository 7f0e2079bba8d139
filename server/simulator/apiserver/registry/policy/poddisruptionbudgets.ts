/** Disruption budgets: `pkg/registry/policy/poddisruptionbudget`. */
import { budgetErrors } from './budget-validation.ts';
import { defineResource } from '../define.ts';
import { num, specOf, statusOf } from '../fields.ts';
import { age, table } from '../table.ts';

const orNA = (value: unknown): string => (value === undefined ? 'N/A' : String(value));

export const poddisruptionbudgets = defineResource({
	group: 'policy',
	resource: 'poddisruptionbudgets',
	kind: 'PodDisruptionBudget',
	validate: (_world, object) => budgetErrors(object),
	validateUpdate: (_world, object) => budgetErrors(object),
	generation: true,
	shortNames: ['pdb'],
	subresources: ['status'],
	newStatus: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
	table: table(['Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions:integer', 'Age'], (world, pdb) => [
		pdb.metadata.name,
		orNA(specOf(pdb).minAvailable),
		orNA(specOf(pdb).maxUnavailable),
		num(statusOf(pdb).disruptionsAllowed),
		age(world, pdb),
	]),
});
