/** Templates that a pod's claims are made from: `pkg/registry/resource/resourceclaimtemplate`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, rec, specOf } from '../fields.ts';
import { age, table } from '../table.ts';
import { immutableErrors } from '../validation/field.ts';
import { labelsErrors } from '../validation/selectors.ts';
import { claimDevicesErrors } from './device-validation.ts';
import { claimSpecDefaults } from './resourceclaims.ts';

const validate = (template: KubeObject): readonly FieldError[] => [
	...labelsErrors(rec(specOf(template).metadata).labels, 'spec.metadata.labels'),
	...claimDevicesErrors(rec(rec(specOf(template).spec).devices), 'spec.spec.devices'),
];

export const resourceclaimtemplates = defineResource({
	group: 'resource.k8s.io',
	resource: 'resourceclaimtemplates',
	kind: 'ResourceClaimTemplate',
	defaults: (template) => changePart(template, 'spec', (spec) => changeField(spec, 'spec', claimSpecDefaults)),
	validate: (_world, template) => validate(template),
	validateUpdate: (_world, template, old) => immutableErrors('spec', template.spec, old.spec),
	table: table(['Name', 'Age'], (world, template) => [template.metadata.name, age(world, template)]),
});
