/** RFC 6902 JSON patch through `rfc6902`, on a copy: the library changes in place and stops halfway. */
import { applyPatch, type Operation } from 'rfc6902';
import { isRecord } from '../equal.ts';
import { badRequest, invalid } from '../errors.ts';
import type { ApiError, Strategy } from '../types.ts';

/** Operations one patch may hold (`maxJSONPatchOperations`). */
const OPERATIONS_LIMIT = 10_000;

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function refused(strategy: Strategy, name: string, why: string): ApiError {
	return invalid(strategy.group, strategy.kind, name, why, []);
}

/** Applies `patch` to `target`; throws the ApiError that upstream answers where it can't be applied. */
export function jsonPatch(strategy: Strategy, name: string, target: unknown, patch: unknown): unknown {
	if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
	if (patch.length > OPERATIONS_LIMIT) {
		throw badRequest(`The allowed maximum operations in a JSON patch is ${OPERATIONS_LIMIT}, got ${patch.length}`);
	}
	for (const op of patch) {
		if (!isRecord(op)) throw badRequest('error decoding patch: json: cannot unmarshal into Go value of type jsonpatch.Operation');
	}
	const target2 = copy(target);
	const errors = applyPatch(target2, copy(patch) as Operation[]);
	for (const [i, error] of errors.entries()) {
		if (error !== null) throw refused(strategy, name, wording(patch[i] as { readonly [k: string]: unknown }, error.name));
	}
	return target2;
}

/** The words of `gopkg.in/evanphx/json-patch` for a failed operation. */
function wording(op: { readonly [k: string]: unknown }, errorName: string): string {
	const kind = typeof op['op'] === 'string' ? op['op'] : '';
	const path = typeof op['path'] === 'string' ? op['path'] : '';
	if (kind === 'test') return `testing value ${path} failed: test failed`;
	if (!['add', 'remove', 'replace', 'move', 'copy'].includes(kind)) return `Unexpected kind: ${kind}`;
	if (errorName !== 'MissingError') return `${kind} operation does not apply: ${String(errorName)}`;
	if (kind === 'replace') return `replace operation does not apply: doc is missing key: ${path}: missing value`;
	if (kind === 'remove') return `remove operation does not apply: doc is missing path: "${path}": missing value`;
	return `${kind} operation does not apply: doc is missing path: "${path}": missing value`;
}
