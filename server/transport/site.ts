/** The built site's files, with caching and a content security policy that names the page's own inline scripts. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: { readonly [ending: string]: string } = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.mjs': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.json': 'application/json',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.jpg': 'image/jpeg',
	'.webp': 'image/webp',
	'.ico': 'image/x-icon',
	'.woff2': 'font/woff2',
	'.wasm': 'application/wasm',
	'.xml': 'application/xml',
	'.txt': 'text/plain; charset=utf-8',
	'.map': 'application/json',
	'.webmanifest': 'application/manifest+json',
};

interface Held {
	readonly stamp: string;
	readonly body: Buffer;
	readonly etag: string;
	readonly scripts: readonly string[];
}

export class Site {
	private readonly root: string;
	private readonly held = new Map<string, Held>();

	constructor(root: string) {
		this.root = root;
	}

	/** The file for a path, or undefined. `/track/` is `track/index.html`; `/track` leads there. */
	async answer(path: string, ifNoneMatch: string | undefined): Promise<Response | undefined> {
		const file = await this.find(path);
		if (file === undefined) return undefined;
		if (file.redirect !== undefined) return new Response(null, { status: 308, headers: { location: file.redirect } });
		const held = await this.load(file.path, file.stamp);
		const type = TYPES[extname(file.path)] ?? 'application/octet-stream';
		// Astro names its assets by their content: they never change.
		const cache = path.startsWith('/_astro/') ? 'public, max-age=31536000, immutable' : 'no-cache';
		const headers: Record<string, string> = { 'content-type': type, 'cache-control': cache, etag: held.etag };
		if (type.startsWith('text/html')) headers['content-security-policy'] = contentSecurityPolicy(held.scripts);
		if (path === SEARCH_WORKER) headers['content-security-policy'] = SEARCH_WORKER_POLICY;
		if (ifNoneMatch === held.etag) return new Response(null, { status: 304, headers });
		return new Response(held.body as Uint8Array<ArrayBuffer>, { headers });
	}

	private async find(path: string): Promise<{ readonly path: string; readonly stamp: string; readonly redirect?: string } | undefined> {
		let decoded: string;
		try {
			decoded = decodeURIComponent(path);
		} catch {
			return undefined;
		}
		const inside = normalize(join(this.root, decoded));
		if (decoded.includes('\u0000') || !(inside === this.root || inside.startsWith(this.root + sep))) return undefined;
		const at = await stat(inside).catch(() => undefined);
		if (at?.isFile()) return { path: inside, stamp: `${at.mtimeMs}-${at.size}` };
		if (at?.isDirectory()) {
			const index = join(inside, 'index.html');
			const page = await stat(index).catch(() => undefined);
			if (page?.isFile() !== true) return undefined;
			const found = { path: index, stamp: `${page.mtimeMs}-${page.size}` };
			return decoded.endsWith('/') ? found : { ...found, redirect: `${path}/` };
		}
		return undefined;
	}

	private async load(path: string, stamp: string): Promise<Held> {
		const old = this.held.get(path);
		if (old?.stamp === stamp) return old;
		const body = await readFile(path);
		const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
		const held = { stamp, body, etag, scripts: path.endsWith('.html') ? inlineScripts(body.toString()) : [] };
		this.held.set(path, held);
		return held;
	}
}

/** Hashes of a page's inline scripts, as a policy names them. */
export function inlineScripts(html: string): string[] {
	const hashes = new Set<string>();
	for (const m of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
		if (/\bsrc\s*=/.test(m[1] ?? '') || (m[2] ?? '') === '') continue;
		hashes.add(
			`'sha256-${createHash('sha256')
				.update(m[2] ?? '')
				.digest('base64')}'`,
		);
	}
	return [...hashes];
}

/** Search runs as WebAssembly in a worker, and a worker's own answer brings its policy: no page has to allow it. */
const SEARCH_WORKER = '/pagefind/pagefind-worker.js';
const SEARCH_WORKER_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'self'";

export function contentSecurityPolicy(scripts: readonly string[] = []): string {
	return [
		"default-src 'self'",
		`script-src 'self'${scripts.map((hash) => ` ${hash}`).join('')}`,
		// Terminal and editor set styles of their own.
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' data:",
		"font-src 'self' data:",
		"connect-src 'self'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	].join('; ');
}
