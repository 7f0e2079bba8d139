/** The real server in a process of its own on a temporary data folder, with as many learners as a test wants. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TestPage } from '../../server/sessions/testing/client.ts';
import { Security } from '../../server/transport/security.ts';
import { root } from '../e2e/server.ts';

export const LAB = 'three-tiers';
const SEQUENCES = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-9;?]*[A-Za-z]|[=>])`, 'g');

const PROMPT = /learner@workstation:[^\n]*\$ $/;

/** Text without colours and cursor moves. */
export const plain = (text: string): string => text.replace(SEQUENCES, '');

export interface StartOptions {
	readonly workers?: number;
	readonly data?: string;
	/** What the server's command line is put behind. */
	readonly before?: readonly string[];
	/** The data folder is a mount of the server's own: it is reached through the process. */
	readonly inside?: boolean;
}

/** Names that tests and benchmarks sign in by. */
const NEIGHBOURS = ['wild', 'neighbour', 'first', 'flood', 'huge', 'paster', 'tabs', 'probe', 'warm', 'slow', 'fast', 'long'];
const CROWD = 400;

export class FaultServer {
	readonly data: string;
	readonly link: string;
	readonly base: string;
	/** Standard error so far. */
	errors = '';
	private readonly child: ChildProcess;
	private readonly gone: Promise<void>;
	private readonly seats: Learner[] = [];
	private secret: Buffer | undefined;

	/** The data folder as this process reaches it. */
	readonly inside: string;

	private constructor(data: string, inside: boolean, child: ChildProcess, gone: Promise<void>, link: string) {
		this.data = data;
		this.inside = inside ? `/proc/${child.pid}/root${data}` : data;
		this.child = child;
		this.gone = gone;
		this.link = link;
		this.base = new URL(link).origin;
	}

	/** Everybody whom a test may sign in stands in the directory before the server reads it: a local server alone knows one person. */
	private static async invite(data: string): Promise<void> {
		const names = ['local', ...NEIGHBOURS, ...Array.from({ length: CROWD }, (_, i) => `l${i}`)];
		const people = names.map((id) => ({ id, name: '', roles: ['learner', 'mentor', 'admin'], createdAt: new Date().toISOString() }));
		await mkdir(join(data, 'people'), { recursive: true, mode: 0o700 });
		const path = join(data, 'people', 'directory.json');
		if (await readFile(path).then(Boolean, () => false)) return;
		await writeFile(path, JSON.stringify({ version: 0, people, cohorts: [] }));
	}

	/** Starts the server without building the site, on a port that it chooses itself. */
	static async start(options: StartOptions = {}): Promise<FaultServer> {
		const data = options.data ?? (await mkdtemp(join(tmpdir(), 'foothold-faults-')));
		await FaultServer.invite(data);
		const flags = ['--port', '0', '--data', data, '--workers', String(options.workers ?? 1), '--no-build', '--json'];
		const [program = '', ...args] = [...(options.before ?? []), process.execPath, '--no-warnings', 'server/main.ts', ...flags];
		const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
		let errors = '';
		let server: FaultServer | undefined;
		child.stderr.on('data', (d: Buffer) => {
			if (server === undefined) errors += String(d);
			else server.errors += String(d);
		});
		const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
		const link = await new Promise<string>((resolve, reject) => {
			child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${errors}`)));
			createInterface({ input: child.stdout }).once('line', (line) => resolve((JSON.parse(line) as { link: string }).link));
		});
		server = new FaultServer(data, options.inside ?? false, child, gone, link);
		server.errors = errors;
		return server;
	}

	get pid(): number {
		return this.child.pid ?? 0;
	}

	get alive(): boolean {
		return this.child.exitCode === null && this.child.signalCode === null;
	}

	/** A cookie as the server would have given it to this learner: local mode signs in one only, and harm needs a neighbour. */
	async cookie(learner: string): Promise<string> {
		this.secret ??= await readFile(join(this.inside, 'secret'));
		const security = new Security({ port: 0, token: '', secret: this.secret, learner });
		return security.cookie().split(';')[0] ?? '';
	}

	/** A learner at the lab, with a terminal that shows its prompt. */
	async learner(name: string, terminal = 'main'): Promise<Learner> {
		const seat = new Learner(await TestPage.open(this.base, await this.cookie(name), LAB), terminal);
		this.seats.push(seat);
		await seat.page.next('session');
		await seat.page.openTerminal(terminal, 200, 50);
		await seat.prompted();
		return seat;
	}

	/** Megabytes of memory that the process has in use (Linux; 0 elsewhere). */
	async megabytes(): Promise<number> {
		const status = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => '');
		return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024;
	}

	async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
		for (const seat of this.seats) seat.page.terminate();
		this.child.kill(signal);
		await this.gone;
	}

	/** Ends it and removes what it kept. */
	async discard(): Promise<void> {
		await this.stop('SIGKILL');
		await rm(this.data, { recursive: true, force: true });
	}
}

export class Learner {
	readonly page: TestPage;
	readonly terminal: string;

	constructor(page: TestPage, terminal: string) {
		this.page = page;
		this.terminal = terminal;
	}

	/** What the terminal has shown since the last `type` or `run`, without colours. */
	get shown(): string {
		return plain(this.page.screens.get(this.terminal) ?? '');
	}

	/** Sends keys; what was on the screen before is forgotten. */
	type(keys: string): void {
		this.page.screens.set(this.terminal, '');
		this.page.send({ type: 'terminal.input', terminal: this.terminal, data: keys });
	}

	/** Sends keys on top of what is shown. */
	add(keys: string): void {
		this.page.send({ type: 'terminal.input', terminal: this.terminal, data: keys });
	}

	async shows(text: string | RegExp, timeoutMs = 20_000): Promise<void> {
		await this.becomes(() => (typeof text === 'string' ? this.shown.includes(text) : text.test(this.shown)), String(text), timeoutMs);
	}

	private async becomes(there: () => boolean, what: string, timeoutMs: number): Promise<void> {
		await this.page.until(there, timeoutMs).catch(() => {
			throw new Error(`the terminal never showed ${what}; it shows ${JSON.stringify(this.shown.slice(-600))}`);
		});
	}

	/** Waits until the shell asks for the next line. Only the end of the screen is looked at: there may be megabytes of it. */
	prompted(timeoutMs = 20_000): Promise<void> {
		return this.becomes(() => PROMPT.test(plain((this.page.screens.get(this.terminal) ?? '').slice(-300))), 'a prompt', timeoutMs);
	}

	private promptedAgain(timeoutMs: number): Promise<void> {
		const again = (): boolean => {
			const screen = this.page.screens.get(this.terminal) ?? '';
			return screen.includes('\n') && PROMPT.test(plain(screen.slice(-300)));
		};
		return this.becomes(again, 'the next prompt', timeoutMs);
	}

	/** Runs a line; resolves with what it wrote, without the echo and the next prompt. */
	async run(line: string, timeoutMs = 20_000): Promise<string> {
		this.type(`${line}\r`);
		await this.promptedAgain(timeoutMs);
		return this.shown
			.replace(/^[^\n]*\n/, '')
			.replace(PROMPT, '')
			.replaceAll('\r\n', '\n');
	}

	async interrupt(timeoutMs = 20_000): Promise<void> {
		this.type('\u0003');
		await this.promptedAgain(timeoutMs);
	}

	async write(path: string, content: string): Promise<string> {
		const answer = await this.page.ask({ type: 'files.write', path: `/home/learner/${path}`, content }, 40_000);
		return answer.type === 'error' ? answer.code : answer.type;
	}

	/** Median of the ms that small everyday things take: a command line, a file read. */
	async pace(times = 15): Promise<number> {
		const took: number[] = [];
		for (let i = 0; i < times; i++) {
			const began = performance.now();
			await this.run('kubectl get namespace default -o name', 60_000);
			took.push(performance.now() - began);
		}
		took.sort((a, b) => a - b);
		return took[Math.floor(times / 2)] ?? 0;
	}
}
