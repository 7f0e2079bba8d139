/** Device classes of dynamic resource allocation: `pkg/registry/resource/deviceclass`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { specOf } from '../fields.ts';
import { age, table } from '../table.ts';
import { configErrors, selectorsErrors } from './device-validation.ts';

const validate = (c: KubeObject): readonly FieldError[] => [
	...selectorsErrors(specOf(c).selectors, 'spec.selectors'),
	...configErrors(specOf(c).config, 'spec.config'),
];

export const deviceclasses = defineResource({
	group: 'resource.k8s.io',
	resource: 'deviceclasses',
	kind: 'DeviceClass',
	namespaced: false,
	generation: true,
	validate: (_world, c) => validate(c),
	validateUpdate: (_world, c) => validate(c),
	table: table(['Name', 'Age'], (world, c) => [c.metadata.name, age(world, c)]),
});
