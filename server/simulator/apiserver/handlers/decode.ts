/** From a request's body to an object of the resource: the checks of upstream's decoder, then defaults. */
import { badRequest } from '../errors.ts';
import { isRecord } from '../equal.ts';
import { unrecognized } from '../http/body.ts';
import { checkObject } from '../openapi/check.ts';
import { kindType } from '../openapi/schema.ts';
import type { ApiCall, KubeObject, Strategy } from '../types.ts';
import { apiVersionOf, type ResolvedCall } from './context.ts';

/** Prefix of every decoding error (`transformDecodeError`). */
const cannotHandle = (kind: string, version: string, into: string, why: string): Error =>
	badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${into}: ${why}`);

const versionOf = (apiVersion: string): string => apiVersion.split('/').at(-1) ?? '';

function checkKind(resolved: ResolvedCall, body: { readonly [k: string]: unknown }): void {
	const { call, strategy } = resolved;
	const want = apiVersionOf(strategy, call.version);
	const kind = textOf(body['kind'], 'kind', strategy);
	const apiVersion = textOf(body['apiVersion'], 'apiVersion', strategy);
	if (kind !== '' && kind !== strategy.kind) {
		const version = versionOf(apiVersion === '' ? want : apiVersion);
		const internal = strategy.group === '' ? 'core' : (strategy.group.split('.')[0] ?? '');
		throw cannotHandle(kind, version, strategy.kind, `converting (${version}.${kind}) to (${internal}.${strategy.kind}): unknown conversion`);
	}
	if (apiVersion === '' || apiVersion === want) return;
	throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${want})`);
}

function textOf(value: unknown, field: string, strategy: Strategy): string {
	if (value === undefined || value === null) return '';
	if (typeof value === 'string') return value;
	const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
	const why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go struct field .${field} of type string`;
	throw badRequest(`the object provided is unrecognized (must be of type ${strategy.kind}): ${why}`);
}

/** Unknown and duplicate fields: refused, warned of or let pass, as the caller asked (`Warn` where nothing was asked). */
function reportStrict(resolved: ResolvedCall, problems: readonly string[], refuse: (why: string) => Error): void {
	const level = resolved.call.options.fieldValidation ?? 'Warn';
	if (problems.length === 0 || level === 'Ignore') return;
	if (level === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
	resolved.warnings.push(...problems);
}

/** Checks a body against its kind's type; returns it without what the type does not have. */
function checked(
	resolved: ResolvedCall,
	body: { readonly [k: string]: unknown },
	duplicates: readonly string[],
	refuse: (why: string) => Error,
): { readonly [k: string]: unknown } {
	const { call, strategy } = resolved;
	const type = kindType(strategy.group, call.version, strategy.kind);
	if (strategy.custom !== undefined) {
		const custom = strategy.custom.decode(body);
		if (custom.error !== undefined) throw refuse(custom.error);
		reportStrict(resolved, [...duplicates, ...custom.unknown], refuse);
		return custom.value;
	}
	if (type === undefined) {
		reportStrict(resolved, duplicates, refuse);
		return body;
	}
	const result = checkObject(body, type, call.patchType === 'application/strategic-merge-patch+json', duplicates);
	if (result.error !== undefined) throw refuse(result.error);
	reportStrict(resolved, result.unknown, refuse);
	return result.value;
}

/** How deep keys without a value are looked for: `{...meta, finalizers: undefined}` is easily written, and JSON would lose it. */
const DEFINED_DEPTH = 2;

/** The same without keys whose value is undefined: the state is what JSON holds. */
function defined(fields: { readonly [k: string]: unknown }, depth = DEFINED_DEPTH): { readonly [k: string]: unknown } {
	let out: { [k: string]: unknown } | undefined;
	for (const key in fields) {
		const value = fields[key];
		const next = depth > 1 && isRecord(value) ? defined(value, depth - 1) : value;
		if (next === value && value !== undefined) continue;
		out ??= { ...fields };
		if (next === undefined) delete out[key];
		else out[key] = next;
	}
	return out ?? fields;
}

function finished(call: ApiCall, strategy: Strategy, body: { readonly [k: string]: unknown }): KubeObject {
	const metadata = isRecord(body['metadata']) ? body['metadata'] : {};
	const apiVersion = apiVersionOf(strategy, strategy.versions[0] ?? call.version);
	const whole = body['apiVersion'] === apiVersion && body['kind'] === strategy.kind && body['metadata'] === metadata;
	const given = (whole ? body : { ...body, kind: strategy.kind, apiVersion, metadata }) as unknown as KubeObject;
	const object = strategy.converted?.[call.version]?.toStored(given) ?? given;
	return strategy.defaults?.(object) ?? object;
}

/** The object in a create's or update's body, with defaults filled in. */
export function decodeObject(resolved: ResolvedCall): KubeObject {
	const { call, strategy, wire } = resolved;
	if (!isRecord(call.body)) throw unrecognized(strategy.kind, wire ?? { value: undefined, duplicates: [], text: '' });
	checkKind(resolved, call.body);
	const refuse = (why: string): Error => cannotHandle(strategy.kind, call.version, strategy.kind, why);
	const body = resolved.trusted ? defined(call.body) : checked(resolved, call.body, wire?.duplicates ?? [], refuse);
	return finished(call, strategy, body);
}

/** The object that a patch made; `refuse` words what is wrong with it as a fault of the patch. */
export function decodePatched(resolved: ResolvedCall, patched: unknown, refuse: (why: string) => Error): KubeObject {
	const { call, strategy, wire } = resolved;
	if (!isRecord(patched)) throw refuse(`json: cannot unmarshal into Go value of type ${strategy.kind}`);
	checkKind(resolved, patched);
	const body = resolved.trusted ? defined(patched) : checked(resolved, patched, wire?.duplicates ?? [], refuse);
	return finished(call, strategy, body);
}
