import { formatTime, parseTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import { sameData } from '../equal.ts';
import { conflict } from '../errors.ts';
import { objectKey } from '../registry/store.ts';
import type { ApiResult, CallOptions, KubeObject, ObjectMeta, Status, Strategy } from '../types.ts';
import { admit, answer, existing, type HandlerContext, type ResolvedCall, stored } from './context.ts';
import { holdsNamespace } from './update.ts';

/** Stores with `ReturnDeletedObject`: a delete answers with the object that went, the others with a Status. */
const RETURNS_OBJECT: ReadonlySet<string> = new Set([
	'/pods',
	'/services',
	'/serviceaccounts',
	'/persistentvolumeclaims',
	'/persistentvolumes',
	'/podtemplates',
	'/resourcequotas',
	'storage.k8s.io/storageclasses',
	'storage.k8s.io/volumeattachments',
	'storage.k8s.io/csidrivers',
	'storage.k8s.io/csinodes',
]);

export function deleteOne(context: HandlerContext, world: World, resolved: ResolvedCall): ApiResult {
	const object = existing(world, resolved);
	checkPreconditions(resolved, object);
	admit(context, world, { operation: 'DELETE', call: resolved.call, strategy: resolved.strategy, object }, resolved.warnings);
	return deleteObject(context, world, resolved, object);
}

function checkPreconditions({ call, strategy }: ResolvedCall, object: KubeObject): void {
	const wanted = call.options.preconditions;
	const { name, uid, resourceVersion } = object.metadata;
	if (wanted?.uid !== undefined && wanted.uid !== uid) {
		throw conflict(strategy, name, `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid}`);
	}
	if (wanted?.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
		throw conflict(
			strategy,
			name,
			`Precondition failed: ResourceVersion in precondition: ${wanted.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
		);
	}
}

/** `deletionFinalizersForGarbageCollection`: what the propagation asked for leaves for the garbage collector to do. */
function finalizersFor(strategy: Strategy, object: KubeObject, options: CallOptions): readonly string[] {
	const own = object.metadata.finalizers ?? [];
	const added = object.metadata.deletionTimestamp === undefined ? (strategy.deletionFinalizers ?? []).filter((f) => !own.includes(f)) : [];
	const present = added.length === 0 ? own : [...own, ...added];
	const policy = options.propagationPolicy;
	const has = (f: string): boolean => present.includes(f);
	const orphan = policy !== undefined ? policy === 'Orphan' : has('orphan') || (!has('foregroundDeletion') && strategy.defaultPropagation === 'Orphan');
	const foreground = policy !== undefined ? policy === 'Foreground' : has('foregroundDeletion');
	const out = present.filter((f) => f !== 'orphan' && f !== 'foregroundDeletion');
	if (orphan) out.push('orphan');
	if (foreground) out.push('foregroundDeletion');
	return sameData(out, present) ? present : out;
}

interface Grace {
	/** Seconds until the object goes; 0 for at once. */
	readonly seconds: number;
	readonly deletionTimestamp: string;
}

/** `rest.BeforeDelete`: undefined where the object is on its way out and this call changes nothing about it. */
function graceFor(world: World, strategy: Strategy, object: KubeObject, asked: number | undefined): Grace | undefined {
	const { deletionTimestamp, deletionGracePeriodSeconds: held } = object.metadata;
	if (deletionTimestamp === undefined) {
		const seconds = strategy.gracePeriodSeconds?.(world, object, asked) ?? 0;
		return { seconds, deletionTimestamp: formatTime(world.now + seconds * 1000) };
	}
	if (held === undefined || held === 0) return { seconds: 0, deletionTimestamp };
	// A grace period that runs may only be made shorter.
	if (asked === undefined || asked >= held) return undefined;
	const since = (parseTime(deletionTimestamp) ?? world.now) - held * 1000;
	return { seconds: asked, deletionTimestamp: formatTime(since + asked * 1000) };
}

/** Deletes, or marks for deletion what has grace or finalizers left. */
export function deleteObject(context: HandlerContext, world: World, resolved: ResolvedCall, object: KubeObject): ApiResult {
	const { call, strategy } = resolved;
	const { name, namespace, generation } = object.metadata;
	const key = objectKey(namespace, name);
	const grace = graceFor(world, strategy, object, call.options.gracePeriodSeconds);
	if (grace === undefined) return answer(resolved, 200, object);
	const finalizers = finalizersFor(strategy, object, call.options);
	if (grace.seconds === 0 && finalizers.length === 0 && !holdsNamespace(object)) {
		const gone = context.registry.remove(world, strategy, key, object);
		if (RETURNS_OBJECT.has(`${strategy.group}/${strategy.resource}`)) return answer(resolved, 200, gone);
		return { code: 200, body: deletedStatus(strategy, object), ...(resolved.warnings.length > 0 ? { warnings: resolved.warnings } : {}) };
	}
	const first = object.metadata.deletionTimestamp === undefined;
	const { finalizers: _old, ...rest } = object.metadata;
	const metadata: ObjectMeta = {
		...rest,
		...(generation !== undefined && first ? { generation: generation + 1 } : {}),
		deletionTimestamp: grace.deletionTimestamp,
		deletionGracePeriodSeconds: grace.seconds,
		...(finalizers.length > 0 ? { finalizers } : {}),
	};
	const next: KubeObject = { ...object, metadata, ...(object.kind === 'Namespace' ? { status: terminating(object['status']) } : {}) };
	const marked = sameData(next, object) ? object : stored(context, world, resolved, key, next);
	return answer(resolved, call.options.propagationPolicy === 'Foreground' && finalizers.length > 0 ? 202 : 200, marked);
}

const terminating = (status: unknown): unknown => ({ ...(status as object | undefined), phase: 'Terminating' });

function deletedStatus(strategy: Strategy, object: KubeObject): Omit<Status, 'code'> {
	const { name, uid } = object.metadata;
	return {
		kind: 'Status',
		apiVersion: 'v1',
		metadata: {},
		status: 'Success',
		details: { name, ...(strategy.group === '' ? {} : { group: strategy.group }), kind: strategy.resource, uid },
	};
}
