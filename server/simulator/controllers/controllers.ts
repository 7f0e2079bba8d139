/** The controller manager: every controller of the simulated cluster, one line each. */
import type { Room, Services } from '../services.ts';
import { definitionController } from '../apiserver/crd/controller.ts';
import { apiServiceAvailability, availabilityTimers } from './api-service-availability.ts';
import { apiServiceRegistration } from './api-services.ts';
import { autoscalerMemory, horizontalAutoscaler } from './autoscaler/horizontal.ts';
import { certificateApprover } from './certificates/approving.ts';
import { certificateCleaner } from './certificates/cleaning.ts';
import { certificateSigner } from './certificates/signing.ts';
import { clusterRoleAggregation } from './cluster-role-aggregation.ts';
import type { Controller } from './controller.ts';
import { cronJobController } from './cronjob/cronjob.ts';
import { daemonSetController } from './daemonset.ts';
import { deploymentController } from './deployment/deployment.ts';
import { disruptionController } from './disruption.ts';
import { endpointsController } from './endpoints/endpoints.ts';
import { endpointSliceController } from './endpoints/endpointslice.ts';
import { endpointSliceMirroring } from './endpoints/mirroring.ts';
import { flowControl, flowControlDefaults } from './flow-control.ts';
import { garbageCollector } from './garbage-collector.ts';
import { ingressEvents, ingressStatus } from './ingress-status.ts';
import { ipAddresses, serviceRanges } from './ip-addresses.ts';
import { jobController } from './job/job.ts';
import { jobOrphanPods } from './job/orphan-pods.ts';
import { ttlAfterFinished } from './job/ttl.ts';
import { runControllers } from './manager.ts';
import { namespaceController } from './namespace.ts';
import { nodeEvents, nodeLifecycle } from './node/lifecycle.ts';
import { podGarbage } from './node/pod-gc.ts';
import { taintEviction } from './node/taint-eviction.ts';
import { policyStatus } from './policy-status.ts';
import { replicaSetController, replicationController } from './replicaset.ts';
import { resourceClaims } from './resource-claims.ts';
import { resourceQuotaController } from './resource-quota.ts';
import { rootCaPublisher, serviceAccountController } from './service-account.ts';
import { serviceAccountTokens } from './service-account-tokens.ts';
import { serviceLoadBalancer } from './service-load-balancer.ts';
import { claimRetention } from './statefulset/claim-retention.ts';
import { statefulSetController } from './statefulset/statefulset.ts';
import { claimBinder, volumeReclaimer } from './volumes/binder.ts';
import { localPathDeleter, localPathProvisioner } from './volumes/local-path.ts';
import { claimProtection, volumeProtection } from './volumes/protection.ts';

const controllers = (services: Services): readonly Controller[] => [
	serviceAccountController,
	serviceAccountTokens,
	rootCaPublisher,
	namespaceController(services),
	garbageCollector(services),
	definitionController,
	policyStatus(services),
	deploymentController,
	replicaSetController,
	replicationController,
	statefulSetController,
	claimRetention,
	daemonSetController,
	jobController,
	jobOrphanPods,
	ttlAfterFinished,
	cronJobController,
	endpointsController,
	endpointSliceController,
	endpointSliceMirroring,
	claimBinder,
	volumeReclaimer,
	claimProtection,
	volumeProtection,
	localPathProvisioner,
	localPathDeleter,
	disruptionController,
	resourceQuotaController(services),
	horizontalAutoscaler(services),
	autoscalerMemory,
	nodeLifecycle,
	nodeEvents,
	taintEviction,
	podGarbage,
	serviceLoadBalancer,
	resourceClaims,
	ipAddresses,
	serviceRanges,
	flowControl,
	flowControlDefaults,
	apiServiceRegistration,
	apiServiceAvailability(services),
	certificateApprover,
	certificateSigner,
	certificateCleaner,
	clusterRoleAggregation,
	ingressEvents,
	ingressStatus,
];

export function controllerRoom(services: Services): Room {
	const room = runControllers(services, controllers(services));
	return { ...room, timers: { ...room.timers, ...availabilityTimers(services) } };
}
