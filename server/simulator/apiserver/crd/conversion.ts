/**
 * Conversion of custom objects by a webhook (`apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go`).
 * Handlers work with objects in the version of their request; the store keeps them in the storage version, and what was
 * stored in another one is asked for when it is read.
 */
import type { World } from '../../kernel/world.ts';
import type { Services } from '../../services.ts';
import { ask, parsed } from '../admission/webhook/call.ts';
import { isAsking } from '../proxy/copy.ts';
import { failure } from '../errors.ts';
import { newUid } from '../handlers/uid.ts';
import { type Fields, isRecord, rec, str, strs } from '../registry/fields.ts';
import { ApiError, type KubeObject, type ObjectMeta } from '../types.ts';

const GROUP = 'apiextensions.k8s.io';
/** How long the API server waits for an answer. */
const TIMEOUT_S = 30;

/** `spec.conversion.webhook` of a definition. */
export type ConversionWebhook = Fields;

const goType = (value: unknown): string =>
	typeof value === 'string'
		? 'string'
		: typeof value === 'boolean'
			? 'bool'
			: typeof value === 'number' || typeof value === 'bigint'
				? 'int64'
				: Array.isArray(value)
					? '[]interface {}'
					: '<nil>';

/** A plain error: code 500 and no reason. */
function refused(message: string): ApiError {
	const { reason: _none, ...status } = failure({ code: 500, reason: '', message });
	return new ApiError(status);
}

/** The metadata stays what it was but for labels and annotations (`restoreObjectMeta`). */
function restored(original: KubeObject, converted: Fields): ObjectMeta | string {
	const given = converted.metadata;
	if (given === undefined) return 'missing metadata in converted object';
	if (!isRecord(given)) return `invalid metadata of type ${goType(given)} in converted object`;
	const { labels: _labels, annotations: _annotations, ...kept } = original.metadata;
	const out: { [field: string]: unknown } = { ...kept };
	for (const field of ['labels', 'annotations']) {
		const value = given[field];
		if (value === undefined || value === null) continue;
		if (!isRecord(value)) return `invalid metadata.${field} of type ${goType(value)} in converted object`;
		for (const [key, text] of Object.entries(value))
			if (typeof text !== 'string') return `metadata.${field}[${key}] must be a string, but is ${goType(text)} in converted object`;
		out[field] = value;
	}
	return out as unknown as ObjectMeta;
}

function changedIdentity(original: KubeObject, converted: Fields): string | undefined {
	const meta = rec(converted.metadata);
	const { name, namespace = '', uid } = original.metadata;
	if (str(meta.name) !== name) return `must have the same name: ${name} != ${str(meta.name)}`;
	if (str(meta.namespace) !== namespace) return `must have the same namespace: ${namespace} != ${str(meta.namespace)}`;
	if (str(meta.uid) !== uid) return `must have the same UID: ${uid} != ${str(meta.uid)}`;
	return undefined;
}

/** What an answer holds, or what is wrong with it (`getConvertedObjectsFromResponse`). */
function objectsOf(body: string, version: string, uid: string): readonly unknown[] | string {
	const review = parsed(body);
	if (!isRecord(review)) return `couldn't get version/kind; json parse error: invalid character '${body.trim().slice(0, 1)}' looking for beginning of value`;
	const { response } = review;
	if (version === 'v1') {
		const wanted = `${GROUP}/v1, Kind=ConversionReview`;
		const is = `${str(review.apiVersion)}, Kind=${str(review.kind)}`;
		if (is !== wanted) return `expected webhook response of ${wanted}, got ${is}`;
	}
	if (!isRecord(response)) return 'no response provided';
	if (version === 'v1' && response.uid !== uid) return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(str(response.uid))}`;
	const result = rec(response.result);
	if (result.status !== 'Success') return str(result.message) || `response.result.status was '${str(result.status)}', not 'Success'`;
	return Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
}

function checked(original: KubeObject, converted: unknown, apiVersion: string, at: string): KubeObject {
	const gvk = `${original.apiVersion}, Kind=${original.kind}`;
	const bad = (what: string, why: string): ApiError => refused(`conversion webhook for ${gvk} returned invalid ${what}: ${why}`);
	const fields = rec(converted);
	if (fields.apiVersion !== apiVersion) throw bad(`object at index ${at}`, `invalid groupVersion (expected ${apiVersion}, received ${str(fields.apiVersion)})`);
	if (fields.kind !== original.kind) throw bad(`object at index ${at}`, `invalid kind (expected ${original.kind}, received ${str(fields.kind)})`);
	const identity = changedIdentity(original, fields);
	if (identity !== undefined) throw bad('object', identity);
	const metadata = restored(original, fields);
	if (typeof metadata === 'string') throw bad('metadata', metadata);
	return { ...(fields as unknown as KubeObject), metadata };
}

/** Objects in `apiVersion`: one question for all that are in another. Throws where the webhook cannot be asked or answers wrong. */
export function convertBy(
	services: Services,
	world: World,
	webhook: ConversionWebhook,
	objects: readonly KubeObject[],
	apiVersion: string,
): readonly KubeObject[] {
	const others = objects.filter((o) => o.apiVersion !== apiVersion);
	const [first] = others;
	// The server that is asked may read such objects itself: the question would never end.
	if (first === undefined || isAsking(world)) return objects;
	const gvk = `${first.apiVersion}, Kind=${first.kind}`;
	const version = strs(webhook.conversionReviewVersions).find((v) => v === 'v1' || v === 'v1beta1') ?? 'v1';
	// Reading must not change the world's randomness.
	const uid = newUid(world.fork());
	const review = { kind: 'ConversionReview', apiVersion: `${GROUP}/${version}`, request: { uid, desiredAPIVersion: apiVersion, objects: others } };
	const answer = ask(services, world, { clientConfig: webhook.clientConfig, timeoutSeconds: TIMEOUT_S }, review);
	const converted = 'error' in answer ? answer.error : objectsOf(answer.body, version, uid);
	if (typeof converted === 'string') throw refused(`conversion webhook for ${gvk} failed: ${converted}`);
	if (converted.length !== others.length) throw refused(`conversion webhook for ${gvk} returned ${converted.length} objects, expected ${others.length}`);
	let at = 0;
	return objects.map((o) => (o.apiVersion === apiVersion ? o : checked(o, converted[at], apiVersion, String(at++))));
}
