/** CustomResourceDefinitions of conformance specs. */
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import type { Cluster } from '../cluster.ts';

export const CRDS = 'apiextensions.k8s.io/v1/customresourcedefinitions';
export const GROUP = 'areas.example.com';
export const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export interface Version {
	readonly name: string;
	readonly schema?: object;
	readonly served?: boolean;
	readonly storage?: boolean;
	readonly status?: boolean;
}

/** A definition of kind `Foo` (plural `foos`) or of another kind; the first version is stored. */
export function definition(
	versions: readonly Version[],
	options: { readonly kind?: string; readonly group?: string; readonly labels?: { [key: string]: string } } = {},
): object {
	const { kind = 'Foo', group = GROUP, labels = {} } = options;
	const plural = `${kind.toLowerCase()}s`;
	return {
		apiVersion: 'apiextensions.k8s.io/v1',
		kind: 'CustomResourceDefinition',
		metadata: { name: `${plural}.${group}`, labels },
		spec: {
			group,
			scope: 'Namespaced',
			names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
			versions: versions.map((v, i) => ({
				name: v.name,
				served: v.served ?? true,
				storage: v.storage ?? i === 0,
				schema: { openAPIV3Schema: v.schema ?? OPEN },
				...(v.status === true ? { subresources: { status: {} } } : {}),
			})),
		},
	};
}

/** Creates it and waits until it is served. */
export async function served(c: Cluster, object: object): Promise<V1CustomResourceDefinition> {
	const of = c.at<V1CustomResourceDefinition>(CRDS, '');
	const made = await of.create(object);
	const name = made.metadata?.name ?? '';
	return c.until(`${name} is established`, async () => {
		const held = await of.get(name);
		return held.status?.conditions?.some((x) => x.type === 'Established' && x.status === 'True') && held;
	});
}

export const custom = (name: string, more: object = {}, version = 'v1', kind = 'Foo'): object => ({
	apiVersion: `${GROUP}/${version}`,
	kind,
	metadata: { name },
	...more,
});
