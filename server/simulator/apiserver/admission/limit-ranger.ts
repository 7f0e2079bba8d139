/** LimitRanger: defaults and bounds of a namespace's LimitRanges. `plugin/pkg/admission/limitranger`. */
import type { World } from '../../kernel/world.ts';
import type { ApiClient } from '../client.ts';
import { podLimits, podRequests } from '../registry/core/pod-resources.ts';
import { changeItems, type Fields, rec, recs, specOf, str } from '../registry/fields.ts';
import { compareQuantities, quantityMilli } from '../registry/quantity.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../types.ts';
import { aggregate, isAbout, isResize, refused } from './refuse.ts';

function itemsOf(client: ApiClient, world: World, namespace: string | undefined): readonly Fields[] {
	if (namespace === undefined) return [];
	return client.list(world, 'v1/limitranges', namespace).flatMap((range) => recs(specOf(range).limits));
}

const missing = (present: Fields, defaults: Fields): readonly string[] => Object.keys(defaults).filter((k) => present[k] === undefined);

/** A container with a range's defaults, and words about what was set. */
function withDefaults(container: Fields, limits: Fields, requests: Fields, what: string, notes: string[]): Fields {
	const resources = rec(container.resources);
	const newLimits = missing(rec(resources.limits), limits);
	const newRequests = missing(rec(resources.requests), requests);
	if (newLimits.length + newRequests.length === 0) return container;
	const note = (names: readonly string[], kind: string): void => {
		if (names.length > 0) notes.push(`${[...names].sort().join(', ')} ${kind} for ${what} ${str(container.name)}`);
	};
	note(newRequests, 'request');
	note(newLimits, 'limit');
	const merged: { [field: string]: unknown } = { ...resources };
	if (newLimits.length > 0) merged.limits = { ...limits, ...rec(resources.limits) };
	if (newRequests.length > 0) merged.requests = { ...requests, ...rec(resources.requests) };
	return { ...container, resources: merged };
}

function defaultPod(pod: KubeObject, items: readonly Fields[]): KubeObject {
	let spec = specOf(pod);
	const notes: string[] = [];
	for (const item of items) {
		if (item.type !== 'Container') continue;
		const limits = rec(item.default);
		const requests = rec(item.defaultRequest);
		spec = changeItems(spec, 'containers', (c) => withDefaults(c, limits, requests, 'container', notes));
		spec = changeItems(spec, 'initContainers', (c) => withDefaults(c, limits, requests, 'init container', notes));
	}
	if (notes.length === 0) return pod;
	const annotations = { ...pod.metadata.annotations, 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${notes.join('; ')}` };
	return { ...pod, metadata: { ...pod.metadata, annotations }, spec };
}

interface Amounts {
	readonly requests: Fields;
	readonly limits: Fields;
}

function minErrors(type: string, bounds: Fields, { requests, limits }: Amounts): readonly string[] {
	return Object.keys(bounds).flatMap((name) => {
		const base = `minimum ${name} usage per ${type} is ${str(bounds[name])}`;
		if (requests[name] === undefined) return [`${base}.  No request is specified`];
		if (compareQuantities(requests[name], bounds[name]) < 0) return [`${base}, but request is ${str(requests[name])}`];
		if (limits[name] !== undefined && compareQuantities(limits[name], bounds[name]) < 0) return [`${base}, but limit is ${str(limits[name])}`];
		return [];
	});
}

function maxErrors(type: string, bounds: Fields, { requests, limits }: Amounts): readonly string[] {
	return Object.keys(bounds).flatMap((name) => {
		const base = `maximum ${name} usage per ${type} is ${str(bounds[name])}`;
		if (limits[name] === undefined) return [`${base}.  No limit is specified`];
		if (compareQuantities(limits[name], bounds[name]) > 0) return [`${base}, but limit is ${str(limits[name])}`];
		if (requests[name] !== undefined && compareQuantities(requests[name], bounds[name]) > 0) return [`${base}, but request is ${str(requests[name])}`];
		return [];
	});
}

function ratioErrors(type: string, bounds: Fields, { requests, limits }: Amounts): readonly string[] {
	return Object.keys(bounds).flatMap((name) => {
		const base = `${name} max limit to request ratio per ${type} is ${str(bounds[name])}`;
		const request = quantityMilli(requests[name]);
		const limit = quantityMilli(limits[name]);
		if (request === 0) return [`${base}, but no request is specified or request is 0`];
		if (limit === 0) return [`${base}, but no limit is specified or limit is 0`];
		const ratio = limit / request;
		return ratio > quantityMilli(bounds[name]) / 1000 ? [`${base}, but provided ratio is ${ratio.toFixed(6)}`] : [];
	});
}

const boundErrors = (type: string, item: Fields, amounts: Amounts): readonly string[] => [
	...minErrors(type, rec(item.min), amounts),
	...maxErrors(type, rec(item.max), amounts),
	...ratioErrors(type, rec(item.maxLimitRequestRatio), amounts),
];

function podErrors(pod: KubeObject, items: readonly Fields[]): readonly string[] {
	const spec = specOf(pod);
	return items.flatMap((item) => {
		if (item.type === 'Pod') return boundErrors('Pod', item, { requests: podRequests(spec), limits: podLimits(spec) });
		if (item.type !== 'Container') return [];
		return [...recs(spec.containers), ...recs(spec.initContainers)].flatMap((c) =>
			boundErrors('Container', item, { requests: rec(rec(c.resources).requests), limits: rec(rec(c.resources).limits) }),
		);
	});
}

function claimErrors(claim: KubeObject, items: readonly Fields[]): readonly string[] {
	const requests = rec(rec(specOf(claim).resources).requests);
	const type = 'PersistentVolumeClaim';
	return items.flatMap((item) => {
		if (item.type !== type) return [];
		const over = Object.keys(rec(item.max)).flatMap((name) => {
			const base = `maximum ${name} usage per ${type} is ${str(rec(item.max)[name])}`;
			if (requests[name] === undefined) return [`${base}.  No request is specified`];
			return compareQuantities(requests[name], rec(item.max)[name]) > 0 ? [`${base}, but request is ${str(requests[name])}`] : [];
		});
		return [...minErrors(type, rec(item.min), { requests, limits: {} }), ...over];
	});
}

function validate(client: ApiClient, world: World, request: AdmissionRequest): undefined {
	const { operation, object, call } = request;
	const aboutPod = (operation === 'CREATE' && isAbout(request, '', 'pods')) || isResize(request);
	const aboutClaim = (operation === 'CREATE' || operation === 'UPDATE') && isAbout(request, '', 'persistentvolumeclaims');
	if (!aboutPod && !aboutClaim) return;
	const items = itemsOf(client, world, call.namespace);
	if (items.length === 0) return;
	const errors = aboutPod ? podErrors(object, items) : claimErrors(object, items);
	if (errors.length > 0) throw refused(request, aggregate(errors));
}

export function limitRanger(client: () => ApiClient): AdmissionPlugin {
	return {
		name: 'LimitRanger',
		mutate(world, request) {
			const { operation, object, call } = request;
			if (operation !== 'CREATE' || !isAbout(request, '', 'pods')) return object;
			const items = itemsOf(client(), world, call.namespace);
			return items.length === 0 ? object : defaultPod(object, items);
		},
		validate: (world, request) => validate(client(), world, request),
	};
}
