/** The receiving side of a `ChannelSocket`: what comes before somebody listens is kept for the first listener. */
import type { ChannelSocket } from './sandbox.ts';

export class ChannelEnds {
	private readonly messages: ((channel: number, data: Uint8Array) => void)[] = [];
	private readonly closes: (() => void)[] = [];
	private readonly early: [number, Uint8Array][] = [];
	private ended = false;

	/** No more comes. */
	get over(): boolean {
		return this.ended;
	}

	receive(channel: number, data: Uint8Array): void {
		if (this.messages.length === 0) this.early.push([channel, data]);
		for (const listener of this.messages) listener(channel, data);
	}

	end(): void {
		if (this.ended) return;
		this.ended = true;
		for (const listener of this.closes) listener();
	}

	/** The listeners' half of the socket. */
	readonly listening: Pick<ChannelSocket, 'onMessage' | 'onClose'> = {
		onMessage: (listener) => {
			this.messages.push(listener);
			for (const [channel, data] of this.early.splice(0)) queueMicrotask(() => listener(channel, data));
		},
		onClose: (listener) => {
			if (this.ended) queueMicrotask(listener);
			else this.closes.push(listener);
		},
	};
}
