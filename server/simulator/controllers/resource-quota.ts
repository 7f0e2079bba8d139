/** Counts what a namespace uses of its quotas (pkg/controller/resourcequota); admission counts up in between, with the same rules. */
import { covers, usageOf } from '../apiserver/admission/quota-usage.ts';
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject, Strategy } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { Services } from '../services.ts';
import type { Controller } from './controller.ts';
import { keyOf, type Labels, sameData, splitKey } from './shared/objects.ts';
import { amountOf, formatAmount } from './shared/quantity.ts';
import { pathOf } from './shared/resources.ts';
import { itself } from './shared/watching.ts';

interface Quota extends KubeObject {
	readonly spec?: { readonly hard?: Labels };
	readonly status?: { readonly hard?: Labels; readonly used?: Labels };
}

const QUOTAS = 'v1/resourcequotas';
/** Resources of which a quota counts more than the number: an update may change what they use. */
const MEASURED = new Set(['/pods', '/services', '/persistentvolumeclaims']);

export function resourceQuotaController(services: Services): Controller {
	return {
		name: 'resourcequota',
		watches: {
			'/resourcequotas': (w, c, k) => (c.type === 'DELETED' ? [] : itself(w, c, k)),
			'*': (world, change, client) => {
				const { namespace } = change.object.metadata;
				const resource = `${change.group}/${change.resource}`;
				if (namespace === undefined || resource === '/resourcequotas' || resource === '/events') return [];
				if (change.type === 'MODIFIED' && !MEASURED.has(resource)) return [];
				return client.list(world, QUOTAS, namespace).map(keyOf);
			},
		},
		latencyMs: 20,
		reconcile(world, key, client, queue) {
			const { namespace, name } = splitKey(key);
			const quota = client.get(world, QUOTAS, namespace, name) as Quota | undefined;
			if (quota === undefined || namespace === undefined) return;
			const hard = quota.spec?.hard ?? {};
			const totals = sums(world, client, services.api.strategiesOf(world), quota, namespace);
			const used: Record<string, string> = {};
			for (const resource of Object.keys(hard)) used[resource] = formatAmount(resource, totals.get(resource) ?? 0);
			const status = { hard, used };
			if (!sameData(status, quota.status) && !client.updateStatus(world, QUOTAS, { ...quota, status }).ok) queue.failed(key);
		},
	};
}

function sums(world: World, client: ApiClient, strategies: readonly Strategy[], quota: Quota, namespace: string): ReadonlyMap<string, number> {
	const hard = Object.keys(quota.spec?.hard ?? {});
	const totals = new Map<string, number>();
	for (const s of strategies) {
		if (!s.namespaced || s.virtualRead !== undefined || s.virtualCreate !== undefined) continue;
		const counted = hard.includes(s.resource) || hard.includes(`count/${s.resource}${s.group === '' ? '' : `.${s.group}`}`);
		if (!counted && !MEASURED.has(`${s.group}/${s.resource}`)) continue;
		for (const object of client.list(world, pathOf(s), namespace)) {
			if (!covers(quota, s.group, s.resource, object)) continue;
			const usage = usageOf(s.group, s.resource, object);
			for (const r of hard) if (usage[r] !== undefined) totals.set(r, (totals.get(r) ?? 0) + amountOf(r, usage[r]));
		}
	}
	return totals;
}
