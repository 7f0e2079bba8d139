/** Rules for probes and lifecycle hooks. */
import type { FieldError } from '../../types.ts';
import { forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { arr, type Fields, isRecord, num, rec, str } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';
import { portNameErrors } from '../validation/names.ts';
import { isPort, nonNegative, PORT_RANGE } from '../validation/numbers.ts';

/** A number in range or a port's name. */
export function portOrNameErrors(field: string, value: unknown): readonly FieldError[] {
	if (typeof value === 'string') return invalidEach(field, value, portNameErrors(value));
	return isPort(value) ? [] : [invalidValue(field, num(value), PORT_RANGE)];
}

function httpGetErrors(get: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	if (str(get.path) === '') out.push(requiredValue(`${field}.path`));
	out.push(...portOrNameErrors(`${field}.port`, get.port));
	if (get.scheme !== 'HTTP' && get.scheme !== 'HTTPS') out.push(notSupportedValue(`${field}.scheme`, get.scheme, ['HTTP', 'HTTPS']));
	for (const header of arr(get.httpHeaders)) {
		const name = str(rec(header).name);
		if (/^[-A-Za-z0-9]+$/.test(name)) continue;
		const text = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
		out.push(invalidValue(`${field}.httpHeaders`, name, text));
	}
	return out;
}

type Check = (action: Fields, field: string) => readonly FieldError[];

const ACTIONS: { readonly [name: string]: Check } = {
	exec: (exec, field) => (arr(exec.command).length === 0 ? [requiredValue(`${field}.command`)] : []),
	httpGet: httpGetErrors,
	tcpSocket: (socket, field) => portOrNameErrors(`${field}.port`, socket.port),
	grpc: (grpc, field) => (isPort(grpc.port) ? [] : [invalidValue(`${field}.port`, num(grpc.port), PORT_RANGE)]),
	sleep: (sleep, field) => nonNegative(`${field}.seconds`, sleep.seconds),
};

/** Exactly one of `kinds` must be there. */
function handlerErrors(handler: Fields, field: string, kinds: readonly string[]): readonly FieldError[] {
	const out: FieldError[] = [];
	let found = 0;
	for (const kind of kinds) {
		const action = handler[kind];
		if (!isRecord(action)) continue;
		found++;
		if (found > 1) out.push(forbiddenValue(`${field}.${kind}`, 'may not specify more than 1 handler type'));
		else out.push(...(ACTIONS[kind]?.(action, `${field}.${kind}`) ?? []));
	}
	return found === 0 ? [requiredValue(field, 'must specify a handler type')] : out;
}

const NUMBERS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

/** @param kind decides whether more than one success may be asked for: of readiness only. */
export function probeErrors(probe: unknown, field: string, kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe'): readonly FieldError[] {
	if (!isRecord(probe)) return [];
	const out = [...handlerErrors(probe, field, ['exec', 'httpGet', 'tcpSocket', 'grpc'])];
	for (const name of NUMBERS) out.push(...nonNegative(`${field}.${name}`, probe[name]));
	if (kind !== 'readinessProbe' && num(probe.successThreshold, 1) !== 1)
		out.push(invalidValue(`${field}.successThreshold`, probe.successThreshold, 'must be 1'));
	const grace = probe.terminationGracePeriodSeconds;
	if (typeof grace === 'number') {
		if (kind === 'readinessProbe') out.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
		else if (grace <= 0) out.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
	}
	return out;
}

export function lifecycleErrors(lifecycle: unknown, field: string): readonly FieldError[] {
	if (!isRecord(lifecycle)) return [];
	return ['postStart', 'preStop'].flatMap((hook) => {
		const handler = lifecycle[hook];
		return isRecord(handler) ? handlerErrors(handler, `${field}.${hook}`, ['exec', 'httpGet', 'tcpSocket', 'sleep']) : [];
	});
}
