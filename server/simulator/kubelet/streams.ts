/**
 * Streams between the outside and a container: log following, exec, attach, port-forward. What a process writes is kept
 * in the state until the reader's side closes the stream, so that a replay gives the same bytes.
 */
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeGet, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';

/** Channels as in `v4.channel.k8s.io`: 0 stdin, 1 stdout, 2 stderr, 3 error (a Status as JSON text ends the stream), 4 resize. */
export interface StreamChunk {
	readonly channel: number;
	readonly data: string;
}

export interface StreamState {
	readonly kind: 'log' | 'exec' | 'attach' | 'portforward';
	/** Container id (`<pod uid>/<container name>`) the stream belongs to. */
	readonly container: string;
	readonly pid?: number;
	readonly tty: boolean;
	/** Chunks not dropped yet; `dropped` counts those before. */
	readonly chunks: readonly StreamChunk[];
	readonly dropped: number;
	/** Nothing more will come. */
	readonly done: boolean;
	/** Kind-specific data of the kubelet. */
	readonly data?: unknown;
}

/** Chunks kept for a reader that lags; older ones are dropped first. */
export const STREAM_CHUNKS_KEPT = 4096;

export const streamsSlice = defineSlice<{ readonly next: number; readonly streams: Tree<string, StreamState> }>('streams', {
	next: 1,
	streams: null,
});

export function openStream(world: World, stream: Omit<StreamState, 'chunks' | 'dropped' | 'done'>): string {
	const s = world.read(streamsSlice);
	const id = `s${s.next}`;
	world.write(streamsSlice, {
		next: s.next + 1,
		streams: treeSet(s.streams, id, { ...stream, chunks: [], dropped: 0, done: false }),
	});
	return id;
}

export function getStream(world: World, id: string): StreamState | undefined {
	return treeGet(world.read(streamsSlice).streams, id);
}

export function updateStream(world: World, id: string, change: (s: StreamState) => StreamState): void {
	const s = world.read(streamsSlice);
	const old = treeGet(s.streams, id);
	if (old === undefined) return;
	world.write(streamsSlice, { ...s, streams: treeSet(s.streams, id, change(old)) });
}

/** Adds output; without effect on a stream that is gone or done. */
export function pushStream(world: World, id: string, channel: number, data: string): void {
	if (data === '') return;
	updateStream(world, id, (s) => {
		if (s.done) return s;
		const chunks = [...s.chunks, { channel, data }];
		const over = chunks.length - STREAM_CHUNKS_KEPT;
		return over > 0 ? { ...s, chunks: chunks.slice(over), dropped: s.dropped + over } : { ...s, chunks };
	});
}

export function endStream(world: World, id: string): void {
	updateStream(world, id, (s) => ({ ...s, done: true }));
}

export function removeStream(world: World, id: string): void {
	const s = world.read(streamsSlice);
	world.write(streamsSlice, { ...s, streams: treeRemove(s.streams, id) });
}

/** What has come since `cursor` (start with 0). `done` with no chunks left means that the stream has ended. */
export function readStream(
	world: World,
	id: string,
	cursor: number,
): { readonly chunks: readonly StreamChunk[]; readonly cursor: number; readonly done: boolean } {
	const s = getStream(world, id);
	if (s === undefined) return { chunks: [], cursor, done: true };
	const from = Math.max(0, cursor - s.dropped);
	return { chunks: s.chunks.slice(from), cursor: s.dropped + s.chunks.length, done: s.done };
}
