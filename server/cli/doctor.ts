/** `npm run doctor`: what this machine can run, and what to do about each gap. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

export async function examine(root: string): Promise<readonly Finding[]> {
	return Promise.all([
		node(),
		memory(),
		disk(root),
		installed(root),
		site(root),
		browser(),
		docker(),
		tool('kind', ['version'], 'Only for the kind provider, which is not built yet.'),
		tool('kubectl', ['version', '--client'], 'Only to use your own kubectl on a lab’s cluster; the lab’s terminal has one.'),
	]);
}

export async function doctor(root: string): Promise<number> {
	const findings = await examine(root);
	const signs = { good: 'ok  ', weak: 'weak', missing: '--  ' };
	for (const f of findings)
		process.stdout.write(`${signs[f.state]}  ${f.what.padEnd(12)} ${f.seen}${f.next === '' ? '' : `\n      ${''.padEnd(12)} ${f.next}`}\n`);
	// Only what the simulator needs decides: Docker and the rest are choices.
	const needed = new Set(['Node', 'packages']);
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

if (import.meta.main) process.exitCode = await doctor(join(import.meta.dirname, '..', '..'));
