import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['server/**/*.test.ts', 'src/**/*.test.ts', 'test/**/*.test.ts'],
		exclude: ['**/node_modules/**', 'test/e2e/**', 'test/site/**', 'test/durability/**', 'test/load/**'],
		setupFiles: ['test/seed.ts'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		pool: 'threads',
		maxWorkers: 2,
	},
});
