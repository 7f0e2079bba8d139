/** Priority: a pod's number from its class. `plugin/pkg/admission/priority`. */
import type { World } from '../../kernel/world.ts';
import type { ApiClient } from '../client.ts';
import { num, specOf, str } from '../registry/fields.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../types.ts';
import { isAbout, refused } from './refuse.ts';

const CLASSES = 'scheduling.k8s.io/v1/priorityclasses';

/** The class marked as default; of several the one with the lowest value. */
function defaultClass(client: ApiClient, world: World): KubeObject | undefined {
	let found: KubeObject | undefined;
	for (const c of client.list(world, CLASSES)) if (c.globalDefault === true && (found === undefined || num(c.value) < num(found.value))) found = c;
	return found;
}

function admitPod(client: ApiClient, world: World, request: AdmissionRequest): KubeObject {
	const pod = request.object;
	const spec = specOf(pod);
	const asked = str(spec.priorityClassName);
	const priorityClass = asked === '' ? defaultClass(client, world) : client.get(world, CLASSES, undefined, asked);
	if (asked !== '' && priorityClass === undefined) throw refused(request, `no PriorityClass with name ${asked} was found`);
	const priority = num(priorityClass?.value);
	const preemptionPolicy = str(priorityClass?.preemptionPolicy) || 'PreemptLowerPriority';
	if (spec.priority !== undefined && spec.priority !== null && spec.priority !== priority) {
		throw refused(
			request,
			`the integer value of priority (${num(spec.priority)}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
		);
	}
	if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
		throw refused(
			request,
			`the string value of PreemptionPolicy (${str(spec.preemptionPolicy)}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
		);
	}
	const name = priorityClass === undefined ? {} : { priorityClassName: priorityClass.metadata.name };
	return { ...pod, spec: { ...spec, ...name, priority, preemptionPolicy } };
}

/** What was computed stays: a client that replaces a pod by its manifest doesn't know it. */
function keepPriority({ object, old }: AdmissionRequest): KubeObject {
	const [spec, before] = [specOf(object), specOf(old ?? object)];
	const kept = Object.fromEntries(['priority', 'preemptionPolicy'].flatMap((f) => (spec[f] === undefined && before[f] !== undefined ? [[f, before[f]]] : [])));
	return Object.keys(kept).length === 0 ? object : { ...object, spec: { ...spec, ...kept } };
}

function mutate(client: () => ApiClient, world: World, request: AdmissionRequest): KubeObject {
	if (!isAbout(request, '', 'pods')) return request.object;
	if (request.operation === 'CREATE') return admitPod(client(), world, request);
	return request.operation === 'UPDATE' ? keepPriority(request) : request.object;
}

function validate(client: ApiClient, world: World, request: AdmissionRequest): undefined {
	if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
	if (!isAbout(request, 'scheduling.k8s.io', 'priorityclasses') || request.object.globalDefault !== true) return;
	const other = defaultClass(client, world);
	if (other !== undefined && other.metadata.name !== request.object.metadata.name) {
		throw refused(request, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
	}
}

export function priority(client: () => ApiClient): AdmissionPlugin {
	return {
		name: 'Priority',
		mutate: (world, request) => mutate(client, world, request),
		validate: (world, request) => validate(client(), world, request),
	};
}
