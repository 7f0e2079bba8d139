/** Resource claims: `pkg/registry/resource/resourceclaim`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { duplicateValue, invalidValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { keepsMetadata } from '../status-update.ts';
import { changeField, changeItems, changePart, type Fields, fill, isRecord, rec, recs, specOf, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { immutableErrors } from '../validation/field.ts';
import { claimDevicesErrors } from './device-validation.ts';

/** Pods and others that may use a claim at once (ResourceClaimReservedForMaxSize). */
const MOST_CONSUMERS = 256;

function askDefaults(ask: Fields): Fields {
	const a = fill(ask, { allocationMode: 'ExactCount' });
	return a.allocationMode === 'ExactCount' && (a.count === undefined || a.count === 0) ? { ...a, count: 1 } : a;
}

/** SetDefaults_ExactDeviceRequest, SetDefaults_DeviceSubRequest. */
export function claimSpecDefaults(spec: Fields): Fields {
	return changeField(spec, 'devices', (devices) =>
		changeItems(devices, 'requests', (r) => changeItems(changeField(r, 'exactly', askDefaults), 'firstAvailable', askDefaults)),
	);
}

const validate = (claim: KubeObject): readonly FieldError[] => claimDevicesErrors(rec(specOf(claim).devices), 'spec.devices');

function statusErrors(claim: KubeObject, old: KubeObject): readonly FieldError[] {
	const { allocation, reservedFor } = statusOf(claim);
	const before = statusOf(old).allocation;
	const out: FieldError[] = [];
	const consumers = recs(reservedFor);
	if (consumers.length > MOST_CONSUMERS) {
		out.push({ field: 'status.reservedFor', type: 'FieldValueTooMany', message: `Too many: ${consumers.length}: must have at most ${MOST_CONSUMERS} items` });
	}
	const seen = new Set<string>();
	for (const [i, c] of consumers.entries()) {
		const uid = str(c.uid);
		if (seen.has(uid)) out.push(duplicateValue(`status.reservedFor[${i}].uid`, uid));
		seen.add(uid);
	}
	if (consumers.length > 0 && !isRecord(allocation)) {
		out.push({ field: 'status.reservedFor', type: 'FieldValueForbidden', message: 'Forbidden: may not be specified when `allocated` is not set' });
	}
	if (isRecord(before) && isRecord(allocation)) out.push(...immutableErrors('status.allocation', allocation, before));
	if (isRecord(before) && !isRecord(allocation) && consumers.length > 0) out.push(invalidValue('status.allocation', null, 'field is immutable'));
	return out;
}

function state(claim: KubeObject): string {
	const out: string[] = [];
	const deleting = claim.metadata.deletionTimestamp !== undefined;
	if (deleting) out.push('deleted');
	if (!isRecord(statusOf(claim).allocation)) {
		if (!deleting) out.push('pending');
	} else {
		out.push('allocated');
		if (recs(statusOf(claim).reservedFor).length > 0) out.push('reserved');
	}
	return out.join(',');
}

export const resourceclaims = defineResource({
	group: 'resource.k8s.io',
	resource: 'resourceclaims',
	kind: 'ResourceClaim',
	subresources: ['status'],
	prepareForStatusUpdate: keepsMetadata,
	defaults: (claim) => changePart(claim, 'spec', claimSpecDefaults),
	validate: (_world, claim) => validate(claim),
	validateUpdate: (_world, claim, old) => immutableErrors('spec', claim.spec, old.spec),
	validateStatusUpdate: (_world, claim, old) => statusErrors(claim, old),
	indexes: {
		byDevice: (claim) =>
			recs(rec(rec(statusOf(claim).allocation).devices).results).flatMap((r) =>
				r.adminAccess === true ? [] : [`${str(r.driver)}/${str(r.pool)}/${str(r.device)}`],
			),
	},
	table: table(['Name', 'State', 'Age'], (world, claim) => [claim.metadata.name, state(claim), age(world, claim)]),
});
