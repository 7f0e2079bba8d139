/** What would be another if one world took the place of another: files with their diffs, cluster objects with what changes in them. */
import { LIMITS } from '../../limits.ts';
import type { KubeObject, Strategy } from '../../simulator/apiserver/types.ts';
import { listObjects, objectKey, resourceKey } from '../../simulator/apiserver/registry/store.ts';
import { type HostFile, hostFilesUnder } from '../../simulator/hosts/files.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { unified } from '../../unified.ts';
import type { FileChange, ObjectChange, SandboxChanges } from '../hosted.ts';

/** What the cluster keeps for itself, or what follows from other objects. */
const UNTOLD = new Set(['events', 'leases', 'endpoints', 'endpointslices', 'controllerrevisions', 'componentstatuses']);
/** Folders whose files are the learner's. */
const OWN = /^\/(home\/learner|tmp|etc\/kubernetes)\//;

/** From `present` to `then`. Costs what both hold. */
export function differences(present: Simulator, then: Simulator): SandboxChanges {
	const files = fileChanges(present, then);
	const { listed, owned } = objectChanges(present, then);
	return {
		at: then.now,
		files: files.slice(0, LIMITS.rewindChanges),
		objects: listed.slice(0, LIMITS.rewindChanges),
		more: { files: Math.max(0, files.length - LIMITS.rewindChanges), objects: Math.max(0, listed.length - LIMITS.rewindChanges), owned },
	};
}

function fileChanges(present: Simulator, then: Simulator): FileChange[] {
	const now = filesOf(present);
	const out: FileChange[] = [];
	let room = LIMITS.rewindDiffCharacters;
	const diff = (from: HostFile | undefined, to: HostFile | undefined): string => {
		if (room <= 0 || from?.binary === true || to?.binary === true) return '';
		const text = unified(from?.content ?? '', to?.content ?? '').slice(0, room);
		room -= text.length;
		return text;
	};
	for (const [path, to] of filesOf(then)) {
		const from = now.get(path);
		now.delete(path);
		if (from === undefined) out.push({ path, change: 'comes-back', diff: diff(undefined, to) });
		else if (from.content !== to.content || from.kind !== to.kind) out.push({ path, change: 'changes', diff: diff(from, to) });
	}
	for (const [path, from] of now) out.push({ path, change: 'vanishes', diff: diff(from, undefined) });
	return out.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const filesOf = (simulator: Simulator): Map<string, HostFile> =>
	new Map(hostFilesUnder(simulator.world, '/').flatMap(({ path, file }) => (file.kind === 'directory' || !OWN.test(path) ? [] : [[path, file] as const])));

/** Objects that a controller made for another are counted only: they follow it. */
function objectChanges(present: Simulator, then: Simulator): { readonly listed: ObjectChange[]; readonly owned: number } {
	const listed: ObjectChange[] = [];
	let owned = 0;
	const tell = (strategy: Strategy, object: KubeObject, change: ObjectChange['change'], detail: readonly string[]): void => {
		if (object.metadata.ownerReferences?.some((owner) => owner.controller === true)) owned++;
		else listed.push({ kind: strategy.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '', change, detail });
	};
	for (const strategy of strategiesOf(present, then)) {
		const now = byKey(present, strategy);
		for (const [key, to] of byKey(then, strategy)) {
			const from = now.get(key);
			now.delete(key);
			if (from === undefined) tell(strategy, to, 'comes-back', []);
			else if (from !== to) {
				const detail = fields(said(from), said(to));
				if (detail.length > 0) tell(strategy, to, 'changes', detail);
				else if (from.metadata.uid !== to.metadata.uid) tell(strategy, to, 'changes', ['it was deleted and made anew since']);
			}
		}
		for (const from of now.values()) tell(strategy, from, 'vanishes', []);
	}
	return { listed, owned };
}

/** Resources of either world, each stored kind once. */
function strategiesOf(...worlds: readonly Simulator[]): readonly Strategy[] {
	const found = new Map<string, Strategy>();
	for (const { system, world } of worlds) {
		for (const strategy of system.services.api.strategiesOf(world)) if (!UNTOLD.has(strategy.resource)) found.set(resourceKey(strategy), strategy);
	}
	return [...found.values()];
}

const byKey = (simulator: Simulator, strategy: Strategy): Map<string, KubeObject> =>
	new Map(listObjects(simulator.world, strategy).map((o) => [objectKey(o.metadata.namespace, o.metadata.name ?? ''), o]));

/** What people write of an object; not what the cluster notes on it. */
function said(object: KubeObject): { readonly [field: string]: unknown } {
	const { metadata, status: _status, ...rest } = object as KubeObject & { readonly status?: unknown };
	const { annotations = {}, labels } = metadata;
	const kept = Object.fromEntries(Object.entries(annotations).filter(([name]) => !/^(kubectl|deployment)\.kubernetes\.io\//.test(name)));
	return { ...rest, labels, annotations: kept };
}

/** `spec.replicas: 3 → 1`, as many as fit. Secrets' values are not told. */
function fields(from: unknown, to: unknown, path = '', out: string[] = []): string[] {
	if (out.length >= LIMITS.rewindFields || from === to) return out;
	if (isRecord(from) && isRecord(to)) {
		for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) fields(from[key], to[key], path === '' ? key : `${path}.${key}`, out);
	} else if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
		for (const [i, item] of from.entries()) fields(item, to[i], `${path}[${i}]`, out);
	} else if (JSON.stringify(from) !== JSON.stringify(to)) {
		out.push(/^(data|stringData|binaryData)\b/.test(path) ? `${path} changes` : `${path}: ${short(from)} → ${short(to)}`);
	}
	return out;
}

const isRecord = (value: unknown): value is { readonly [field: string]: unknown } => typeof value === 'object' && value !== null && !Array.isArray(value);

function short(value: unknown): string {
	if (value === undefined) return '(none)';
	const text = JSON.stringify(value);
	return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
