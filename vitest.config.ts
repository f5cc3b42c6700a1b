import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		globalSetup: ['test/support/build-app.ts'],
		// Servers, builds and databases are real here, and machines are busy.
		testTimeout: 60_000,
		hookTimeout: 60_000,
		pool: 'forks',
		// Most of a test's time is another process's.
		maxWorkers: 2,
		reporters: ['default'],
	},
});
