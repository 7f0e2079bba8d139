/**
 * Encryption at rest: with which key each object lies in the store. Nothing is really encrypted: what is kept is which
 * provider wrote an object, and its stored bytes are worked out when somebody looks (`etcdctl get`). Behind the prefix,
 * which is upstream's, stands a stream of bytes that follows from key and content, as long as the real cipher's would be.
 * Models `apiserver/pkg/storage/value` (transformer.go, encrypt/*) and etcd3/store.go.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { defineSlice } from '../../kernel/state.ts';
import { type Tree, treeGet, treeRemove, treeSet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { encryptionConfig } from '../config/control-plane.ts';
import { internalError } from '../errors.ts';
import { objectKey, resourceKey } from '../registry/store.ts';
import type { ApiError, KubeObject, Strategy } from '../types.ts';
import { type Provider, providersFor } from './config.ts';
import { keyInUse, writableKey } from './kms.ts';
import { storedBytes } from './protobuf.ts';
import { countTransformation } from './transformations.ts';

type Resource = Pick<Strategy, 'group' | 'resource'>;

/** What wrote an object's present bytes. */
interface Written {
	readonly kind: Provider['kind'];
	readonly prefix: string;
	readonly secret: string;
	/** KMS v2: the key that wrapped the data key. */
	readonly keyId?: string;
}

/** `group/resource/key` → what wrote it. What lies there in the clear has no entry, so that a cluster without encryption holds nothing. */
const writtenSlice = defineSlice<Tree<string, Written>>('encryption', null);

const PLAIN: Provider = { kind: 'identity', prefix: '', secret: '' };

const nameOf = (resource: Resource, key: string): string => `${resourceKey(resource)}/${key}`;

const providersOf = (world: World, { group, resource }: Resource): readonly Provider[] => {
	const config = encryptionConfig(world);
	return (config === undefined ? undefined : providersFor(config, group, resource)) ?? [PLAIN];
};

/** False where nothing is or was encrypted: most clusters, always. */
function concerned(world: World): boolean {
	return world.read(writtenSlice) !== null || encryptionConfig(world) !== undefined;
}

/** Notes what a write of this object is encrypted with. Throws InternalError where the provider can't. */
export function noteWrite(world: World, resource: Resource, key: string): void {
	if (!concerned(world)) return;
	const [writer = PLAIN] = providersOf(world, resource);
	const written = world.read(writtenSlice);
	const name = nameOf(resource, key);
	if (writer.kind === 'identity') {
		if (treeGet(written, name) !== undefined) world.write(writtenSlice, treeRemove(written, name));
		return;
	}
	const { kind, prefix, secret, plugin } = writer;
	countTransformation(world, resource, 'to_storage', prefix);
	const keyId = plugin === undefined ? undefined : writableKey(world, plugin);
	world.write(writtenSlice, treeSet(world.read(writtenSlice), name, { kind, prefix, secret, ...(keyId === undefined ? {} : { keyId }) }));
}

export function noteRemoval(world: World, resource: Resource, key: string): void {
	const written = world.read(writtenSlice);
	if (written === null) return;
	const name = nameOf(resource, key);
	if (treeGet(written, name) !== undefined) world.write(writtenSlice, treeRemove(written, name));
}

/** Whether an update that changes nothing still writes: the stored bytes are not what the first provider would write now. */
export function isStale(world: World, resource: Resource, key: string): boolean {
	if (!concerned(world)) return false;
	const [writer = PLAIN] = providersOf(world, resource);
	const held = treeGet(world.read(writtenSlice), nameOf(resource, key));
	if (held === undefined) return writer.kind !== 'identity';
	if (held.prefix !== writer.prefix || held.secret !== writer.secret) return true;
	return writer.plugin !== undefined && held.keyId !== keyInUse(world, writer.plugin);
}

/** Why the present configuration can't read an object's bytes; undefined where it can. */
function unreadable(world: World, resource: Resource, key: string): string | undefined {
	const providers = providersOf(world, resource);
	const held = treeGet(world.read(writtenSlice), nameOf(resource, key));
	if (held === undefined) return providers.some((p) => p.kind === 'identity') ? undefined : 'no matching prefix found';
	const same = providers.filter((p) => p.prefix === held.prefix);
	if (same.some((p) => p.secret === held.secret)) return undefined;
	if (same.length > 0) return held.kind === 'aescbc' ? 'invalid padding on input' : 'cipher: message authentication failed';
	if (providers.some((p) => p.kind === held.kind && p.kind !== 'kms')) {
		return held.kind === 'secretbox'
			? 'no matching key was found for the provided Secretbox transformer'
			: 'no matching key was found for the provided AES transformer';
	}
	return providers.some((p) => p.kind === 'identity') ? 'identity transformer tried to read encrypted data' : 'no matching prefix found';
}

/** The error of reading an object that can't be decrypted; `listing` names it, as a list does. */
export function readError(world: World, resource: Resource, key: string, listing = false): ApiError | undefined {
	if (!concerned(world)) return undefined;
	const held = treeGet(world.read(writtenSlice), nameOf(resource, key));
	const why = unreadable(world, resource, key);
	if (held !== undefined || why !== undefined)
		countTransformation(world, resource, 'from_storage', held?.prefix ?? 'unknown', why === undefined ? 'OK' : 'Unknown');
	if (why === undefined) return undefined;
	return internalError(listing ? `unable to transform key ${JSON.stringify(`/registry/${registryPath(resource, key)}`)}: ${why}` : why);
}

/** The same for the first of many. */
export function listError(world: World, resource: Resource, objects: readonly KubeObject[]): ApiError | undefined {
	if (!concerned(world)) return undefined;
	for (const { metadata } of objects) {
		const error = readError(world, resource, objectKey(metadata.namespace, metadata.name), true);
		if (error !== undefined) return error;
	}
	return undefined;
}

/** Path below `/registry`: custom resources lie under their group, the others under their plural, with upstream's exceptions. */
export function registryPath({ group, resource }: Resource, key: string): string {
	const special = STORED_AS[`${group}/${resource}`];
	if (special !== undefined) return `${special}/${key}`;
	return group.includes('.') && !group.endsWith('.k8s.io') ? `${group}/${resource}/${key}` : `${resource}/${key}`;
}

/** Storage prefixes that are not the plural (`SpecialDefaultResourcePrefixes`, and groups that prefix theirs). */
const STORED_AS: { readonly [groupResource: string]: string } = {
	'/endpoints': 'services/endpoints',
	'/nodes': 'minions',
	'/replicationcontrollers': 'controllers',
	'/services': 'services/specs',
	'networking.k8s.io/ingresses': 'ingress',
	'networking.k8s.io/networkpolicies': 'networkpolicies',
	'apiextensions.k8s.io/customresourcedefinitions': 'apiextensions.k8s.io/customresourcedefinitions',
	'apiregistration.k8s.io/apiservices': 'apiregistration.k8s.io/apiservices',
};

/** Bytes that follow from a seed. */
function stream(seed: string, length: number): number[] {
	const out: number[] = [];
	for (let i = 0; out.length < length; i++) out.push(...sha256(utf8ToBytes(`${seed}|${i}`)));
	return out.slice(0, length);
}

/** Length of what a cipher makes of `plain` bytes: nonces, padding, tags. */
const CIPHER_LENGTH: { readonly [kind: string]: (plain: number) => number } = {
	aescbc: (n) => 16 + (Math.floor(n / 16) + 1) * 16,
	aesgcm: (n) => 12 + n + 16,
	secretbox: (n) => 24 + n + 16,
	kms: (n) => n + 28 + 110,
};

/** What etcd holds for an object: text in which each character is one byte. */
export function storedValue(world: World, resource: Resource, object: KubeObject): string {
	const plain = storedBytes(object);
	const key = objectKey(object.metadata.namespace, object.metadata.name);
	const held = treeGet(world.read(writtenSlice), nameOf(resource, key));
	const text = (bytes: readonly number[]): string => bytes.map((b) => String.fromCharCode(b)).join('');
	if (held === undefined) return text(plain);
	const length = CIPHER_LENGTH[held.kind]?.(plain.length) ?? plain.length;
	const content = String.fromCharCode(...sha256(Uint8Array.from(plain)));
	return `${held.prefix}${text(stream(`${held.secret}|${held.keyId ?? ''}|${object.metadata.resourceVersion}|${content}`, length))}`;
}
