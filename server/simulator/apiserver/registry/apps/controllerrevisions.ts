/** Controller revisions: `pkg/registry/apps/controllerrevision`. */
import type { KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { num } from '../fields.ts';
import { age, table } from '../table.ts';

function controller(revision: KubeObject): string {
	const ref = revision.metadata.ownerReferences?.find((o) => o.controller === true);
	if (ref === undefined) return '<none>';
	const group = ref.apiVersion.includes('/') ? `.${ref.apiVersion.split('/')[0]}` : '';
	return `${ref.kind.toLowerCase()}${group}/${ref.name}`;
}

export const controllerrevisions = defineResource({
	group: 'apps',
	resource: 'controllerrevisions',
	kind: 'ControllerRevision',
	table: table(['Name', 'Controller', 'Revision', 'Age'], (world, r) => [r.metadata.name, controller(r), String(num(r.revision)), age(world, r)]),
});
