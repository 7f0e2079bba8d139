/** What the site's browser tests share: one build with the stand-in lab, one browser, and a mock server for each test that wants one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BUILDS = `${root}.cache/site-test`;
/** A folder for this process alone: two runs at a time must not build over each other. */
export const DIST = `${BUILDS}/${process.pid}`;
const EXECUTABLE = process.env['FOOTHOLD_CHROMIUM'] ?? '/usr/bin/chromium';

/** Without a browser these tests say that they were skipped. */
export const hasBrowser = existsSync(EXECUTABLE);

const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** Builds of processes that are gone: a run that was killed tidies up nothing. */
async function removeOldBuilds(): Promise<void> {
	for (const name of await readdir(BUILDS).catch(() => [])) {
		if (!isRunning(Number(name))) await rm(`${BUILDS}/${name}`, { recursive: true, force: true });
	}
}

/** What is no process id at all (files of an older build) counts as gone. */
function isRunning(pid: number): boolean {
	if (!Number.isInteger(pid)) return false;
	try {
		return process.kill(pid, 0);
	} catch (error) {
		// Somebody else's process is there, too.
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}

/** Builds the site into DIST; milliseconds it took. */
export async function buildSite(): Promise<number> {
	await removeOldBuilds();
	const started = performance.now();
	const env = { ...process.env, FOOTHOLD_LABS: 'test/site/labs', FOOTHOLD_DIST: DIST, ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
	await promisify(execFile)(process.execPath, ['node_modules/astro/bin/astro.mjs', 'build'], { cwd: root, env });
	return performance.now() - started;
}

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });

export interface Watched {
	readonly page: Page;
	/** Errors on the console, exceptions, and requests to other hosts: there should be none. */
	readonly faults: string[];
}

/** A page that notes what goes wrong on it. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
	const page = await context.newPage();
	const faults: string[] = [];
	page.on('console', (message) => {
		if (message.type() === 'error') faults.push(message.text());
	});
	page.on('pageerror', (error) => faults.push(error.message));
	page.on('request', (request) => {
		const { origin, protocol } = new URL(request.url());
		if (protocol.startsWith('http') && origin !== new URL(url).origin) faults.push(`another host: ${request.url()}`);
	});
	await page.goto(url, { waitUntil: 'load' });
	return { page, faults };
}

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Breaches of WCAG A and AA, as lines that name the place. */
export async function breaches(page: Page): Promise<string[]> {
	await page.evaluate(axeSource);
	const results = await page.evaluate(() => {
		const { axe } = window as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResults> } };
		return axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
	});
	return results.violations.flatMap(({ id, nodes }) =>
		nodes.map((node) => `${id}: ${node.html.slice(0, 120)} (${node.any[0]?.message ?? node.all[0]?.message ?? ''})`),
	);
}
