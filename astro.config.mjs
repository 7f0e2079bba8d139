import { defineConfig } from 'astro/config';

// Everything is a file below dist/: the server adds data, never markup. No script is inlined, so the pages work under `script-src 'self'`;
// the lab page mounts React from a script of its own for the same reason (an island's bootstrap would be inline).
export default defineConfig({
	output: 'static',
	outDir: process.env['FOOTHOLD_DIST'] ?? './dist',
	trailingSlash: 'always',
	// Assets keep Astro's own folder name, _astro/: the server lets browsers keep what is in it for good.
	build: { format: 'directory', inlineStylesheets: 'never' },
	compressHTML: true,
	// Code blocks take the page's own colours, which follow the theme.
	markdown: { syntaxHighlight: false },
	devToolbar: { enabled: false },
	vite: { build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 } },
});
