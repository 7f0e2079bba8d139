/** `npm run doctor`: what this machine can run, and what to do about each gap. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { toFault } from '../errors/catalogue.ts';
import { checkAudit } from '../people/audit.ts';
import { readTeam } from '../people/team.ts';
import { Oidc } from '../transport/oidc.ts';
import { dataHealth } from './data-health.ts';
import { defaultDataFolder } from './data-folder.ts';
import { readFlags } from './flags.ts';
import { siteIsStale } from './site-build.ts';

const run = promisify(execFile);

export interface Finding {
	readonly what: string;
	readonly state: 'good' | 'missing' | 'weak';
	readonly seen: string;
	/** What to do; '' where there is nothing to do. */
	readonly next: string;
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'firefox'];

/** What a doctor looks at besides the machine. */
interface Patient {
	readonly data: string;
	readonly team: string | undefined;
}

export async function examine(root: string, { data, team }: Patient): Promise<readonly Finding[]> {
	const findings = await Promise.all([
		node(),
		memory(),
		disk(root),
		installed(root),
		site(root),
		browser(),
		docker(),
		tool('kind', ['version'], 'Only for the kind provider, which is not built yet.'),
		tool('kubectl', ['version', '--client'], 'Only to use your own kubectl on a lab’s cluster; the lab’s terminal has one.'),
		dataFolder(data),
		auditTrail(data),
		teamMode(team),
	]);
	return findings.filter((one) => one !== undefined);
}

const HELP = `npm run doctor -- [--data PATH] [--team FILE]

Says what this machine can run, whether the data folder can be read, and whether the team's identity provider answers; and what to do
about each gap. Nothing is changed.
`;

export async function doctor(root: string, args: readonly string[]): Promise<number> {
	const flags = readFlags(args, { data: { type: 'string' }, team: { type: 'string' }, help: { type: 'boolean' } });
	if (flags.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const findings = await examine(root, { data: resolve(flags.data ?? defaultDataFolder(root)), team: flags.team });
	const signs = { good: 'ok  ', weak: 'weak', missing: '--  ' };
	for (const f of findings)
		process.stdout.write(`${signs[f.state]}  ${f.what.padEnd(12)} ${f.seen}${f.next === '' ? '' : `\n      ${''.padEnd(12)} ${f.next}`}\n`);
	// Only what a server needs decides: Docker and the rest are choices.
	const needed = new Set(['Node', 'packages', 'data folder', 'audit trail', 'team mode']);
	return findings.some((f) => needed.has(f.what) && f.state === 'missing') ? 1 : 0;
}

async function node(): Promise<Finding> {
	const major = Number(process.versions.node.split('.')[0]);
	return {
		what: 'Node',
		state: major >= 24 ? 'good' : 'missing',
		seen: process.versions.node,
		next: major >= 24 ? '' : 'Start through npm (npm start): the project brings the Node that it needs.',
	};
}

async function memory(): Promise<Finding> {
	const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
	const little = totalmem() < 1.5 * 2 ** 30;
	return {
		what: 'memory',
		state: little ? 'weak' : 'good',
		seen: `${gib(freemem())} free of ${gib(totalmem())}, ${availableParallelism()} cores`,
		next: little ? 'Close other programs; building the site takes about 1 GiB.' : '',
	};
}

async function disk(root: string): Promise<Finding> {
	const { bavail, bsize } = await statfs(root);
	const mib = Math.round((bavail * bsize) / 2 ** 20);
	return {
		what: 'disk',
		state: mib < 500 ? 'weak' : 'good',
		seen: `${mib} MiB free`,
		next: mib < 500 ? 'Free some space: sandboxes and progress are kept on disk.' : '',
	};
}

async function installed(root: string): Promise<Finding> {
	const there = existsSync(join(root, 'node_modules', 'hono'));
	return { what: 'packages', state: there ? 'good' : 'missing', seen: there ? 'installed' : 'not installed', next: there ? '' : 'Run npm ci.' };
}

async function site(root: string): Promise<Finding> {
	const stale = await siteIsStale(root);
	return {
		what: 'site',
		state: stale ? 'weak' : 'good',
		seen: stale ? 'not built, or older than its sources' : 'built',
		next: stale ? 'Nothing to do: npm start builds it.' : '',
	};
}

async function dataFolder(data: string): Promise<Finding> {
	const what = 'data folder';
	const health = await dataHealth(data);
	if (health === undefined) return { what, state: 'good', seen: `${data} is not there yet`, next: '' };
	const seen = `${health.files} files, ${(health.bytes / 2 ** 20).toFixed(1)} MiB in ${data}`;
	const [first, ...more] = health.damaged;
	if (first !== undefined) {
		const others = more.length === 0 ? '' : `, and ${more.length} more`;
		return {
			what,
			state: 'missing',
			seen: `“${first.path}” cannot be read: ${first.why}${others}`,
			next: 'Stop the server and restore a backup: npm run restore -- --from FILE --replace.',
		};
	}
	if (health.exposed)
		return { what, state: 'weak', seen: 'others on this machine can read the server’s secret', next: `Take that away: chmod -R go-rwx ${data}` };
	return { what, state: 'good', seen, next: '' };
}

async function auditTrail(data: string): Promise<Finding> {
	const { entries, broken } = await checkAudit(join(data, 'audit'));
	return {
		what: 'audit trail',
		state: broken === undefined ? 'good' : 'missing',
		seen: broken ?? `${entries} lines; it holds`,
		next: broken === undefined ? '' : 'Somebody changed it, or a disk did: compare with a backup (npm run audit -- --data PATH).',
	};
}

/** Undefined where nothing asks for team mode. */
async function teamMode(file: string | undefined): Promise<Finding | undefined> {
	const what = 'team mode';
	try {
		const team = await readTeam(file, process.env);
		if (team === undefined) return undefined;
		await new Oidc(team, Buffer.alloc(32)).reach();
		return { what, state: 'good', seen: `${team.issuer.href} answers; people come to ${team.publicUrl.href}`, next: '' };
	} catch (error) {
		const { message, next } = toFault(error);
		return { what, state: 'missing', seen: message, next };
	}
}

async function browser(): Promise<Finding> {
	for (const name of BROWSERS) {
		const seen = await version(name, ['--version']);
		if (seen !== undefined) return { what: 'browser', state: 'good', seen, next: '' };
	}
	return {
		what: 'browser',
		state: 'missing',
		seen: 'none found on this machine',
		next: 'Any recent browser will do; the browser tests need Chromium (apt-get install chromium).',
	};
}

async function docker(): Promise<Finding> {
	const seen = await version('docker', ['version', '--format', '{{.Server.Version}}']);
	return {
		what: 'Docker',
		state: seen === undefined ? 'missing' : 'good',
		seen: seen ?? 'no daemon answers',
		next: seen === undefined ? 'Only for real clusters (kind); the simulator needs none.' : '',
	};
}

async function tool(name: string, args: readonly string[], next: string): Promise<Finding> {
	const seen = await version(name, args);
	return { what: name, state: seen === undefined ? 'missing' : 'good', seen: seen ?? 'not found', next: seen === undefined ? next : '' };
}

async function version(command: string, args: readonly string[]): Promise<string | undefined> {
	try {
		const { stdout } = await run(command, [...args], { timeout: 5000 });
		return stdout.trim().split('\n')[0];
	} catch {
		// Not installed, or it does not answer: both are the finding.
		return undefined;
	}
}

if (import.meta.main) process.exitCode = await doctor(join(import.meta.dirname, '..', '..'), process.argv.slice(2));
