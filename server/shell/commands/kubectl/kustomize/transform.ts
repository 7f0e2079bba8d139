/** Namespace, names, labels, annotations, replicas and images of a kustomization. Upstream: kustomize api/internal/builtins. */
import type { Obj } from '../client.ts';
import { changeFields, type FieldSpec, SELECTORS, templates } from './fields.ts';
import { isNamespaced, renamed, type Resource } from './resource.ts';

type Labels = Record<string, string>;

function namespaced(all: readonly Resource[], namespace: string): void {
	for (const r of all) {
		const { object } = r;
		if (object.kind === 'Namespace') object.metadata = { ...object.metadata, name: namespace };
		else if (isNamespaced(object)) object.metadata = { ...object.metadata, namespace };
		// The default service account of bindings goes along.
		changeFields(object, [{ path: 'subjects/namespace', kinds: ['RoleBinding', 'ClusterRoleBinding'], create: true }], (_old, holder) =>
			holder['kind'] === 'ServiceAccount' && holder['name'] === 'default' ? namespace : undefined,
		);
		renamed(r);
	}
}

/** Kinds whose names stay what they are. */
const FIXED_NAMES = new Set(['CustomResourceDefinition', 'APIService', 'Namespace']);

function affixed(all: readonly Resource[], prefix: string, suffix: string): void {
	for (const r of all) {
		if (FIXED_NAMES.has(String(r.object.kind))) continue;
		r.object.metadata = { ...r.object.metadata, name: `${prefix}${r.object.metadata?.name ?? ''}${suffix}` };
		renamed(r);
	}
}

const OWN = (what: 'labels' | 'annotations'): FieldSpec => ({ path: `metadata/${what}`, create: true });

function spread(all: readonly Resource[], pairs: Labels, specs: readonly FieldSpec[]): void {
	for (const { object } of all) changeFields(object, specs, (old) => ({ ...(old as Labels | undefined), ...pairs }));
}

/** An entry of `labels`, or `commonLabels`: how far its pairs reach. */
function reach(entry: Obj): readonly FieldSpec[] {
	const own = ((entry['fields'] ?? []) as Obj[]).map(
		(f): FieldSpec => ({ path: String(f['path']), create: f['create'] === true, ...(f.kind === undefined ? {} : { kinds: [String(f.kind)] }) }),
	);
	if (entry['includeSelectors'] === true) return [OWN('labels'), ...SELECTORS, ...templates('labels'), ...own];
	return [OWN('labels'), ...(entry['includeTemplates'] === true ? templates('labels') : []), ...own];
}

const REPLICAS: readonly FieldSpec[] = [{ path: 'spec/replicas', kinds: ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'], create: true }];

function withReplicas(all: readonly Resource[], entry: Obj): void {
	for (const r of all) if (r.names.some((n) => n.name === entry['name'])) changeFields(r.object, REPLICAS, () => entry['count']);
}

function renamedImage(image: string, entry: Obj): string {
	const [, name = image, tag, digest] = /^(.+?)(?::([^:/@]+))?(?:@(.+))?$/.exec(image) ?? [];
	if (name !== entry['name']) return image;
	const next = String(entry['newName'] ?? name);
	if (entry['digest']) return `${next}@${entry['digest']}`;
	if (entry['newTag']) return `${next}:${entry['newTag']}${entry['tagSuffix'] ?? ''}`;
	if (entry['tagSuffix'] && tag !== undefined) return `${next}:${tag}${entry['tagSuffix']}`;
	return `${next}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Images of every list of containers, however deep it lies. */
function withImage(at: unknown, entry: Obj): void {
	if (Array.isArray(at)) for (const item of at) withImage(item, entry);
	else if (at !== null && typeof at === 'object')
		for (const [key, value] of Object.entries(at as Obj)) {
			if ((key === 'containers' || key === 'initContainers') && Array.isArray(value))
				for (const c of value as Obj[]) if (typeof c?.['image'] === 'string') c['image'] = renamedImage(c['image'], entry);
			withImage(value, entry);
		}
}

/** All of these, in kustomize's order; patches come before, replacements after. */
export function transform(spec: Obj, all: readonly Resource[]): void {
	if (spec['namespace']) namespaced(all, String(spec['namespace']));
	const [prefix, suffix] = [String(spec['namePrefix'] ?? ''), String(spec['nameSuffix'] ?? '')];
	if (prefix !== '' || suffix !== '') affixed(all, prefix, suffix);
	for (const entry of (spec['labels'] ?? []) as Obj[]) spread(all, (entry['pairs'] ?? {}) as Labels, reach(entry));
	if (spec['commonLabels']) spread(all, spec['commonLabels'] as Labels, reach({ includeSelectors: true }));
	if (spec['commonAnnotations']) spread(all, spec['commonAnnotations'] as Labels, [OWN('annotations'), ...templates('annotations')]);
	for (const entry of (spec['replicas'] ?? []) as Obj[]) withReplicas(all, entry);
	for (const entry of (spec['images'] ?? []) as Obj[]) for (const { object } of all) withImage(object, entry);
}
