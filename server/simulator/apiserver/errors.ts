/** Refusals, each worded as upstream's `apimachinery/pkg/api/errors` words it. */
import { ApiError, type GroupResource, type Json, type Status, type StatusCause } from './types.ts';

interface Refusal {
	readonly code: number;
	readonly reason: string;
	readonly message: string;
	readonly details?: NonNullable<Status['details']>;
}

/** A metav1.Status that says Failure. */
export function failure({ code, reason, message, details }: Refusal): Status {
	const metadata: { [key: string]: Json } = {};
	const base = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message, reason } as const;
	return details === undefined ? { ...base, code } : { ...base, details, code };
}

const refuse = (refusal: Refusal): ApiError => new ApiError(failure(refusal));

/** `pods`, `deployments.apps`: a GroupResource as Go prints it. */
export function groupResourceText(gr: GroupResource): string {
	return gr.group === '' ? gr.resource : `${gr.resource}.${gr.group}`;
}

/** Details name the resource in `kind`, as upstream does; an empty group is left out. */
function about(gr: GroupResource, name: string, rest: Partial<NonNullable<Status['details']>> = {}): NonNullable<Status['details']> {
	return { ...(name === '' ? {} : { name }), ...(gr.group === '' ? {} : { group: gr.group }), kind: gr.resource, ...rest };
}

export function notFound(gr: GroupResource, name: string): ApiError {
	return refuse({ code: 404, reason: 'NotFound', message: `${groupResourceText(gr)} "${name}" not found`, details: about(gr, name) });
}

export function alreadyExists(gr: GroupResource, name: string): ApiError {
	return refuse({ code: 409, reason: 'AlreadyExists', message: `${groupResourceText(gr)} "${name}" already exists`, details: about(gr, name) });
}

/** A name that was generated and taken eight times in a row (`NewGenerateNameConflict`). */
export function generateNameConflict(gr: GroupResource, name: string): ApiError {
	return refuse({
		code: 409,
		reason: 'AlreadyExists',
		message: `${groupResourceText(gr)} "${name}" already exists, the server was not able to generate a unique name for the object`,
		details: about(gr, name, { retryAfterSeconds: 1 }),
	});
}

/** Conflict with a cause of its own, e.g. a failed precondition. */
export function conflict(gr: GroupResource, name: string, why: string): ApiError {
	return refuse({
		code: 409,
		reason: 'Conflict',
		message: `Operation cannot be fulfilled on ${groupResourceText(gr)} "${name}": ${why}`,
		details: about(gr, name),
	});
}

/** Optimistic concurrency lost (`registry.OptimisticLockErrorMsg`). */
export function modified(gr: GroupResource, name: string): ApiError {
	return conflict(gr, name, 'the object has been modified; please apply your changes to the latest version and try again');
}

export function badRequest(message: string): ApiError {
	return refuse({ code: 400, reason: 'BadRequest', message });
}

export function unauthorized(): ApiError {
	return refuse({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

export function forbidden(gr: GroupResource, name: string, why: string): ApiError {
	const subject = name === '' ? `${groupResourceText(gr)} is forbidden` : `${groupResourceText(gr)} "${name}" is forbidden`;
	return refuse({ code: 403, reason: 'Forbidden', message: `${subject}: ${why}`, details: about(gr, name) });
}

/** A path that is no resource (`/metrics`): upstream names neither resource nor group. */
export function forbiddenPath(user: string, verb: string, path: string): ApiError {
	return refuse({ code: 403, reason: 'Forbidden', message: `forbidden: User "${user}" cannot ${verb} path "${path}"`, details: {} });
}

export function invalid(group: string, kind: string, name: string, message: string, causes: readonly StatusCause[]): ApiError {
	const qualified = group === '' ? kind : `${kind}.${group}`;
	return refuse({
		code: 422,
		reason: 'Invalid',
		message: `${qualified} "${name}" is invalid: ${message}`,
		details: { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind, causes },
	});
}

export function methodNotSupported(gr: GroupResource, action: string): ApiError {
	return refuse({
		code: 405,
		reason: 'MethodNotAllowed',
		message: `${action} is not supported on resources of kind "${groupResourceText(gr)}"`,
		details: about(gr, ''),
	});
}

/** The generic answer to a method that a path does not serve. */
export function methodNotAllowed(): ApiError {
	return refuse({ code: 405, reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource', details: {} });
}

/** An unknown resource or path. */
export function noSuchResource(): ApiError {
	return refuse({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
}

/** 410 with reason Expired: a watch or continue token from before the log's window. */
/** `metadata` for a list that can be gone on with. */
export function expired(message: string, metadata: { readonly [key: string]: Json } = {}): ApiError {
	return new ApiError({ ...failure({ code: 410, reason: 'Expired', message }), metadata });
}

export function serviceUnavailable(message: string): ApiError {
	return refuse({ code: 503, reason: 'ServiceUnavailable', message });
}

export function tooLargeBody(limit: number): ApiError {
	return refuse({ code: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: limit is ${limit}` });
}

export function unsupportedMediaType(contentType: string, accepted: readonly string[]): ApiError {
	return refuse({
		code: 415,
		reason: 'UnsupportedMediaType',
		message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
		details: { causes: [{ message: `got ${contentType}` }] },
	});
}

export function notAcceptable(accepted: readonly string[]): ApiError {
	return refuse({ code: 406, reason: 'NotAcceptable', message: `only the following media types are accepted: ${accepted.join(', ')}` });
}

export function tooManyRequests(message: string, retryAfterSeconds: number): ApiError {
	return refuse({ code: 429, reason: 'TooManyRequests', message, details: { retryAfterSeconds } });
}

export function internalError(message: string): ApiError {
	return refuse({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}`, details: { causes: [{ message }] } });
}

/** resourceVersion ahead of the store: upstream waits three seconds, then says so. */
export function tooLargeResourceVersion(asked: number, current: number): ApiError {
	return refuse({
		code: 504,
		reason: 'Timeout',
		message: `Too large resource version: ${asked}, current: ${current}`,
		details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
	});
}
