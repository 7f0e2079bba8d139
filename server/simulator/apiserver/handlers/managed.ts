/**
 * managedFields: which manager set which field (`apimachinery/pkg/util/managedfields`). Kept for whatever a client has made.
 * What the cluster's own parts make, by the thousand, carries none until it is applied.
 */
import { formatTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import { isRecord, sameData } from '../equal.ts';
import { kindType, type StructType } from '../openapi/schema.ts';
import { changedPaths, type FieldSet, fieldsOfNew, valueAt, withoutPath, withPath, leaves } from '../patch/fieldset.ts';
import { define } from '../patch/merge.ts';
import type { ApiCall, Json, KubeObject } from '../types.ts';
import { apiVersionOf, type ResolvedCall } from './context.ts';

export interface ManagedEntry {
	readonly manager: string;
	readonly operation: 'Apply' | 'Update';
	readonly apiVersion: string;
	readonly time: string;
	readonly fieldsType: 'FieldsV1';
	readonly fieldsV1: FieldSet;
	readonly subresource?: string;
}

type Fields = { readonly [key: string]: unknown };
type Root = { readonly type?: StructType };

/** Fields of an object that nobody manages. */
const UNMANAGED: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const UNMANAGED_META: ReadonlySet<string> = new Set([
	'name',
	'namespace',
	'uid',
	'resourceVersion',
	'generation',
	'creationTimestamp',
	'deletionTimestamp',
	'deletionGracePeriodSeconds',
	'managedFields',
	'selfLink',
]);

function managedMeta(metadata: Fields): Fields | undefined {
	let out: { [key: string]: unknown } | undefined;
	for (const k in metadata) {
		if (UNMANAGED_META.has(k)) continue;
		out ??= {};
		define(out, k, metadata[k]);
	}
	return out;
}

export function managedPart(object: Fields): Fields {
	const out: { [key: string]: unknown } = {};
	for (const k in object) {
		if (UNMANAGED.has(k)) continue;
		const v = object[k];
		if (k !== 'metadata') out[k] = v;
		else if (isRecord(v)) {
			const meta = managedMeta(v);
			if (meta !== undefined) out[k] = meta;
		}
	}
	return out;
}

export function rootOf({ call, strategy }: ResolvedCall): Root {
	const type = strategy.custom === undefined ? kindType(strategy.group, call.version, strategy.kind) : strategy.custom.type;
	return type === undefined ? {} : { type };
}

/** Who owns an object that nobody kept account of (`skipNonAppliedManager`); the pods of sets are their controllers'. */
const BEFORE_FIRST_APPLY = 'before-first-apply';
const CONTROLLER_MANAGER = 'kube-controller-manager';

const isStatusKind = ({ strategy }: ResolvedCall): boolean => strategy.subresources?.includes('status') === true;

/** What a write of the object itself can set: its status is reset by the strategy (`GetResetFields`). */
function ownPart(object: Fields, resolved: ResolvedCall): Fields {
	const { status: _reset, ...rest } = managedPart(object);
	return isStatusKind(resolved) ? rest : managedPart(object);
}

/** The entries of a stored object. */
export function entriesOf(object: KubeObject | undefined, resolved: ResolvedCall): readonly ManagedEntry[] {
	if (object === undefined) return [];
	const known = object.metadata.managedFields;
	if (known !== undefined && known.length > 0) return known as unknown as readonly ManagedEntry[];
	const manager = object.metadata.ownerReferences?.some((r) => r.controller === true) ? CONTROLLER_MANAGER : BEFORE_FIRST_APPLY;
	const fieldsV1 = fieldsOfNew(ownPart(object, resolved), rootOf(resolved));
	return [{ ...head(resolved, object.metadata.creationTimestamp), manager, operation: 'Update', fieldsV1 }];
}

/** Sets of fields by their text: objects of one make have the same one. */
const sets = new Map<string, FieldSet>();
const SETS_KEPT = 1000;

function shared(set: FieldSet): FieldSet {
	const text = JSON.stringify(set);
	const known = sets.get(text);
	if (known !== undefined) return known;
	if (sets.size >= SETS_KEPT) sets.clear();
	sets.set(text, set);
	return set;
}

/** The entry of whoever creates an object; undefined for the cluster's own parts, and for an object without a field. */
export function afterCreate(world: World, resolved: ResolvedCall, object: KubeObject): readonly Json[] | undefined {
	if (resolved.trusted) return undefined;
	const part = ownPart(object, resolved);
	if (Object.keys(part).length === 0) return undefined;
	const fieldsV1 = shared(fieldsOfNew(part, rootOf(resolved)));
	const own: ManagedEntry = { ...head(resolved, formatTime(world.now)), manager: managerOf(resolved.call), operation: 'Update', fieldsV1 };
	return [own] as unknown as readonly Json[];
}

function head({ call, strategy }: ResolvedCall, time: string): Pick<ManagedEntry, 'apiVersion' | 'time' | 'fieldsType' | 'subresource'> {
	const subresource = call.subresource === undefined ? {} : { subresource: call.subresource };
	return { apiVersion: apiVersionOf(strategy, call.version), time, fieldsType: 'FieldsV1', ...subresource };
}

/** `fieldManager`, or the client's name out of its user agent (`managerOrUserAgent`); the cluster's own parts have the names of their programs. */
function managerOf(call: ApiCall): string {
	const said = call.options.fieldManager || (call.userAgent ?? '').split('/')[0];
	if (said) return said;
	const { name } = call.user;
	if (name.startsWith('system:serviceaccount:kube-system:') && name.endsWith('-controller')) return CONTROLLER_MANAGER;
	return name.startsWith('system:node:') ? 'kubelet' : name.replace(/^system:(kube-|)/, 'kube-');
}

/** In the order of `sortEncodedManagedFields`: appliers first, then by time and name. */
function sorted(entries: readonly ManagedEntry[]): readonly Json[] {
	const rank = (e: ManagedEntry): string => `${e.operation} ${e.time} ${e.manager}`;
	return [...entries].sort((a, b) => (rank(a) < rank(b) ? -1 : 1)) as unknown as readonly Json[];
}

function sameManager(entry: ManagedEntry, manager: string, operation: string, call: ApiCall): boolean {
	return entry.manager === manager && entry.operation === operation && (entry.subresource ?? '') === (call.subresource ?? '');
}

export const isOwnApply = (entry: ManagedEntry, call: ApiCall): boolean => sameManager(entry, call.options.fieldManager ?? '', 'Apply', call);

function lose(entries: readonly ManagedEntry[], paths: readonly (readonly string[])[]): readonly ManagedEntry[] {
	return entries.flatMap((entry) => {
		let set: FieldSet | undefined = entry.fieldsV1;
		for (const path of paths) set = set === undefined ? undefined : withoutPath(set, path);
		return set === undefined || Object.keys(set).length === 0 ? [] : [{ ...entry, fieldsV1: set }];
	});
}

/** The entries after an apply of `mine`; `taken` are the paths that it takes from others by force. */
export function afterApply(
	world: World,
	resolved: ResolvedCall,
	entries: readonly ManagedEntry[],
	mine: FieldSet,
	taken: readonly (readonly string[])[],
): readonly Json[] {
	const { call } = resolved;
	const own: ManagedEntry = { ...head(resolved, formatTime(world.now)), manager: call.options.fieldManager ?? '', operation: 'Apply', fieldsV1: mine };
	const others = entries.filter((e) => !isOwnApply(e, call));
	return sorted([own, ...lose(others, taken)]);
}

/** Whether a client's managedFields can be read; upstream (`fieldmanager.DecodeManagedFields`) goes on with the present ones else. */
export function readableEntries(entries: readonly Json[] | undefined): boolean {
	return (
		entries?.every(
			(e) => isRecord(e) && typeof e['manager'] === 'string' && (e['operation'] === 'Apply' || e['operation'] === 'Update') && isRecord(e['fieldsV1']),
		) ?? false
	);
}

/** The entries after any other write: what it changed is its manager's now. Undefined where the object keeps none. */
export function afterUpdate(world: World, resolved: ResolvedCall, old: KubeObject, next: KubeObject): readonly Json[] | undefined {
	const known = next.metadata.managedFields;
	if (known === undefined || known.length === 0) return undefined;
	const { call } = resolved;
	const root = rootOf(resolved);
	const after = managedPart(next);
	const paths = changedPaths(managedPart(old), after, root);
	if (paths.length === 0) return known;
	const manager = managerOf(call);
	const entries = known as unknown as readonly ManagedEntry[];
	const present = entries.find((e) => sameManager(e, manager, 'Update', call));
	let set: FieldSet = present?.fieldsV1 ?? {};
	for (const path of paths) {
		if (valueAt(after, path, root) !== undefined) set = withPath(set, path);
	}
	const others = lose(
		entries.filter((e) => e !== present),
		paths,
	);
	if (Object.keys(set).length === 0) return sorted(others);
	// The time is that at which the manager last came to own something, not that of every change to it.
	const time = present !== undefined && sameData(set, present.fieldsV1) ? present.time : formatTime(world.now);
	const own: ManagedEntry = { ...head(resolved, time), manager, operation: 'Update', fieldsV1: set };
	return sorted(capped([...others, own]));
}

/** Entries of updates that an object keeps (`DefaultMaxUpdateManagers`); the oldest beyond them are put together. */
export const UPDATE_MANAGERS_KEPT = 10;
const ANCIENT = 'ancient-changes';

/** Puts the oldest updaters into one entry a version until few enough are left (`capmanagers.go`). */
function capped(entries: readonly ManagedEntry[]): readonly ManagedEntry[] {
	const updates = entries.filter((e) => e.operation === 'Update').sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? -1 : 1));
	let over = updates.length - UPDATE_MANAGERS_KEPT;
	if (over <= 0) return entries;
	const gone = new Set<ManagedEntry>();
	const ancient = new Map<string, ManagedEntry>();
	for (const entry of updates) {
		if (over <= 0) break;
		const { subresource: _any, ...plain } = entry;
		const bucket = ancient.get(entry.apiVersion);
		const fieldsV1 = bucket === undefined ? entry.fieldsV1 : leaves(entry.fieldsV1).reduce(withPath, bucket.fieldsV1);
		ancient.set(entry.apiVersion, { ...plain, manager: ANCIENT, fieldsV1 });
		gone.add(entry);
		if (bucket !== undefined) over--;
	}
	return [...entries.filter((e) => !gone.has(e)), ...ancient.values()];
}
