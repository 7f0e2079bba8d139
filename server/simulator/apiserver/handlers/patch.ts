import type { World } from '../../kernel/world.ts';
import { isRecord } from '../equal.ts';
import { badRequest, invalid } from '../errors.ts';
import { kindType } from '../openapi/schema.ts';
import { jsonPatch } from '../patch/json.ts';
import { mergePatch } from '../patch/merge.ts';
import { goText, PatchError, strategicMergePatch } from '../patch/strategic.ts';
import type { ApiResult } from '../types.ts';
import { invalidValue } from '../validation.ts';
import { apply } from './apply.ts';
import { existing, type HandlerContext, inVersion, type ResolvedCall } from './context.ts';
import { decodePatched } from './decode.ts';
import { updateObject } from './update.ts';

export function patch(context: HandlerContext, world: World, resolved: ResolvedCall): ApiResult {
	const { call, strategy } = resolved;
	if (call.patchType === 'application/apply-patch+yaml') return apply(context, world, resolved);
	const old = existing(world, resolved);
	const patched = applyTo(resolved, inVersion(old, strategy, call.version));
	const next = decodePatched(resolved, patched, (why) => patchRefused(resolved, why));
	if (next.metadata.name !== old.metadata.name) {
		throw badRequest(`the name of the object (${next.metadata.name ?? ''}) does not match the name on the URL (${call.name ?? ''})`);
	}
	return updateObject(context, world, resolved, next);
}

/** ` "" is invalid: patch: Invalid value: …`: what a patch makes wrong is said of the patch. */
function patchRefused({ call }: ResolvedCall, why: string): Error {
	const shown = call.patchType === 'application/strategic-merge-patch+json' ? goText(call.body) : JSON.stringify(call.body);
	const { field, message, type } = invalidValue('patch', shown, why);
	return invalid('', '', '', `${field}: ${message}`, [{ reason: type, message, field }]);
}

function applyTo(resolved: ResolvedCall, target: { readonly [k: string]: unknown }): unknown {
	const { call, strategy } = resolved;
	if (call.patchType === 'application/json-patch+json') return jsonPatch(target, call.body);
	if (!isRecord(call.body)) throw badRequest('error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}');
	if (call.patchType !== 'application/strategic-merge-patch+json') return mergePatch(target, call.body);
	try {
		return strategicMergePatch(target, call.body, kindType(strategy.group, call.version, strategy.kind));
	} catch (e) {
		if (e instanceof PatchError) throw badRequest(e.message);
		throw e;
	}
}
