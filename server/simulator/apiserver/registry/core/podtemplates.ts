/** Pod templates: `pkg/registry/core/podtemplate`. */
import type { KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { rec } from '../fields.ts';
import { containerCells, formatLabels, table } from '../table.ts';
import { templateDefaults } from './pod-defaults.ts';

export const podtemplates = defineResource({
	group: '',
	resource: 'podtemplates',
	kind: 'PodTemplate',
	defaults: (object) => templateDefaults(object) as KubeObject,
	table: table(['Name', 'Containers', 'Images', 'Pod Labels'], (_world, object) => {
		const template = rec(object.template);
		return [object.metadata.name, ...containerCells(template.spec), formatLabels(rec(template.metadata).labels)];
	}),
});
