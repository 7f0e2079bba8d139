/** DeleteOptions may come in the body as well as in the query. */
import { isRecord } from '../equal.ts';
import { badRequest } from '../errors.ts';
import { checkObject } from '../openapi/check.ts';
import { namedType } from '../openapi/schema.ts';
import type { CallOptions } from '../types.ts';
import { invalidObject, notSupportedValue } from '../validation.ts';
import { type Body, unrecognized } from './body.ts';

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;

export function withDeleteOptions(options: CallOptions, body: Body): CallOptions {
	if (body.error !== undefined) throw unrecognized('DeleteOptions', body);
	if (body.value === undefined || body.value === null) return options;
	if (!isRecord(body.value)) throw unrecognized('DeleteOptions', body);
	const type = namedType('meta/v1.DeleteOptions');
	if (type.kind !== 'struct') return options;
	const checked = checkObject(body.value, type);
	if (checked.error !== undefined) throw badRequest(`DeleteOptions in version "v1" cannot be handled as a DeleteOptions: ${checked.error}`);
	const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = checked.value;
	const policy = propagationPolicy ?? (orphanDependents === undefined ? undefined : orphanDependents === true ? 'Orphan' : 'Background');
	const known = POLICIES.find((p) => p === policy);
	if (policy !== undefined && known === undefined) {
		throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [notSupportedValue('propagationPolicy', policy, [...POLICIES, 'nil'])]);
	}
	return {
		...options,
		...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
		...(known === undefined ? {} : { propagationPolicy: known }),
		...(isRecord(preconditions) ? { preconditions: preconditions as NonNullable<CallOptions['preconditions']> } : {}),
		...(Array.isArray(dryRun) && dryRun.includes('All') ? { dryRun: true } : {}),
	};
}
