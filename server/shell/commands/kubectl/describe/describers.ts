/** Which description belongs to which kind (pkg/describe's describerMap). */
import type { Obj } from '../client.ts';
import type { Mapping } from '../discovery.ts';
import type { Kube } from '../kube.ts';
import { describeCSINode, describeIPAddress, describeServiceCIDR, describeSigningRequest, describeVolumeAttributesClass } from './cluster-objects.ts';
import { describeEvents, eventsOf } from './events.ts';
import { describeEndpoints, describeEndpointSlice, describeIngress, describeIngressClass, describeNetworkPolicy, describeService } from './network.ts';
import { describeNode } from './node.ts';
import { describePod } from './pod.ts';
import { describeAutoscaler, describeBinding, describeBudget, describeLimitRange, describePriorityClass, describeQuota, describeRole } from './policy.ts';
import { describeConfigMap, describeGeneric, describeNamespace, describeSecret, describeServiceAccount } from './simple.ts';
import { describeClaim, describeStorageClass, describeVolume } from './storage.ts';
import { describeCronJob, describeDaemonSet, describeDeployment, describeJob, describeReplicaSet, describeStatefulSet } from './workloads.ts';
import { Doc } from './writer.ts';

type Describer = (doc: Doc, object: Obj, kube: Kube) => void | Promise<void>;

const DESCRIBERS: { readonly [kind: string]: Describer } = {
	'/Pod': describePod,
	'/Service': describeService,
	'/Node': describeNode,
	'/Namespace': describeNamespace,
	'/ConfigMap': describeConfigMap,
	'/Secret': describeSecret,
	'/ServiceAccount': describeServiceAccount,
	'/Endpoints': describeEndpoints,
	'/PersistentVolume': describeVolume,
	'/PersistentVolumeClaim': describeClaim,
	'/ResourceQuota': describeQuota,
	'/LimitRange': describeLimitRange,
	'apps/Deployment': describeDeployment,
	'apps/ReplicaSet': describeReplicaSet,
	'apps/StatefulSet': describeStatefulSet,
	'apps/DaemonSet': describeDaemonSet,
	'batch/Job': describeJob,
	'batch/CronJob': describeCronJob,
	'networking.k8s.io/Ingress': describeIngress,
	'networking.k8s.io/IngressClass': describeIngressClass,
	'networking.k8s.io/NetworkPolicy': describeNetworkPolicy,
	'discovery.k8s.io/EndpointSlice': describeEndpointSlice,
	'policy/PodDisruptionBudget': describeBudget,
	'autoscaling/HorizontalPodAutoscaler': describeAutoscaler,
	'storage.k8s.io/StorageClass': describeStorageClass,
	'storage.k8s.io/CSINode': describeCSINode,
	'storage.k8s.io/VolumeAttributesClass': describeVolumeAttributesClass,
	'networking.k8s.io/ServiceCIDR': describeServiceCIDR,
	'networking.k8s.io/IPAddress': describeIPAddress,
	'certificates.k8s.io/CertificateSigningRequest': describeSigningRequest,
	'scheduling.k8s.io/PriorityClass': describePriorityClass,
	'rbac.authorization.k8s.io/Role': describeRole,
	'rbac.authorization.k8s.io/ClusterRole': describeRole,
	'rbac.authorization.k8s.io/RoleBinding': describeBinding,
	'rbac.authorization.k8s.io/ClusterRoleBinding': describeBinding,
};

/** Kinds whose description has no events. */
const WITHOUT_EVENTS: ReadonlySet<string> = new Set([
	'/Namespace',
	'/Secret',
	'/ResourceQuota',
	'/LimitRange',
	'networking.k8s.io/NetworkPolicy',
	'rbac.authorization.k8s.io/Role',
	'rbac.authorization.k8s.io/ClusterRole',
	'rbac.authorization.k8s.io/RoleBinding',
	'rbac.authorization.k8s.io/ClusterRoleBinding',
]);

/** The description of one object, ending in a newline. */
export async function describeObject(kube: Kube, mapping: Mapping, object: Obj, showEvents: boolean): Promise<string> {
	const key = `${mapping.group}/${mapping.kind}`;
	const doc = new Doc(kube.now);
	await (DESCRIBERS[key] ?? describeGeneric)(doc, object, kube);
	if (showEvents && !WITHOUT_EVENTS.has(key)) describeEvents(doc, await eventsOf(kube, object));
	return doc.toString();
}
