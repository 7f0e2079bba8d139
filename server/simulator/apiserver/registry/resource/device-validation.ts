/** What may stand in claims, classes and slices: `pkg/apis/resource/validation`. */
import { compile } from '../../cel/environment.ts';
import { typeText } from '../../cel/types.ts';
import type { FieldError } from '../../types.ts';
import { checkDns1123Label, checkDns1123Subdomain, duplicateValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { arr, type Fields, isRecord, num, rec, recs, str, strs } from '../fields.ts';
import { driverNameErrors } from '../storage/csinodes.ts';
import { invalidEach } from '../validation/field.ts';
import { DEVICE_ENVIRONMENT } from './device-environment.ts';

/** DeviceSelectorsMaxSize, DeviceRequestsMaxSize, DeviceConstraintsMaxSize, FirstAvailableDeviceRequestMaxSize. */
const MOST = { selectors: 32, requests: 32, constraints: 32, firstAvailable: 8 };
const LONGEST_EXPRESSION = 10 * 1024;
const MODES = ['All', 'ExactCount'];

const tooMany = (field: string, actual: number, max: number): FieldError => ({
	field,
	type: 'FieldValueTooMany',
	message: `Too many: ${actual}: must have at most ${max} items`,
});

const atMost = (list: readonly unknown[], field: string, max: number): readonly FieldError[] => (list.length > max ? [tooMany(field, list.length, max)] : []);

function expressionError(expression: string): string | undefined {
	const compiled = compile(expression, DEVICE_ENVIRONMENT);
	if ('error' in compiled) return compiled.error;
	const type = typeText(compiled.type);
	return type === 'bool' || type === 'dyn' ? undefined : `must evaluate to bool or the unknown type, not ${type}`;
}

export function selectorsErrors(selectors: unknown, field: string): readonly FieldError[] {
	const list = recs(selectors);
	const out = [...atMost(list, field, MOST.selectors)];
	for (const [i, s] of list.entries()) {
		if (!isRecord(s.cel)) {
			out.push(requiredValue(`${field}[${i}].cel`));
			continue;
		}
		const expression = str(s.cel.expression);
		const at = `${field}[${i}].cel.expression`;
		if (expression === '') out.push(requiredValue(at));
		else if (expression.length > LONGEST_EXPRESSION) {
			out.push({ field: at, type: 'FieldValueTooLong', message: `Too long: may not be more than ${LONGEST_EXPRESSION} bytes` });
		} else {
			const why = expressionError(expression);
			if (why !== undefined) out.push(invalidValue(at, expression, why));
		}
	}
	return out;
}

/** What an exact request and a sub-request share. */
function askErrors(ask: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const className = str(ask.deviceClassName);
	if (className === '') out.push(requiredValue(`${field}.deviceClassName`));
	else out.push(...invalidEach(`${field}.deviceClassName`, className, checkDns1123Subdomain(className)));
	out.push(...selectorsErrors(ask.selectors, `${field}.selectors`));
	const mode = str(ask.allocationMode);
	const count = num(ask.count);
	if (!MODES.includes(mode)) out.push(notSupportedValue(`${field}.allocationMode`, mode, MODES));
	else if (mode === 'All' && count !== 0) out.push(invalidValue(`${field}.count`, count, "must not be specified when allocationMode is 'All'"));
	else if (mode === 'ExactCount' && count <= 0) out.push(invalidValue(`${field}.count`, count, 'must be greater than zero'));
	return out;
}

function requestErrors(request: Fields, field: string, names: Set<string>): readonly FieldError[] {
	const name = str(request.name);
	const out: FieldError[] = name === '' ? [requiredValue(`${field}.name`)] : [...invalidEach(`${field}.name`, name, checkDns1123Label(name))];
	if (names.has(name)) out.push(duplicateValue(`${field}.name`, name));
	names.add(name);
	const alternatives = recs(request.firstAvailable);
	const exactly = isRecord(request.exactly);
	if (exactly && alternatives.length > 0) return [...out, invalidValue(field, request, 'exactly one of `exactly` or `firstAvailable` is required')];
	if (!exactly && alternatives.length === 0) return [...out, requiredValue(field, 'exactly one of `exactly` or `firstAvailable` is required')];
	if (exactly) return [...out, ...askErrors(rec(request.exactly), `${field}.exactly`)];
	out.push(...atMost(alternatives, `${field}.firstAvailable`, MOST.firstAvailable));
	const subNames = new Set<string>();
	for (const [i, sub] of alternatives.entries()) {
		const at = `${field}.firstAvailable[${i}]`;
		const subName = str(sub.name);
		if (subName === '') out.push(requiredValue(`${at}.name`));
		else out.push(...invalidEach(`${at}.name`, subName, checkDns1123Label(subName)));
		if (subNames.has(subName)) out.push(duplicateValue(`${at}.name`, subName));
		subNames.add(subName);
		names.add(`${name}/${subName}`);
		out.push(...askErrors(sub, at));
	}
	return out;
}

function constraintErrors(constraint: Fields, field: string, names: ReadonlySet<string>): readonly FieldError[] {
	const out: FieldError[] = [];
	for (const [i, name] of strs(constraint.requests).entries()) {
		if (!names.has(name))
			out.push(
				invalidValue(`${field}.requests[${i}]`, name, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"),
			);
	}
	const attributes = ['matchAttribute', 'distinctAttribute'].filter((a) => constraint[a] !== undefined);
	if (attributes.length === 0) out.push(requiredValue(`${field}.matchAttribute`));
	for (const a of attributes) {
		const value = str(constraint[a]);
		if (value === '') out.push(requiredValue(`${field}.${a}`));
		else if (!value.includes('/')) out.push(invalidValue(`${field}.${a}`, value, 'must include a domain'));
	}
	return out;
}

/** validateDeviceClaim: `devices` of a claim's spec. */
export function claimDevicesErrors(devices: Fields, field: string): readonly FieldError[] {
	const requests = recs(devices.requests);
	const constraints = recs(devices.constraints);
	const names = new Set<string>();
	const out = [...atMost(requests, `${field}.requests`, MOST.requests), ...atMost(constraints, `${field}.constraints`, MOST.constraints)];
	for (const [i, r] of requests.entries()) out.push(...requestErrors(r, `${field}.requests[${i}]`, names));
	for (const [i, c] of constraints.entries()) out.push(...constraintErrors(c, `${field}.constraints[${i}]`, names));
	return [...out, ...configErrors(devices.config, `${field}.config`)];
}

export function configErrors(config: unknown, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	for (const [i, c] of recs(config).entries()) {
		const opaque = c.opaque;
		const at = `${field}[${i}].opaque`;
		if (!isRecord(opaque)) out.push(requiredValue(at));
		else {
			out.push(...driverNameErrors(`${at}.driver`, str(opaque.driver)));
			if (!isRecord(opaque.parameters)) out.push(requiredValue(`${at}.parameters`));
		}
	}
	return out;
}

const ATTRIBUTE_KINDS = ['int', 'bool', 'string', 'version', 'ints', 'bools', 'strings', 'versions'];

function attributeErrors(attributes: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	for (const [name, value] of Object.entries(attributes)) {
		const at = `${field}[${name}]`;
		const given = ATTRIBUTE_KINDS.filter((k) => rec(value)[k] !== undefined);
		if (given.length === 0) out.push(requiredValue(at, 'exactly one value must be specified'));
		else if (given.length > 1) out.push(invalidValue(at, value, 'exactly one value must be specified'));
		if (!/^(?:[^/]+\/)?[A-Za-z_][A-Za-z0-9_]{0,31}$/.test(name)) {
			out.push(
				invalidValue(
					field,
					name,
					"a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')",
				),
			);
		}
	}
	return out;
}

/** validateDevice of a slice. */
export function devicesErrors(devices: unknown, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const names = new Set<string>();
	for (const [i, d] of recs(devices).entries()) {
		const at = `${field}[${i}]`;
		const name = str(d.name);
		if (name === '') out.push(requiredValue(`${at}.name`));
		else out.push(...invalidEach(`${at}.name`, name, checkDns1123Label(name)));
		if (names.has(name)) out.push(duplicateValue(`${at}.name`, name));
		names.add(name);
		out.push(...attributeErrors(rec(d.attributes), `${at}.attributes`));
		for (const [j, taint] of recs(d.taints).entries()) {
			const effects = ['NoExecute', 'NoSchedule', 'None'];
			if (!effects.includes(str(taint.effect))) out.push(notSupportedValue(`${at}.taints[${j}].effect`, str(taint.effect), effects));
		}
	}
	return [...out, ...(arr(devices).length > 128 ? [tooMany(field, arr(devices).length, 128)] : [])];
}
