/** Ingress classes: `pkg/registry/networking/ingressclass`. */
import type { KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, fill, isRecord, specOf, str } from '../fields.ts';
import { age, table } from '../table.ts';

function parameters(ingressClass: KubeObject): string {
	const ref = specOf(ingressClass).parameters;
	if (!isRecord(ref)) return '<none>';
	const group = str(ref.apiGroup);
	return `${str(ref.kind)}${group === '' ? '' : `.${group}`}/${str(ref.name)}`;
}

export const ingressclasses = defineResource({
	group: 'networking.k8s.io',
	resource: 'ingressclasses',
	kind: 'IngressClass',
	generation: true,
	namespaced: false,
	defaults: (object) => changePart(object, 'spec', (spec) => changeField(spec, 'parameters', (p) => fill(p, { scope: 'Cluster' }))),
	table: table(['Name', 'Controller', 'Parameters', 'Age'], (world, c) => [c.metadata.name, str(specOf(c).controller), parameters(c), age(world, c)]),
});
