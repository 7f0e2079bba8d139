import type { World } from '../../kernel/world.ts';
import { isRecord } from '../equal.ts';
import { badRequest } from '../errors.ts';
import { jsonPatch } from '../patch/json.ts';
import { mergePatch } from '../patch/merge.ts';
import { strategicMergePatch } from '../patch/strategic.ts';
import type { ApiResult } from '../types.ts';
import { existing, type HandlerContext, inVersion, type ResolvedCall } from './context.ts';
import { decodeObject } from './decode.ts';
import { updateObject } from './update.ts';

export function patch(context: HandlerContext, world: World, resolved: ResolvedCall): ApiResult {
	const { call, strategy } = resolved;
	const old = existing(world, resolved);
	const patched = applyTo(resolved, inVersion(old, strategy, call.version));
	const next = decodeObject(resolved, patched);
	if (next.metadata.name !== old.metadata.name) {
		throw badRequest(`the name of the object (${next.metadata.name ?? ''}) does not match the name on the URL (${call.name ?? ''})`);
	}
	return updateObject(context, world, resolved, next);
}

function applyTo({ call, strategy }: ResolvedCall, target: unknown): unknown {
	if (call.patchType === 'application/json-patch+json') return jsonPatch(strategy, call.name ?? '', target, call.body);
	if (!isRecord(call.body)) throw badRequest('error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}');
	if (call.patchType === 'application/strategic-merge-patch+json') return strategicMergePatch(target, call.body);
	return mergePatch(target, call.body);
}
