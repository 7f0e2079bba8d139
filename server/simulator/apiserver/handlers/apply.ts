/** Server-side apply: what the manager applied before and applies no longer goes, the rest is laid over the present object. */
import { formatTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import { isRecord, sameData } from '../equal.ts';
import { badRequest, failure } from '../errors.ts';
import { kindType, type StructType } from '../openapi/schema.ts';
import { common, type FieldSet, fieldsOf, mergeApplied, pathText, removeFields, valueAt } from '../patch/fieldset.ts';
import { getObject } from '../registry/store.ts';
import { ApiError, type ApiResult, type Json, type KubeObject, type StatusCause } from '../types.ts';
import { invalidObject, requiredValue } from '../validation.ts';
import { apiVersionOf, type HandlerContext, inVersion, keyOf, type ResolvedCall } from './context.ts';
import { createObject, inNamespace } from './create.ts';
import { decodePatched } from './decode.ts';
import { updateObject } from './update.ts';

interface ManagedEntry {
	readonly manager: string;
	readonly operation: string;
	readonly apiVersion: string;
	readonly time: string;
	readonly fieldsType: 'FieldsV1';
	readonly fieldsV1: FieldSet;
	readonly subresource?: string;
}

type Fields = { readonly [key: string]: unknown };

/** Fields of an object that nobody manages. */
const UNMANAGED: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const UNMANAGED_META: ReadonlySet<string> = new Set([
	'name',
	'namespace',
	'uid',
	'resourceVersion',
	'generation',
	'creationTimestamp',
	'managedFields',
	'selfLink',
]);

function managedPart(object: Fields): Fields {
	const out: { [key: string]: unknown } = {};
	for (const [k, v] of Object.entries(object)) {
		if (UNMANAGED.has(k)) continue;
		if (k !== 'metadata') out[k] = v;
		else if (isRecord(v)) {
			const meta = Object.fromEntries(Object.entries(v).filter(([m]) => !UNMANAGED_META.has(m)));
			if (Object.keys(meta).length > 0) out[k] = meta;
		}
	}
	return out;
}

const entriesOf = (object: KubeObject | undefined): readonly ManagedEntry[] => (object?.metadata.managedFields ?? []) as unknown as readonly ManagedEntry[];

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

function checkConflicts(
	resolved: ResolvedCall,
	live: Fields,
	applied: Fields,
	mine: FieldSet,
	others: readonly ManagedEntry[],
	type: StructType | undefined,
): void {
	if (resolved.call.options.force === true) return;
	const root = type === undefined ? {} : { type };
	const causes: StatusCause[] = [];
	const texts: string[] = [];
	for (const other of others) {
		const fields: string[] = [];
		for (const path of common(mine, other.fieldsV1)) {
			if (path.at(-1) === '.' || sameData(valueAt(live, path, root), valueAt(applied, path, root))) continue;
			fields.push(pathText(path));
			causes.push({ reason: 'FieldManagerConflict', message: `conflict with "${other.manager}" using ${other.apiVersion}`, field: pathText(path) });
		}
		const head = `conflict with "${other.manager}" using ${other.apiVersion}`;
		if (fields.length === 1) texts.push(`${head}: ${fields[0] ?? ''}`);
		else if (fields.length > 1) texts.push(`conflicts with "${other.manager}" using ${other.apiVersion}:\n${fields.map((f) => `- ${f}`).join('\n')}`);
	}
	if (causes.length === 0) return;
	const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
	throw new ApiError(failure({ code: 409, reason: 'Conflict', message: `Apply failed with ${count}: ${texts.join('\n')}`, details: { causes } }));
}

/** managedFields after the apply: the manager's own entry anew, what force took away from others gone. */
function nextEntries(world: World, resolved: ResolvedCall, entries: readonly ManagedEntry[], mine: FieldSet): readonly ManagedEntry[] {
	const { call, strategy } = resolved;
	const own: ManagedEntry = {
		manager: call.options.fieldManager ?? '',
		operation: 'Apply',
		apiVersion: apiVersionOf(strategy, call.version),
		time: formatTime(world.now),
		fieldsType: 'FieldsV1',
		fieldsV1: mine,
		...(call.subresource === undefined ? {} : { subresource: call.subresource }),
	};
	return [own, ...entries.filter((e) => !isOwn(e, resolved))];
}

const isOwn = (entry: ManagedEntry, { call }: ResolvedCall): boolean =>
	entry.operation === 'Apply' && entry.manager === call.options.fieldManager && (entry.subresource ?? '') === (call.subresource ?? '');

export function apply(context: HandlerContext, world: World, resolved: ResolvedCall): ApiResult {
	const { call, strategy } = resolved;
	const body = checkRequest(resolved);
	const refuse = (why: string): Error =>
		badRequest(
			`failed to create typed patch object (${call.namespace ? `${call.namespace}/` : ''}${call.name ?? ''}; ${apiVersionOf(strategy, call.version)}, Kind=${strategy.kind}): ${why}`,
		);
	const type = kindType(strategy.group, call.version, strategy.kind);
	const root = type === undefined ? {} : { type };
	const applied = managedPart(body);
	const mine = fieldsOf(applied, root);
	const stored = getObject(world, strategy, keyOf(resolved));
	const entries = entriesOf(stored);
	const managedFields = nextEntries(world, resolved, entries, mine) as unknown as readonly Json[];
	if (stored === undefined) {
		const decoded = inNamespace(strategy, decodePatched(resolved, named(body, call.name ?? ''), refuse), call.namespace);
		return createObject(context, world, resolved, { ...decoded, metadata: { ...decoded.metadata, managedFields } });
	}
	const live = inVersion(stored, strategy, call.version);
	const others = entries.filter((e) => !isOwn(e, resolved));
	checkConflicts(resolved, live, applied, mine, others, type);
	const before = entries.find((e) => isOwn(e, resolved));
	const othersSets = others.map((e) => e.fieldsV1);
	const pruned = before === undefined ? live : removeFields(live, before.fieldsV1, mine, othersSets, root);
	const next = decodePatched(resolved, mergeApplied(pruned, applied, root), refuse);
	const sent = isRecord(body['metadata']) ? body['metadata']['resourceVersion'] : undefined;
	const resourceVersion = typeof sent === 'string' ? sent : stored.metadata.resourceVersion;
	const unchanged = sameData(withoutManaged(next), withoutManaged(stored)) && before !== undefined && sameData(before.fieldsV1, mine);
	const candidate = { ...next, metadata: { ...next.metadata, resourceVersion, managedFields: unchanged ? stored.metadata.managedFields : managedFields } };
	return updateObject(context, world, resolved, candidate as KubeObject, true);
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
