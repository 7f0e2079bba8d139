/** Service accounts: `pkg/registry/core/serviceaccount`. */
import { defineResource } from '../define.ts';
import { age, countItems, table } from '../table.ts';

export const serviceaccounts = defineResource({
	group: '',
	resource: 'serviceaccounts',
	kind: 'ServiceAccount',
	shortNames: ['sa'],
	table: table(['Name', 'Secrets', 'Age'], (world, sa) => [sa.metadata.name, String(countItems(sa.secrets)), age(world, sa)]),
});
