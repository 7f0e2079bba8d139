import { isRecord } from '../equal.ts';
import { badRequest } from '../errors.ts';
import { answer, existing, type Handler, keyOf } from './context.ts';
import { holdsNamespace } from './update.ts';

/** `namespaces/<name>/finalize`: replaces the spec's finalizers; the last one gone, a namespace on its way out goes. */
export const finalize: Handler = (context, world, resolved) => {
	const { call, strategy } = resolved;
	const old = existing(world, resolved);
	const spec = isRecord(call.body) && isRecord(call.body['spec']) ? call.body['spec'] : {};
	const finalizers = spec['finalizers'] ?? [];
	if (!Array.isArray(finalizers)) throw badRequest('json: cannot unmarshal into Go struct field NamespaceSpec.spec.finalizers of type []v1.FinalizerName');
	const oldSpec = isRecord(old['spec']) ? old['spec'] : {};
	const { finalizers: _dropped, ...rest } = oldSpec;
	const next = { ...old, spec: finalizers.length === 0 ? rest : { ...rest, finalizers } };
	const key = keyOf(resolved);
	const over = next.metadata.deletionTimestamp !== undefined && !holdsNamespace(next) && (next.metadata.finalizers ?? []).length === 0;
	return answer(resolved, 200, over ? context.registry.remove(world, strategy, key, next) : context.registry.put(world, strategy, key, next));
};
