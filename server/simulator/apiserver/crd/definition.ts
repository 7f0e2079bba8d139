/** CustomResourceDefinitions as they are stored (apiextensions.k8s.io/v1). */
import type { KubeObject, Strategy } from '../types.ts';

/** JSONSchemaProps; values may be anything until they have been validated. */
export interface Props {
	readonly type?: string;
	readonly format?: string;
	readonly title?: string;
	readonly description?: string;
	readonly default?: unknown;
	readonly nullable?: boolean;
	readonly properties?: { readonly [name: string]: Props };
	readonly additionalProperties?: boolean | Props;
	readonly items?: Props;
	readonly required?: readonly string[];
	readonly enum?: readonly unknown[];
	readonly pattern?: string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly exclusiveMinimum?: boolean;
	readonly exclusiveMaximum?: boolean;
	readonly multipleOf?: number;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly minProperties?: number;
	readonly maxProperties?: number;
	readonly uniqueItems?: boolean;
	readonly allOf?: readonly Props[];
	readonly anyOf?: readonly Props[];
	readonly oneOf?: readonly Props[];
	readonly not?: Props;
	readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
	readonly 'x-kubernetes-int-or-string'?: boolean;
	readonly 'x-kubernetes-embedded-resource'?: boolean;
	readonly 'x-kubernetes-list-type'?: string;
	readonly 'x-kubernetes-list-map-keys'?: readonly string[];
	readonly 'x-kubernetes-map-type'?: string;
	readonly 'x-kubernetes-validations'?: readonly unknown[];
}

export interface Column {
	readonly name: string;
	readonly type: string;
	readonly format?: string;
	readonly description?: string;
	readonly priority?: number;
	readonly jsonPath: string;
}

export interface Names {
	readonly plural: string;
	readonly singular?: string;
	readonly shortNames?: readonly string[];
	readonly kind: string;
	readonly listKind?: string;
	readonly categories?: readonly string[];
}

export interface DefinitionVersion {
	readonly name: string;
	readonly served: boolean;
	readonly storage: boolean;
	readonly deprecated?: boolean;
	readonly deprecationWarning?: string;
	readonly schema?: { readonly openAPIV3Schema?: Props };
	readonly subresources?: {
		readonly status?: object;
		readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly labelSelectorPath?: string };
	};
	readonly additionalPrinterColumns?: readonly Column[];
	readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface DefinitionCondition {
	readonly type: string;
	readonly status: string;
	readonly lastTransitionTime: string;
	readonly reason: string;
	readonly message: string;
}

export interface Definition extends KubeObject {
	readonly spec: {
		readonly group: string;
		readonly names: Names;
		readonly scope: string;
		readonly versions: readonly DefinitionVersion[];
		readonly conversion?: { readonly strategy: string; readonly webhook?: { readonly [field: string]: unknown } };
		readonly preserveUnknownFields?: boolean;
	};
	readonly status?: {
		readonly conditions?: readonly DefinitionCondition[];
		readonly acceptedNames?: Names;
		readonly storedVersions?: readonly string[];
	};
}

/** Where the store keeps definitions. */
export const DEFINITIONS = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' } as Strategy;
/** Holds a definition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export const hasCondition = (crd: Definition, type: string): boolean => crd.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
