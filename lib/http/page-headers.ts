import { randomBytes } from 'node:crypto';
import { isDevelopment } from '../config/deployed';
import type { EnvironmentSource } from '../config/environment';

export const CONTENT_POLICY = 'content-security-policy';

/** Nothing of the machine is any page's business. */
const PERMISSIONS = [
	'camera',
	'display-capture',
	'geolocation',
	'microphone',
	'payment',
	'publickey-credentials-get',
	'usb',
];

/**
 * The headers of a page, with a nonce of its own: by `script-src` Next puts it on the scripts that it writes into the page,
 * and no other script in the page runs. `same-origin`, and not `no-referrer`, by which a form would come without its origin.
 */
export function pageHeaders(
	env: EnvironmentSource,
	nonce = randomBytes(16).toString('base64'),
): Readonly<Record<string, string>> & { readonly [CONTENT_POLICY]: string } {
	return {
		[CONTENT_POLICY]: contentPolicy(nonce, isDevelopment(env)),
		'cache-control': 'no-store',
		'cross-origin-opener-policy': 'same-origin',
		'cross-origin-resource-policy': 'same-origin',
		'permissions-policy': PERMISSIONS.map((feature) => `${feature}=()`).join(', '),
		'referrer-policy': 'same-origin',
		'x-content-type-options': 'nosniff',
		'x-robots-tag': 'noindex, nofollow',
	};
}

/** Next's development server makes scripts and styles at run time, and has fonts of its own; what is deployed does not. */
function contentPolicy(nonce: string, isDevelopment: boolean): string {
	const directives = [
		"default-src 'none'",
		`script-src 'self' 'nonce-${nonce}'${isDevelopment ? " 'unsafe-eval'" : ''}`,
		`style-src 'self'${isDevelopment ? " 'unsafe-inline'" : ''}`,
		"img-src 'self'",
		...(isDevelopment ? ["font-src 'self'"] : []),
		"connect-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
	];
	return directives.join('; ');
}
