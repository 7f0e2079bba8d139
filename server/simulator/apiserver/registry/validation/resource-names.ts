/** Rules for lists of quantities: requests, limits, hard. */
import type { FieldError } from '../../types.ts';
import { checkQualifiedName, invalidValue, notFoundValue, requiredValue } from '../../validation.ts';
import { type Fields, isRecord, rec, recs, str } from '../fields.ts';
import { compareQuantities, parseQuantity, QUANTITY_ERROR, quantityMilli } from '../quantity.ts';
import { invalidEach } from './field.ts';

/** Resources that a container may ask for without a domain. */
const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Names that a quota may use for what is counted or measured (helper.standardQuotaResources and its like). */
const QUOTA_RESOURCES: ReadonlySet<string> = new Set([
	...['cpu', 'memory', 'ephemeral-storage'].flatMap((r) => [r, `requests.${r}`, `limits.${r}`]),
	'requests.storage',
	'pods',
	'resourcequotas',
	'services',
	'replicationcontrollers',
	'secrets',
	'persistentvolumeclaims',
	'configmaps',
	'services.nodeports',
	'services.loadbalancers',
]);
export const isStandardResource = (name: string): boolean => QUOTA_RESOURCES.has(name) || name === 'storage' || isHugePages(name);
export const isQuotaResource = (name: string): boolean => name.includes('/') || QUOTA_RESOURCES.has(name) || isHugePages(name.replace('requests.', ''));
const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Devices and the like: their amounts are whole, and never overcommitted. */
const isExtended = (name: string): boolean => name.includes('/') && !name.includes('kubernetes.io/');

function nameErrors(name: string, field: string): readonly FieldError[] {
	const out = [...invalidEach(field, name, checkQualifiedName(name))];
	if (out.length === 0 && !name.includes('/') && !CONTAINER_RESOURCES.has(name) && !isHugePages(name)) {
		if (!isStandardResource(name)) out.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'));
		out.push(invalidValue(field, name, 'must be a standard resource for containers'));
	}
	return out;
}

/** A single amount: parses, is not negative, is whole where it must be. */
export function quantityErrors(field: string, value: unknown, name = ''): readonly FieldError[] {
	const quantity = parseQuantity(value);
	if (quantity === undefined) return [invalidValue(field, value, QUANTITY_ERROR)];
	if (quantity.nano < 0n) return [invalidValue(field, str(value), 'must be greater than or equal to 0')];
	if (isExtended(name) && quantityMilli(value) % 1000 !== 0) return [invalidValue(field, str(value), 'must be an integer')];
	return [];
}

/** ValidateContainerResourceRequirements: requests and limits, claims left out. */
export function resourceErrors(resources: unknown, field: string, claims: readonly string[]): readonly FieldError[] {
	if (!isRecord(resources)) return [];
	const out: FieldError[] = [];
	const limits = rec(resources.limits);
	const requests = rec(resources.requests);
	for (const name of Object.keys(limits)) {
		const path = `${field}.limits`;
		out.push(...nameErrors(name, path), ...quantityErrors(`${path}[${name}]`, limits[name], name));
	}
	for (const name of Object.keys(requests)) {
		const path = `${field}.requests`;
		out.push(...nameErrors(name, path), ...quantityErrors(`${path}[${name}]`, requests[name], name));
		out.push(...overLimit(name, requests, limits, field));
	}
	for (const [i, claim] of recs(resources.claims).entries()) {
		if (!claims.includes(str(claim.name))) out.push(notFoundValue(`${field}.claims[${i}]`, str(claim.name)));
	}
	return out;
}

function overLimit(name: string, requests: Fields, limits: Fields, field: string): readonly FieldError[] {
	const limit = limits[name];
	const request = requests[name];
	const path = `${field}.requests`;
	if (limit === undefined) {
		if (isExtended(name) || isHugePages(name)) return [requiredValue(`${field}.limits`, 'Limit must be set for non overcommitable resources')];
		return [];
	}
	if (!isNative(name) && compareQuantities(request, limit) !== 0) return [invalidValue(path, str(request), `must be equal to ${name} limit of ${str(limit)}`)];
	return compareQuantities(request, limit) > 0 ? [invalidValue(path, str(request), `must be less than or equal to ${name} limit of ${str(limit)}`)] : [];
}
