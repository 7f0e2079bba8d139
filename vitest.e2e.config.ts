import { defineConfig } from 'vitest/config';

/** Browser tests: one after another, since each has a server and a Chromium of its own. */
export default defineConfig({
	test: {
		include: ['test/e2e/**/*.test.ts', 'test/site/**/*.test.ts'],
		testTimeout: 180_000,
		hookTimeout: 180_000,
		fileParallelism: false,
		// A browser on a busy machine draws when it can: one more try, which the report shows.
		retry: 1,
		pool: 'forks',
	},
});
