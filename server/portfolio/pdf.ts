/** The portfolio's first page as PDF, printed by a Chromium of the machine's: its print styles are the layout. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { SiteFiles } from './site.ts';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** The browser that can print, or undefined. `FOOTHOLD_CHROMIUM` names another. */
export const printer = (): string | undefined => [process.env['FOOTHOLD_CHROMIUM'], ...BROWSERS].find((path) => path !== undefined && existsSync(path));

/** Rejects with `no-printer` where no browser is found, with `pdf-failed` where it could not print in time. */
export async function pdf(files: SiteFiles): Promise<Uint8Array<ArrayBuffer>> {
	const browser = printer();
	if (browser === undefined) throw fault('no-printer', {});
	const folder = await mkdtemp(join(tmpdir(), 'foothold-pdf-'));
	try {
		for (const [path, text] of Object.entries(files)) {
			await mkdir(dirname(join(folder, path)), { recursive: true });
			await writeFile(join(folder, path), text);
		}
		const out = join(folder, 'portfolio.pdf');
		// The pages are our own markup with every value escaped, and load nothing from elsewhere; a container's root has no sandbox to use.
		const flags = [
			'--headless',
			'--no-sandbox',
			'--disable-gpu',
			'--no-pdf-header-footer',
			'--disable-background-networking',
			`--user-data-dir=${folder}/profile`,
		];
		await promisify(execFile)(browser, [...flags, `--print-to-pdf=${out}`, `file://${join(folder, 'index.html')}`], { timeout: LIMITS.pdfMs });
		return new Uint8Array(await readFile(out));
	} catch (error) {
		throw fault('pdf-failed', { why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }, error);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
