/** Service accounts: `pkg/registry/core/serviceaccount`. */
import type { Services } from '../../../services.ts';
import type { Strategy } from '../../types.ts';
import { defineResource } from '../define.ts';
import { age, countItems, table } from '../table.ts';
import { createToken } from './token-request.ts';

export function serviceaccounts(services: Services): Strategy {
	return defineResource({
		group: '',
		resource: 'serviceaccounts',
		kind: 'ServiceAccount',
		shortNames: ['sa'],
		subresources: ['token'],
		connect: { token: (world, call, account) => createToken(services, world, call, account) },
		table: table(['Name', 'Secrets', 'Age'], (world, sa) => [sa.metadata.name, String(countItems(sa.secrets)), age(world, sa)]),
	});
}
