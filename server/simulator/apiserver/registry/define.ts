/** One short form for the table of resources: what most of them share is said here once. */
import type { World } from '../../kernel/world.ts';
import { badRequest } from '../errors.ts';
import type { KubeObject, Strategy, UserInfo } from '../types.ts';
import { QuantityError } from './quantity.ts';

export interface ResourceDefinition extends Partial<Omit<Strategy, 'group' | 'resource' | 'kind'>> {
	readonly group: string;
	readonly resource: string;
	readonly kind: string;
	/** New objects start with `metadata.generation` 1; the handlers raise it when the spec changes. */
	readonly generation?: boolean;
	/** A client may bring a status at creation (nodes: a kubelet registers with the one it has). */
	readonly keepsStatus?: boolean;
	/** Status of a new object; only for resources with a status subresource. */
	readonly newStatus?: { readonly [field: string]: unknown };
}

/**
 * A strategy from its definition. Left out: version v1, singular from the kind, namespaced. A resource with a `status`
 * subresource gets an empty (or `newStatus`) status at creation and keeps the old one on updates, as upstream's strategies do.
 */
export function defineResource(definition: ResourceDefinition): Strategy {
	const { newStatus, generation, keepsStatus, defaults, prepareForCreate, prepareForUpdate, ...rest } = definition;
	const hasStatus = definition.subresources?.includes('status') ?? false;
	const status = newStatus ?? {};
	return {
		versions: ['v1'],
		singular: definition.kind.toLowerCase(),
		shortNames: [],
		categories: [],
		namespaced: true,
		...rest,
		defaults: defaults === undefined ? undefined : decoding(definition, defaults),
		prepareForCreate: (world: World, object: KubeObject, user: UserInfo) => {
			let fresh = hasStatus && keepsStatus !== true ? { ...object, status } : object;
			if (generation === true) fresh = { ...fresh, metadata: { ...fresh.metadata, generation: 1 } };
			return prepareForCreate?.(world, fresh, user) ?? fresh;
		},
		prepareForUpdate: hasStatus
			? (world: World, object: KubeObject, old: KubeObject) => {
					const kept = object.status === old.status ? object : { ...object, status: old.status };
					return prepareForUpdate?.(world, kept, old) ?? kept;
				}
			: prepareForUpdate,
	};
}

type Defaults = (object: KubeObject) => KubeObject;

/** What can't be read (a malformed quantity) is the decoder's to refuse, before anything is validated. */
function decoding(definition: ResourceDefinition, defaults: Defaults): Defaults {
	const { kind, versions = ['v1'] } = definition;
	return (object) => {
		try {
			return defaults(object);
		} catch (e) {
			if (e instanceof QuantityError) throw badRequest(`${kind} in version "${versions[0] ?? 'v1'}" cannot be handled as a ${kind}: ${e.message}`);
			throw e;
		}
	};
}
