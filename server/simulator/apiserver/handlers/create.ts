import { formatTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import { alreadyExists, badRequest, generateNameConflict } from '../errors.ts';
import { getObject, objectKey } from '../registry/store.ts';
import type { ApiResult, KubeObject, ObjectMeta, Strategy } from '../types.ts';
import { invalidObject, metaErrors } from '../validation.ts';
import { admit, answer, type HandlerContext, mutate, type ResolvedCall, stored } from './context.ts';
import { decodeObject } from './decode.ts';
import { afterCreate } from './managed.ts';
import { newUid } from './uid.ts';

/** Upstream's alphabet for generated names: no vowels, no digits that read as letters (`util/rand`). */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const NAME_SUFFIX = 5;
/** A prefix is cut so that the whole name stays a label. */
const NAME_PREFIX_MAX = 63 - NAME_SUFFIX;
/** Tries before a generated name is given up (`maxNameGenerationCreateAttempts`). */
const NAME_TRIES = 8;

export function generateName(world: World, prefix: string): string {
	let out = prefix.slice(0, NAME_PREFIX_MAX);
	for (let i = 0; i < NAME_SUFFIX; i++) out += NAME_ALPHABET[world.randomInt(NAME_ALPHABET.length)];
	return out;
}

/** `EnsureObjectNamespaceMatchesRequestNamespace`. */
export function inNamespace(strategy: Strategy, object: KubeObject, namespace: string | undefined): KubeObject {
	const own = object.metadata.namespace ?? '';
	const wanted = strategy.namespaced ? (namespace ?? '') : '';
	if (own === wanted) return object;
	if (own !== '' && wanted !== '') throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
	const { namespace: _dropped, ...metadata } = object.metadata;
	if (wanted === '') return { ...object, metadata };
	return { ...object, metadata: { ...metadata, namespace: wanted } };
}

/** Fields of which nothing is taken from a client. */
const SERVER_META = ['deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields', 'resourceVersion', 'uid', 'creationTimestamp', 'selfLink'];

/** What a client may say of a new object. Few say more, and taking fields away is slow. */
function clientMeta(metadata: ObjectMeta): ObjectMeta {
	if (!SERVER_META.some((f) => f in metadata)) return metadata;
	return Object.fromEntries(Object.entries(metadata).filter(([f]) => !SERVER_META.includes(f))) as unknown as ObjectMeta;
}

/** What the server alone sets: uid, creation time, a generated name; nothing of it is taken from the client. */
function systemMeta(world: World, strategy: Strategy, object: KubeObject): KubeObject {
	const given = clientMeta(object.metadata);
	const prefix = given.generateName;
	let name = given.name;
	if (!name && prefix) {
		name = generateName(world, prefix);
		for (let i = 1; i < NAME_TRIES && getObject(world, strategy, objectKey(given.namespace, name)) !== undefined; i++) {
			name = generateName(world, prefix);
		}
	}
	const meta = { ...given, name, uid: newUid(world), resourceVersion: '', creationTimestamp: formatTime(world.now) };
	return { ...object, metadata: meta };
}

export function create(context: HandlerContext, world: World, resolved: ResolvedCall): ApiResult {
	const { call, strategy } = resolved;
	if (strategy.virtualCreate !== undefined) {
		const result = strategy.virtualCreate(world, { ...call, body: decodeObject(resolved) });
		return resolved.warnings.length === 0 ? result : { ...result, warnings: [...resolved.warnings, ...(result.warnings ?? [])] };
	}
	return createObject(context, world, resolved, inNamespace(strategy, decodeObject(resolved), call.namespace));
}

/** Creates from a decoded object; server-side apply of something new comes in here, too. */
export function createObject(context: HandlerContext, world: World, resolved: ResolvedCall, decoded: KubeObject): ApiResult {
	const { call, strategy } = resolved;
	if (strategy.namespaced && !call.namespace) throw badRequest('an empty namespace may not be set during creation');
	if (decoded.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
	const managedFields = call.patchType === 'application/apply-patch+yaml' ? decoded.metadata.managedFields : afterCreate(world, resolved, decoded);
	const request = { operation: 'CREATE', call, strategy } as const;
	let object = mutate(context, world, { ...request, object: decoded }, resolved.warnings);
	object = systemMeta(world, strategy, object);
	object = strategy.prepareForCreate?.(world, object, call.user) ?? object;
	const errors = [...metaErrors(strategy, object), ...(strategy.validate?.(world, object) ?? [])];
	if (errors.length > 0) throw invalidObject(strategy, object.metadata.name || object.metadata.generateName || '', errors);
	admit(context, world, { ...request, object }, resolved.warnings);
	resolved.warnings.push(...(strategy.warnings?.(world, object) ?? []));
	const { name, namespace } = object.metadata;
	const key = objectKey(namespace, name);
	if (getObject(world, strategy, key) !== undefined) {
		const generated = !decoded.metadata.name && decoded.metadata.generateName;
		throw generated ? generateNameConflict(strategy, name) : alreadyExists(strategy, name);
	}
	if (managedFields !== undefined) object = { ...object, metadata: { ...object.metadata, managedFields } };
	return answer(resolved, 201, stored(context, world, resolved, key, object));
}
