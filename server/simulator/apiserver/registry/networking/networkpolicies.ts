/** Network policies: `pkg/registry/networking/networkpolicy`. */
import { networkPolicyErrors } from './networkpolicy-validation.ts';
import { defineResource } from '../define.ts';
import { arr, changeItems, changePart, type Fields, fill, specOf } from '../fields.ts';
import { age, formatSelector, table } from '../table.ts';

/** SetDefaults_NetworkPolicy: Ingress always, Egress where rules for it are given. */
function specDefaults(spec: Fields): Fields {
	const policyTypes = arr(spec.egress).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
	const s = arr(spec.policyTypes).length === 0 ? { ...spec, policyTypes } : spec;
	const ports = (rule: Fields): Fields => changeItems(rule, 'ports', (port) => fill(port, { protocol: 'TCP' }));
	return changeItems(changeItems(fill(s, { podSelector: {} }), 'ingress', ports), 'egress', ports);
}

export const networkpolicies = defineResource({
	group: 'networking.k8s.io',
	resource: 'networkpolicies',
	kind: 'NetworkPolicy',
	validate: (_world, object) => networkPolicyErrors(object),
	validateUpdate: (_world, object) => networkPolicyErrors(object),
	generation: true,
	shortNames: ['netpol'],
	defaults: (object) => changePart(object, 'spec', specDefaults),
	table: table(['Name', 'Pod-Selector', 'Age'], (world, p) => [p.metadata.name, formatSelector(specOf(p).podSelector), age(world, p)]),
});
