/** Limit ranges: `pkg/registry/core/limitrange`. */
import { limitRangeErrors } from './quota-validation.ts';
import { defineResource } from '../define.ts';
import { changeField, changeItems, changePart, type Fields, fill, rec } from '../fields.ts';
import { canonicalResourceList } from './pod-defaults.ts';

const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];

/** SetDefaults_LimitRangeItem: for containers the default is the maximum, the default request the default or the minimum. */
function itemDefaults(item: Fields): Fields {
	let out = item;
	for (const list of LISTS) out = changeField(out, list, canonicalResourceList);
	if (out.type !== 'Container') return out;
	const limits = fill(rec(out.default), rec(out.max));
	const requests = fill(fill(rec(out.defaultRequest), limits), rec(out.min));
	return {
		...out,
		...(Object.keys(limits).length > 0 ? { default: limits } : {}),
		...(Object.keys(requests).length > 0 ? { defaultRequest: requests } : {}),
	};
}

export const limitranges = defineResource({
	group: '',
	resource: 'limitranges',
	kind: 'LimitRange',
	validate: (_world, object) => limitRangeErrors(object),
	validateUpdate: (_world, object) => limitRangeErrors(object),
	shortNames: ['limits'],
	defaults: (object) => changePart(object, 'spec', (spec) => changeItems(spec, 'limits', itemDefaults)),
});
