import { describe, expect, it, vi } from 'vitest';
import { type ChannelSocket, ClusterRefusal, STDIN_CLOSED } from '../../sandbox.ts';
import { PortForwarding } from './port-forward.ts';
import { expectedStreams, RemoteCommand } from './remote-command.ts';
import { SpdyStream } from './stream.ts';

/** A cluster's side: what it is sent, and a way to answer. */
function channels() {
	const sent: [number, string][] = [];
	const messages: ((channel: number, data: Uint8Array) => void)[] = [];
	const closes: (() => void)[] = [];
	const socket: ChannelSocket = {
		send: (channel, data) => sent.push([channel, Buffer.from(data).toString()]),
		onMessage: (listener) => messages.push(listener),
		onClose: (listener) => closes.push(listener),
		close: () => sent.push([-1, 'closed']),
	};
	return {
		socket,
		sent,
		say: (channel: number, text: string): void => {
			for (const listener of messages) listener(channel, Buffer.from(text));
		},
		end: (): void => {
			for (const listener of closes) listener();
		},
	};
}

/** Streams that note what is written to them: `text`, `|` at the end, `!` at a reset. */
function opener() {
	const written: Record<number, string> = {};
	const note = (stream: SpdyStream, text: string): void => {
		written[stream.id] = (written[stream.id] ?? '') + text;
	};
	const owner = {
		write: (stream: SpdyStream, data: Uint8Array, fin: boolean) => note(stream, Buffer.from(data).toString() + (fin ? '|' : '')),
		reset: (stream: SpdyStream) => note(stream, '!'),
		forget: () => {},
	};
	return { written, open: (id: number, headers: { readonly [name: string]: string }) => new SpdyStream(id, new Map(Object.entries(headers)), owner) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a remote command', () => {
	const FAILED = JSON.stringify({ status: 'Failure', message: 'command terminated with non-zero exit code: exit status 3' });

	function begin(protocol: string, query: string) {
		const cluster = channels();
		const client = opener();
		const done = vi.fn();
		const expected = expectedStreams(new URLSearchParams(query), protocol);
		const command = new RemoteCommand({ channels: cluster.socket, expected, protocol, done });
		const streams = [...expected].map((type, i) => client.open(2 * i + 1, { streamtype: type }));
		return { cluster, client, command, done, expected, streams };
	}

	it('expects the streams that are asked for', () => {
		const all = 'stdin=true&stdout=1&stderr=true';
		expect([...expectedStreams(new URLSearchParams(all), 'v4.channel.k8s.io')]).toEqual(['error', 'stdin', 'stdout', 'stderr']);
		expect([...expectedStreams(new URLSearchParams(`${all}&tty=true`), 'v4.channel.k8s.io')]).toEqual(['error', 'stdin', 'stdout', 'resize']);
		expect([...expectedStreams(new URLSearchParams(`${all}&tty=true`), 'v2.channel.k8s.io')]).toEqual(['error', 'stdin', 'stdout']);
	});

	it('passes input, sizes and the end of input on, however the sizes are cut', async () => {
		const { cluster, command, streams } = begin('v4.channel.k8s.io', 'stdin=true&stdout=true&tty=true');
		expect(streams.map((s) => command.add(s))).toEqual([true, true, true, true]);
		const [, stdin, , resize] = streams;
		stdin?.receive(Buffer.from('early '), false);
		await settled();
		resize?.receive(Buffer.from('{"Width":80,"Height":24}\n{"Wid'), false);
		resize?.receive(Buffer.from('th":123,"Height":40}\n'), false);
		stdin?.receive(Buffer.from('late'), true);
		expect(cluster.sent).toEqual([
			[0, 'early '],
			[4, '{"Width":80,"Height":24}'],
			[4, '{"Width":123,"Height":40}'],
			[0, 'late'],
			[STDIN_CLOSED, '\0'],
		]);
		command.closed();
		expect(cluster.sent.at(-1)).toEqual([-1, 'closed']);
	});

	it.each([
		['v4.channel.k8s.io', `${FAILED}|`],
		['v2.channel.k8s.io', 'command terminated with non-zero exit code: exit status 3|'],
	])('ends in the words of %s', async (protocol, words) => {
		const { cluster, client, command, done, streams } = begin(protocol, 'stdout=true&stderr=true');
		for (const s of streams) command.add(s);
		await settled();
		cluster.say(1, 'out');
		cluster.say(2, 'err');
		cluster.say(3, FAILED);
		expect(done).not.toHaveBeenCalled();
		cluster.end();
		expect(client.written).toEqual({ 1: words, 3: 'out|', 5: 'err|' });
		expect(done).toHaveBeenCalledOnce();
		command.closed();
	});

	it('refuses streams that were not asked for, and gives up waiting for those that were', () => {
		vi.useFakeTimers();
		const { client, command, cluster, done } = begin('v4.channel.k8s.io', 'stdout=true');
		expect(command.add(client.open(1, { streamtype: 'stdin' }))).toBe(false);
		expect(command.add(client.open(3, { streamtype: 'error' }))).toBe(true);
		vi.advanceTimersByTime(30_000);
		vi.useRealTimers();
		expect([client.written, cluster.sent, done.mock.calls.length]).toEqual([{ 3: '!' }, [[-1, 'closed']], 1]);
	});
});

describe('port forwarding', () => {
	it('pairs streams by request, each pair a connection of its own', async () => {
		const client = opener();
		const opened: [number, ReturnType<typeof channels>][] = [];
		const forwarding = new PortForwarding(async (port) => {
			const cluster = channels();
			opened.push([port, cluster]);
			return cluster.socket;
		});
		const open = (id: number, streamtype: string, port: string, requestid?: string): boolean =>
			forwarding.add(client.open(id, { streamtype, port, ...(requestid === undefined ? {} : { requestid }) }));
		expect([open(1, 'error', '80', '0'), open(3, 'error', '81', '1'), open(5, 'data', '81', '1'), open(7, 'data', '80', '0')]).toEqual(Array(4).fill(true));
		// A client without request ids.
		expect([open(9, 'error', '82'), open(11, 'data', '82')]).toEqual([true, true]);
		expect([open(13, 'data', '0', '5'), open(15, 'other', '80', '6')]).toEqual([false, false]);
		await settled();
		expect(opened.map(([port]) => port)).toEqual([81, 80, 82]);
		opened[1]?.[1].say(0, 'answer');
		opened[0]?.[1].say(1, 'connection refused');
		for (const [, cluster] of opened) cluster.end();
		expect(client.written).toEqual({ 1: '|', 3: 'connection refused|', 5: '|', 7: 'answer|', 9: '|', 11: '|' });
		forwarding.closed();
	});

	it('says in the error stream what the cluster refuses', async () => {
		const client = opener();
		const refusal = new ClusterRefusal(Response.json({ kind: 'Status', message: 'pods "web" not found' }, { status: 404 }));
		const forwarding = new PortForwarding(() => Promise.reject(refusal));
		forwarding.add(client.open(1, { streamtype: 'error', port: '80', requestid: '0' }));
		forwarding.add(client.open(3, { streamtype: 'data', port: '80', requestid: '0' }));
		await settled();
		await settled();
		expect(client.written).toEqual({ 1: 'pods "web" not found|', 3: '|' });
	});
});
