/** `pods/resize`: dropNonResizeUpdates of `pkg/registry/core/pod/strategy.go`, ValidatePodResize of `pkg/apis/core/validation`. */
import type { World } from '../../../kernel/world.ts';
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject, PartStrategy } from '../../types.ts';
import { forbiddenValue, invalidValue } from '../../validation.ts';
import { changeItems, type Fields, rec, recs, specOf, statusOf, str } from '../fields.ts';
import { qosClass } from './pod-defaults.ts';
import { podSpecErrors } from './pod-validation.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const LISTS = ['containers', 'initContainers'] as const;

function sameOrder(now: Fields, before: Fields): boolean {
	return LISTS.every((list) => {
		const [a, b] = [recs(now[list]), recs(before[list])];
		return a.length === b.length && a.every((c, i) => c.name === b[i]?.name);
	});
}

/** Everything but the containers' resources stays; containers that were added or renamed are left for the validation to refuse. */
function prepareForUpdate(_world: World, pod: KubeObject, old: KubeObject): KubeObject {
	const [now, before] = [specOf(pod), specOf(old)];
	const metadata = { ...old.metadata, resourceVersion: pod.metadata.resourceVersion };
	if (!sameOrder(now, before)) return { ...pod, metadata, status: old.status };
	let spec: Fields = before;
	for (const list of LISTS) {
		const wanted = recs(now[list]);
		spec = changeItems(spec, list, (container, i) => {
			const { resources, resizePolicy } = wanted[i] ?? container;
			const next: Fields = { ...container, resources, ...(resizePolicy === undefined ? {} : { resizePolicy }) };
			return sameData(next, container) ? container : next;
		});
	}
	return { ...old, metadata, spec };
}

const removed = (now: Fields, before: Fields): boolean => Object.keys(before).some((name) => now[name] === undefined);

function removals(now: Fields, before: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	if (removed(rec(now.limits), rec(before.limits))) out.push(forbiddenValue(`${field}.limits`, 'resource limits cannot be removed'));
	if (removed(rec(now.requests), rec(before.requests))) out.push(forbiddenValue(`${field}.requests`, 'resource requests cannot be removed'));
	return out;
}

function orderErrors(now: Fields, before: Fields): readonly FieldError[] {
	return LISTS.flatMap((list) => {
		const field = `spec.${list}`;
		const [a, b] = [recs(now[list]), recs(before[list])];
		if (a.length !== b.length) return [forbiddenValue(field, `${list} may not be added or removed on resize`)];
		return b.flatMap((c, i) => (a[i]?.name === c.name ? [] : [forbiddenValue(`${field}[${i}].name`, `${list} may not be renamed or reordered on resize`)]));
	});
}

/** A list of amounts with its cpu and memory as they were. */
function restoredAmounts(now: Fields, before: Fields): Fields {
	const out: { [name: string]: unknown } = { ...now };
	for (const name of ['cpu', 'memory']) {
		if (before[name] === undefined) delete out[name];
		else out[name] = before[name];
	}
	return out;
}

function restoredContainer(container: Fields, before: Fields): Fields {
	const [now, then] = [rec(container.resources), rec(before.resources)];
	const resources: { [field: string]: unknown } = { ...now };
	for (const field of ['requests', 'limits']) {
		const amounts = restoredAmounts(rec(now[field]), rec(then[field]));
		if (then[field] === undefined && Object.keys(amounts).length === 0) delete resources[field];
		else resources[field] = amounts;
	}
	return { ...container, resources };
}

/** Only what can be resized may differ: cpu and memory, of containers and of sidecars. */
function mutableErrors(now: Fields, before: Fields): readonly FieldError[] {
	const out: FieldError[] = [];
	const restore = (list: 'containers' | 'initContainers', spec: Fields): Fields =>
		changeItems(spec, list, (c, i) => (list === 'initContainers' && c.restartPolicy !== 'Always' ? c : restoredContainer(c, recs(before[list])[i] ?? {})));
	const plain = recs(now.initContainers).some((c, i) => c.restartPolicy !== 'Always' && !sameData(c.resources, recs(before.initContainers)[i]?.resources));
	if (plain) out.push(forbiddenValue('spec', 'cpu and memory resources for only sidecar containers are mutable'));
	else if (!sameData(restore('initContainers', restore('containers', now)), before))
		out.push(forbiddenValue('spec', 'only cpu and memory resources are mutable'));
	return out;
}

/** Version skew: a node whose status says nothing of resources can't resize. */
function nodeSupports(pod: KubeObject): boolean {
	const running = recs(statusOf(pod).containerStatuses).find((c) => rec(c.state).running !== undefined);
	return running === undefined || running.resources !== undefined;
}

function validateUpdate(_world: World, pod: KubeObject, old: KubeObject): readonly FieldError[] {
	const [now, before] = [specOf(pod), specOf(old)];
	if (old.metadata.annotations?.[MIRROR] !== undefined) return [forbiddenValue('', 'static pods cannot be resized')];
	const out = [...podSpecErrors(now, 'spec')];
	if (str(statusOf(old).qosClass, qosClass(before)) !== qosClass(now)) {
		out.push(invalidValue('spec', str(statusOf(pod).qosClass), 'Pod QOS Class may not change as a result of resizing'));
	}
	if (!nodeSupports(old)) out.push(forbiddenValue('spec', 'Pod running on node without support for resize'));
	const order = orderErrors(now, before);
	if (order.length > 0) return [...out, ...order];
	for (const list of LISTS) {
		for (const [i, container] of recs(before[list]).entries()) {
			out.push(...removals(rec(recs(now[list])[i]?.resources), rec(container.resources), `spec.${list}[${i}].resources`));
		}
	}
	return [...out, ...mutableErrors(now, before)];
}

export const podResize: PartStrategy = { prepareForUpdate, validateUpdate };
