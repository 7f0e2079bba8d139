/**
 * Values of fields that Kubernetes types as plain strings. A cluster's OpenAPI may name them itself (`enum`), which then counts; these
 * are the constants of the API's Go types (k8s.io/api, 1.36) for the fields that people write.
 */
const PROTOCOL = 'TCP UDP SCTP';
const OPERATOR = 'In NotIn Exists DoesNotExist';
const RECLAIM = 'Delete Retain';
const EFFECT = 'NoSchedule PreferNoSchedule NoExecute';
const ACCESS = 'ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod';
const MODE = 'Filesystem Block';

/** `<version>.<Type>.<field>` → its values, apart by blanks. A list's field names the values of its items. */
const VALUES: Readonly<Record<string, string>> = {
	'v1.Container.imagePullPolicy': 'Always IfNotPresent Never',
	'v1.Container.terminationMessagePolicy': 'File FallbackToLogsOnError',
	'v1.ContainerPort.protocol': PROTOCOL,
	'v1.PodSpec.restartPolicy': 'Always OnFailure Never',
	'v1.PodSpec.dnsPolicy': 'ClusterFirst ClusterFirstWithHostNet Default None',
	'v1.PodSpec.preemptionPolicy': 'PreemptLowerPriority Never',
	'v1.PodSecurityContext.fsGroupChangePolicy': 'OnRootMismatch Always',
	'v1.SeccompProfile.type': 'RuntimeDefault Localhost Unconfined',
	'v1.HTTPGetAction.scheme': 'HTTP HTTPS',
	'v1.Toleration.operator': 'Exists Equal Lt Gt',
	'v1.Toleration.effect': EFFECT,
	'v1.Taint.effect': EFFECT,
	'v1.NodeSelectorRequirement.operator': `${OPERATOR} Gt Lt`,
	'v1.LabelSelectorRequirement.operator': OPERATOR,
	'v1.TopologySpreadConstraint.whenUnsatisfiable': 'DoNotSchedule ScheduleAnyway',
	'v1.ServiceSpec.type': 'ClusterIP NodePort LoadBalancer ExternalName',
	'v1.ServiceSpec.sessionAffinity': 'None ClientIP',
	'v1.ServiceSpec.externalTrafficPolicy': 'Cluster Local',
	'v1.ServiceSpec.internalTrafficPolicy': 'Cluster Local',
	'v1.ServiceSpec.ipFamilyPolicy': 'SingleStack PreferDualStack RequireDualStack',
	'v1.ServicePort.protocol': PROTOCOL,
	'v1.PersistentVolumeClaimSpec.accessModes': ACCESS,
	'v1.PersistentVolumeClaimSpec.volumeMode': MODE,
	'v1.PersistentVolumeSpec.accessModes': ACCESS,
	'v1.PersistentVolumeSpec.volumeMode': MODE,
	'v1.PersistentVolumeSpec.persistentVolumeReclaimPolicy': `${RECLAIM} Recycle`,
	'v1.HostPathVolumeSource.type': 'DirectoryOrCreate Directory FileOrCreate File Socket CharDevice BlockDevice',
	'v1.VolumeMount.mountPropagation': 'None HostToContainer Bidirectional',
	'v1.DeploymentStrategy.type': 'RollingUpdate Recreate',
	'v1.StatefulSetSpec.podManagementPolicy': 'OrderedReady Parallel',
	'v1.StatefulSetUpdateStrategy.type': 'RollingUpdate OnDelete',
	'v1.DaemonSetUpdateStrategy.type': 'RollingUpdate OnDelete',
	'v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted': RECLAIM,
	'v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled': RECLAIM,
	'v1.JobSpec.completionMode': 'NonIndexed Indexed',
	'v1.JobSpec.podReplacementPolicy': 'TerminatingOrFailed Failed',
	'v1.CronJobSpec.concurrencyPolicy': 'Allow Forbid Replace',
	'v1.HTTPIngressPath.pathType': 'Exact Prefix ImplementationSpecific',
	'v1.NetworkPolicySpec.policyTypes': 'Ingress Egress',
	'v1.NetworkPolicyPort.protocol': PROTOCOL,
	'v1.StorageClass.reclaimPolicy': RECLAIM,
	'v1.StorageClass.volumeBindingMode': 'Immediate WaitForFirstConsumer',
	'v1.PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy': 'IfHealthyBudget AlwaysAllow',
	'v1.Subject.kind': 'ServiceAccount User Group',
	'v1.RoleRef.kind': 'Role ClusterRole',
	'v1.ValidatingWebhook.failurePolicy': 'Fail Ignore',
	'v1.MutatingWebhook.failurePolicy': 'Fail Ignore',
	'v1.ValidatingWebhook.sideEffects': 'None NoneOnDryRun',
	'v1.MutatingWebhook.sideEffects': 'None NoneOnDryRun',
	'v1.CustomResourceDefinitionSpec.scope': 'Namespaced Cluster',
	'v2.MetricSpec.type': 'Resource ContainerResource Pods Object External',
	'v2.MetricTarget.type': 'Utilization AverageValue Value',
	'v2.HPAScalingRules.selectPolicy': 'Max Min Disabled',
	'v2.HPAScalingPolicy.type': 'Pods Percent',
};

/** Values of `field` in the type that a schema's name names (`io.k8s.api.core.v1.Container`); empty where anything goes. */
export function knownValues(schemaName: string, field: string): readonly string[] {
	return VALUES[`${schemaName.split('.').slice(-2).join('.')}.${field}`]?.split(' ') ?? [];
}
