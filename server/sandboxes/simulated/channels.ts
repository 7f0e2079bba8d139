/** exec, attach and port-forward of a simulated cluster as a ChannelSocket. */
import type { StreamRef } from '../../simulator/apiserver/types.ts';
import type { StreamInput } from '../../simulator/inputs.ts';
import { encodeText, TextDecoding } from '../../simulator/storage-volumes/bytes.ts';
import { type ChannelSocket, STDIN_CLOSED } from '../sandbox.ts';
import { closeStream } from './bodies.ts';
import type { SimHost } from './host.ts';

/** Virtual ms for which a fork's clock is driven on while nothing comes from an exec. */
const SILENCE_MS = 300_000;

export function openChannels(host: SimHost, stream: StreamRef): ChannelSocket {
	const { id } = stream;
	const messages: ((channel: number, data: Uint8Array) => void)[] = [];
	const closes: (() => void)[] = [];
	const decoding = new TextDecoding();
	const release = host.hold();
	let place = 0;
	let over = false;
	const binary = stream.kind === 'portforward';

	const finish = (): void => {
		if (over) return;
		over = true;
		stop();
		release();
		closeStream(host, id);
		for (const listener of closes) listener();
	};
	const pump = (): boolean => {
		if (over || messages.length === 0) return over;
		const read = host.simulator.readStream(id, place);
		place = read.cursor;
		for (const chunk of read.chunks) {
			const data = binary ? Buffer.from(chunk.data, 'latin1') : encodeText(chunk.data);
			for (const listener of messages) listener(chunk.channel, data);
		}
		if (read.done) finish();
		return over;
	};
	const stop = host.onMove(pump);
	const input = (op: StreamInput): void => {
		if (!over) host.apply({ kind: 'stream', id, op });
	};
	// In a fork nobody else moves the clock: an exec that runs moves it on itself until it ends.
	if (!binary) void host.waitFor(() => over, host.now() + SILENCE_MS);

	return {
		send(channel, data) {
			if (channel === 0) input({ op: 'stdin', data: binary ? Buffer.from(data).toString('latin1') : decoding.push(data) });
			else if (channel === STDIN_CLOSED && (data[0] ?? 0) === 0) {
				const rest = decoding.end();
				if (rest !== '') input({ op: 'stdin', data: rest });
				input({ op: 'stdin-end' });
			} else if (channel === 4) resize(data, input);
		},
		onMessage(listener) {
			messages.push(listener);
			// Chunks that came before anybody listened: let the caller finish registering first.
			queueMicrotask(pump);
		},
		onClose(listener) {
			if (over) queueMicrotask(listener);
			else closes.push(listener);
		},
		close: finish,
	};
}

function resize(data: Uint8Array, input: (op: StreamInput) => void): void {
	try {
		const size: unknown = JSON.parse(new TextDecoder().decode(data));
		if (typeof size !== 'object' || size === null || !('Width' in size) || !('Height' in size)) return;
		input({ op: 'resize', columns: Number(size.Width), rows: Number(size.Height) });
	} catch {
		// As upstream, a resize message that is no JSON is passed over.
	}
}
