/** Rolls out pod templates through replica sets (pkg/controller/deployment/deployment_controller.go). */
import type { Controller } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { getCondition } from '../shared/conditions.ts';
import { claimObjects } from '../shared/indexes.ts';
import { controllerOf, controllerRef, type Deployment, isDeleting, keyOf, type ReplicaSet, splitKey } from '../shared/objects.ts';
import { selectorIsEmpty, selectorMatches } from '../shared/selectors.ts';
import { itself, itsOwner, type Watch } from '../shared/watching.ts';
import { DESIRED, wanted } from './arithmetic.ts';
import { active, COMPONENT, DEPLOYMENTS, putStatus, REPLICA_SETS, type Rollout, split, withCondition } from './replicasets.ts';
import { recreate, rollingUpdate, scaleOnly } from './rolling.ts';
import { syncCounts } from './status.ts';

const ofReplicaSet: Watch = (world, change, client) => {
	const owned = itsOwner('Deployment')(world, change, client);
	const { object } = change;
	if (owned.length > 0 || controllerOf(object) !== undefined || change.type === 'DELETED') return owned;
	const all = client.list(world, DEPLOYMENTS, object.metadata.namespace) as readonly Deployment[];
	return all.filter((d) => !selectorIsEmpty(d.spec.selector) && selectorMatches(d.spec.selector, object.metadata.labels)).map(keyOf);
};

/** Recreate waits for the last old pod: its end concerns the deployment. */
const ofDeletedPod: Watch = (world, change, client) => {
	if (change.type !== 'DELETED') return [];
	const owner = controllerOf(change.object);
	if (owner?.kind !== 'ReplicaSet') return [];
	const rs = client.get(world, REPLICA_SETS, change.object.metadata.namespace, owner.name);
	return rs === undefined ? [] : itsOwner('Deployment')(world, { ...change, object: rs, previous: undefined }, client);
};

export const deploymentController: Controller = {
	name: 'deployment',
	watches: { 'apps/deployments': itself, 'apps/replicasets': ofReplicaSet, '/pods': ofDeletedPod },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const d = client.get(world, DEPLOYMENTS, namespace, name) as Deployment | undefined;
		if (d === undefined) return;
		if (selectorIsEmpty(d.spec.selector)) {
			const message = 'This deployment is selecting all pods. A non-empty selector is required.';
			recordEvent(world, client, { object: d, type: 'Warning', reason: 'SelectingAll', message, component: COMPONENT });
			return;
		}
		const sets = claimObjects(world, client, REPLICA_SETS, 'apps/replicasets', d, controllerRef(d), (rs) =>
			selectorMatches(d.spec.selector, rs.metadata.labels),
		) as readonly ReplicaSet[];
		const r: Rollout = { world, client, queue, key, deployment: d, sets };
		if (isDeleting(d)) syncCounts(r, split(r));
		else if (notePause(r)) step(r);
	},
};

function step(r: Rollout): void {
	if (r.deployment.spec.paused === true || isScaling(r)) scaleOnly(r);
	else if (r.deployment.spec.strategy?.type === 'Recreate') recreate(r);
	else rollingUpdate(r);
}

/** Whether the size asked for has changed since the sets were last sized (isScalingEvent). */
function isScaling(r: Rollout): boolean {
	return active(r.sets).some((rs) => {
		const noted = rs.metadata.annotations?.[DESIRED];
		return noted !== undefined && Number(noted) !== wanted(r.deployment);
	});
}

/** Time spent paused doesn't count towards the progress deadline (checkPausedConditions). */
function notePause(r: Rollout): boolean {
	const d = r.deployment;
	if (d.spec.progressDeadlineSeconds === undefined) return true;
	const current = getCondition(d.status?.conditions, 'Progressing');
	if (current?.reason === 'ProgressDeadlineExceeded') return true;
	const noted = current?.reason === 'DeploymentPaused';
	const paused = d.spec.paused === true;
	if (paused === noted) return true;
	const [reason, message] = paused ? ['DeploymentPaused', 'Deployment is paused'] : ['DeploymentResumed', 'Deployment is resumed'];
	return putStatus(r, { ...d.status, conditions: withCondition(d.status?.conditions, 'Progressing', 'Unknown', reason, message, r.world.now) });
}
