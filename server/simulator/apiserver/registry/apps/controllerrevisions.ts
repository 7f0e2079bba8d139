/** Controller revisions: `pkg/registry/apps/controllerrevision`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { sameData } from '../../equal.ts';
import { invalidValue, requiredValue } from '../../validation.ts';
import { num } from '../fields.ts';
import { age, table } from '../table.ts';

function controller(revision: KubeObject): string {
	const ref = revision.metadata.ownerReferences?.find((o) => o.controller === true);
	if (ref === undefined) return '<none>';
	const group = ref.apiVersion.includes('/') ? `.${ref.apiVersion.split('/')[0]}` : '';
	return `${ref.kind.toLowerCase()}${group}/${ref.name}`;
}

function revisionErrors(revision: KubeObject): readonly FieldError[] {
	if (revision['data'] === undefined || revision['data'] === null) return [requiredValue('data', 'data is mandatory')];
	return num(revision['revision']) < 0 ? [invalidValue('revision', revision['revision'], 'must be greater than or equal to 0')] : [];
}

export const controllerrevisions = defineResource({
	group: 'apps',
	resource: 'controllerrevisions',
	kind: 'ControllerRevision',
	validate: (_world, revision) => revisionErrors(revision),
	validateUpdate: (_world, revision, old) => [
		...revisionErrors(revision),
		...(sameData(revision['data'], old['data']) ? [] : [invalidValue('data', revision['data'] ?? null, 'field is immutable')]),
	],
	table: table(['Name', 'Controller', 'Revision', 'Age'], (world, r) => [r.metadata.name, controller(r), String(num(r.revision)), age(world, r)]),
});
