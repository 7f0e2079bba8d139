/** Rules for containers: validateContainers and what it calls in `pkg/apis/core/validation/validation.go`. */
import type { FieldError } from '../../types.ts';
import { checkDns1123Label, duplicateValue, forbiddenValue, invalidValue, notFoundValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { arr, type Fields, isRecord, num, rec, recs, str } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';
import { envVarNameErrors, portNameErrors } from '../validation/names.ts';
import { isPort, nonNegative, PORT_RANGE } from '../validation/numbers.ts';
import { resourceErrors } from '../validation/resource-names.ts';
import { probeErrors, lifecycleErrors } from './probe-validation.ts';

/** What a container's rules need to know of its pod. */
export interface PodContext {
	readonly volumes: ReadonlySet<string>;
	readonly claims: readonly string[];
	readonly hostNetwork: boolean;
	readonly hostUsers: unknown;
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

function portErrors(port: Fields, field: string, seen: Set<string>, context: PodContext): readonly FieldError[] {
	const out: FieldError[] = [];
	const name = str(port.name);
	if (name !== '') {
		const wrong = portNameErrors(name);
		out.push(...invalidEach(`${field}.name`, name, wrong));
		if (wrong.length === 0 && seen.has(name)) out.push(duplicateValue(`${field}.name`, name));
		seen.add(name);
	}
	if (num(port.containerPort) === 0) out.push(requiredValue(`${field}.containerPort`));
	else if (!isPort(port.containerPort)) out.push(invalidValue(`${field}.containerPort`, port.containerPort, PORT_RANGE));
	const hostPort = num(port.hostPort);
	if (hostPort !== 0 && !isPort(hostPort)) out.push(invalidValue(`${field}.hostPort`, hostPort, PORT_RANGE));
	// None at all is for templates: their pods get the container's by default.
	if (context.hostNetwork && hostPort !== 0 && hostPort !== num(port.containerPort)) {
		out.push(invalidValue(`${field}.containerPort`, port.containerPort, 'must match `hostPort` when `hostNetwork` is true'));
	}
	if (str(port.protocol) === '') out.push(requiredValue(`${field}.protocol`));
	else if (!PROTOCOLS.includes(str(port.protocol))) out.push(notSupportedValue(`${field}.protocol`, port.protocol, PROTOCOLS));
	return out;
}

const FIELD_PATHS = [
	'metadata.name',
	'metadata.namespace',
	'metadata.uid',
	'spec.nodeName',
	'spec.serviceAccountName',
	'status.hostIP',
	'status.hostIPs',
	'status.podIP',
	'status.podIPs',
];

/** validateObjectFieldSelector: `metadata.labels['x']` and its like besides the listed ones. */
export function fieldRefErrors(ref: Fields, field: string, paths: readonly string[] = FIELD_PATHS): readonly FieldError[] {
	const path = str(ref.fieldPath);
	if (str(ref.apiVersion) === '') return [requiredValue(`${field}.apiVersion`)];
	if (path === '') return [requiredValue(`${field}.fieldPath`)];
	if (/^metadata\.(labels|annotations)\['[^']+'\]$/.test(path) || paths.includes(path)) return [];
	return [notSupportedValue(`${field}.fieldPath`, path, paths)];
}

const KEY_REFS = ['configMapKeyRef', 'secretKeyRef'];
const VALUE_SOURCES = ['fieldRef', 'resourceFieldRef', ...KEY_REFS, 'fileKeyRef'];

function valueFromErrors(env: Fields, field: string): readonly FieldError[] {
	const from = rec(env.valueFrom);
	const present = VALUE_SOURCES.filter((s) => isRecord(from[s]));
	const out: FieldError[] = [];
	if (isRecord(from.fieldRef)) out.push(...fieldRefErrors(from.fieldRef, `${field}.fieldRef`));
	if (isRecord(from.resourceFieldRef) && str(from.resourceFieldRef.resource) === '') out.push(requiredValue(`${field}.resourceFieldRef.resource`));
	for (const kind of KEY_REFS) {
		const ref = from[kind];
		if (!isRecord(ref)) continue;
		if (str(ref.name) === '') out.push(requiredValue(`${field}.${kind}.name`));
		if (str(ref.key) === '') out.push(requiredValue(`${field}.${kind}.key`));
	}
	if (present.length === 0) {
		out.push(invalidValue(field, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'));
	} else if (str(env.value) !== '') out.push(invalidValue(field, '', 'may not be specified when `value` is not empty'));
	if (present.length > 1) out.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
	return out;
}

function envErrors(container: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	for (const [i, env] of recs(container.env).entries()) {
		const path = `${field}.env[${i}]`;
		const name = str(env.name);
		if (name === '') out.push(requiredValue(`${path}.name`));
		else out.push(...invalidEach(`${path}.name`, name, envVarNameErrors(name)));
		if (isRecord(env.valueFrom)) out.push(...valueFromErrors(env, `${path}.valueFrom`));
	}
	for (const [i, from] of recs(container.envFrom).entries()) {
		const path = `${field}.envFrom[${i}]`;
		const present = ['configMapRef', 'secretRef'].filter((s) => isRecord(from[s]));
		for (const kind of present) if (str(rec(from[kind]).name) === '') out.push(requiredValue(`${path}.${kind}.name`));
		if (present.length === 0) out.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
		if (present.length > 1) out.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
	}
	return out;
}

/** validateLocalDescendingPath. */
export function descendingPathErrors(field: string, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	if (path.startsWith('/')) out.push(invalidValue(field, path, 'must be a relative path'));
	if (path.split('/').includes('..')) out.push(invalidValue(field, path, "must not contain '..'"));
	return out;
}

function mountErrors(container: Fields, field: string, context: PodContext): readonly FieldError[] {
	const out: FieldError[] = [];
	const paths = new Set<string>();
	for (const [i, mount] of recs(container.volumeMounts).entries()) {
		const path = `${field}.volumeMounts[${i}]`;
		const name = str(mount.name);
		const mountPath = str(mount.mountPath);
		if (name === '') out.push(requiredValue(`${path}.name`));
		if (!context.volumes.has(name)) out.push(notFoundValue(`${path}.name`, name));
		if (mountPath === '') out.push(requiredValue(`${path}.mountPath`));
		if (paths.has(mountPath)) out.push(invalidValue(`${path}.mountPath`, mountPath, 'must be unique'));
		paths.add(mountPath);
		if (str(mount.subPath) !== '') out.push(...descendingPathErrors(`${path}.subPath`, str(mount.subPath)));
		if (str(mount.subPathExpr) !== '') {
			if (str(mount.subPath) !== '') out.push(invalidValue(`${path}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
			out.push(...descendingPathErrors(`${path}.subPathExpr`, str(mount.subPathExpr)));
		}
	}
	return out;
}

const ID_RANGE = 'must be between 0 and 2147483647, inclusive';

/** IDs of users and groups in a security context. */
export function idErrors(context: Fields, field: string, names: readonly string[]): readonly FieldError[] {
	return names.flatMap((name) => {
		const id = context[name];
		return typeof id === 'number' && (id < 0 || id > 2_147_483_647) ? [invalidValue(`${field}.${name}`, id, ID_RANGE)] : [];
	});
}

function securityErrors(container: Fields, field: string): readonly FieldError[] {
	const context = container.securityContext;
	if (!isRecord(context)) return [];
	const out = [...idErrors(context, field, ['runAsUser', 'runAsGroup'])];
	if (context.allowPrivilegeEscalation === false) {
		if (context.privileged === true) {
			out.push(invalidValue(field, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
		}
		if (arr(rec(context.capabilities).add).includes('CAP_SYS_ADMIN')) {
			out.push(invalidValue(field, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
		}
	}
	const seccomp = rec(context.seccompProfile);
	if (isRecord(context.seccompProfile)) out.push(...seccompErrors(seccomp, `${field}.seccompProfile`));
	return out;
}

/** validateSeccompProfileField. */
export function seccompErrors(profile: Fields, field: string): readonly FieldError[] {
	const type = str(profile.type);
	if (type === '') return [requiredValue(`${field}.type`, 'type is required when seccompProfile is set')];
	const types = ['Localhost', 'RuntimeDefault', 'Unconfined'];
	if (!types.includes(type)) return [notSupportedValue(`${field}.type`, type, types)];
	if (type === 'Localhost' && str(profile.localhostProfile) === '') {
		return [requiredValue(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost')];
	}
	if (type !== 'Localhost' && profile.localhostProfile !== undefined) {
		return [invalidValue(`${field}.localhostProfile`, profile.localhostProfile, 'can only be set when seccomp type is Localhost')];
	}
	return [];
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

function imageErrors(container: Fields, field: string): readonly FieldError[] {
	const image = str(container.image);
	if (image === '') return [requiredValue(`${field}.image`)];
	return image === image.trim() ? [] : [invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace')];
}

/** Rules that containers and init containers share. */
function commonErrors(container: Fields, field: string, context: PodContext): readonly FieldError[] {
	const out: FieldError[] = [];
	const name = str(container.name);
	if (name === '') out.push(requiredValue(`${field}.name`));
	else out.push(...invalidEach(`${field}.name`, name, checkDns1123Label(name)));
	out.push(...imageErrors(container, field));
	const policy = str(container.terminationMessagePolicy);
	if (policy !== 'File' && policy !== 'FallbackToLogsOnError') {
		out.push(notSupportedValue(`${field}.terminationMessagePolicy`, policy, ['FallbackToLogsOnError', 'File']));
	}
	const ports = new Set<string>();
	for (const [i, port] of recs(container.ports).entries()) out.push(...portErrors(port, `${field}.ports[${i}]`, ports, context));
	out.push(...envErrors(container, field), ...mountErrors(container, field, context));
	if (!PULL_POLICIES.includes(str(container.imagePullPolicy))) {
		out.push(notSupportedValue(`${field}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES));
	}
	out.push(...resourceErrors(container.resources, `${field}.resources`, context.claims), ...securityErrors(container, `${field}.securityContext`));
	return out;
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function runningErrors(container: Fields, field: string): readonly FieldError[] {
	return [...lifecycleErrors(container.lifecycle, `${field}.lifecycle`), ...PROBES.flatMap((p) => probeErrors(container[p], `${field}.${p}`, p))];
}

/** What only makes sense for a container that stays. */
function onceErrors(container: Fields, field: string): readonly FieldError[] {
	return ['lifecycle', ...PROBES].flatMap((part) =>
		isRecord(container[part]) ? [forbiddenValue(`${field}.${part}`, 'may not be set for init containers without restartPolicy=Always')] : [],
	);
}

export function containersErrors(spec: Fields, field: string, context: PodContext): readonly FieldError[] {
	const out: FieldError[] = [];
	const names = new Set<string>();
	const checkName = (container: Fields, path: string): void => {
		const name = str(container.name);
		if (name !== '' && names.has(name)) out.push(duplicateValue(`${path}.name`, name));
		names.add(name);
	};
	const containers = recs(spec.containers);
	if (containers.length === 0) out.push(requiredValue(`${field}.containers`));
	for (const [i, container] of containers.entries()) {
		const path = `${field}.containers[${i}]`;
		out.push(...commonErrors(container, path, context));
		checkName(container, path);
		out.push(...runningErrors(container, path));
	}
	out.push(...hostPortConflicts(containers, `${field}.containers`));
	for (const [i, container] of recs(spec.initContainers).entries()) {
		const path = `${field}.initContainers[${i}]`;
		out.push(...commonErrors(container, path, context));
		checkName(container, path);
		const policy = container.restartPolicy;
		if (policy !== undefined && policy !== 'Always') out.push(notSupportedValue(`${path}.restartPolicy`, policy, ['Always']));
		out.push(...(policy === 'Always' ? runningErrors(container, path) : onceErrors(container, path)));
	}
	out.push(...ephemeralErrors(spec, field, context, names));
	return [...out, ...nonNegative(`${field}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds)];
}

const EPHEMERAL_DENIED = ['ports', 'resources', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'];
const NOT_EPHEMERAL = 'cannot be set for an Ephemeral Container';

const isSet = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : isRecord(value) ? Object.keys(value).length > 0 : value !== undefined);

/** validateEphemeralContainers; `others` are the names of all containers before them. */
function ephemeralErrors(spec: Fields, field: string, context: PodContext, others: ReadonlySet<string>): readonly FieldError[] {
	const out: FieldError[] = [];
	const names = new Set(others);
	for (const [i, container] of recs(spec.ephemeralContainers).entries()) {
		const path = `${field}.ephemeralContainers[${i}]`;
		const [name, target] = [str(container.name), str(container.targetContainerName)];
		out.push(...commonErrors(container, path, context));
		if (name !== '' && names.has(name)) out.push(duplicateValue(`${path}.name`, name));
		names.add(name);
		if (target !== '' && !others.has(target)) out.push(notFoundValue(`${path}.targetContainerName`, target));
		for (const part of EPHEMERAL_DENIED) if (isSet(container[part])) out.push(forbiddenValue(`${path}.${part}`, NOT_EPHEMERAL));
		for (const [m, mount] of recs(container.volumeMounts).entries()) {
			for (const part of ['subPath', 'subPathExpr']) if (str(mount[part]) !== '') out.push(forbiddenValue(`${path}.volumeMounts[${m}].${part}`, NOT_EPHEMERAL));
		}
	}
	return out;
}

/** checkHostPortConflicts. */
function hostPortConflicts(containers: readonly Fields[], field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const taken = new Set<string>();
	for (const [i, container] of containers.entries()) {
		for (const [j, port] of recs(container.ports).entries()) {
			if (num(port.hostPort) === 0) continue;
			const key = `${str(port.protocol)}/${str(port.hostIP)}/${num(port.hostPort)}`;
			if (taken.has(key)) out.push(duplicateValue(`${field}[${i}].ports[${j}].hostPort`, key));
			taken.add(key);
		}
	}
	return out;
}
