import { fileURLToPath } from 'node:url';
import { defineConfig } from 'astro/config';

/**
 * The search's index, made of the pages once they are built, wherever they are built. One index for all languages: pages say theirs
 * in a filter. Pagefind is a binary per platform; where there is none the site stands without a search, and the search says so.
 */
const search = {
	name: 'foothold-search',
	hooks: {
		'astro:build:done': async ({ dir, logger }) => {
			const path = fileURLToPath(dir);
			const pagefind = await import('pagefind').catch((error) => logger.warn(`no search: ${error.message}`));
			if (!pagefind) return;
			const { index, errors } = await pagefind.createIndex({ forceLanguage: 'en' });
			if (!index) return logger.warn(`no search: ${errors.join('; ')}`);
			const { page_count: pages } = await index.addDirectory({ path });
			await index.writeFiles({ outputPath: `${path}pagefind` });
			await pagefind.close();
			logger.info(`${pages} pages can be searched`);
		},
	},
};

// Everything is a file below dist/: the server adds data, never markup. No script is inlined, so the pages work under `script-src 'self'`;
// the lab page mounts React from a script of its own for the same reason (an island's bootstrap would be inline).
export default defineConfig({
	output: 'static',
	outDir: process.env['FOOTHOLD_DIST'] ?? './dist',
	trailingSlash: 'always',
	integrations: [search],
	// Assets keep Astro's own folder name, _astro/: the server lets browsers keep what is in it for good.
	build: { format: 'directory', inlineStylesheets: 'never' },
	compressHTML: true,
	// Code blocks take the page's own colours, which follow the theme.
	markdown: { syntaxHighlight: false },
	devToolbar: { enabled: false },
	vite: { build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 } },
});
