/** From a request's body to an object of the resource: the checks of upstream's decoder, then defaults. */
import { badRequest } from '../errors.ts';
import { isRecord } from '../equal.ts';
import type { ApiCall, KubeObject, Strategy } from '../types.ts';
import { apiVersionOf, type ResolvedCall } from './context.ts';

/** Go's rendering of a GroupVersionKind in its errors: `apps/v1, Kind=Deployment`. */
const gvkText = (apiVersion: string, kind: string): string => `${apiVersion}, Kind=${kind}`;

function checkKind(call: ApiCall, strategy: Strategy, body: { readonly [k: string]: unknown }): void {
	const want = apiVersionOf(strategy, call.version);
	const { kind, apiVersion } = body;
	if (kind !== undefined && typeof kind !== 'string') throw cannotParse('kind', kind);
	if (apiVersion !== undefined && typeof apiVersion !== 'string') throw cannotParse('apiVersion', apiVersion);
	const gotKind = kind ?? '';
	const gotVersion = apiVersion ?? '';
	if (gotKind === strategy.kind && gotVersion === want) return;
	if (gotKind !== '' && gotKind !== strategy.kind) {
		throw badRequest(
			`${strategy.kind} in version "${call.version}" cannot be handled as a ${strategy.kind}: converting (${gvkText(gotVersion || want, gotKind)}) to (${gvkText(want, strategy.kind)}): unknown conversion`,
		);
	}
	if (gotVersion !== '' && gotVersion !== want) {
		throw badRequest(`the API version in the data (${gotVersion}) does not match the expected API version (${want})`);
	}
}

function cannotParse(field: string, value: unknown): Error {
	const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value;
	return badRequest(`couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go struct field .${field} of type string`);
}

/** An object read from the call's body (or from `body`, for a patched one) with defaults filled in. */
export function decodeObject(resolved: ResolvedCall, body: unknown = resolved.call.body): KubeObject {
	const { call, strategy } = resolved;
	if (!isRecord(body)) throw badRequest(`the object provided is unrecognized (must be of type ${strategy.kind}): couldn't get version/kind; json parse error`);
	checkKind(call, strategy, body);
	const metadata = isRecord(body['metadata']) ? body['metadata'] : {};
	const object = { ...body, apiVersion: apiVersionOf(strategy, strategy.versions[0] ?? call.version), kind: strategy.kind, metadata } as unknown as KubeObject;
	return strategy.defaults?.(object) ?? object;
}
