/** What the API server's parts say to each other. All of it is plain data, or functions over a `World`. */
import type { World } from '../kernel/world.ts';
import type { StructType } from './openapi/schema.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface OwnerReference {
	readonly apiVersion: string;
	readonly kind: string;
	readonly name: string;
	readonly uid: string;
	readonly controller?: boolean;
	readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
	readonly name: string;
	readonly generateName?: string;
	readonly namespace?: string;
	readonly uid: string;
	readonly resourceVersion: string;
	readonly generation?: number;
	readonly creationTimestamp: string;
	readonly deletionTimestamp?: string;
	readonly deletionGracePeriodSeconds?: number;
	readonly labels?: { readonly [key: string]: string };
	readonly annotations?: { readonly [key: string]: string };
	readonly ownerReferences?: readonly OwnerReference[];
	readonly finalizers?: readonly string[];
	readonly managedFields?: readonly Json[];
}

/**
 * Any API object as stored: apiVersion and kind always set, every field else its resource's own.
 * Never changed in place: an update stores a new object that may share parts with the old one.
 */
export interface KubeObject {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: ObjectMeta;
	readonly [field: string]: unknown;
}

/** A group and a plural, as in a URL: `{group: 'apps', resource: 'deployments'}`; the core group is ''. */
export interface GroupResource {
	readonly group: string;
	readonly resource: string;
}

export interface UserInfo {
	readonly name: string;
	readonly uid?: string;
	readonly groups: readonly string[];
	readonly extra?: { readonly [key: string]: readonly string[] };
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'connect';

export type PatchType =
	| 'application/json-patch+json'
	| 'application/merge-patch+json'
	| 'application/strategic-merge-patch+json'
	| 'application/apply-patch+yaml';

/** Everything that query parameters can ask of a call; each named as upstream's option structs name it. */
export interface CallOptions {
	readonly labelSelector?: string;
	readonly fieldSelector?: string;
	readonly limit?: number;
	readonly continue?: string;
	readonly resourceVersion?: string;
	readonly resourceVersionMatch?: string;
	readonly allowWatchBookmarks?: boolean;
	readonly sendInitialEvents?: boolean;
	readonly timeoutSeconds?: number;
	readonly dryRun?: boolean;
	readonly fieldManager?: string;
	readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
	readonly force?: boolean;
	readonly gracePeriodSeconds?: number;
	readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
	readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
	/** What a subresource takes besides (log: container, follow, previous, tailLines…; exec: command, stdin…), as in the query. */
	readonly query?: { readonly [name: string]: readonly string[] };
}

/** One request for one resource, its path and query taken apart. The form in which controllers call, too. */
export interface ApiCall {
	readonly verb: Verb;
	readonly group: string;
	readonly version: string;
	readonly resource: string;
	readonly subresource?: string;
	readonly namespace?: string;
	readonly name?: string;
	/** A decoded object (create, update), or a decoded patch. */
	readonly body?: unknown;
	readonly patchType?: PatchType;
	readonly options: CallOptions;
	readonly user: UserInfo;
	readonly userAgent?: string;
	/** Adds an annotation to the request's audit event; there where the request is audited. The first of a key holds, as upstream. */
	readonly annotate?: (key: string, value: string) => void;
}

export interface StatusCause {
	readonly reason?: string;
	readonly message?: string;
	readonly field?: string;
}

/** metav1.Status, the body of every failed call and of some that went well. */
export interface Status {
	readonly kind: 'Status';
	readonly apiVersion: 'v1';
	readonly metadata: { readonly [key: string]: Json };
	readonly status: 'Success' | 'Failure';
	readonly message?: string;
	readonly reason?: string;
	readonly details?: {
		readonly name?: string;
		readonly group?: string;
		readonly kind?: string;
		readonly uid?: string;
		readonly causes?: readonly StatusCause[];
		readonly retryAfterSeconds?: number;
	};
	readonly code: number;
}

/** What a call answers: an object, a list, or a Status; with warnings for the `Warning` header. */
export interface ApiResult {
	readonly code: number;
	readonly body: unknown;
	readonly warnings?: readonly string[];
	/** Set by a watch: the caller opens a cursor from it (`watch.ts`). */
	readonly watch?: WatchRequest;
	/** Set by `log` (a text to be followed or not) and other answers that aren't JSON. */
	readonly text?: string;
	/** Set by `log?follow=true`, exec, attach and port-forward: a stream in the world that the caller reads on. */
	readonly stream?: StreamRef;
	/** Set by `proxy`: who is to answer. */
	readonly proxy?: ProxyTarget;
}

/** Where a `proxy` subresource leads. */
export interface ProxyTarget {
	readonly scheme: 'http' | 'https';
	readonly host: string;
	readonly port: number;
	/** The node whose kubelet it is. */
	readonly kubelet?: string;
}

/** Names a stream of the kubelet's streams slice (`kubelet/streams.ts`). */
export interface StreamRef {
	readonly id: string;
	readonly kind: 'log' | 'exec' | 'attach' | 'portforward';
}

export interface WatchRequest {
	readonly group: string;
	readonly version: string;
	readonly resource: string;
	readonly namespace?: string;
	readonly name?: string;
	readonly labelSelector?: string;
	readonly fieldSelector?: string;
	/** Events with a higher revision are sent. */
	readonly fromRevision: number;
	/** ADDED events for what was there already, sent first. */
	readonly initial: readonly KubeObject[];
	readonly bookmarks: boolean;
	/** A bookmark annotated `k8s.io/initial-events-end` follows the initial events. */
	readonly initialEventsEnd: boolean;
	readonly timeoutSeconds?: number;
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchEvent {
	readonly type: WatchEventType;
	readonly object: KubeObject | Status;
}

/** One line of the store's log: what a commit changed. `object` is the last state on a deletion. */
export interface Change {
	readonly revision: number;
	readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
	readonly group: string;
	readonly resource: string;
	readonly object: KubeObject;
	/** The object before, for MODIFIED and DELETED: selectors compare both. */
	readonly previous?: KubeObject;
}

/** A failed validation, as upstream's field.Error; `validation.ts` words it. */
export interface FieldError {
	readonly field: string;
	readonly type:
		| 'FieldValueInvalid'
		| 'FieldValueRequired'
		| 'FieldValueNotSupported'
		| 'FieldValueForbidden'
		| 'FieldValueDuplicate'
		| 'FieldValueNotFound'
		| 'FieldValueTooLong'
		| 'FieldValueTooMany'
		| 'FieldValueTypeInvalid'
		| 'InternalError';
	readonly message: string;
}

export interface TableColumn {
	readonly name: string;
	readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
	readonly format?: string;
	readonly description: string;
	/** 0 is always shown; 1 only with `-o wide`. */
	readonly priority: number;
}

/** How a resource prints: its columns and a row for an object. Age columns hold the text a human reads ("5m3s"). */
export interface TableWriter {
	readonly columns: readonly TableColumn[];
	row(world: World, object: KubeObject): readonly Json[];
}

/**
 * A resource's own rules over the generic store: what `pkg/registry/<group>/<resource>/strategy.go` holds upstream.
 * Functions take and return objects and never change their arguments.
 */
export interface Strategy {
	readonly group: string;
	readonly versions: readonly string[];
	/** Versions that clients may call, where that isn't all of `versions`. */
	readonly served?: readonly string[];
	readonly resource: string;
	readonly singular: string;
	readonly kind: string;
	readonly shortNames: readonly string[];
	readonly categories: readonly string[];
	readonly namespaced: boolean;
	/** Verbs served; all of the usual eight where left out. */
	readonly verbs?: readonly Verb[];
	/** Served subresources besides the object itself ('status', 'scale', 'log', 'exec', 'eviction', 'binding', 'token'…). */
	readonly subresources?: readonly string[];
	/** `metadata.name` rule; DNS-1123 subdomain where left out. Returns what is wrong, as upstream words it. */
	validateName?(name: string): readonly string[];
	/** Fills in defaults, for every object read from a client (`zz_generated.defaults.go`). */
	defaults?(object: KubeObject): KubeObject;
	/** Drops what a client may not set, sets what the server decides (allocation of cluster IPs, generation, initial status). */
	prepareForCreate?(world: World, object: KubeObject, user: UserInfo): KubeObject;
	/** The same for an update: typically carries status over from `old`. Generation is raised generically when anything but metadata and status differs. */
	prepareForUpdate?(world: World, object: KubeObject, old: KubeObject): KubeObject;
	/** Fields of the spec that the server makes up at creation and never again: an applied null leaves them. */
	readonly generated?: readonly string[];
	/** For updates of the status subresource: typically carries spec over. Where left out, everything but `status` is kept from `old`. */
	prepareForStatusUpdate?(world: World, object: KubeObject, old: KubeObject): KubeObject;
	validate?(world: World, object: KubeObject): readonly FieldError[];
	validateUpdate?(world: World, object: KubeObject, old: KubeObject): readonly FieldError[];
	/** For updates of the status subresource; left out where the status is the cluster's own to write. */
	validateStatusUpdate?(world: World, object: KubeObject, old: KubeObject): readonly FieldError[];
	/** Texts for the `Warning` header of a create, or of an update of `old`. */
	warnings?(world: World, object: KubeObject, old?: KubeObject): readonly string[];
	/** Grace period a delete without one gets, in seconds, or undefined for deletion at once (pods: spec.terminationGracePeriodSeconds). */
	gracePeriodSeconds?(world: World, object: KubeObject, asked: number | undefined): number | undefined;
	/** What garbage collection a delete does where its options do not say. Background where left out. */
	readonly defaultPropagation?: 'Background' | 'Orphan';
	/** Finalizers that a delete adds: a controller has work to do first. */
	readonly deletionFinalizers?: readonly string[];
	/** Runs after the commit, for effects outside this object (freeing an IP). */
	afterDelete?(world: World, object: KubeObject): void;
	/** Fields that a field selector may name besides metadata.name and metadata.namespace, with their text value. */
	selectableFields?(object: KubeObject): { readonly [field: string]: string };
	/** Secondary indexes: name → the values under which an object is found (`registry.byIndex`). byOwner exists for every resource. */
	readonly indexes?: { readonly [index: string]: (object: KubeObject) => readonly string[] };
	readonly table?: TableWriter;
	/** JSON paths of the scale subresource. */
	readonly scale?: { readonly specReplicas: string; readonly statusReplicas: string; readonly selector: string };
	/** Subresources that write a part of the object, as status does (pods: ephemeralcontainers, resize); get, update and patch. */
	readonly parts?: { readonly [subresource: string]: PartStrategy };
	/** Calls on this subresource that are not plain status or scale; gets the parent object (undefined where `name` does not exist). */
	readonly connect?: { readonly [subresource: string]: (world: World, call: ApiCall, object: KubeObject | undefined) => ApiResult };
	/** A resource with no storage (SelfSubjectAccessReview and the like): create answers straight away. */
	readonly virtualCreate?: (world: World, call: ApiCall) => ApiResult;
	/** A resource whose reads are computed (metrics.k8s.io): answers get and list. */
	readonly virtualRead?: (world: World, call: ApiCall) => ApiResult;
	/** The resource whose objects these are, seen under another group (events). */
	readonly storedAs?: GroupResource;
	/** Versions whose objects differ from the stored (the first) one's in more than their apiVersion. */
	readonly converted?: { readonly [version: string]: Conversion };
	/** Set where a CustomResourceDefinition serves the resource: the type table doesn't know its kind. */
	readonly custom?: CustomParts;
}

/** The rules of a subresource that writes a part of the object. */
export interface PartStrategy {
	/** Carries over from `old` whatever the subresource may not write. */
	prepareForUpdate(world: World, object: KubeObject, old: KubeObject): KubeObject;
	validateUpdate(world: World, object: KubeObject, old: KubeObject): readonly FieldError[];
}

/** The way between a version of a resource and the stored one. apiVersion is the caller's to set. */
export interface Conversion {
	toStored(object: KubeObject): KubeObject;
	fromStored(object: KubeObject): KubeObject;
}

/** What a version of a CustomResourceDefinition says of its objects. */
export interface CustomParts {
	readonly version: string;
	/** The version that objects are stored in. */
	readonly storage: string;
	/** Prunes and fills defaults in; `unknown` as the decoder words what was dropped (`unknown field "spec.x"`). */
	decode(body: { readonly [key: string]: unknown }): {
		readonly value: { readonly [key: string]: unknown };
		readonly unknown: readonly string[];
		readonly error?: string;
	};
	/** A stored object as it is read: pruned and with the defaults of today's schema, under `apiVersion`. The same object for the same one. */
	read(object: KubeObject, apiVersion: string): KubeObject;
	/** What does not fit the schema's types, in server-side apply's words. */
	typed(body: unknown): readonly string[];
	/** For server-side apply; undefined where the kind takes any field. */
	readonly type?: StructType;
	/** The structural schema. */
	readonly schema: object;
	/** `spec.conversion.webhook`, where that is the definition's strategy. */
	readonly webhook?: { readonly [field: string]: unknown };
	/** Warning of every request to a deprecated version. */
	readonly deprecation?: string;
}

/** A step between decoding and storing, as upstream's admission plugins. Throws `ApiError` to refuse. */
export interface AdmissionPlugin {
	readonly name: string;
	mutate?(world: World, request: AdmissionRequest): KubeObject;
	validate?(world: World, request: AdmissionRequest): readonly string[] | undefined;
}

/** What the mutating steps of one request tell each other: an object that policies or webhooks changed goes through them again. */
export interface Reinvocation {
	/** Set in the second round. */
	again: boolean;
	/** Somebody changed the object: a second round is due. */
	wanted: boolean;
	/** Those that want to be asked again, and the object as they left it. */
	readonly invoked: Map<string, KubeObject>;
}

export interface AdmissionRequest {
	readonly reinvocation?: Reinvocation;
	/** Takes a text for the `Warning` header. */
	readonly warn?: (text: string) => void;
	readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
	readonly call: ApiCall;
	readonly strategy: Strategy;
	/** The new object; on a deletion the present one. */
	readonly object: KubeObject;
	readonly old?: KubeObject;
}

/** Refuses a call; `handle` turns it into a Status answer. Inside the API server only: callers see values. */
export class ApiError extends Error {
	readonly status: Status;
	constructor(status: Status) {
		super(status.message ?? status.reason ?? String(status.code));
		this.status = status;
	}
}
