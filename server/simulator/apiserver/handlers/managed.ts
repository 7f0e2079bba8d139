/**
 * managedFields: which manager set which field. Kept from an object's first server-side apply on; before that nobody asks,
 * and an object that was never applied carries none.
 */
import { formatTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import { isRecord } from '../equal.ts';
import { kindType, type StructType } from '../openapi/schema.ts';
import { changedPaths, type FieldSet, fieldsOf, valueAt, withoutPath, withPath } from '../patch/fieldset.ts';
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

export function managedPart(object: Fields): Fields {
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

export function rootOf({ call, strategy }: ResolvedCall): Root {
	const type = strategy.custom === undefined ? kindType(strategy.group, call.version, strategy.kind) : strategy.custom.type;
	return type === undefined ? {} : { type };
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** What kubectl calls itself when it applies on the client's side. */
const CLIENT_SIDE_APPLY = 'kubectl-client-side-apply';

/** The entries of a stored object; one that kubectl applied from its side so far owns what its annotation says. */
export function entriesOf(object: KubeObject | undefined, resolved: ResolvedCall): readonly ManagedEntry[] {
	if (object === undefined) return [];
	const known = object.metadata.managedFields;
	if (known !== undefined && known.length > 0) return known as unknown as readonly ManagedEntry[];
	const text = object.metadata.annotations?.[LAST_APPLIED];
	if (text === undefined) return [];
	let applied: unknown;
	try {
		applied = JSON.parse(text);
	} catch {
		// An annotation that somebody broke by hand owns nothing.
		return [];
	}
	if (!isRecord(applied)) return [];
	// The annotation itself is set by the same hand; kubectl finds by it whom a change to server-side apply has to relieve.
	const metadata = isRecord(applied['metadata']) ? applied['metadata'] : {};
	const annotations = { ...(isRecord(metadata['annotations']) ? metadata['annotations'] : {}), [LAST_APPLIED]: text };
	const fieldsV1 = fieldsOf(managedPart({ ...applied, metadata: { ...metadata, annotations } }), rootOf(resolved));
	return [{ ...head(resolved, object.metadata.creationTimestamp), manager: CLIENT_SIDE_APPLY, operation: 'Update', fieldsV1 }];
}

function head({ call, strategy }: ResolvedCall, time: string): Pick<ManagedEntry, 'apiVersion' | 'time' | 'fieldsType' | 'subresource'> {
	const subresource = call.subresource === undefined ? {} : { subresource: call.subresource };
	return { apiVersion: apiVersionOf(strategy, call.version), time, fieldsType: 'FieldsV1', ...subresource };
}

/** `fieldManager`, or the client's name out of its user agent (`managerOrUserAgent`). */
function managerOf(call: ApiCall): string {
	return call.options.fieldManager || (call.userAgent ?? '').split('/')[0] || call.user.name;
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
	return [own, ...lose(others, taken)] as unknown as readonly Json[];
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
	if (Object.keys(set).length === 0) return others as unknown as readonly Json[];
	const own: ManagedEntry = { ...head(resolved, formatTime(world.now)), manager, operation: 'Update', fieldsV1: set };
	return [...others, own] as unknown as readonly Json[];
}
