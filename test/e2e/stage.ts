/** A real server on a data folder of its own, and a browser before it, for one file of tests: both come and go by its hooks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launch } from '../site/browser.ts';
import { freePort } from '../../server/transport/testing/free-port.ts';
import { type RunningServer, startServer } from './server.ts';

export interface Stage {
	readonly data: string;
	/** The one that runs now. */
	readonly server: RunningServer;
	readonly browser: Browser;
	/** kill -9, then another server on the same folder and port: pages that are open find it again. */
	restart(): Promise<void>;
}

/** `fill` puts something into the data folder before the server starts. To be called where the hooks belong: in a file, or in a `describe`. */
export function stage(name: string, fill: (data: string) => void = () => {}): Stage {
	const data = mkdtempSync(join(tmpdir(), `foothold-${name}-`));
	let port = 0;
	let server: RunningServer | undefined;
	let browser: Browser | undefined;
	const there = <T>(one: T | undefined): T => {
		if (one === undefined) throw new Error('server and browser are there from the first test on');
		return one;
	};
	beforeAll(async () => {
		fill(data);
		port = await freePort();
		[browser, server] = await Promise.all([launch(), startServer(data, port)]);
	}, 120_000);
	afterAll(async () => {
		await browser?.close();
		await server?.stop();
		rmSync(data, { recursive: true, force: true });
	});
	return {
		data,
		get server() {
			return there(server);
		},
		get browser() {
			return there(browser);
		},
		restart: async () => {
			await there(server).kill();
			server = await startServer(data, port);
		},
	};
}
