/** CustomResourceDefinitions: `apiextensions-apiserver/pkg/registry/customresourcedefinition`. */
import { CLEANUP_FINALIZER, type Definition, hasCondition } from '../../crd/definition.ts';
import { definitionErrors, definitionUpdateErrors } from '../../crd/definition-validation.ts';
import { namedStatus } from '../../crd/names.ts';
import type { World } from '../../../kernel/world.ts';
import type { KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { statusOnly } from '../status-update.ts';
import { changeField, changePart, type Fields, fill, isRecord, rec, str } from '../fields.ts';
import { withServicePort } from '../validation/webhook-clients.ts';

function specDefaults(spec: Fields): Fields {
	const filled = fill(spec, { conversion: { strategy: 'None' } });
	const conversion = rec(filled.conversion);
	const s = isRecord(conversion.webhook) ? { ...filled, conversion: { ...conversion, webhook: withServicePort(conversion.webhook) } } : filled;
	return changeField(s, 'names', (names) => {
		const kind = str(names.kind);
		return kind === '' ? names : fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
	});
}

/** The status after a write: names that are free are accepted at once, and the storage version is remembered. */
function settled(world: World, object: KubeObject): KubeObject {
	const crd = object as Definition;
	// What is malformed is refused a step later; it has no names to accept.
	if (definitionErrors(crd).length > 0) return object;
	const storage = crd.spec.versions.find((v) => v.storage)?.name ?? '';
	const stored = crd.status?.storedVersions ?? [];
	const status = { ...namedStatus(world, crd), storedVersions: stored.includes(storage) ? stored : [...stored, storage] };
	return { ...object, status };
}

export const customresourcedefinitions = defineResource({
	group: 'apiextensions.k8s.io',
	resource: 'customresourcedefinitions',
	kind: 'CustomResourceDefinition',
	namespaced: false,
	generation: true,
	shortNames: ['crd', 'crds'],
	categories: ['api-extensions'],
	subresources: ['status'],
	// Upstream resets the metadata to itself, so a status may change it: the finalizer goes this way.
	prepareForStatusUpdate: (_world, next, old) => statusOnly(next, old),
	deletionFinalizers: [CLEANUP_FINALIZER],
	defaults: (object) => changePart(object, 'spec', specDefaults),
	prepareForCreate: (world, object) => settled(world, object),
	prepareForUpdate: (world, object, old) => (hasCondition(old as Definition, 'Terminating') ? object : settled(world, object)),
	validate: (_world, object) => definitionErrors(object as Definition),
	validateUpdate: (_world, object, old) => definitionUpdateErrors(object as Definition, old as Definition),
});
