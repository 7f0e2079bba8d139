/**
 * `npm run durability [-- --kills 50]`: kills the real server with SIGKILL at random moments under load, starts it again,
 * and looks for everything that was acknowledged: files written from the page, command lines run in the terminal, objects
 * created in the cluster, the learner's name and hints. One JSON line: {"kills","acked","lost","duplicated","restart_ms_p95"}.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { signIn, TestPage } from '../../server/sessions/testing/client.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const LOG = '/home/learner/durability.log';

/** What the server has said yes to. */
class Ledger {
	acked = 0;
	lost = 0;
	duplicated = 0;
	readonly files = new Map<string, string>();
	readonly commands = new Set<number>();
	readonly objects = new Set<string>();
	name = 0;
	readonly problems: string[] = [];

	miss(what: string): void {
		this.lost++;
		if (this.problems.length < 20) this.problems.push(`lost: ${what}`);
	}
	twice(what: string): void {
		this.duplicated++;
		if (this.problems.length < 20) this.problems.push(`twice: ${what}`);
	}
}

interface Server {
	readonly child: ChildProcess;
	readonly link: string;
	readonly ms: number;
}

function start(data: string): Promise<Server> {
	const began = performance.now();
	const child = spawn(process.execPath, [join(ROOT, 'server/main.ts'), 'start', '--port', '0', '--data', data, '--workers', '1', '--no-build', '--json'], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	return new Promise((resolve, reject) => {
		child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
		createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).once('line', (line) => {
			child.removeAllListeners('exit');
			const { link } = JSON.parse(line) as { link: string };
			resolve({ child, link, ms: performance.now() - began });
		});
	});
}

function kill(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		child.once('exit', () => resolve());
		child.kill('SIGKILL');
	});
}

interface Place {
	readonly base: string;
	readonly cookie: string;
	readonly page: TestPage;
	readonly cluster: string;
	readonly token: string;
}

async function enter(server: Server, lab: string): Promise<Place> {
	const { base, cookie } = await signIn(server.link);
	const page = await TestPage.open(base, cookie, lab);
	await page.next('session');
	await page.openTerminal('main');
	const config = await (await fetch(`${base}/api/labs/${lab}/kubeconfig`, { headers: { cookie } })).text();
	const id = /clusters\/([a-z0-9]+)"/.exec(config)?.[1] ?? '';
	return { base, cookie, page, cluster: `${base}/clusters/${id}`, token: /token: "(.*)"/.exec(config)?.[1] ?? '' };
}

/** Looks for everything acknowledged so far. */
async function verify(place: Place, ledger: Ledger): Promise<void> {
	const { page, base, cookie } = place;
	for (const [path, content] of ledger.files) {
		const answer = await page.ask({ type: 'files.read', path });
		// A later write of the same file may have been under way when the server was killed.
		if (answer.type !== 'file' || Number(answer.content) < Number(content)) ledger.miss(`file ${path}: ${content}`);
	}
	const log = await page.ask({ type: 'files.read', path: LOG });
	const lines = log.type === 'file' ? log.content.split('\n').filter((l) => l !== '') : [];
	const seen = new Map<string, number>();
	for (const line of lines) seen.set(line, (seen.get(line) ?? 0) + 1);
	for (const n of ledger.commands) if (!seen.has(`cmd-${n}`)) ledger.miss(`command ${n}`);
	for (const [line, count] of seen) if (count > 1) ledger.twice(`command ${line}`);
	const objects = (await (
		await fetch(`${place.cluster}/api/v1/namespaces/default/configmaps?limit=5000`, { headers: { authorization: `Bearer ${place.token}` } })
	).json()) as {
		items: { metadata: { name: string } }[];
	};
	const names = new Set(objects.items.map((o) => o.metadata.name));
	for (const name of ledger.objects) if (!names.has(name)) ledger.miss(`object ${name}`);
	const me = (await (await fetch(`${base}/api/me`, { headers: { cookie } })).json()) as { name: string | null };
	if (Number(me.name ?? 0) < ledger.name) ledger.miss(`name ${ledger.name}, found ${me.name}`);
}

/** Writes of every kind, until they fail because the server is gone. */
async function load(place: Place, ledger: Ledger, next: () => number): Promise<void> {
	const until = async (write: () => Promise<void>): Promise<void> => {
		try {
			for (;;) await write();
		} catch {
			// The server was killed: what was on its way was not acknowledged.
		}
	};
	const { page, base, cookie } = place;
	const gone = new Promise<never>((_, reject) => void page.until(() => page.closed !== undefined, 600_000).then(() => reject(new Error('gone'))));
	gone.catch(() => {});
	await Promise.all([
		until(async () => {
			const n = next();
			const path = `/home/learner/f${n % 7}.txt`;
			const answer = await Promise.race([page.ask({ type: 'files.write', path, content: String(n) }), gone]);
			if (answer.type !== 'done') throw new Error(JSON.stringify(answer));
			ledger.files.set(path, String(n));
			ledger.acked++;
		}),
		until(async () => {
			const n = next();
			// What is typed reads do''ne: only the output says done.
			page.send({ type: 'terminal.input', terminal: 'main', data: `echo cmd-${n} >> ${LOG}; echo do''ne-${n}\r` });
			await Promise.race([page.screenShows('main', `done-${n}\r\n`, 600_000), gone]);
			ledger.commands.add(n);
			ledger.acked++;
		}),
		until(async () => {
			const name = `c${next()}`;
			const answer = await fetch(`${place.cluster}/api/v1/namespaces/default/configmaps`, {
				method: 'POST',
				headers: { authorization: `Bearer ${place.token}`, 'content-type': 'application/json' },
				body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }),
			});
			if (answer.status !== 201) throw new Error(await answer.text());
			ledger.objects.add(name);
			ledger.acked++;
			await new Promise((resolve) => setTimeout(resolve, 5));
		}),
		until(async () => {
			const n = next();
			const answer = await fetch(`${base}/api/me`, { method: 'POST', headers: { cookie, origin: base }, body: JSON.stringify({ name: String(n) }) });
			if (answer.status !== 200) throw new Error(await answer.text());
			ledger.name = Math.max(ledger.name, n);
			ledger.acked++;
		}),
	]);
}

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: { kills: { type: 'string', default: '50' }, lab: { type: 'string', default: 'three-tiers' }, verbose: { type: 'boolean', default: false } },
	});
	const kills = Number(values.kills);
	const data = await mkdtemp(join(tmpdir(), 'foothold-durability-'));
	const ledger = new Ledger();
	const restarts: number[] = [];
	let n = 0;
	for (let i = 0; i <= kills; i++) {
		const server = await start(data);
		if (i > 0) restarts.push(server.ms);
		const place = await enter(server, values.lab);
		await verify(place, ledger);
		if (values.verbose) process.stderr.write(`${i}: ready after ${Math.round(server.ms)} ms, ${ledger.acked} acknowledged, ${ledger.lost} lost\n`);
		const loading = i < kills ? load(place, ledger, () => ++n) : undefined;
		await new Promise((resolve) => setTimeout(resolve, i < kills ? 30 + Math.random() * 700 : 0));
		await kill(server.child);
		await loading;
		place.page.terminate();
	}
	restarts.sort((a, b) => a - b);
	const p95 = Math.round(restarts[Math.min(restarts.length - 1, Math.floor(restarts.length * 0.95))] ?? 0);
	for (const problem of ledger.problems) process.stderr.write(`${problem}\n`);
	process.stdout.write(`${JSON.stringify({ kills, acked: ledger.acked, lost: ledger.lost, duplicated: ledger.duplicated, restart_ms_p95: p95 })}\n`);
	await rm(data, { recursive: true, force: true });
	// A run that acknowledged nothing has shown nothing: each kind has to have come through.
	const shown = ledger.files.size > 0 && ledger.commands.size > 0 && ledger.objects.size > 0 && ledger.name > 0;
	if (!shown) process.stderr.write('not every kind of write was acknowledged at least once\n');
	return ledger.lost === 0 && ledger.duplicated === 0 && shown ? 0 : 1;
}

// Connections to servers that were killed may linger: the run is over all the same.
process.exit(await main());
