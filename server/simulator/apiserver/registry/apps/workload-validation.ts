/** Rules that deployments, replica sets, daemon sets and stateful sets share: `pkg/apis/apps/validation/validation.go`. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { type Fields, num, rec, specOf, str } from '../fields.ts';
import { podSpecWarnings, podNameWarnings } from '../core/pod-warnings.ts';
import { templateErrors } from '../core/pod-validation.ts';
import { atMost100Percent, intOrPercentErrors, isPercent, nonNegative } from '../validation/numbers.ts';
import { workloadSelectorErrors } from '../validation/selectors.ts';

/** What a template of pods that never end may not say. `owner` is the word upstream uses for whose template it is. */
function lastingTemplateErrors(spec: Fields, owner: string): readonly FieldError[] {
	const podSpec = rec(rec(spec.template).spec);
	const out: FieldError[] = [];
	if (podSpec.restartPolicy !== 'Always') out.push(notSupportedValue('spec.template.spec.restartPolicy', str(podSpec.restartPolicy), ['Always']));
	if (podSpec.activeDeadlineSeconds !== undefined) {
		out.push(forbiddenValue('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${owner} is not Supported`));
	}
	return out;
}

const isZero = (value: unknown): boolean =>
	value === 0 || value === undefined || value === null || value === '' || (isPercent(value) && Number(value.slice(0, -1)) === 0);

function deploymentStrategyErrors(strategy: Fields): readonly FieldError[] {
	const rolling = strategy.rollingUpdate;
	if (strategy.type === 'Recreate') {
		return rolling === undefined || rolling === null
			? []
			: [forbiddenValue('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")];
	}
	if (strategy.type !== 'RollingUpdate') return [notSupportedValue('spec.strategy.type', str(strategy.type), ['Recreate', 'RollingUpdate'])];
	const { maxUnavailable, maxSurge } = rec(rolling);
	const path = 'spec.strategy.rollingUpdate';
	const out = [...intOrPercentErrors(`${path}.maxUnavailable`, maxUnavailable), ...intOrPercentErrors(`${path}.maxSurge`, maxSurge)];
	if (isZero(maxUnavailable) && isZero(maxSurge)) out.push(invalidValue(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
	return [...out, ...atMost100Percent(`${path}.maxUnavailable`, maxUnavailable)];
}

export function deploymentErrors(spec: Fields): readonly FieldError[] {
	const out = [...nonNegative('spec.replicas', spec.replicas), ...workloadSelectorErrors(spec, 'empty selector is invalid for deployment')];
	out.push(...templateErrors(spec.template, 'spec.template'), ...lastingTemplateErrors(spec, 'ReplicaSet'), ...deploymentStrategyErrors(rec(spec.strategy)));
	out.push(...nonNegative('spec.minReadySeconds', spec.minReadySeconds), ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit));
	const progress = spec.progressDeadlineSeconds;
	if (typeof progress === 'number') {
		out.push(...nonNegative('spec.progressDeadlineSeconds', progress));
		if (progress <= num(spec.minReadySeconds)) out.push(invalidValue('spec.progressDeadlineSeconds', progress, 'must be greater than minReadySeconds'));
	}
	return out;
}

export function replicaSetErrors(spec: Fields): readonly FieldError[] {
	const out = [...nonNegative('spec.replicas', spec.replicas), ...nonNegative('spec.minReadySeconds', spec.minReadySeconds)];
	out.push(...workloadSelectorErrors(spec, 'empty selector is invalid for deployment'));
	return [...out, ...templateErrors(spec.template, 'spec.template'), ...lastingTemplateErrors(spec, 'ReplicaSet')];
}

/** ValidateReplicationControllerSpec of `pkg/apis/core/validation`: its selector is a plain map. */
export function replicationControllerErrors(spec: Fields): readonly FieldError[] {
	const out = [...nonNegative('spec.minReadySeconds', spec.minReadySeconds)];
	const selector = rec(spec.selector);
	const labels = rec(rec(rec(spec.template).metadata).labels);
	if (Object.keys(selector).length === 0) out.push(requiredValue('spec.selector'));
	out.push(...nonNegative('spec.replicas', spec.replicas));
	if (spec.template === undefined || spec.template === null) return [...out, requiredValue('spec.template')];
	if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) {
		out.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
	}
	return [...out, ...templateErrors(spec.template, 'spec.template'), ...lastingTemplateErrors(spec, 'ReplicationController')];
}

function daemonStrategyErrors(strategy: Fields): readonly FieldError[] {
	if (strategy.type === 'OnDelete') return [];
	if (strategy.type !== 'RollingUpdate') return [notSupportedValue('spec.updateStrategy.type', str(strategy.type), ['RollingUpdate', 'OnDelete'])];
	const { maxUnavailable, maxSurge } = rec(strategy.rollingUpdate);
	const path = 'spec.updateStrategy.rollingUpdate';
	const out = [...intOrPercentErrors(`${path}.maxUnavailable`, maxUnavailable), ...intOrPercentErrors(`${path}.maxSurge`, maxSurge)];
	if (!isZero(maxUnavailable) && !isZero(maxSurge)) out.push(invalidValue(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
	if (isZero(maxUnavailable) && isZero(maxSurge))
		out.push({ ...forbiddenValue(path, ''), type: 'FieldValueRequired', message: 'Required value: cannot be 0 when maxSurge is 0' });
	return out;
}

export function daemonSetErrors(spec: Fields): readonly FieldError[] {
	const out = [...workloadSelectorErrors(spec, 'empty selector is invalid for daemonset'), ...templateErrors(spec.template, 'spec.template')];
	out.push(
		...lastingTemplateErrors(spec, 'DaemonSet'),
		...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
		...daemonStrategyErrors(rec(spec.updateStrategy)),
	);
	return [...out, ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit)];
}

export function statefulSetErrors(spec: Fields): readonly FieldError[] {
	const out: FieldError[] = [];
	const policies = ['OrderedReady', 'Parallel'];
	if (!policies.includes(str(spec.podManagementPolicy))) {
		out.push(invalidValue('spec.podManagementPolicy', str(spec.podManagementPolicy), "must be 'OrderedReady' or 'Parallel'"));
	}
	const strategy = rec(spec.updateStrategy);
	if (strategy.type === 'OnDelete') {
		if (strategy.rollingUpdate !== undefined) {
			out.push(invalidValue('spec.updateStrategy.rollingUpdate', strategy.rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
		}
	} else if (strategy.type === 'RollingUpdate') out.push(...nonNegative('spec.updateStrategy.rollingUpdate.partition', rec(strategy.rollingUpdate).partition));
	else out.push(invalidValue('spec.updateStrategy', strategy, "must be 'RollingUpdate' or 'OnDelete'"));
	out.push(...nonNegative('spec.replicas', spec.replicas), ...nonNegative('spec.minReadySeconds', spec.minReadySeconds));
	out.push(...workloadSelectorErrors(spec, 'empty selector is invalid for statefulset'));
	// The volumes that claims give are no part of the template, but its mounts may name them.
	out.push(...templateErrors(withClaims(spec), 'spec.template'), ...lastingTemplateErrors(spec, 'StatefulSet'));
	return [...out, ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit)];
}

function withClaims(spec: Fields): Fields {
	const template = rec(spec.template);
	const podSpec = rec(template.spec);
	const own = Array.isArray(podSpec.volumes) ? (podSpec.volumes as readonly unknown[]) : [];
	const claims = (Array.isArray(spec.volumeClaimTemplates) ? (spec.volumeClaimTemplates as readonly unknown[]) : []).map((c) => ({
		name: str(rec(rec(c).metadata).name),
		emptyDir: {},
	}));
	const names = new Set(claims.map((c) => c.name));
	return { ...template, spec: { ...podSpec, volumes: [...own.filter((v) => !names.has(str(rec(v).name))), ...claims] } };
}

/** `field is immutable` for a selector that changes. */
export function selectorUpdateErrors(object: KubeObject, old: KubeObject): readonly FieldError[] {
	const [now, before] = [specOf(object).selector, specOf(old).selector];
	return sameData(now, before) ? [] : [invalidValue('spec.selector', now ?? null, 'field is immutable')];
}

const STATEFUL_MUTABLE = [
	'replicas',
	'ordinals',
	'template',
	'updateStrategy',
	'revisionHistoryLimit',
	'persistentVolumeClaimRetentionPolicy',
	'minReadySeconds',
];

export function statefulSetUpdateErrors(object: KubeObject, old: KubeObject): readonly FieldError[] {
	const restored: { [field: string]: unknown } = { ...specOf(object) };
	for (const field of STATEFUL_MUTABLE) restored[field] = specOf(old)[field];
	if (sameData(restored, specOf(old))) return [];
	const listed = `${STATEFUL_MUTABLE.slice(0, -1)
		.map((f) => `'${f}'`)
		.join(', ')} and '${STATEFUL_MUTABLE.at(-1)}'`;
	return [forbiddenValue('spec', `updates to statefulset spec for fields other than ${listed} are forbidden`)];
}

export function templateWarnings(object: KubeObject): readonly string[] {
	return podSpecWarnings(rec(rec(specOf(object).template).spec), 'spec.template.spec');
}

export const namedWorkloadWarnings = (object: KubeObject): readonly string[] => [...podNameWarnings(object.metadata.name), ...templateWarnings(object)];
