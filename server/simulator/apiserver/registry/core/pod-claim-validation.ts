/** A pod's resource claims: `validatePodResourceClaims`. */
import type { FieldError } from '../../types.ts';
import { checkDns1123Label, checkDns1123Subdomain, duplicateValue, invalidValue, requiredValue } from '../../validation.ts';
import { type Fields, recs, str } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';

export function podClaimErrors(spec: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const names = new Set<string>();
	for (const [i, claim] of recs(spec.resourceClaims).entries()) {
		const at = `${field}.resourceClaims[${i}]`;
		const name = str(claim.name);
		if (name === '') out.push(requiredValue(`${at}.name`));
		else if (names.has(name)) out.push(duplicateValue(`${at}.name`, name));
		else out.push(...invalidEach(`${at}.name`, name, checkDns1123Label(name)));
		names.add(name);
		const sources = ['resourceClaimName', 'resourceClaimTemplateName'].filter((s) => claim[s] !== undefined);
		if (sources.length > 1) out.push(invalidValue(at, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'));
		else if (sources.length === 0) out.push(invalidValue(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
		for (const s of sources) out.push(...invalidEach(`${at}.${s}`, str(claim[s]), checkDns1123Subdomain(str(claim[s]))));
	}
	return out;
}
