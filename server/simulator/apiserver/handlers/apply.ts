/** Server-side apply: what the manager applied before and applies no longer goes, the rest is laid over the present object. */
import type { World } from '../../kernel/world.ts';
import { isRecord, sameData } from '../equal.ts';
import { badRequest, failure } from '../errors.ts';
import { checkObject } from '../openapi/check.ts';
import type { Field, StructType } from '../openapi/schema.ts';
import { common, type FieldSet, fieldsOf, mergeApplied, pathText, removeFields, valueAt } from '../patch/fieldset.ts';
import { listItemErrors } from '../patch/list-items.ts';
import { getObject } from '../registry/store.ts';
import { ApiError, type ApiResult, type KubeObject } from '../types.ts';
import { invalidObject, requiredValue } from '../validation.ts';
import { apiVersionOf, asAsked, type HandlerContext, inVersion, keyOf, type ResolvedCall } from './context.ts';
import { createObject, inNamespace } from './create.ts';
import { decodePatched } from './decode.ts';
import { mayTake, withLastApplied } from './last-applied.ts';
import { afterApply, entriesOf, isOwnApply, managedPart, type ManagedEntry, rootOf } from './managed.ts';
import { updateObject } from './update.ts';

type Fields = { readonly [key: string]: unknown };

function checkRequest({ call, strategy }: ResolvedCall): Fields {
	if (!call.options.fieldManager) {
		const kind = { group: 'meta.k8s.io', kind: 'PatchOptions' };
		throw invalidObject(kind, '', [requiredValue('fieldManager', 'is required for apply patch')]);
	}
	if (!isRecord(call.body)) throw badRequest('error decoding YAML: expected a map');
	const { apiVersion, kind, metadata } = call.body;
	if (apiVersion === undefined) throw badRequest('invalid object type: /, Kind=');
	const want = apiVersionOf(strategy, call.version);
	if (apiVersion !== want || kind !== strategy.kind) {
		throw badRequest(`invalid object type: ${String(apiVersion)}, Kind=${String(kind ?? '')}`);
	}
	const managed = isRecord(metadata) ? metadata['managedFields'] : undefined;
	if (Array.isArray(managed) && managed.length > 0) throw badRequest('metadata.managedFields must be nil');
	return call.body;
}

interface Conflict {
	readonly with: ManagedEntry;
	readonly path: readonly string[];
}

/** As structured-merge-diff's `fieldpath.Set` iterates, whatever order the body had: a level's own fields first, then what lies deeper. */
function pathOrder(a: readonly string[], b: readonly string[]): number {
	const at = a.findIndex((step, i) => step !== b[i]);
	const [left = '', right = ''] = [a[at], b[at]];
	const [leftEnds, rightEnds] = [at === a.length - 1, at === b.length - 1];
	if (leftEnds !== rightEnds) return leftEnds ? -1 : 1;
	return left < right ? -1 : 1;
}

/** Fields that others own and that the apply would change. */
function conflictsOf(live: Fields, applied: Fields, mine: FieldSet, others: readonly ManagedEntry[], root: Partial<Field>): readonly Conflict[] {
	return others.flatMap((entry) =>
		common(mine, entry.fieldsV1)
			.filter((path) => path.at(-1) !== '.' && !sameData(valueAt(live, path, root), valueAt(applied, path, root)))
			.map((path) => ({ with: entry, path }))
			.sort((a, b) => pathOrder(a.path, b.path)),
	);
}

const managerText = ({ manager, subresource, apiVersion }: ManagedEntry): string =>
	`"${manager}"${subresource === undefined ? '' : ` with subresource "${subresource}"`} using ${apiVersion}`;

/** `Apply failed with 2 conflicts: …`, grouped by manager as upstream's `NewConflictError`. */
function conflictError(conflicts: readonly Conflict[]): ApiError {
	const causes = conflicts.map((c) => ({ reason: 'FieldManagerConflict', message: `conflict with ${managerText(c.with)}`, field: pathText(c.path) }));
	const texts = [...new Set(conflicts.map((c) => c.with))].map((entry) => {
		const fields = conflicts.filter((c) => c.with === entry).map((c) => pathText(c.path));
		if (fields.length === 1) return `conflict with ${managerText(entry)}: ${fields[0] ?? ''}`;
		return `conflicts with ${managerText(entry)}:\n${fields.map((f) => `- ${f}`).join('\n')}`;
	});
	const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
	return new ApiError(failure({ code: 409, reason: 'Conflict', message: `Apply failed with ${count}: ${texts.join('\n')}`, details: { causes } }));
}

/** What is no typed patch at all comes back as a plain error: code 500, no reason, as upstream. */
function untyped({ call, strategy }: ResolvedCall, why: string): ApiError {
	const object = `${call.namespace ? `${call.namespace}/` : ''}${call.name ?? ''}`;
	const message = `failed to create typed patch object (${object}; ${apiVersionOf(strategy, call.version)}, Kind=${strategy.kind}): ${why}`;
	const { reason: _none, ...status } = failure({ code: 500, reason: '', message });
	return new ApiError(status);
}

function checkTyped(resolved: ResolvedCall, body: Fields, root: { readonly type?: StructType }): void {
	if (root.type === undefined && resolved.strategy.custom === undefined) return;
	const { error, unknown } = root.type === undefined ? { unknown: [] } : checkObject(body, root.type);
	const typed = resolved.strategy.custom?.typed(body) ?? [];
	if (error !== undefined && typed.length === 0) throw untyped(resolved, error);
	const items = error === undefined && typed.length === 0 ? listItemErrors(body, root) : [];
	const fields = [...typed, ...items, ...unknown.map((u) => `.${u.slice('unknown field "'.length, -1)}: field not declared in schema`)];
	if (fields.length === 1) throw untyped(resolved, fields[0] ?? '');
	if (fields.length > 1) throw untyped(resolved, `errors:\n${fields.map((f) => `  ${f}`).join('\n')}`);
}

export function apply(context: HandlerContext, world: World, resolved: ResolvedCall): ApiResult {
	const { call, strategy } = resolved;
	const body = named(checkRequest(resolved), call.name ?? '');
	const root = rootOf(resolved);
	checkTyped(resolved, body, root);
	const refuse = (why: string): Error => untyped(resolved, why);
	const applied = managedPart(body);
	const mine = fieldsOf(applied, root);
	const stored = getObject(world, strategy, keyOf(resolved));
	if (stored === undefined) {
		const decoded = inNamespace(strategy, decodePatched(resolved, body, refuse), call.namespace);
		const managedFields = afterApply(world, resolved, [], mine, []);
		return createObject(context, world, resolved, { ...decoded, metadata: { ...decoded.metadata, managedFields } });
	}
	const live = inVersion(asAsked(resolved, stored), strategy, call.version);
	const entries = entriesOf(stored, resolved);
	const others = entries.filter((e) => !isOwnApply(e, call));
	const conflicts = conflictsOf(live, applied, mine, others, root);
	const manager = call.options.fieldManager;
	const may = conflicts.length === 0 ? () => true : mayTake(live, manager, root);
	const refused = call.options.force === true ? [] : conflicts.filter((c) => !may(c.path));
	if (refused.length > 0) throw conflictError(refused);
	const before = entries.find((e) => isOwnApply(e, call));
	const othersSets = others.map((e) => e.fieldsV1);
	const pruned = before === undefined ? live : removeFields(live, before.fieldsV1, mine, othersSets, root);
	const merged = mergeApplied(pruned, applied, root);
	const kept = isRecord(merged) ? withGenerated(merged, body, live, strategy.generated ?? []) : merged;
	const next = decodePatched(resolved, isRecord(kept) ? withLastApplied(kept, live, manager, body) : kept, refuse);
	const sent = isRecord(body['metadata']) ? body['metadata']['resourceVersion'] : undefined;
	const resourceVersion = typeof sent === 'string' ? sent : stored.metadata.resourceVersion;
	const unchanged = sameData(withoutManaged(next), withoutManaged(stored)) && before !== undefined && sameData(before.fieldsV1, mine);
	const taken = conflicts.map((c) => c.path);
	const managedFields = unchanged ? stored.metadata.managedFields : afterApply(world, resolved, entries, mine, taken);
	const candidate = { ...next, metadata: { ...next.metadata, resourceVersion, managedFields } };
	return updateObject(context, world, resolved, candidate as KubeObject, true);
}

/**
 * Null asks for what the server makes up, the second time as the first: a field that it makes up at creation alone stays as it was.
 * (Upstream writes the null, and then refuses it as a change of what can't be changed.)
 */
function withGenerated(merged: Fields, body: Fields, live: Fields, generated: readonly string[]): Fields {
	const [spec, asked, before] = [merged['spec'], body['spec'], live['spec']];
	if (!isRecord(spec) || !isRecord(asked) || !isRecord(before)) return merged;
	const nulls = generated.filter((field) => asked[field] === null && before[field] !== undefined);
	return nulls.length === 0 ? merged : { ...merged, spec: { ...spec, ...Object.fromEntries(nulls.map((field) => [field, before[field]])) } };
}

function withoutManaged(object: KubeObject): KubeObject {
	const { managedFields: _dropped, ...metadata } = object.metadata;
	return { ...object, metadata };
}

function named(body: Fields, name: string): Fields {
	const metadata = isRecord(body['metadata']) ? body['metadata'] : {};
	const own = metadata['name'];
	if (own !== undefined && own !== name) throw badRequest(`name in URL does not match name in object: ${String(own)} (object) != ${name} (URL)`);
	return { ...body, metadata: { ...metadata, name } };
}
