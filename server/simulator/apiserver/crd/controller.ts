/**
 * What apiextensions-apiserver's own controllers do about a definition after it is stored: names that came free are accepted,
 * and a definition that is being deleted takes its objects along (`pkg/controller/finalizer/crd_finalizer.go`).
 */
import type { Controller } from '../../controllers/controller.ts';
import type { World } from '../../kernel/world.ts';
import { listObjects } from '../registry/store.ts';
import type { ApiClient } from '../client.ts';
import type { KubeObject, Strategy } from '../types.ts';
import { CLEANUP_FINALIZER, type Definition, DEFINITIONS } from './definition.ts';
import { namedStatus, withCondition } from './names.ts';

const PATH = 'apiextensions.k8s.io/v1/customresourcedefinitions';
/** Seconds between two looks at objects that finalizers hold. */
const RETRY_MS = 5_000;

const isDefinition = (group: string, resource: string): boolean => group === DEFINITIONS.group && resource === DEFINITIONS.resource;

export const definitionController: Controller = {
	name: 'customresourcedefinition',
	watches: {
		'apiextensions.k8s.io/customresourcedefinitions': (world, change) => {
			if (change.type !== 'DELETED') return [change.object.metadata.name];
			const { group } = (change.object as Definition).spec;
			return (listObjects(world, DEFINITIONS) as readonly Definition[]).filter((d) => d.spec.group === group).map((d) => d.metadata.name);
		},
		'*': (world, change, client) => {
			if (change.type !== 'DELETED' || isDefinition(change.group, change.resource) || !change.group.includes('.')) return [];
			const name = `${change.resource}.${change.group}`;
			const crd = client.get(world, PATH, undefined, name);
			return crd?.metadata.deletionTimestamp === undefined ? [] : [name];
		},
	},
	reconcile(world, name, client, queue) {
		const crd = client.get(world, PATH, undefined, name) as Definition | undefined;
		if (crd === undefined) return;
		if (crd.metadata.deletionTimestamp !== undefined) {
			if (!clean(world, client, crd)) queue.after(name, RETRY_MS);
			return;
		}
		const status = namedStatus(world, crd);
		if (status !== crd.status && !client.updateStatus(world, PATH, { ...crd, status }).ok) queue.failed(name);
	},
};

/** Deletes the definition's objects; once none is left, lets the definition go. @returns whether it is done. */
function clean(world: World, client: ApiClient, crd: Definition): boolean {
	if (!(crd.metadata.finalizers ?? []).includes(CLEANUP_FINALIZER)) return true;
	const { group, names, versions } = crd.spec;
	const storage = versions.find((v) => v.storage)?.name ?? '';
	const strategy = { group, resource: names.plural } as Strategy;
	const remaining = (): readonly KubeObject[] => listObjects(world, strategy);
	const marked = say(world, client, crd, 'True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
	if (marked === undefined) return false;
	for (const object of remaining()) {
		if (object.metadata.deletionTimestamp !== undefined) continue;
		client.delete(world, `${group}/${storage}/${names.plural}`, object.metadata.namespace, object.metadata.name);
	}
	if (remaining().length > 0) return false;
	const over = say(world, client, marked, 'False', 'InstanceDeletionCompleted', 'removed all instances');
	if (over === undefined) return false;
	const finalizers = (over.metadata.finalizers ?? []).filter((f) => f !== CLEANUP_FINALIZER);
	// As part of the status: admission rules for definitions do not hear of it.
	return client.updateStatus(world, PATH, { ...over, metadata: { ...over.metadata, finalizers } }).ok;
}

function say(world: World, client: ApiClient, crd: Definition, status: string, reason: string, message: string): Definition | undefined {
	const conditions = withCondition(crd.status?.conditions ?? [], { type: 'Terminating', status, reason, message }, world);
	const outcome = client.updateStatus(world, PATH, { ...crd, status: { ...crd.status, conditions } });
	return outcome.ok ? (outcome.value as Definition) : undefined;
}
