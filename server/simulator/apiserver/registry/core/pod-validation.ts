/** Rules for pods and pod templates: ValidatePodSpec, ValidatePodUpdate. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Label, checkDns1123Subdomain, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { arr, changeItems, type Fields, isRecord, num, rec, recs, specOf, str, strs } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';
import { isIP } from '../validation/names.ts';
import { nonNegative } from '../validation/numbers.ts';
import { labelsErrors } from '../validation/selectors.ts';
import { unifiedDiff } from '../validation/unified-diff.ts';
import { containersErrors, idErrors, seccompErrors } from './container-validation.ts';
import { podClaimErrors } from './pod-claim-validation.ts';
import { schedulingErrors } from './scheduling-validation.ts';
import { volumesErrors } from './volume-validation.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const SECONDS_RANGE = 'must be between 1 and 2147483647, inclusive';

function dnsErrors(spec: Fields, field: string): readonly FieldError[] {
	const policy = str(spec.dnsPolicy);
	if (!DNS_POLICIES.includes(policy)) return [notSupportedValue(`${field}.dnsPolicy`, policy, DNS_POLICIES)];
	const servers = strs(rec(spec.dnsConfig).nameservers);
	if (policy === 'None' && !isRecord(spec.dnsConfig)) return [requiredValue(`${field}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None')];
	if (policy === 'None' && servers.length === 0) {
		return [requiredValue(`${field}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
	}
	return servers.flatMap((ip, i) => (isIP(ip) ? [] : [invalidValue(`${field}.dnsConfig.nameservers[${i}]`, ip, IP_TEXT)]));
}

const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

/** `SysctlContainSlashFmt`. */
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

function securityErrors(spec: Fields, field: string): readonly FieldError[] {
	const context = rec(spec.securityContext);
	const path = `${field}.securityContext`;
	const out = [...idErrors(context, path, ['fsGroup', 'runAsUser', 'runAsGroup'])];
	for (const [i, id] of arr(context.supplementalGroups).entries()) {
		if (num(id) < 0) out.push(invalidValue(`${path}.supplementalGroups[${i}]`, id, 'must be between 0 and 2147483647, inclusive'));
	}
	for (const [i, sysctl] of recs(context.sysctls).entries()) {
		const name = str(sysctl.name);
		if (name === '') out.push(requiredValue(`${path}.sysctls[${i}].name`));
		else if (name.length > 253 || !SYSCTL.test(name)) {
			out.push(invalidValue(`${path}.sysctls[${i}].name`, name, `must have at most 253 characters and match regex ${SYSCTL.source}`));
		}
	}
	if (isRecord(context.seccompProfile)) out.push(...seccompErrors(context.seccompProfile, `${path}.seccompProfile`));
	return out;
}

function nameErrors(spec: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const check = (name: string, rule: (value: string) => readonly string[]): void => {
		const value = str(spec[name]);
		if (value !== '') out.push(...invalidEach(`${field}.${name}`, value, rule(value)));
	};
	check('serviceAccountName', checkDns1123Subdomain);
	check('nodeName', checkDns1123Subdomain);
	check('hostname', checkDns1123Label);
	check('subdomain', checkDns1123Label);
	check('priorityClassName', checkDns1123Subdomain);
	return out;
}

/** ValidatePodSpec; `field` is where the spec stands (`spec`, `spec.template.spec`). */
export function podSpecErrors(spec: Fields, field: string): readonly FieldError[] {
	const names = new Set<string>();
	const volumes = volumesErrors(spec.volumes, `${field}.volumes`, names);
	// A volume that is wrong itself is still there for the mounts: one fault, one message.
	for (const volume of recs(spec.volumes)) names.add(str(volume.name));
	const context = {
		volumes: names,
		claims: recs(spec.resourceClaims).map((c) => str(c.name)),
		hostNetwork: spec.hostNetwork === true,
		hostUsers: spec.hostUsers,
	};
	const out = [...volumes, ...podClaimErrors(spec, field), ...containersErrors(spec, field, context)];
	const restart = str(spec.restartPolicy);
	if (restart === '') out.push(requiredValue(`${field}.restartPolicy`));
	else if (!RESTART_POLICIES.includes(restart)) out.push(notSupportedValue(`${field}.restartPolicy`, restart, RESTART_POLICIES));
	out.push(...dnsErrors(spec, field), ...labelsErrors(spec.nodeSelector, `${field}.nodeSelector`), ...securityErrors(spec, field));
	out.push(...nameErrors(spec, field), ...schedulingErrors(spec, field));
	const deadline = spec.activeDeadlineSeconds;
	if (typeof deadline === 'number' && (deadline < 1 || deadline > 2_147_483_647))
		out.push(invalidValue(`${field}.activeDeadlineSeconds`, deadline, SECONDS_RANGE));
	for (const [i, alias] of recs(spec.hostAliases).entries()) {
		if (!isIP(str(alias.ip))) out.push(invalidValue(`${field}.hostAliases[${i}].ip`, str(alias.ip), IP_TEXT));
	}
	return out;
}

/** A template's labels and spec, at `field` (`spec.template`). */
export function templateErrors(template: unknown, field: string): readonly FieldError[] {
	const { metadata, spec } = rec(template);
	const out = [...labelsErrors(rec(metadata).labels, `${field}.labels`), ...podSpecErrors(rec(spec), `${field}.spec`)];
	if (recs(rec(spec).ephemeralContainers).length > 0)
		out.push(forbiddenValue(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
	return out;
}

/** ValidatePodCreate. */
export function podCreateErrors(spec: Fields): readonly FieldError[] {
	const out = [...podSpecErrors(spec, 'spec')];
	if (recs(spec.ephemeralContainers).length > 0) out.push(forbiddenValue('spec.ephemeralContainers', 'cannot be set on create'));
	return out;
}

const UPDATABLE = [
	'`spec.containers[*].image`',
	'`spec.initContainers[*].image`',
	'`spec.activeDeadlineSeconds`',
	'`spec.tolerations` (only additions to existing tolerations)',
	'`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

function imageErrors(now: Fields, field: string): readonly FieldError[] {
	return ['containers', 'initContainers'].flatMap((list) =>
		recs(now[list]).flatMap((c, i) => {
			const image = str(c.image);
			if (image === '') return [requiredValue(`${field}.${list}[${i}].image`)];
			return image === image.trim() ? [] : [invalidValue(`${field}.${list}[${i}].image`, image, 'must not have leading or trailing whitespace')];
		}),
	);
}

function deadlineErrors(now: unknown, before: unknown): readonly FieldError[] {
	const field = 'spec.activeDeadlineSeconds';
	if (typeof now === 'number') {
		if (now < 0) return nonNegative(field, now);
		return typeof before === 'number' && now > before ? [invalidValue(field, now, 'must be less than or equal to previous value')] : [];
	}
	return typeof before === 'number' ? [invalidValue(field, now ?? null, 'must not update from a positive integer to nil value')] : [];
}

/** The new spec with everything that may change put back: what is left over is forbidden. */
function restored(now: Fields, before: Fields): Fields {
	const images =
		(list: string): ((c: Fields, i: number) => Fields) =>
		(c, i) => {
			const old = recs(before[list])[i];
			return old === undefined ? c : { ...c, image: old.image };
		};
	const next: { [field: string]: unknown } = {
		...changeItems(changeItems(now, 'containers', images('containers')), 'initContainers', images('initContainers')),
	};
	for (const field of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) {
		if (before[field] === undefined) delete next[field];
		else next[field] = before[field];
	}
	if (num(before.terminationGracePeriodSeconds) < 0 && next.terminationGracePeriodSeconds === 1) {
		next.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds;
	}
	return next;
}

function tolerationErrors(now: Fields, before: Fields): readonly FieldError[] {
	const kept = arr(before.tolerations).every((t) =>
		arr(now.tolerations).some((n) => sameData({ ...rec(n), tolerationSeconds: 0 }, { ...rec(t), tolerationSeconds: 0 })),
	);
	return kept ? [] : [forbiddenValue('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

/** ValidatePodUpdate. */
export function podUpdateErrors(pod: KubeObject, old: KubeObject): readonly FieldError[] {
	const [now, before] = [specOf(pod), specOf(old)];
	if (now === before) return [];
	for (const list of ['containers', 'initContainers']) {
		if (arr(now[list]).length !== arr(before[list]).length) return [forbiddenValue(`spec.${list}`, 'pod updates may not add or remove containers')];
	}
	const out = [...imageErrors(now, 'spec'), ...deadlineErrors(now.activeDeadlineSeconds, before.activeDeadlineSeconds), ...tolerationErrors(now, before)];
	const gates = new Set(recs(before.schedulingGates).map((g) => g.name));
	for (const gate of recs(now.schedulingGates)) {
		if (!gates.has(gate.name)) out.push(forbiddenValue('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${str(gate.name)}'`));
	}
	const munged = restored(now, before);
	if (!sameData(munged, before)) {
		out.push(forbiddenValue('spec', `pod updates may not change fields other than ${UPDATABLE.join(',')}\n${unifiedDiff(before, munged)}`));
	}
	return out;
}
