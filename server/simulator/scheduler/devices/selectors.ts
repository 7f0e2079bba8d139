/** Whether a device fits a CEL selector (k8s.io/dynamic-resource-allocation/cel). */
import { compile, type Environment, run } from '../../apiserver/cel/environment.ts';
import { fromJson } from '../../apiserver/cel/json.ts';
import { STRING } from '../../apiserver/cel/types.ts';
import { RecordMap, type Value } from '../../apiserver/cel/values.ts';
import { DEVICE_ENVIRONMENT } from '../../apiserver/registry/resource/device-environment.ts';
import type { Device, Selector } from './types.ts';

const TEXTS: Environment = { variables: { text: STRING } };
/** What evaluating one selector for one device may cost (`resourceapi.CELSelectorExpressionMaxCost`). */
const MAX_COST = 1_000_000;

/** A text as a value of one of Kubernetes' own types, made by the library's own function. */
function made(fn: 'quantity' | 'semver', text: string): Value {
	const compiled = compile(`${fn}(text)`, TEXTS);
	return 'error' in compiled ? null : run(compiled, { variable: () => text });
}

function attribute(value: unknown): Value {
	const [kind, held] = Object.entries(value as { readonly [kind: string]: unknown })[0] ?? [];
	return kind === 'version' ? made('semver', String(held)) : fromJson(held);
}

const quantity = (value: unknown): Value => made('quantity', (value as { readonly value: string }).value);

/** Names without a domain belong to the driver's; what is asked of an unknown domain is an empty map. */
function byDomain(driver: string, entries: { readonly [name: string]: unknown }, read: (value: unknown) => Value): Value {
	const domains: { [domain: string]: { [name: string]: unknown } } = {};
	for (const [name, value] of Object.entries(entries)) {
		const slash = name.indexOf('/');
		const domain = slash < 0 ? driver : name.slice(0, slash);
		domains[domain] ??= {};
		domains[domain][name.slice(slash + 1)] = value;
	}
	const map = new RecordMap(domains, (d) => new RecordMap(d as { readonly [name: string]: unknown }, read));
	return Object.assign(map, { get: (key: Value) => RecordMap.prototype.get.call(map, key) ?? new RecordMap({}, read) });
}

const values = new WeakMap<Device, Value>();

/** The variable `device`; kept by the device itself, which is plain data. */
function deviceValue(driver: string, device: Device): Value {
	let found = values.get(device);
	if (found === undefined) {
		const parts: { readonly [part: string]: () => Value } = {
			driver: () => driver,
			attributes: () => byDomain(driver, device.attributes ?? {}, attribute),
			capacity: () => byDomain(driver, device.capacity ?? {}, quantity),
			allowMultipleAllocations: () => (device as { readonly allowMultipleAllocations?: boolean }).allowMultipleAllocations === true,
		};
		found = new RecordMap(parts, (part) => (part as () => Value)());
		values.set(device, found);
	}
	return found;
}

/** Every selector says true. One that cannot be compiled or that fails, as for an attribute that the device lacks, fits nothing. */
export function deviceFits(selectors: readonly Selector[] | undefined, driver: string, device: Device): boolean {
	for (const { cel } of selectors ?? []) {
		const compiled = compile(cel?.expression ?? '', DEVICE_ENVIRONMENT);
		if ('error' in compiled) return false;
		const value = deviceValue(driver, device);
		if (run(compiled, { variable: (name) => (name === 'device' ? value : undefined), budget: { remaining: MAX_COST } }) !== true) return false;
	}
	return true;
}
