/** Team mode in a browser: sign in at a real identity provider, work, survive kill -9, sign out, and find the doors shut. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT, startProvider, type TestProvider } from '../../server/transport/testing/provider.ts';
import { launch } from '../site/browser.ts';
import { LabPage } from './lab-page.ts';
import { freePort } from '../../server/transport/testing/free-port.ts';
import { type RunningServer, startServer } from './server.ts';

let data: string;
let port: number;
let base: string;
let provider: TestProvider;
let server: RunningServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;

const start = (): Promise<RunningServer> =>
	startServer(data, port, {
		FOOTHOLD_OIDC_ISSUER: provider.issuer,
		FOOTHOLD_OIDC_CLIENT_ID: CLIENT.clientId,
		FOOTHOLD_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
		FOOTHOLD_PUBLIC_URL: base,
		FOOTHOLD_ADMINS: 'ada@x.example',
	});

beforeAll(async () => {
	data = mkdtempSync(join(tmpdir(), 'foothold-team-'));
	port = await freePort();
	base = `http://127.0.0.1:${port}`;
	provider = await startProvider(base);
	server = await start();
	browser = await launch();
	context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	page = await context.newPage();
});
afterAll(async () => {
	await browser?.close();
	await server?.stop();
	await provider?.close();
	if (data !== undefined) rmSync(data, { recursive: true, force: true });
});

describe('a team’s learner', () => {
	it('signs in where a page asks for it, and comes back to that page', async () => {
		await page.goto(`${base}/account/`);
		await page.locator('#account').getByRole('link', { name: 'Sign in' }).click();
		await page.locator('input[name=login]').fill('ada');
		await page.locator('input[name=password]').fill('x');
		await page.locator('button[type=submit]').click();
		await page.waitForURL(`${base}/account/`);
		await page.locator('#account').getByText('ada@x.example').waitFor();
		await page.getByRole('link', { name: 'Ada', exact: true }).waitFor();
	});

	it('works in a lab, and is still signed in and finds the work after kill -9', async () => {
		await page.goto(`${base}/labs/three-tiers/`);
		const lab = new LabPage(page);
		await lab.prompt(60_000);
		expect(await lab.run('echo kept > note.txt; kubectl get nodes')).toContain('foothold-worker2');
		await server.kill();
		server = await start();
		await page.reload();
		await lab.prompt(60_000);
		expect(await lab.run('cat note.txt')).toContain('kept');
	});

	it('signs out: the lab in another tab is cut off at once, and the account asks to sign in', async () => {
		const tab = await context.newPage();
		const ended = tab.waitForEvent('websocket').then((socket) => socket.waitForEvent('close', { timeout: 60_000 }));
		await tab.goto(`${base}/labs/three-tiers/`);
		await new LabPage(tab).prompt(60_000);
		await page.goto(`${base}/account/`);
		await page.getByRole('button', { name: 'Sign out', exact: true }).click();
		await page.waitForURL(/\/session\/end/);
		await ended;
		await tab.getByText('You are not signed in').first().waitFor();
		await page.goto(`${base}/account/`);
		await page.locator('#account').getByRole('link', { name: 'Sign in' }).waitFor();
		expect((await context.request.get(`${base}/api/me`)).status()).toBe(401);
	});
});
