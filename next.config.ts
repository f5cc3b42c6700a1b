import type { NextConfig } from 'next';

const config: NextConfig = {
	poweredByHeader: false,
	headers: async () => [
		// The answers that Next makes by itself, as to another method, have none of their own.
		{ source: '/api/:path*', headers: [{ key: 'cache-control', value: 'no-store' }] },
		{
			source: '/:path*',
			headers: [
				{ key: 'content-security-policy', value: "frame-ancestors 'none'" },
				{ key: 'referrer-policy', value: 'no-referrer' },
				{ key: 'x-content-type-options', value: 'nosniff' },
				{ key: 'x-robots-tag', value: 'noindex' },
			],
		},
	],
};

export default config;
