/** Refusals of admission plugins: `apiserver/pkg/admission/errors.go`. */
import { forbidden } from '../errors.ts';
import type { AdmissionRequest, ApiError, KubeObject } from '../types.ts';

/** The object's name as a refusal states it: the prefix where no name has been generated yet. */
export function nameFor(object: KubeObject): string {
	const { name, generateName } = object.metadata;
	return name || generateName || 'Unknown';
}

/** `pods "x" is forbidden: <why>`. */
export function refused(request: AdmissionRequest, why: string): ApiError {
	return forbidden(request.strategy, nameFor(request.object), why);
}

/** Several reasons as Go's aggregate error prints them. */
export function aggregate(reasons: readonly string[]): string {
	const distinct = [...new Set(reasons)];
	return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}

/** Whether the request is about objects of this resource themselves, not one of their subresources. */
export function isAbout(request: AdmissionRequest, group: string, resource: string): boolean {
	const { strategy, call } = request;
	return strategy.resource === resource && strategy.group === group && (call.subresource === undefined || call.subresource === '');
}

/** A pod's in-place resize, which limits and quotas bound as they do a new pod. */
export function isResize(request: AdmissionRequest): boolean {
	const { strategy, call } = request;
	return strategy.resource === 'pods' && strategy.group === '' && call.subresource === 'resize';
}
