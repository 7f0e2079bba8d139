/**
 * What `apply --server-side` does about an object that was applied from the client's side before: the remembered
 * configuration gets an owner of its own, and the fields of the old manager become the new one's.
 * Upstream: pkg/cmd/apply/apply.go saveLastApplyAnnotationIfNecessary, migrateToSSAIfNecessary; client-go util/csaupgrade.
 */
import { type DryRun, LAST_APPLIED, patchObject } from './changes.ts';
import type { Obj } from './client.ts';
import { StatusError, toError } from './errors.ts';
import type { Kube } from './kube.ts';
import { getObject, type Info } from './select.ts';

interface Entry {
	readonly manager?: string;
	readonly operation?: string;
	readonly subresource?: string;
	readonly fieldsV1?: Obj;
	readonly [field: string]: unknown;
}

/** The only field manager for which the annotation is kept up. */
const SERVER_SIDE = 'kubectl';
const ANNOTATION_MANAGER = 'kubectl-last-applied';
/** maxPatchRetry of pkg/cmd/apply/patcher.go. */
const RETRIES = 5;

const entriesOf = (object: Obj): readonly Entry[] => (object.metadata?.managedFields ?? []) as readonly Entry[];
const ownsAnnotation = (e: Entry): boolean => e.fieldsV1?.['f:metadata']?.['f:annotations']?.[`f:${LAST_APPLIED}`] !== undefined;

/** True where owners changed, so that the configuration has to be sent again. What goes wrong here is warned of: the apply itself was done. */
export async function migrated(kube: Kube, info: Info, applied: Obj, options: { readonly manager: string; readonly dryRun: DryRun }): Promise<boolean> {
	let object = applied;
	try {
		object = await keepAnnotation(kube, info, object, options);
	} catch (err) {
		kube.warn(`failed to save the last-applied-configuration annotation: ${toError(err).message}\nThis is non-fatal and will be retried next time you apply.`);
		return false;
	}
	try {
		return await moveOwners(kube, info, object, options);
	} catch (err) {
		kube.warn(
			`server rejected managed fields migration to Server-Side Apply. This is non-fatal and will be retried next time you apply. Error: ${toError(err).message}`,
		);
		return false;
	}
}

async function keepAnnotation(kube: Kube, info: Info, object: Obj, options: { readonly manager: string; readonly dryRun: DryRun }): Promise<Obj> {
	const text = object.metadata?.annotations?.[LAST_APPLIED];
	if (options.manager !== SERVER_SIDE || text === undefined) return object;
	if (entriesOf(object).some((e) => e.operation === 'Apply' && ownsAnnotation(e))) return object;
	const { namespace, name } = object.metadata ?? {};
	const alone = {
		apiVersion: object.apiVersion,
		kind: object.kind,
		metadata: { annotations: { [LAST_APPLIED]: text }, name, ...(namespace === undefined ? {} : { namespace }) },
	};
	return patchObject(kube, info.mapping, info.namespace, info.name, 'apply-patch+yaml', alone, { dryRun: options.dryRun, manager: ANNOTATION_MANAGER });
}

async function moveOwners(kube: Kube, info: Info, given: Obj, options: { readonly manager: string; readonly dryRun: DryRun }): Promise<boolean> {
	let object = given;
	for (let attempt = 1; ; attempt++) {
		const entries = upgraded(entriesOf(object), options.manager);
		if (entries === undefined) return false;
		const patch = [
			{ op: 'replace', path: '/metadata/managedFields', value: entries },
			{ op: 'replace', path: '/metadata/resourceVersion', value: object.metadata?.resourceVersion },
		];
		try {
			await patchObject(kube, info.mapping, info.namespace, info.name, 'json-patch+json', patch, { dryRun: options.dryRun, manager: options.manager });
			return true;
		} catch (err) {
			if (!(err instanceof StatusError && err.reason === 'Conflict') || attempt >= RETRIES) throw err;
			object = await getObject(kube, info);
		}
	}
}

/** csaupgrade.UpgradeManagedFields: undefined where no client-side manager owns the annotation. */
function upgraded(entries: readonly Entry[], manager: string): readonly Entry[] | undefined {
	const names = new Set(entries.filter((e) => e.operation === 'Update' && ownsAnnotation(e)).map((e) => e.manager));
	if (names.size === 0) return undefined;
	const isOld = (e: Entry): boolean => names.has(e.manager) && e.operation === 'Update' && (e.subresource ?? '') === '';
	const isNew = (e: Entry): boolean => e.manager === manager && e.operation === 'Apply' && (e.subresource ?? '') === '';
	const fields = entries.filter((e) => isOld(e) || isNew(e)).reduce<Obj>((all, e) => union(all, e.fieldsV1 ?? {}), {});
	// The new manager's entry takes over; where it has none, the first of the old ones becomes it.
	const heir = entries.find(isNew) ?? entries.find(isOld);
	return entries.flatMap((e) => {
		if (e === heir) return [{ ...e, manager, operation: 'Apply', fieldsV1: fields }];
		return isOld(e) ? [] : [e];
	});
}

function union(a: Obj, b: Obj): Obj {
	const out: { [step: string]: Obj } = { ...a };
	for (const [step, set] of Object.entries(b)) out[step] = union(out[step] ?? {}, set as Obj);
	return out;
}
