/** RFC 6902 JSON patch through `rfc6902`, on a copy: the library changes in place and stops halfway. */
import { applyPatch, type Operation } from 'rfc6902';
import { isRecord } from '../equal.ts';
import { badRequest, failure } from '../errors.ts';
import { ApiError } from '../types.ts';

/** Operations one patch may hold (`maxJSONPatchOperations`). */
const OPERATIONS_LIMIT = 10_000;

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What upstream says of every operation that doesn't apply, whatever it was (`NewGenericServerResponse`). */
const REJECTED = 'the server rejected our request due to an error in our request';

/** Applies `patch` to `target`; throws the ApiError that upstream answers where it can't be applied. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
	if (!Array.isArray(patch)) throw badRequest(`json: cannot unmarshal ${typeof patch} into Go value of type jsonpatch.Patch`);
	if (patch.length > OPERATIONS_LIMIT) {
		throw tooManyOperations(patch.length);
	}
	for (const op of patch) {
		if (!isRecord(op)) throw badRequest(`json: cannot unmarshal ${typeof op} into Go value of type jsonpatch.Operation`);
	}
	if (patch.some(leadsNowhere)) throw new ApiError(failure({ code: 422, reason: 'Invalid', message: REJECTED, details: {} }));
	const document = copy(target);
	const errors = applyPatch(document, copy(patch) as Operation[]);
	if (errors.some((e) => e !== null)) throw new ApiError(failure({ code: 422, reason: 'Invalid', message: REJECTED, details: {} }));
	return document;
}

/** The same for those who have more to say: what the first operation that does not apply ended in, or that it was a test. */
export function jsonPatchOrFault(target: unknown, patch: readonly unknown[]): { readonly value: unknown } | { readonly fault: string; readonly test: boolean } {
	const operations = patch.filter(isRecord);
	if (operations.length < patch.length || operations.some(leadsNowhere)) return { fault: 'invalid operation', test: false };
	const document = copy(target);
	const errors = applyPatch(document, copy(operations) as Operation[]);
	const failed = errors.findIndex((e) => e !== null);
	if (failed < 0) return { value: document };
	return { fault: errors[failed]?.message ?? '', test: operations[failed]?.['op'] === 'test' };
}

/** A path that is none, or that goes through an object's prototype, leads nowhere in JSON; the library throws for the first. */
function leadsNowhere(op: { readonly op?: unknown; readonly path?: unknown; readonly from?: unknown }): boolean {
	const paths = op.op === 'move' || op.op === 'copy' ? [op.path, op.from] : [op.path];
	return paths.some((p) => typeof p !== 'string' || (p !== '' && !p.startsWith('/')) || p.split('/').includes('__proto__'));
}

function tooManyOperations(count: number): ApiError {
	const message = `The allowed maximum operations in a JSON patch is ${OPERATIONS_LIMIT}, got ${count}`;
	return new ApiError(failure({ code: 413, reason: 'RequestEntityTooLarge', message }));
}
