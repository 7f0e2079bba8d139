import type { World } from '../../kernel/world.ts';
import { isRecord, sameData } from '../equal.ts';
import { isStale } from '../encryption/storage.ts';
import { badRequest, conflict, modified } from '../errors.ts';
import { statusOnly } from '../registry/status-update.ts';
import type { ApiResult, FieldError, KubeObject, ObjectMeta, Strategy } from '../types.ts';
import { invalidObject, metaErrors, metaUpdateErrors } from '../validation.ts';
import { admit, answer, existing, type HandlerContext, keyOf, mutate, type ResolvedCall, stored } from './context.ts';
import { inNamespace } from './create.ts';
import { afterUpdate, readableEntries } from './managed.ts';
import { decodeObject } from './decode.ts';

export function update(context: HandlerContext, world: World, resolved: ResolvedCall): ApiResult {
	const { call, strategy } = resolved;
	const decoded = inNamespace(strategy, decodeObject(resolved), call.namespace);
	const { name } = decoded.metadata;
	if (!name) throw badRequest('name must be provided');
	if (name !== call.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name ?? ''})`);
	return updateObject(context, world, resolved, decoded);
}

/** Everything but metadata and status: what `metadata.generation` counts. */
function specChanged(a: KubeObject, b: KubeObject): boolean {
	for (const k of new Set([...Object.keys(a), ...Object.keys(b)])) {
		if (k !== 'metadata' && k !== 'status' && k !== 'apiVersion' && !sameData(a[k], b[k])) return true;
	}
	return false;
}

/** What a client can't change by an update, whatever it sends (`rest.BeforeUpdate`). */
function keepSystemMeta(next: KubeObject, old: KubeObject): KubeObject {
	const kept: { -readonly [K in keyof ObjectMeta]?: ObjectMeta[K] } = { ...next.metadata, resourceVersion: old.metadata.resourceVersion };
	kept.uid ||= old.metadata.uid;
	kept.creationTimestamp ||= old.metadata.creationTimestamp;
	for (const field of ['generation', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields'] as const)
		carry(kept, old.metadata, field, next.metadata);
	return { ...next, metadata: kept as ObjectMeta };
}

function isReset(entries: ObjectMeta['managedFields']): boolean {
	const [first] = entries ?? [];
	return entries?.length === 0 || (entries?.length === 1 && isRecord(first) && Object.keys(first).length === 0);
}

function carry<F extends 'generation' | 'deletionTimestamp' | 'deletionGracePeriodSeconds' | 'managedFields'>(
	kept: { -readonly [K in keyof ObjectMeta]?: ObjectMeta[K] },
	old: ObjectMeta,
	field: F,
	sent: ObjectMeta,
): void {
	// An empty list clears managedFields, and so does one with an empty entry (`isResetManagedFields`); another one that can be read is taken as it is (kubectl moves owners that way).
	if (field === 'managedFields' && isReset(sent.managedFields)) delete kept.managedFields;
	else if (field === 'managedFields' && sent.managedFields !== undefined && readableEntries(sent.managedFields)) kept.managedFields = sent.managedFields;
	else if (old[field] !== undefined) kept[field] = old[field];
	else if (field in kept) delete kept[field];
}

/** An update of `status` leaves everything else as it was, but for what metadata the kind lets through. */
function prepare(world: World, strategy: Strategy, next: KubeObject, old: KubeObject, subresource: string): KubeObject {
	const part = strategy.parts?.[subresource];
	if (part !== undefined) return part.prepareForUpdate(world, next, old);
	if (subresource !== 'status') return strategy.prepareForUpdate?.(world, next, old) ?? next;
	return strategy.prepareForStatusUpdate?.(world, next, old) ?? statusOnly(next, old);
}

function updateErrors(world: World, strategy: Strategy, next: KubeObject, old: KubeObject, subresource: string): readonly FieldError[] {
	const part = strategy.parts?.[subresource];
	if (part !== undefined) return part.validateUpdate(world, next, old);
	return (subresource === 'status' ? strategy.validateStatusUpdate?.(world, next, old) : strategy.validateUpdate?.(world, next, old)) ?? [];
}

/** No finalizer left and no grace to wait for: the update is the object's last (`ShouldDeleteDuringUpdate`). */
function isLast(object: KubeObject): boolean {
	const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata;
	return deletionTimestamp !== undefined && (finalizers ?? []).length === 0 && (deletionGracePeriodSeconds ?? 0) === 0 && !holdsNamespace(object);
}

/** A namespace stays until its own list of finalizers, in the spec, is empty. */
export function holdsNamespace(object: KubeObject): boolean {
	if (object.kind !== 'Namespace') return false;
	const spec = object['spec'] as { readonly finalizers?: readonly string[] } | undefined;
	return (spec?.finalizers ?? []).length > 0;
}

/** Puts `candidate` in the present object's place. Shared by update, patch, apply, scale and finalize. */
export function updateObject(context: HandlerContext, world: World, resolved: ResolvedCall, candidate: KubeObject, keepManagedFields = false): ApiResult {
	const { call, strategy } = resolved;
	const old = existing(world, resolved);
	const name = old.metadata.name;
	const sent = candidate.metadata.resourceVersion;
	// "0" is no version at all: the update is unconditional.
	if (sent && sent !== '0' && sent !== old.metadata.resourceVersion) throw modified(strategy, name);
	if (candidate.metadata.uid && candidate.metadata.uid !== old.metadata.uid) {
		throw conflict(strategy, name, `Precondition failed: UID in precondition: ${candidate.metadata.uid}, UID in object meta: ${old.metadata.uid}`);
	}
	const status = call.subresource === 'status';
	const request = { operation: 'UPDATE', call, strategy, old } as const;
	let next = keepSystemMeta(mutate(context, world, { ...request, object: candidate }, resolved.warnings), old);
	next = prepare(world, strategy, next, old, call.subresource ?? '');
	if (keepManagedFields) next = { ...next, metadata: { ...next.metadata, ...pick(candidate.metadata) } };
	if (!status && old.metadata.generation !== undefined && specChanged(next, old)) {
		next = { ...next, metadata: { ...next.metadata, generation: old.metadata.generation + 1 } };
	}
	// Status comes from the cluster's own parts by the thousand: their metadata is as it was.
	const errors = [...(status && resolved.trusted ? [] : metaErrors(strategy, next)), ...metaUpdateErrors(next, old)];
	errors.push(...updateErrors(world, strategy, next, old, call.subresource ?? ''));
	if (errors.length > 0) throw invalidObject(strategy, name, errors);
	admit(context, world, { ...request, object: next }, resolved.warnings);
	if (!status) resolved.warnings.push(...(strategy.warnings?.(world, next, old) ?? []));
	// What another key wrote is written anew even where nothing in it changes: so secrets are encrypted after the fact.
	if (sameData(next, old) && !isStale(world, strategy, keyOf(resolved))) return answer(resolved, 200, old);
	if (!keepManagedFields && !(status && resolved.trusted)) next = withManaged(next, afterUpdate(world, resolved, old, next));
	const key = keyOf(resolved);
	if (isLast(next)) return answer(resolved, 200, context.registry.remove(world, strategy, key, next));
	return answer(resolved, 200, stored(context, world, resolved, key, next));
}

function withManaged(object: KubeObject, managedFields: ObjectMeta['managedFields']): KubeObject {
	if (managedFields === undefined || object.metadata.managedFields === undefined) return object;
	return { ...object, metadata: { ...object.metadata, managedFields } };
}

const pick = (meta: ObjectMeta): Partial<ObjectMeta> => (meta.managedFields === undefined ? {} : { managedFields: meta.managedFields });
