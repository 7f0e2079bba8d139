import type { Obj } from '../client.ts';
import { rfc1123 } from '../human.ts';
import { describeContainers, describeResources, describeSpread, describeVolumes, tolerationTexts } from './podspec.ts';
import { controller, type Doc, terminating } from './writer.ts';

/** Guaranteed, Burstable or BestEffort, where the server didn't say (pkg/util/qos). */
function qosClass(spec: Obj): string {
	const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])] as Obj[];
	const named = all
		.flatMap((c) => [...Object.keys(c.resources?.requests ?? {}), ...Object.keys(c.resources?.limits ?? {})])
		.filter((n) => n === 'cpu' || n === 'memory');
	if (named.length === 0) return 'BestEffort';
	const guaranteed = all.every((c) =>
		['cpu', 'memory'].every((n) => c.resources?.limits?.[n] !== undefined && (c.resources?.requests?.[n] ?? c.resources.limits[n]) === c.resources.limits[n]),
	);
	return guaranteed ? 'Guaranteed' : 'Burstable';
}

function head(doc: Doc, pod: Obj, spec: Obj, status: Obj): void {
	doc.field(0, 'Name', pod.metadata?.name).field(0, 'Namespace', pod.metadata?.namespace);
	if (spec.priority !== undefined) doc.field(0, 'Priority', spec.priority);
	if (spec.priorityClassName) doc.field(0, 'Priority Class Name', spec.priorityClassName);
	if (spec.runtimeClassName) doc.field(0, 'Runtime Class Name', spec.runtimeClassName);
	if (spec.serviceAccountName) doc.field(0, 'Service Account', spec.serviceAccountName);
	doc.field(0, 'Node', spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>');
	if (status.startTime) doc.field(0, 'Start Time', rfc1123(status.startTime));
	doc.labels('Labels', pod.metadata?.labels).annotations('Annotations', pod.metadata?.annotations);
	if (pod.metadata?.deletionTimestamp !== undefined && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
		doc.field(0, 'Status', terminating(pod, doc.now)).field(0, 'Termination Grace Period', `${pod.metadata.deletionGracePeriodSeconds ?? 0}s`);
	} else doc.field(0, 'Status', status.phase ?? '');
	if (status.reason) doc.field(0, 'Reason', status.reason);
	if (status.message) doc.field(0, 'Message', status.message);
	const seccomp = spec.securityContext?.seccompProfile;
	if (seccomp) doc.field(0, 'SeccompProfile', seccomp.type);
	if (seccomp?.type === 'Localhost') doc.field(0, 'LocalhostProfile', seccomp.localhostProfile);
	doc.field(0, 'IP', status.podIP ?? '');
	const ips = (status.podIPs ?? []) as Obj[];
	doc.line(0, `IPs:${ips.length === 0 ? '\t<none>' : ''}`);
	for (const ip of ips) doc.field(1, 'IP', ip.ip);
	if (controller(pod) !== '') doc.field(0, 'Controlled By', controller(pod));
	if (status.nominatedNodeName) doc.field(0, 'NominatedNodeName', status.nominatedNodeName);
}

export function describePod(doc: Doc, pod: Obj): void {
	const spec = (pod.spec ?? {}) as Obj;
	const status = (pod.status ?? {}) as Obj;
	head(doc, pod, spec, status);
	if (spec.resources) {
		doc.line(0, 'Resources:');
		describeResources(doc, 1, spec.resources);
	}
	if ((spec.initContainers ?? []).length > 0) describeContainers(doc, 'Init Containers', spec.initContainers, '', status.initContainerStatuses ?? [], pod);
	describeContainers(doc, 'Containers', spec.containers ?? [], '', status.containerStatuses ?? [], pod);
	if ((spec.ephemeralContainers ?? []).length > 0)
		describeContainers(doc, 'Ephemeral Containers', spec.ephemeralContainers, '', status.ephemeralContainerStatuses ?? [], pod);
	const conditions = (status.conditions ?? []) as Obj[];
	const gates = (spec.readinessGates ?? []) as Obj[];
	if (gates.length > 0) {
		doc.line(0, 'Readiness Gates:').line(1, 'Type\tStatus');
		for (const g of gates) doc.line(1, `${g.conditionType} \t${conditions.find((c) => c.type === g.conditionType)?.status ?? '<none>'} `);
	}
	if (conditions.length > 0) {
		doc.line(0, 'Conditions:').line(1, 'Type\tStatus');
		for (const c of conditions) doc.line(1, `${c.type} \t${c.status} `);
	}
	describeVolumes(doc, spec.volumes ?? [], '');
	doc.field(0, 'QoS Class', status.qosClass ?? qosClass(spec));
	doc.labels('Node-Selectors', spec.nodeSelector).values('Tolerations', tolerationTexts(spec.tolerations));
	describeSpread(doc, spec.topologySpreadConstraints, '');
}
