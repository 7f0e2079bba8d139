/** The controller manager: every controller of the simulated cluster, one line each. */
import type { Room, Services } from '../services.ts';
import type { Controller } from './controller.ts';
import { deploymentController } from './deployment/deployment.ts';
import { runControllers } from './manager.ts';
import { replicaSetController } from './replicaset.ts';

const controllers = (_services: Services): readonly Controller[] => [deploymentController, replicaSetController];

export function controllerRoom(services: Services): Room {
	return runControllers(services, controllers(services));
}
