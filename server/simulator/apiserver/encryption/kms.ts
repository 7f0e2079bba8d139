/**
 * A KMS plugin, as far as the API server can tell it from a real one: a pod of kube-system on whose node's host path the
 * socket lies. It answers while such a pod is ready; its annotation `kms.foothold.dev/key-id` names the key it wraps with,
 * so that changing it rotates the key. Models `apiserver/pkg/storage/value/encrypt/envelope/kmsv2`.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { defineSlice } from '../../kernel/state.ts';
import { formatTime, parseTime } from '../../kernel/time.ts';
import { type Tree, treeGet, treeSet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { internalError } from '../errors.ts';
import { rec, recs, specOf, statusOf, str } from '../registry/fields.ts';
import { listObjects } from '../registry/store.ts';
import type { KubeObject, Strategy } from '../types.ts';
import type { EncryptionConfig, Provider } from './config.ts';

type Plugin = NonNullable<Provider['plugin']>;

/** The store finds objects by their resource's name alone. */
const PODS = { group: '', resource: 'pods' } as Strategy;
const KEY_ID = 'kms.foothold.dev/key-id';
const FIRST_KEY = '1';
/** How long writes go on with the last wrapped key once the plugin is gone (`kmsv2PluginWriteDEKSourceMaxTTL`), ms. */
export const KEY_LIFETIME_MS = 180_000;

interface Seen {
	readonly keyId: string;
	readonly at: number;
}

/** When each plugin last answered, by name. */
const seenSlice = defineSlice<Tree<string, Seen>>('kms', null);

function mounts(pod: KubeObject, endpoint: string): boolean {
	const socket = endpoint.replace(/^unix:(\/\/)?/, '');
	return recs(specOf(pod).volumes).some((v) => {
		const path = str(rec(v.hostPath).path);
		return path !== '' && (socket === path || socket.startsWith(path.endsWith('/') ? path : `${path}/`));
	});
}

interface Answer {
	readonly up: boolean;
	readonly keyId: string;
	/** When it was last well; undefined where no pod of it is there. */
	readonly last?: number;
}

function ask(world: World, plugin: Plugin): Answer {
	const pods = listObjects(world, PODS, 'kube-system');
	// A bare API server has no nodes on which a plugin could run: it counts as there.
	if (pods.length === 0) return { up: true, keyId: FIRST_KEY };
	let answer: Answer = { up: false, keyId: FIRST_KEY };
	for (const pod of pods) {
		if (!mounts(pod, plugin.endpoint)) continue;
		const keyId = pod.metadata.annotations?.[KEY_ID] ?? FIRST_KEY;
		const ready = recs(statusOf(pod).conditions).find((c) => c.type === 'Ready');
		if (ready?.status === 'True') return { up: true, keyId };
		const last = parseTime(str(ready?.lastTransitionTime));
		answer = { up: false, keyId, ...(last === undefined ? {} : { last }) };
	}
	return answer;
}

/** The key that the next write would be wrapped with. */
export function keyInUse(world: World, plugin: Plugin): string {
	const answer = ask(world, plugin);
	return answer.up ? answer.keyId : (treeGet(world.read(seenSlice), plugin.name)?.keyId ?? answer.keyId);
}

/** The same for a write that happens: throws InternalError where the plugin has been gone for too long. */
export function writableKey(world: World, plugin: Plugin): string {
	const answer = ask(world, plugin);
	const seen = treeGet(world.read(seenSlice), plugin.name);
	if (answer.up) {
		world.write(seenSlice, treeSet(world.read(seenSlice), plugin.name, { keyId: answer.keyId, at: world.now }));
		return answer.keyId;
	}
	if (plugin.version === 'v1') {
		const socket = plugin.endpoint.replace(/^unix:(\/\/)?/, '');
		throw internalError(
			`rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${socket}: connect: connection refused"`,
		);
	}
	const last = seen === undefined ? undefined : Math.max(seen.at, answer.last ?? 0);
	if (seen !== undefined && last !== undefined && world.now < last + KEY_LIFETIME_MS) return seen.keyId;
	const hash = seen === undefined ? '' : `sha256:${bytesToHex(sha256(utf8ToBytes(seen.keyId)))}`;
	const expired = last === undefined ? '0001-01-01T00:00:00Z' : formatTime(last + KEY_LIFETIME_MS);
	throw internalError(`encryptedDEKSource with keyID hash ${JSON.stringify(hash)} expired at ${expired} (current time is ${formatTime(world.now)})`);
}

/** The health checks of the configured plugins: one a v1 plugin, one for all of v2 (`kms-providers`). */
export function kmsChecks(world: World, config: EncryptionConfig | undefined): readonly { readonly name: string; readonly ok: boolean }[] {
	const plugins = config?.resources.flatMap((r) => r.providers.flatMap((p) => (p.plugin === undefined ? [] : [p.plugin]))) ?? [];
	const out = plugins.filter((p) => p.version === 'v1').map((p, i) => ({ name: `kms-provider-${i}`, ok: ask(world, p).up }));
	const newer = plugins.filter((p) => p.version === 'v2');
	return newer.length === 0 ? out : [...out, { name: 'kms-providers', ok: newer.every((p) => ask(world, p).up) }];
}
