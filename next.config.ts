import type { NextConfig } from 'next';

const config: NextConfig = {
	poweredByHeader: false,
	// Bundled, the database client loads in a third of the time that Next's loading it as a package of its own takes; its
	// native part stays one.
	transpilePackages: ['@libsql/client'],
	// `next start` would load React and the pages, which few ask for, before the first request to the route.
	experimental: { preloadEntriesOnStart: false },
	// There are no pictures: whoever asks for one makes the server fetch and compute for nothing.
	images: { unoptimized: true },
	// A redirect ends a cron call, and Next sends its own without the headers below.
	skipTrailingSlashRedirect: true,
	// Of several values for one header the last counts, and after these those that `proxy.ts` gives to pages.
	// `strict-transport-security` is Vercel's to set, and it does.
	headers: async () => [
		{
			source: '/:path*',
			headers: [
				{ key: 'content-security-policy', value: "frame-ancestors 'none'" },
				{ key: 'referrer-policy', value: 'no-referrer' },
				{ key: 'x-content-type-options', value: 'nosniff' },
				{ key: 'x-robots-tag', value: 'noindex' },
			],
		},
		// What nobody looks at but programs and, for a moment, a browser that has sent a form.
		...['/api/:path*', '/session/:path*'].map((source) => ({
			source,
			headers: [
				{ key: 'content-security-policy', value: "default-src 'none'; frame-ancestors 'none'" },
				// The answers that Next makes by itself, as to another method, have none of their own.
				{ key: 'cache-control', value: 'no-store' },
			],
		})),
	],
};

export default config;
