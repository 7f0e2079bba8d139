import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markdownToHtml } from './markdown.ts';
import { Bucket } from './rate.ts';
import { Security } from './security.ts';
import { contentSecurityPolicy, inlineScripts, Site } from './site.ts';

describe('who may talk to a local server', () => {
	const security = new Security({ port: 4321, token: 'good', secret: Buffer.alloc(32, 1), learner: 'local' });

	it('answers to its own names only', () => {
		for (const host of ['127.0.0.1:4321', 'localhost:4321', '[::1]:4321']) expect(security.hostFault(host)).toBeUndefined();
		for (const host of ['evil.example:4321', '127.0.0.1', 'localhost:1', undefined]) expect(security.hostFault(host)?.code).toBe('host-foreign');
	});

	it('takes changes from its own pages only', () => {
		expect(security.originFault('http://127.0.0.1:4321')).toBeUndefined();
		for (const origin of ['https://evil.example', 'http://127.0.0.1:9', 'null', 'https://127.0.0.1:4321', undefined])
			expect(security.originFault(origin)?.code).toBe('origin-foreign');
	});

	it('knows its own cookies, over restarts, and no others', () => {
		const cookie = security.cookie();
		expect(cookie).toMatch(/; HttpOnly; SameSite=Strict;/);
		const value = cookie.split(';')[0];
		const restarted = new Security({ port: 4321, token: 'other', secret: Buffer.alloc(32, 1), learner: 'local' });
		expect(restarted.learner(`x=1; ${value}`)).toBe('local');
		expect(restarted.learner(`${value}x`)).toBeUndefined();
		expect(new Security({ port: 4321, token: 'good', secret: Buffer.alloc(32, 2), learner: 'local' }).learner(value)).toBeUndefined();
		expect(security.learner(undefined)).toBeUndefined();
	});

	it('knows its token', () => {
		expect([security.tokenGood('good'), security.tokenGood('stale'), security.tokenGood('')]).toEqual([true, false, false]);
	});
});

describe('the site', () => {
	const build = async (): Promise<Site> => {
		const root = await mkdtemp(join(tmpdir(), 'foothold-site-'));
		await mkdir(join(root, 'dist', 'track'), { recursive: true });
		await mkdir(join(root, 'dist', '_astro'));
		await writeFile(join(root, 'secret'), 'no');
		await writeFile(join(root, 'dist', 'index.html'), '<script>go()</script><script src="/a.js"></script>');
		await writeFile(join(root, 'dist', 'track', 'index.html'), 'track');
		await writeFile(join(root, 'dist', '_astro', 'a.B1.js'), 'x');
		return new Site(join(root, 'dist'));
	};

	it('serves pages that are asked for again only when they have changed', async () => {
		const site = await build();
		const page = await site.answer('/', undefined);
		expect([page?.status, page?.headers.get('cache-control'), page?.headers.get('content-type')]).toEqual([200, 'no-cache', 'text/html; charset=utf-8']);
		expect((await site.answer('/', page?.headers.get('etag') ?? ''))?.status).toBe(304);
	});

	it('keeps assets for ever and leads to folders', async () => {
		const site = await build();
		expect((await site.answer('/_astro/a.B1.js', undefined))?.headers.get('cache-control')).toContain('immutable');
		expect((await site.answer('/track', undefined))?.headers.get('location')).toBe('/track/');
		expect(await (await site.answer('/track/', undefined))?.text()).toBe('track');
	});

	it.each(['/../secret', '/%2e%2e/secret', '/track/../../secret', '/..%2fsecret', '/%00', '/%zz', '/none'])('gives nothing for %s', async (path) => {
		expect(await (await build()).answer(path, undefined)).toBeUndefined();
	});

	it('allows the inline scripts that the page has, by hash, and no others', async () => {
		const policy = (await (await build()).answer('/', undefined))?.headers.get('content-security-policy') ?? '';
		const [hash = ''] = inlineScripts('<script>go()</script>');
		expect(policy).toContain(`script-src 'self' ${hash};`);
		expect(contentSecurityPolicy()).not.toContain('sha256');
		expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
	});

	it('lets WebAssembly run in the worker of the search, and on no page', async () => {
		const root = await mkdtemp(join(tmpdir(), 'foothold-site-'));
		await mkdir(join(root, 'pagefind'));
		await writeFile(join(root, 'pagefind', 'pagefind-worker.js'), 'x');
		await writeFile(join(root, 'index.html'), 'x');
		const policy = async (path: string) => (await new Site(root).answer(path, undefined))?.headers.get('content-security-policy');
		expect(await policy('/pagefind/pagefind-worker.js')).toBe("default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'self'");
		expect(await policy('/')).not.toContain('wasm');
		expect(contentSecurityPolicy()).not.toContain('wasm');
	});
});

describe('a bucket', () => {
	it('gives so much at once, then so much a second', () => {
		let now = 0;
		const bucket = new Bucket(10, 5, () => now);
		expect([1, 2, 3, 4, 5, 6].map(() => bucket.take(1))).toEqual([true, true, true, true, true, false]);
		now = 200;
		expect([bucket.take(2), bucket.take(1)]).toEqual([true, false]);
	});
});

describe('a brief as HTML', () => {
	it('has the parts that briefs use', () => {
		// Line ends between tags say nothing.
		const html = markdownToHtml(
			'# Title\n\nSome *soft* and **strong** `code <b>`\nline two\n\n- one\n- two [there](https://x.y)\n\n1. first\n   more\n\n```sh\nls <x>\n```\n\n| a | b |\n|---|---|\n| 1 | `2` |\n\n> said',
		).replace(/>\n</g, '><');
		expect(html).toContain('<h1>Title</h1>');
		expect(html).toContain('<p>Some <em>soft</em> and <strong>strong</strong> <code>code &#x3C;b></code>\nline two</p>');
		expect(html).toContain('<ul><li>one</li><li>two <a href="https://x.y">there</a></li></ul>');
		expect(html).toContain('<ol><li>first\nmore</li></ol>');
		expect(html).toContain('<pre><code class="language-sh">ls &#x3C;x></code></pre>');
		expect(html).toContain('<thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody>');
		expect(html).toContain('<blockquote><p>said</p></blockquote>');
	});

	it('lets no markup or script through', () => {
		const html = markdownToHtml('<img src=x onerror=alert(1)> [x](javascript:alert(1)) [y](https://a"onmouseover="b)');
		expect(html).not.toMatch(/<img|href="javascript|" ?onmouseover="/);
	});
});
