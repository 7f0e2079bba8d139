/** ResourceQuota: refuses what would exceed a namespace's quota and counts what comes in. `apiserver/plugin/pkg/admission/resourcequota`. */
import type { World } from '../../kernel/world.ts';
import type { ApiClient } from '../client.ts';
import { type Fields, rec, statusOf, str } from '../registry/fields.ts';
import { addQuantities, compareQuantities, subtractQuantities } from '../registry/quantity.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../types.ts';
import { ApiError } from '../types.ts';
import { covers, missingCompute, type Usage, usageOf } from './quota-usage.ts';
import { isAbout, isResize, refused } from './refuse.ts';

const QUOTAS = 'v1/resourcequotas';

/** What the request adds to the namespace's use; amounts that fall are the controller's to see. */
function addedUsage(request: AdmissionRequest): Usage {
	const { strategy, object, old, operation } = request;
	const now = usageOf(strategy.group, strategy.resource, object);
	if (operation === 'CREATE' || old === undefined) return now;
	const before = usageOf(strategy.group, strategy.resource, old);
	const out: { [resource: string]: string } = {};
	for (const name of Object.keys(now)) {
		if (compareQuantities(now[name], before[name] ?? '0') > 0) out[name] = subtractQuantities(now[name], before[name] ?? '0');
	}
	return out;
}

const pretty = (amounts: Fields, names: readonly string[]): string => names.map((n) => `${n}=${str(amounts[n], '0')}`).join(',');

/** The quota with the use counted in, undefined where it has nothing to say; throws where that is too much. */
function charge(request: AdmissionRequest, quota: KubeObject, added: Usage): KubeObject | undefined {
	const { strategy, object, operation } = request;
	const status = statusOf(quota);
	const hard = rec(status.hard);
	const used = rec(status.used);
	if (operation === 'CREATE' && strategy.group === '' && strategy.resource === 'pods') {
		const missing = missingCompute(hard, object);
		if (missing !== undefined) throw refused(request, `failed quota: ${quota.metadata.name}: ${missing}`);
	}
	const names = Object.keys(added)
		.filter((name) => hard[name] !== undefined && compareQuantities(added[name], '0') > 0)
		.sort();
	if (names.length === 0) return undefined;
	const unknown = names.filter((name) => used[name] === undefined);
	if (unknown.length > 0) throw refused(request, `status unknown for quota: ${quota.metadata.name}, resources: ${unknown.join(',')}`);
	const next: { [name: string]: unknown } = { ...used };
	for (const name of names) next[name] = addQuantities(used[name], added[name]);
	const over = names.filter((name) => compareQuantities(next[name], hard[name]) > 0);
	if (over.length > 0) {
		const text = `requested: ${pretty(added, over)}, used: ${pretty(used, over)}, limited: ${pretty(hard, over)}`;
		throw refused(request, `exceeded quota: ${quota.metadata.name}, ${text}`);
	}
	return { ...quota, status: { ...status, used: next } };
}

function validate(client: ApiClient, world: World, request: AdmissionRequest): undefined {
	const { strategy, call, object, operation } = request;
	const { namespace } = call;
	if (namespace === undefined || !strategy.namespaced || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
	if (!isAbout(request, strategy.group, strategy.resource) && !isResize(request)) return;
	const quotas = client.list(world, QUOTAS, namespace);
	if (quotas.length === 0) return;
	const relevant = quotas.filter((quota) => covers(quota, strategy.group, strategy.resource, object));
	if (relevant.length === 0) return;
	const added = addedUsage(request);
	for (const charged of relevant.map((quota) => charge(request, quota, added))) {
		if (charged === undefined) continue;
		const stored = client.updateStatus(world, QUOTAS, charged);
		if (!stored.ok) throw new ApiError(stored.status);
	}
}

export function resourceQuota(client: () => ApiClient): AdmissionPlugin {
	return { name: 'ResourceQuota', validate: (world, request) => validate(client(), world, request) };
}
