/** The controller manager: every controller of the simulated cluster, one line each. */
import type { Room, Services } from '../services.ts';
import type { Controller } from './controller.ts';
import { cronJobController } from './cronjob/cronjob.ts';
import { daemonSetController } from './daemonset.ts';
import { deploymentController } from './deployment/deployment.ts';
import { endpointsController } from './endpoints/endpoints.ts';
import { endpointSliceController } from './endpoints/endpointslice.ts';
import { garbageCollector } from './garbage-collector.ts';
import { jobController } from './job/job.ts';
import { ttlAfterFinished } from './job/ttl.ts';
import { runControllers } from './manager.ts';
import { namespaceController } from './namespace.ts';
import { replicaSetController } from './replicaset.ts';
import { serviceAccountController } from './service-account.ts';
import { claimRetention } from './statefulset/claim-retention.ts';
import { statefulSetController } from './statefulset/statefulset.ts';
import { claimBinder, volumeReclaimer } from './volumes/binder.ts';
import { localPathDeleter, localPathProvisioner } from './volumes/local-path.ts';
import { claimProtection, volumeProtection } from './volumes/protection.ts';

const controllers = (services: Services): readonly Controller[] => [
	serviceAccountController,
	namespaceController(services),
	garbageCollector(services),
	deploymentController,
	replicaSetController,
	statefulSetController,
	claimRetention,
	daemonSetController,
	jobController,
	ttlAfterFinished,
	cronJobController,
	endpointsController,
	endpointSliceController,
	claimBinder,
	volumeReclaimer,
	claimProtection,
	volumeProtection,
	localPathProvisioner,
	localPathDeleter,
];

export function controllerRoom(services: Services): Room {
	return runControllers(services, controllers(services));
}
