import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import { pdf } from './pdf.ts';

const run = vi.hoisted(() => ({ timeouts: [] as unknown[] }));
/** The real one, hurried: what may take LIMITS.pdfMs takes 50 ms. */
vi.mock('node:child_process', async (original) => {
	const real = await original<typeof import('node:child_process')>();
	const execFile = (file: string, args: readonly string[], options: { readonly timeout: number }, done: (error: Error | null) => void): unknown => {
		run.timeouts.push(options.timeout);
		return real.execFile(file, args, { timeout: (options.timeout / LIMITS.pdfMs) * 50 }, done);
	};
	return { ...real, execFile };
});

afterEach(() => {
	vi.unstubAllEnvs();
});

it('ends a browser that has not printed within LIMITS.pdfMs', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'foothold-slow-browser-'));
	const browser = join(folder, 'browser');
	await writeFile(browser, '#!/bin/sh\nexec sleep 600\n');
	await chmod(browser, 0o755);
	vi.stubEnv('FOOTHOLD_CHROMIUM', browser);
	await expect(pdf({ 'index.html': '<p>' })).rejects.toMatchObject({ code: 'pdf-failed' });
	expect(run.timeouts).toEqual([LIMITS.pdfMs]);
});
