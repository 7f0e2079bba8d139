/**
 * Terminals over WebSocket on the real server, as many people at once: how soon a key comes back, what a flood costs, how soon a page
 * that comes back has its scrollback (`idle.ts`: what a session weighs). Server and clients share the machine.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ClientMessage, ServerMessage } from '../../server/protocol/messages.ts';
import { FaultServer, LAB } from '../faults/harness.ts';
import { print, quantile } from './figures.ts';
import { idle } from './idle.ts';

const SESSIONS = 300;
const WORKERS = 2;
/** People type some three keys a second, and read most of the time: every other one types at a given moment. */
const KEY_EVERY_MS = 700;
/** And run something every quarter of a minute. */
const COMMAND_EVERY_MS = 15_000;
const PROBES = 400;
const SCROLLBACK_LINES = 5000;
const TERMINAL = 'main';
const ACK_EVERY = 4096;
/** Real ms after which collectors have been at what a start leaves behind. */
const REST_MS = 15_000;
const BIG_FILE = `yes ${'0123456789'.repeat(8)} | head -c 3900000 > a; echo re''ady`;
const FIFTY_MB = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cat a; done';

/** A page that draws nothing: it acknowledges and forgets. */
class LoadPage {
	private readonly ws: WebSocket;
	private unacknowledged = 0;
	private wanted: { readonly text: string; readonly seen: () => void } | undefined;
	private tail = '';
	/** A page that has stopped reading acknowledges nothing. */
	reading = true;

	private constructor(ws: WebSocket) {
		this.ws = ws;
		ws.on('message', (data) => this.take(JSON.parse(String(data)) as ServerMessage));
		ws.on('error', () => undefined);
	}

	/** Opens the lab; resolves once the terminal shows its prompt. */
	static async open(server: FaultServer, learner: string): Promise<LoadPage> {
		const headers = { cookie: await server.cookie(learner), origin: server.base };
		const ws = new WebSocket(`${server.base.replace('http', 'ws')}/api/labs/${LAB}/socket`, { headers });
		const page = new LoadPage(ws);
		await new Promise((resolve, reject) => {
			ws.once('open', resolve);
			ws.once('error', reject);
		});
		const prompt = page.sees('$ ');
		page.send({ type: 'terminal.open', terminal: TERMINAL, columns: 120, rows: 30 });
		await prompt;
		return page;
	}

	send(message: ClientMessage): void {
		this.ws.send(JSON.stringify(message));
	}

	type(data: string): void {
		this.tail = '';
		this.send({ type: 'terminal.input', terminal: TERMINAL, data });
	}

	/** Resolves with the ms until the terminal has written a text. */
	sees(text: string): Promise<number> {
		const began = performance.now();
		return new Promise((resolve) => {
			this.wanted = { text, seen: () => resolve(performance.now() - began) };
		});
	}

	/** ms from a key to its echo. */
	async echo(key: string): Promise<number> {
		const seen = this.sees(key);
		this.type(key);
		return seen;
	}

	/** Takes nothing from the socket any more. */
	stall(): void {
		this.reading = false;
		this.ws.pause();
	}

	close(): Promise<void> {
		return new Promise((resolve) => {
			this.ws.once('close', () => resolve());
			this.ws.resume();
			this.ws.close();
		});
	}

	private take(message: ServerMessage): void {
		const text = message.type === 'terminal.opened' ? message.scrollback : message.type === 'terminal.output' ? message.data : '';
		if (text === '') return;
		this.tail = (this.tail + text).slice(-400);
		if (this.wanted !== undefined && this.tail.includes(this.wanted.text)) {
			const { seen } = this.wanted;
			this.wanted = undefined;
			seen();
		}
		this.unacknowledged += message.type === 'terminal.output' ? text.length : 0;
		if (!this.reading || this.unacknowledged === 0 || (this.unacknowledged < ACK_EVERY && this.wanted !== undefined)) return;
		this.send({ type: 'terminal.ack', terminal: TERMINAL, characters: this.unacknowledged });
		this.unacknowledged = 0;
	}
}

/** Somebody at work until `over`: keys one by one, now and then a command. */
async function work(page: LoadPage, index: number, over: () => boolean): Promise<void> {
	await pause((index * KEY_EVERY_MS * 7) % COMMAND_EVERY_MS);
	let line = 0;
	while (!over()) {
		for (const key of 'kubectl get pods -A') {
			page.type(key);
			await pause(KEY_EVERY_MS);
			if (over()) return;
		}
		page.type(line % 4 === 3 ? '\rkubectl get events -A\r' : '\r');
		line++;
	}
}

async function probe(page: LoadPage): Promise<number[]> {
	const took: number[] = [];
	for (let i = 0; i < PROBES; i++) {
		took.push(await page.echo('x'));
		// The line is cleared again, and time passes as between two keys.
		page.type('\u0015');
		await pause(25);
	}
	return took;
}

const report = (metric: string, value: number, unit: string, n: number): void => print({ bench: 'terminal', metric, value, unit, n });

export async function terminals(): Promise<void> {
	await idle();
	// A server each: what one leaves behind in memory is not weighed with the next.
	for (const measure of [crowd, flood, reconnect]) {
		const server = await FaultServer.start({ workers: WORKERS });
		try {
			await measure(server);
		} finally {
			await server.discard();
		}
	}
}

async function crowd(server: FaultServer): Promise<void> {
	const me = await LoadPage.open(server, 'probe');
	await me.echo('x');
	const before = await settledMegabytes(server);
	const pages: LoadPage[] = [];
	for (let i = 0; i < SESSIONS; i++) pages.push(await LoadPage.open(server, `l${i}`));
	report('session_kb', (((await settledMegabytes(server)) - before) * 1024) / SESSIONS, 'kB', SESSIONS);

	let done = false;
	const working = Promise.all(pages.map((page, i) => work(page, i, () => done)));
	await pause(COMMAND_EVERY_MS);
	const echoes = await probe(me);
	report('echo_ms_p50', quantile(echoes, 0.5), 'ms', echoes.length);
	report('echo_ms_p99', quantile(echoes, 0.99), 'ms', echoes.length);
	done = true;
	await working;
}

/** `yes` for somebody who reads nothing, and 50 MB through `cat` for somebody who reads all: what the server grows by, and what others feel. */
async function flood(server: FaultServer): Promise<void> {
	const me = await LoadPage.open(server, 'probe');
	const slow = await LoadPage.open(server, 'slow');
	const fast = await LoadPage.open(server, 'fast');
	slow.type(`${BIG_FILE}\r`);
	await slow.sees('ready');
	// Whatever the start left behind is gone by then: what is weighed is the flood.
	await pause(REST_MS);
	const before = await server.megabytes();
	slow.stall();
	slow.type(`${FIFTY_MB}; yes\r`);
	let most = before;
	for (let i = 0; i < 40; i++) {
		await pause(250);
		most = Math.max(most, await server.megabytes());
	}
	report('flood_growth_mb', most - before, 'MB', 40);
	fast.type(`${BIG_FILE}\r`);
	await fast.sees('ready');
	fast.type(`${FIFTY_MB}; echo al''l\r`);
	const over = fast.sees('all');
	const echoes = await probe(me);
	report('flood_others_ms_p99', quantile(echoes, 0.99), 'ms', echoes.length);
	await over;
	await Promise.all([slow.close(), fast.close()]);
}

async function reconnect(server: FaultServer): Promise<void> {
	const page = await LoadPage.open(server, 'long');
	page.type(`seq ${SCROLLBACK_LINES}; echo en''d\r`);
	await page.sees('end');
	await page.close();
	const took: number[] = [];
	for (let i = 0; i < 20; i++) {
		const began = performance.now();
		const again = await LoadPage.open(server, 'long');
		took.push(performance.now() - began);
		await again.close();
	}
	report('reconnect_ms', quantile(took, 0.5), 'ms', took.length);
}

/** Resident memory once it has come to rest: the least of some seconds, for collectors run when they want. */
async function settledMegabytes(server: FaultServer): Promise<number> {
	let least = Number.POSITIVE_INFINITY;
	for (let i = 0; i < 12; i++) {
		least = Math.min(least, await server.megabytes());
		await pause(250);
	}
	return least;
}
