/** Response bodies that go on: a watch's events, a followed log. Both keep a place in the world and read on when it moves. */
import { encodeText } from '../../simulator/storage-volumes/bytes.ts';
import type { ApiResponse } from '../../simulator/apiserver/wire.ts';
import type { SimHost } from './host.ts';

/** One JSON event a line, until the client goes, the watch's time is up, or the server ends it (410). */
export function watchBody(host: SimHost, watch: NonNullable<ApiResponse['watch']>, signal?: AbortSignal): ReadableStream<Uint8Array> {
	const cursor = host.simulator.openWatch(watch);
	const ends = watch.timeoutSeconds === undefined || watch.timeoutSeconds === 0 ? Number.POSITIVE_INFINITY : host.now() + watch.timeoutSeconds * 1000;
	return body(host, signal, (enqueue) => {
		for (const event of cursor.next(host.simulator.world)) enqueue(`${JSON.stringify(event)}\n`);
		return cursor.done || host.now() >= ends;
	});
}

/** A stream of the kubelet as text. */
export function logBody(host: SimHost, id: string, signal?: AbortSignal): ReadableStream<Uint8Array> {
	let place = 0;
	return body(
		host,
		signal,
		(enqueue) => {
			const read = host.simulator.readStream(id, place);
			place = read.cursor;
			for (const chunk of read.chunks) enqueue(chunk.data);
			return read.done;
		},
		() => closeStream(host, id),
	);
}

/** Tells the world that nobody reads a stream any more. */
export function closeStream(host: SimHost, id: string): void {
	try {
		host.apply({ kind: 'stream', id, op: { op: 'close' } });
	} catch {
		// The sandbox is gone, and the stream with it.
	}
}

function body(
	host: SimHost,
	signal: AbortSignal | undefined,
	read: (enqueue: (text: string) => void) => boolean,
	ended: () => void = () => {},
): ReadableStream<Uint8Array> {
	const release = host.hold();
	let stop: (() => void) | undefined;
	let over = false;
	let pumping = false;
	const finish = (): void => {
		if (over) return;
		over = true;
		stop?.();
		release();
		ended();
	};
	let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
	const pump = (): void => {
		// A reader that lags reads on from its place in the world later: nothing piles up here.
		if (over || pumping || controller === undefined || (controller.desiredSize ?? 0) <= 0) return;
		const to = controller;
		// Handing a piece over may ask for the next one at once, in the middle of this reading.
		pumping = true;
		let done: boolean;
		try {
			done = read((text) => over || to.enqueue(encodeText(text)));
		} finally {
			pumping = false;
		}
		if (!done || over) return;
		finish();
		to.close();
	};
	return new ReadableStream<Uint8Array>(
		{
			start(given) {
				controller = given;
				stop = host.onMove(pump);
				const aborted = (): void => {
					if (over) return;
					finish();
					given.error(signal?.reason);
				};
				signal?.addEventListener('abort', aborted, { once: true });
			},
			pull: pump,
			cancel: finish,
		},
		{ highWaterMark: 64 },
	);
}
