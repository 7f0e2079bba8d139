/** A pod's overhead and where it may run, from its runtime class: `plugin/pkg/admission/runtimeclass`. */
import type { World } from '../../kernel/world.ts';
import type { ApiClient } from '../client.ts';
import { sameData } from '../equal.ts';
import { arr, isRecord, rec, specOf, str, textMap } from '../registry/fields.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../types.ts';
import { isAbout, refused } from './refuse.ts';

function classOf(client: ApiClient, world: World, request: AdmissionRequest): KubeObject | undefined {
	const name = str(specOf(request.object).runtimeClassName);
	if (name === '') return undefined;
	const found = client.get(world, 'node.k8s.io/v1/runtimeclasses', undefined, name);
	if (found === undefined) throw refused(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
	return found;
}

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function admitPod(request: AdmissionRequest, runtime: KubeObject | undefined): KubeObject {
	if (runtime === undefined) return request.object;
	const pod = request.object;
	let spec = specOf(pod);
	const overhead = rec(runtime.overhead).podFixed;
	if (isRecord(overhead)) {
		if (spec.overhead !== undefined && !sameData(spec.overhead, overhead)) throw refused(request, MISMATCH);
		spec = { ...spec, overhead };
	}
	if (isRecord(runtime.scheduling)) {
		const nodeSelector = { ...textMap(spec.nodeSelector) };
		for (const [key, value] of Object.entries(textMap(runtime.scheduling.nodeSelector))) {
			const own = nodeSelector[key];
			if (own !== undefined && own !== value) {
				throw refused(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
			}
			nodeSelector[key] = value;
		}
		const tolerations = [...arr(spec.tolerations)];
		for (const t of arr(runtime.scheduling.tolerations)) if (!tolerations.some((own) => sameData(own, t))) tolerations.push(t);
		spec = { ...spec, ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}), ...(tolerations.length > 0 ? { tolerations } : {}) };
	}
	return spec === pod.spec ? pod : { ...pod, spec };
}

function check(request: AdmissionRequest, runtime: KubeObject | undefined): void {
	const own = specOf(request.object).overhead;
	const overhead = rec(runtime?.overhead).podFixed;
	if (overhead !== undefined && !sameData(own, overhead)) throw refused(request, MISMATCH);
	if (overhead === undefined && own !== undefined) {
		throw refused(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
	}
}

export function runtimeClass(client: () => ApiClient): AdmissionPlugin {
	const concerns = (request: AdmissionRequest): boolean => request.operation === 'CREATE' && isAbout(request, '', 'pods');
	return {
		name: 'RuntimeClass',
		mutate: (world, request) => (concerns(request) ? admitPod(request, classOf(client(), world, request)) : request.object),
		validate(world, request) {
			if (concerns(request)) check(request, classOf(client(), world, request));
			return undefined;
		},
	};
}
