/** The headers of a request, as `Request` and Next have them. */
export type RequestHeaders = Pick<Headers, 'get'>;

const THIS_MACHINE = /^(localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Claims that a form was sent from a page of this site. A browser tells so by `sec-fetch-site`, which no page can forge, and
 * by `origin`; what it tells must agree, and something must be told.
 */
export function isSameOrigin(headers: RequestHeaders): boolean {
	const site = headers.get('sec-fetch-site');
	const origin = headers.get('origin');
	if (site !== null && site !== 'same-origin') return false;
	if (origin === null) return site !== null;
	const host = URL.canParse(origin) ? new URL(origin).host : '';
	return host !== '' && hostsOf(headers).includes(host);
}

/**
 * Claims that the browser's cookie must be one for https. Only where the request came by http to this machine itself, or in
 * development, it need not be: elsewhere a session by http would be anyone's on the way.
 */
export function mustBeSecure(headers: RequestHeaders, isDevelopment: boolean): boolean {
	const protocol = headers.get('x-forwarded-proto')?.split(',')[0]?.trim();
	if (protocol !== 'http') return true;
	return !isDevelopment && !hostsOf(headers).every((host) => THIS_MACHINE.test(host));
}

/** The site's own names, as the server and a proxy before it tell them: no page of another site can set these headers. */
function hostsOf(headers: RequestHeaders): string[] {
	const given = [headers.get('host'), headers.get('x-forwarded-host')?.split(',')[0]?.trim() ?? null];
	return given.filter((host): host is string => host !== null).map((host) => host.toLowerCase());
}
