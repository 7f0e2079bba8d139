/** The code behind the checks of lab.yaml, by their ids. */
import type { CheckTable } from '../../server/grading/check.ts';
import { autoscaler, labels, observability, quota, rightsized } from './checks/citizenship.ts';
import { eviction, gracefulStop, liveness, readiness, rollout, spread } from './checks/resilience.ts';
import { connectivity, identity, images, podSecurity, secret } from './checks/security.ts';
import { dataSurvives, frontDoor, threeTiers } from './checks/traffic.ts';

export const checks: CheckTable = {
	'front-door': frontDoor,
	'three-tiers': threeTiers,
	'data-survives': dataSurvives,
	rollout,
	spread,
	readiness,
	liveness,
	eviction,
	'graceful-stop': gracefulStop,
	'pod-security': podSecurity,
	connectivity,
	secret,
	identity,
	images,
	rightsized,
	quota,
	autoscaler,
	labels,
	observability,
};
