/** Pods: `pkg/registry/core/pod`. */
import type { Services } from '../../../services.ts';
import type { World } from '../../../kernel/world.ts';
import { podTarget } from '../../proxy/target.ts';
import type { KubeObject, ObjectMeta, Strategy } from '../../types.ts';
import { defineResource } from '../define.ts';
import { type Fields, num, recs, rec, specOf, statusOf, str } from '../fields.ts';
import { bind, boundNode } from './pod-binding.ts';
import { podConnections } from './pod-connect.ts';
import { podDefaults, qosClass } from './pod-defaults.ts';
import { evict } from './pod-eviction.ts';
import { podCreateErrors, podUpdateErrors } from './pod-validation.ts';
import { podNameWarnings, podSpecWarnings } from './pod-warnings.ts';
import { podEphemeralContainers } from './pod-ephemeral.ts';
import { podResize } from './pod-resize.ts';
import { podTable } from './pod-table.ts';

/** Stands in a pod's status from the start (applySchedulingGatedCondition). */
const GATED = {
	lastProbeTime: null,
	lastTransitionTime: null,
	message: 'Scheduling is blocked due to non-empty scheduling gates',
	reason: 'SchedulingGated',
	status: 'False',
	type: 'PodScheduled',
};

function prepareForCreate(_world: World, pod: KubeObject): KubeObject {
	const spec = specOf(pod);
	const gated = recs(spec.schedulingGates).length > 0;
	return { ...pod, status: { ...(gated ? { conditions: [GATED] } : {}), phase: 'Pending', qosClass: qosClass(spec) } };
}

/** The class of a pod never changes, not even by an in-place resize; a binding is a status update that also places the pod. */
function prepareForStatusUpdate(_world: World, pod: KubeObject, old: KubeObject): KubeObject {
	const node = boundNode(pod);
	const status: Fields = { ...statusOf(pod), qosClass: statusOf(old).qosClass };
	const { deletionTimestamp, ownerReferences } = old.metadata;
	const kept: { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] } = { ...pod.metadata };
	if (deletionTimestamp !== undefined) kept.deletionTimestamp = deletionTimestamp;
	if (ownerReferences !== undefined) kept.ownerReferences = ownerReferences;
	const next = { ...old, metadata: kept, status };
	return node === undefined ? next : { ...next, spec: { ...specOf(old), nodeName: node } };
}

/** podStrategy.CheckGracefulDelete: nobody waits for a pod that no kubelet runs or that has ended. */
function gracePeriodSeconds(_world: World, pod: KubeObject, asked: number | undefined): number | undefined {
	const own = num(specOf(pod).terminationGracePeriodSeconds, 30);
	const phase = statusOf(pod).phase;
	if (str(specOf(pod).nodeName) === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
	const period = asked ?? own;
	return period < 0 ? 1 : period;
}

function selectableFields(pod: KubeObject): { readonly [field: string]: string } {
	const spec = specOf(pod);
	const status = statusOf(pod);
	return {
		'spec.nodeName': str(spec.nodeName),
		'spec.restartPolicy': str(spec.restartPolicy),
		'spec.schedulerName': str(spec.schedulerName),
		'spec.serviceAccountName': str(spec.serviceAccountName),
		'spec.hostNetwork': String(spec.hostNetwork === true),
		'status.phase': str(status.phase),
		'status.podIP': str(rec(recs(status.podIPs)[0]).ip),
		'status.nominatedNodeName': str(status.nominatedNodeName),
	};
}

const claimsOf = (pod: KubeObject): readonly string[] =>
	recs(specOf(pod).volumes).flatMap((v) => {
		const claim = str(rec(v.persistentVolumeClaim).claimName) || (v.ephemeral === undefined ? '' : `${pod.metadata.name}-${str(v.name)}`);
		return claim === '' ? [] : [`${pod.metadata.namespace ?? ''}/${claim}`];
	});

function claimTemplatesOf(pod: KubeObject): readonly string[] {
	const { resourceClaims } = specOf(pod);
	if (resourceClaims === undefined) return [];
	return recs(resourceClaims).flatMap((c) =>
		str(c.resourceClaimTemplateName) === '' ? [] : [`${pod.metadata.namespace ?? ''}/${str(c.resourceClaimTemplateName)}`],
	);
}

const textIndex = (value: unknown): readonly string[] => (str(value) === '' ? [] : [str(value)]);

export function pods(services: Services): Strategy {
	return defineResource({
		group: '',
		resource: 'pods',
		kind: 'Pod',
		shortNames: ['po'],
		categories: ['all'],
		subresources: ['status', 'log', 'exec', 'attach', 'portforward', 'binding', 'eviction'],
		generation: true,
		defaults: podDefaults,
		prepareForCreate,
		prepareForStatusUpdate,
		validate: (_world, pod) => podCreateErrors(specOf(pod)),
		validateUpdate: (_world, pod, old) => podUpdateErrors(pod, old),
		warnings: (_world, pod) => [...podNameWarnings(pod.metadata.name), ...podSpecWarnings(specOf(pod), 'spec')],
		gracePeriodSeconds,
		selectableFields,
		indexes: {
			/** spec.nodeName; '' finds those not placed yet. */
			byNode: (pod) => [str(specOf(pod).nodeName)],
			/** `namespace/claim` of every claim the pod mounts. */
			byClaim: claimsOf,
			/** `namespace/template` of the templates that its resource claims are made from. */
			byClaimTemplate: claimTemplatesOf,
			/** status.podIP, for the network. */
			byIP: (pod) => textIndex(statusOf(pod).podIP),
		},
		parts: { ephemeralcontainers: podEphemeralContainers, resize: podResize },
		connect: {
			...podConnections(services),
			proxy: (world, call) => podTarget(services, world, call),
			binding: (world, call, pod) => bind(services, world, call, pod),
			eviction: (world, call, pod) => evict(services, world, call, pod),
		},
		table: podTable,
	});
}
