/** exec and attach over the channel protocol: output to the terminal, keys or piped text in, the exit code out. */
import { ClusterRefusal, STDIN_CLOSED } from '../../../sandboxes/sandbox.ts';
import type { Status } from '../../../simulator/apiserver/types.ts';
import { byteDecoder, bytesFromText } from '../../bytes.ts';
import { failure } from './client.ts';
import { CliError } from './errors.ts';
import type { Kube } from './kube.ts';

export interface StreamRequest {
	readonly path: string;
	readonly container: string;
	/** exec only. */
	readonly command?: readonly string[];
	readonly stdin: boolean;
	readonly tty: boolean;
	/** Overrides what is sent as stdin. */
	readonly input?: string;
	/** Overrides where output goes. */
	readonly stdout?: (data: Uint8Array) => void;
	readonly stderr?: (text: string) => void;
}

const CTRL_C = '\x03';

/** Runs a stream to its end; resolves with the exit code. Rejects where the server refuses. */
export async function stream(kube: Kube, request: StreamRequest): Promise<number> {
	const socket = await kube.client
		.connect(request.path, {
			container: request.container,
			command: request.command ?? [],
			stdin: request.stdin || undefined,
			stdout: true,
			stderr: request.tty ? undefined : true,
			tty: request.tty || undefined,
		})
		.catch(async (err: unknown) => {
			if (err instanceof ClusterRefusal) throw await failure(err.response, 'POST');
			throw err;
		});
	const decoders = { 1: byteDecoder(), 2: byteDecoder() };
	let status: Status | undefined;
	let release: (() => void) | undefined;
	const closed = new Promise<void>((resolve) => {
		socket.onClose(resolve);
		kube.signal.addEventListener(
			'abort',
			() => {
				socket.close();
				resolve();
			},
			{ once: true },
		);
	});
	socket.onMessage((channel, data) => {
		if (channel === 1 && request.stdout !== undefined) request.stdout(data);
		else if (channel === 1) kube.out(decoders[1].decode(data));
		else if (channel === 2) (request.stderr ?? ((t: string) => kube.err(t)))(decoders[2].decode(data));
		else if (channel === 3) status = JSON.parse(new TextDecoder().decode(data)) as Status;
	});
	const { io } = kube.context;
	const size = (): void => socket.send(4, bytesFromText(JSON.stringify({ Width: io.columns, Height: io.rows })));
	const stopResizing = request.tty ? io.onResize?.(size) : undefined;
	if (request.tty) size();
	if (request.stdin) {
		if (request.input !== undefined || !io.stdinIsTerminal) {
			const text = request.input ?? io.stdin;
			if (text !== '') socket.send(0, bytesFromText(text));
			socket.send(STDIN_CLOSED, new Uint8Array([0]));
		} else if (request.tty) release = io.takeKeyboard?.((keys) => socket.send(0, bytesFromText(keys)));
		else
			release = cookedKeyboard(
				kube,
				(text) => socket.send(0, bytesFromText(text)),
				() => socket.send(STDIN_CLOSED, new Uint8Array([0])),
				() => socket.close(),
			);
	}
	await closed;
	const [lastOut, lastErr] = [decoders[1].end(), decoders[2].end()];
	if (lastOut !== '') kube.out(lastOut);
	if (lastErr !== '') (request.stderr ?? ((t: string) => kube.err(t)))(lastErr);
	release?.();
	stopResizing?.();
	return exitCode(kube, status);
}

/** A terminal in its usual mode: echo, a line at a time, Ctrl-D ends, Ctrl-C breaks off. */
function cookedKeyboard(kube: Kube, send: (text: string) => void, end: () => void, breakOff: () => void): (() => void) | undefined {
	let line = '';
	return kube.context.io.takeKeyboard?.((keys) => {
		for (const c of keys) {
			if (c === CTRL_C) breakOff();
			else if (c === '\x04' && line === '') end();
			else if (c === '\r' || c === '\n') {
				kube.out('\n');
				send(`${line}\n`);
				line = '';
			} else if (c === '\x7f') {
				if (line !== '') kube.out('\b \b');
				line = line.slice(0, -1);
			} else {
				kube.out(c);
				line += c;
			}
		}
	});
}

function exitCode(kube: Kube, status: Status | undefined): number {
	if (status === undefined || status.status === 'Success') return kube.signal.aborted ? 130 : 0;
	const cause = status.details?.causes?.find((c) => c.reason === 'ExitCode');
	if (cause !== undefined) {
		const code = Number(cause.message);
		throw new CliError(`command terminated with exit code ${code}`, { raw: true, exitCode: code });
	}
	throw new CliError(status.message ?? 'the stream ended with an unknown error');
}
