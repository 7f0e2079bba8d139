/** Builds the site where it is missing or older than what it is made of. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '../errors/catalogue.ts';

const SOURCES = ['src', 'content', 'labs', 'public', 'server/protocol', 'astro.config.mjs', 'package.json'];
/** Of a lab only its words are on the site. */
const IGNORED = new Set(['node_modules', 'solutions', 'hollow']);

export async function siteIsStale(root: string): Promise<boolean> {
	const built = await stat(join(root, 'dist', 'index.html')).catch(() => undefined);
	if (built === undefined) return true;
	for (const source of SOURCES) if ((await newest(join(root, source))) > built.mtimeMs) return true;
	return false;
}

async function newest(path: string): Promise<number> {
	const at = await stat(path).catch(() => undefined);
	if (at === undefined) return 0;
	if (!at.isDirectory()) return /\.test\.tsx?$/.test(path) ? 0 : at.mtimeMs;
	let most = 0;
	for (const name of await readdir(path)) if (!IGNORED.has(name)) most = Math.max(most, await newest(join(path, name)));
	return most;
}

/** Runs `astro build`. Rejects with `site-unbuildable` and the end of its output. */
export function buildSite(root: string): Promise<void> {
	const astro = join(root, 'node_modules', 'astro', 'bin', 'astro.mjs');
	if (!existsSync(astro)) return Promise.reject(fault('site-unbuildable', { why: 'astro is not installed; run npm ci' }));
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [astro, 'build'], {
			cwd: root,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
		});
		let tail = '';
		const keep = (chunk: Buffer): void => {
			tail = (tail + chunk.toString()).slice(-2000);
		};
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		child.once('error', (error) => reject(fault('site-unbuildable', { why: error.message }, error)));
		child.once('exit', (code) => {
			if (code === 0) resolve();
			else reject(fault('site-unbuildable', { why: tail.trim().split('\n').slice(-3).join(' ') || `astro ended with code ${code}` }));
		});
	});
}
