/** Rules for claims and volumes: ValidatePersistentVolumeClaim, ValidatePersistentVolume and their updates. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Subdomain, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { type Fields, isRecord, rec, specOf, statusOf, str, strs } from '../fields.ts';
import { compareQuantities, parseQuantity } from '../quantity.ts';
import { invalidEach } from '../validation/field.ts';
import { unifiedDiff } from '../validation/unified-diff.ts';
import { selectorErrors } from '../validation/selectors.ts';

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function modeErrors(spec: Fields): readonly FieldError[] {
	const modes = strs(spec.accessModes);
	if (modes.length === 0) return [requiredValue('spec.accessModes', 'at least 1 access mode is required')];
	const out = modes.filter((m) => !MODES.includes(m)).map((m) => notSupportedValue('spec.accessModes', m, MODES));
	if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
		out.push(forbiddenValue('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'));
	}
	return out;
}

function sizeErrors(field: string, size: unknown): readonly FieldError[] {
	const parsed = parseQuantity(size);
	return parsed !== undefined && parsed.nano > 0n ? [] : [invalidValue(field, size, 'must be greater than zero')];
}

export function claimErrors(claim: KubeObject): readonly FieldError[] {
	const spec = specOf(claim);
	const out = [...modeErrors(spec), ...selectorErrors(spec.selector, 'spec.selector')];
	const size = rec(rec(spec.resources).requests).storage;
	if (size === undefined) out.push(requiredValue('spec.resources[storage]'));
	else out.push(...sizeErrors('spec.resources[storage]', size));
	const storageClass = str(spec.storageClassName);
	if (storageClass !== '') out.push(...invalidEach('spec.storageClassName', storageClass, checkDns1123Subdomain(storageClass)));
	const mode = spec.volumeMode;
	if (mode !== undefined && mode !== 'Block' && mode !== 'Filesystem') out.push(notSupportedValue('spec.volumeMode', mode, ['Block', 'Filesystem']));
	return out;
}

const FROZEN = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export function claimUpdateErrors(claim: KubeObject, old: KubeObject): readonly FieldError[] {
	const [now, before] = [specOf(claim), specOf(old)];
	const out = [...claimErrors(claim)];
	// The binder may name the volume of a claim that has none, and a class may be given to one without.
	const allowed: { [field: string]: unknown } = { ...now, volumeAttributesClassName: before.volumeAttributesClassName };
	if (before.volumeName === undefined || before.volumeName === '') allowed.volumeName = before.volumeName;
	if (before.storageClassName === undefined) allowed.storageClassName = undefined;
	const bound = statusOf(old).phase === 'Bound';
	const size = (spec: Fields): unknown => rec(rec(spec.resources).requests).storage;
	if (bound) allowed.resources = before.resources;
	if (!sameData(allowed, before)) out.push(forbiddenValue('spec', `${FROZEN}\n${unifiedDiff(before, allowed)}`));
	const capacity = rec(statusOf(old).capacity).storage;
	if (bound && compareQuantities(size(now), size(before)) < 0 && compareQuantities(size(now), capacity) <= 0) {
		out.push(forbiddenValue('spec.resources.requests.storage', 'field can not be less than status.capacity'));
	}
	return out;
}

const NOT_SOURCES: ReadonlySet<string> = new Set(['capacity', 'claimRef', 'nodeAffinity']);

export function volumeErrors(volume: KubeObject): readonly FieldError[] {
	const spec = specOf(volume);
	const out = [...modeErrors(spec)];
	const capacity = rec(spec.capacity);
	if (Object.keys(capacity).length === 0) out.push(requiredValue('spec.capacity'));
	else if (capacity.storage === undefined || Object.keys(capacity).length > 1) out.push(notSupportedValue('spec.capacity', capacity, ['storage']));
	else out.push(...sizeErrors('spec.capacity[storage]', capacity.storage));
	const policies = ['Delete', 'Recycle', 'Retain'];
	const policy = str(spec.persistentVolumeReclaimPolicy);
	if (!policies.includes(policy)) out.push(notSupportedValue('spec.persistentVolumeReclaimPolicy', policy, policies));
	const sources = Object.keys(spec).filter((k) => !NOT_SOURCES.has(k) && isRecord(spec[k]));
	if (sources.length === 0) out.push(requiredValue('spec', 'must specify a volume type'));
	for (const kind of sources.slice(1)) out.push(forbiddenValue(`spec.${kind}`, 'may not specify more than 1 volume type'));
	if (isRecord(spec.hostPath) && str(spec.hostPath.path) === '') out.push(requiredValue('spec.hostPath.path'));
	if (isRecord(spec.local)) {
		if (str(spec.local.path) === '') out.push(requiredValue('spec.local.path'));
		if (!isRecord(spec.nodeAffinity)) out.push(requiredValue('spec.nodeAffinity', 'Local volume requires node affinity'));
	}
	const storageClass = str(spec.storageClassName);
	return storageClass === '' ? out : [...out, ...invalidEach('spec.storageClassName', storageClass, checkDns1123Subdomain(storageClass))];
}

export function volumeUpdateErrors(volume: KubeObject, old: KubeObject): readonly FieldError[] {
	const source = (spec: Fields): Fields => Object.fromEntries(Object.entries(spec).filter(([k, v]) => !NOT_SOURCES.has(k) && isRecord(v)));
	const [now, before] = [source(specOf(volume)), source(specOf(old))];
	const out = [...volumeErrors(volume)];
	if (!sameData(now, before))
		out.push(forbiddenValue('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(before, now)}`));
	if (!sameData(specOf(volume).volumeMode, specOf(old).volumeMode)) out.push(invalidValue('spec.volumeMode', specOf(volume).volumeMode, 'field is immutable'));
	return out;
}
