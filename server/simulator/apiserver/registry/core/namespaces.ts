/** Namespaces: `pkg/registry/core/namespace`. Ended in two steps: Terminating, then gone once its finalizers are. */
import type { World } from '../../../kernel/world.ts';
import type { KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { arr, specOf, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { checkDns1123Label } from '../../validation.ts';

function defaults(namespace: KubeObject): KubeObject {
	const { name, labels } = namespace.metadata;
	if (!name || labels?.['kubernetes.io/metadata.name'] === name) return namespace;
	return { ...namespace, metadata: { ...namespace.metadata, labels: { ...labels, 'kubernetes.io/metadata.name': name } } };
}

function prepareForCreate(_world: World, namespace: KubeObject): KubeObject {
	const finalizers = arr(specOf(namespace).finalizers);
	return {
		...defaults(namespace),
		spec: { ...specOf(namespace), finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] },
	};
}

/** Finalizers of the spec change through the `finalize` subresource alone. */
function prepareForUpdate(_world: World, namespace: KubeObject, old: KubeObject): KubeObject {
	return { ...namespace, spec: old.spec };
}

export const namespaces = defineResource({
	group: '',
	resource: 'namespaces',
	kind: 'Namespace',
	shortNames: ['ns'],
	namespaced: false,
	verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
	subresources: ['status', 'finalize'],
	newStatus: { phase: 'Active' },
	validateName: checkDns1123Label,
	defaults,
	prepareForCreate,
	prepareForUpdate,
	selectableFields: (namespace) => ({ 'status.phase': str(statusOf(namespace).phase), name: namespace.metadata.name }),
	table: table(['Name', 'Status', 'Age'], (world, ns) => [ns.metadata.name, str(statusOf(ns).phase), age(world, ns)]),
});
