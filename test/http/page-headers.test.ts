import { expect, it } from 'vitest';
import { pageHeaders } from '../../lib/http/page-headers';

const policyOf = (env: Record<string, string> = {}) =>
	new Map(
		pageHeaders(env)
			['content-security-policy'].split('; ')
			.map((directive): [string, string[]] => {
				const [name = '', ...sources] = directive.split(' ');
				return [name, sources];
			}),
	);

it('let nothing into a page but what is its own', () => {
	const policy = policyOf();
	expect(policy.get('default-src')).toEqual(["'none'"]);
	expect(policy.get('script-src')).toEqual(["'self'", expect.stringMatching(/^'nonce-[A-Za-z0-9+/]{22}=='$/)]);
	expect(policy.get('style-src')).toEqual(["'self'"]);
	for (const name of ['base-uri', 'frame-ancestors']) expect(policy.get(name)).toEqual(["'none'"]);
	for (const sources of policy.values())
		for (const source of sources) expect(source).toMatch(/^'(none|self|nonce-[^']+)'$/);
});

it('have a nonce of their own', () => {
	const nonces = new Set(Array.from({ length: 100 }, () => policyOf().get('script-src')?.[1]));
	expect(nonces.size).toBe(100);
});

it('are looser for the development server alone', () => {
	expect(JSON.stringify([...policyOf({ NODE_ENV: 'development' })])).toContain('unsafe-eval');
	const deployed: Record<string, string>[] = [{ NODE_ENV: 'production' }, { NODE_ENV: 'development', VERCEL: '1' }];
	for (const env of deployed) expect(JSON.stringify([...policyOf(env)])).not.toContain('unsafe');
});
