/** A request as policies and webhooks are told of it (`apiserver/pkg/admission/attributes.go`, `webhook/request/admissionreview.go`). */
import { apiVersionOf, inVersion } from '../../handlers/context.ts';
import { scaleOf } from '../../handlers/scale.ts';
import { isRecord } from '../../registry/fields.ts';
import type { AdmissionRequest, KubeObject } from '../../types.ts';

export interface GroupVersionKind {
	readonly group: string;
	readonly version: string;
	readonly kind: string;
}

export interface GroupVersionResource {
	readonly group: string;
	readonly version: string;
	readonly resource: string;
}

/** What there is to match and to show of one request. */
export interface Attributes {
	readonly request: AdmissionRequest;
	readonly kind: GroupVersionKind;
	readonly resource: GroupVersionResource;
	readonly subresource: string;
	/** Empty where the name is still to be generated. */
	readonly name: string;
	/** A namespace's own name for requests about it; empty for what stands outside of namespaces. */
	readonly namespace: string;
	readonly object: KubeObject | undefined;
	readonly old: KubeObject | undefined;
}

export function isNamespace({ strategy }: Pick<AdmissionRequest, 'strategy'>): boolean {
	return strategy.group === '' && strategy.resource === 'namespaces';
}

const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** Without trailing empty metadata that no client would see: uid and times come once the object is admitted. */
export function attributesOf(request: AdmissionRequest): Attributes {
	const { strategy, call, operation } = request;
	const { version } = call;
	const { group, resource } = strategy;
	const name = (request.old ?? request.object).metadata.name || (call.name ?? '');
	// What is updated under `/scale` is a Scale, whatever it is stored in.
	const scaled = call.subresource === 'scale' && strategy.scale !== undefined;
	const seen = (object: KubeObject): KubeObject => (scaled ? scaleOf(strategy, object) : inVersion(object, strategy, version));
	const present = seen(request.object);
	const gone = operation === 'DELETE';
	return {
		request,
		kind: scaled ? SCALE : { group, version, kind: strategy.kind },
		resource: { group, version, resource },
		subresource: call.subresource ?? '',
		name,
		namespace: isNamespace(request) ? name : strategy.namespaced ? (call.namespace ?? '') : '',
		object: gone ? undefined : present,
		old: gone ? present : request.old === undefined ? undefined : seen(request.old),
	};
}

/** The same request in another version of its resource. */
export function inOtherVersion(attributes: Attributes, version: string): Attributes {
	if (version === attributes.resource.version || attributes.kind === SCALE) return attributes;
	const { strategy } = attributes.request;
	const convert = (object: KubeObject | undefined): KubeObject | undefined => (object === undefined ? undefined : inVersion(object, strategy, version));
	return {
		...attributes,
		kind: { ...attributes.kind, version },
		resource: { ...attributes.resource, version },
		object: convert(attributes.object),
		old: convert(attributes.old),
	};
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: 'PodExecOptions' } as const;

function optionsOf({ request }: Attributes): { readonly [key: string]: unknown } {
	const { options, patchType, query } = { ...request.call, query: request.call.options.query };
	const { fieldManager, fieldValidation, dryRun, gracePeriodSeconds, propagationPolicy, preconditions } = options;
	if (request.operation === 'CONNECT') return { kind: OPTIONS.CONNECT, apiVersion: 'v1', ...connectOptions(query) };
	const kind = request.operation === 'UPDATE' && patchType !== undefined ? 'PatchOptions' : OPTIONS[request.operation];
	const common = { kind, apiVersion: 'meta.k8s.io/v1', ...(dryRun === true ? { dryRun: ['All'] } : {}) };
	if (request.operation === 'DELETE') return { ...common, ...given({ gracePeriodSeconds, propagationPolicy, preconditions }) };
	return { ...common, ...given({ fieldManager, fieldValidation }) };
}

const given = (fields: { readonly [key: string]: unknown }): { readonly [key: string]: unknown } =>
	Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined));

function connectOptions(query: AdmissionRequest['call']['options']['query']): { readonly [key: string]: unknown } {
	const flag = (name: string): boolean | undefined => (query?.[name]?.[0] === 'true' || query?.[name]?.[0] === '1' ? true : undefined);
	return given({
		stdin: flag('stdin'),
		stdout: flag('stdout'),
		stderr: flag('stderr'),
		tty: flag('tty'),
		container: query?.['container']?.[0],
		command: query?.['command'],
	});
}

/** admission/v1 AdmissionRequest without the objects. `matched` is the version that a rule spoke of. */
export function requestData(attributes: Attributes, matched: Attributes = attributes): { readonly [key: string]: unknown } {
	const { kind, resource, subresource, name, namespace, request } = attributes;
	const { user, options } = request.call;
	return {
		kind: matched.kind,
		resource: matched.resource,
		...given({ subResource: subresource || undefined }),
		requestKind: kind,
		requestResource: resource,
		...given({ requestSubResource: subresource || undefined, name: name || undefined, namespace: namespace || undefined }),
		operation: request.operation,
		userInfo: given({
			username: user.name,
			uid: user.uid,
			groups: user.groups,
			extra: isRecord(user.extra) && Object.keys(user.extra).length > 0 ? user.extra : undefined,
		}),
		dryRun: options.dryRun === true,
		options: optionsOf(attributes),
	};
}

export const apiVersionText = ({ group, version }: GroupVersionKind): string => apiVersionOf({ group }, version);
