/** `pods/binding`: the scheduler's way to put a pod on a node. BindingREST of `pkg/registry/core/pod/storage`. */
import { formatTime } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import { withoutResults } from '../../../scheduler/result-annotations.ts';
import { type Services, SYSTEM_USERS } from '../../../services.ts';
import { conflict, internalError } from '../../errors.ts';
import { type ApiCall, ApiError, type ApiResult, type KubeObject } from '../../types.ts';
import { invalidObject, notSupportedValue, requiredValue } from '../../validation.ts';
import { arr, rec, recs, specOf, statusOf, str, textMap } from '../fields.ts';
import { existingPod } from './pod-connect.ts';

/** Marks a status update as a binding's. A symbol, so that no client can send it. */
const BOUND_TO = Symbol('node that a binding gives');

/** The node that a binding gives the pod, if this update comes from one. */
export function boundNode(object: KubeObject): string | undefined {
	return (object as { readonly [BOUND_TO]?: string })[BOUND_TO];
}

const BINDING = { group: '', resource: 'pods/binding' };

function checkFree(pod: KubeObject): void {
	const { name, deletionTimestamp } = pod.metadata;
	const node = str(specOf(pod).nodeName);
	if (deletionTimestamp !== undefined) throw conflict(BINDING, name, `pod ${name} is being deleted, cannot be assigned to a host`);
	if (node !== '') throw conflict(BINDING, name, `pod ${name} is already assigned to node "${node}"`);
	if (arr(specOf(pod).schedulingGates).length > 0) throw conflict(BINDING, name, `pod ${name} has non-empty .spec.schedulingGates`);
}

export function bind(services: Services, world: World, call: ApiCall, found: KubeObject | undefined): ApiResult {
	const pod = existingPod(call, found);
	const binding = rec(call.body);
	const target = rec(binding.target);
	const node = str(target.name);
	const kind = str(target.kind);
	if (kind !== '' && kind !== 'Node')
		throw invalidObject({ group: '', kind: 'Binding' }, pod.metadata.name, [notSupportedValue('target.kind', kind, ['Node', '<empty>'])]);
	if (node === '') throw invalidObject({ group: '', kind: 'Binding' }, pod.metadata.name, [requiredValue('target.name')]);
	checkFree(pod);
	const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: formatTime(world.now) };
	const conditions = [...recs(statusOf(pod).conditions).filter((c) => c.type !== 'PodScheduled'), scheduled];
	const { annotations: before, ...metadata } = pod.metadata;
	const annotations = { ...withoutResults(before), ...textMap(rec(binding.metadata).annotations) };
	const { nominatedNodeName: _nominated, ...status } = statusOf(pod);
	const next = {
		...pod,
		[BOUND_TO]: node,
		metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations },
		status: { ...status, conditions },
	};
	const stored = services.api.client(SYSTEM_USERS.loopback).updateStatus(world, 'v1/pods', next);
	if (!stored.ok) throw new ApiError(stored.status);
	if (str(specOf(stored.value).nodeName) !== node) throw internalError(`binding of pod ${pod.metadata.name} was lost`);
	return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}
