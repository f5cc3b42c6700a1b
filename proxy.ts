import { type NextRequest, NextResponse } from 'next/server';
import { CONTENT_POLICY, pageHeaders } from './lib/http/page-headers';
import { doorOf } from './lib/http/status-door';

/** The pages, and nothing of the API: a cron call must reach its route whatever is changed here. */
export const config = { matcher: ['/((?!api(?:/|$)|_next/|session(?:/|$)|icon\\.svg$).*)'] };

/** Nothing is there: Next answers 404. */
const NOWHERE = '/nowhere';

/** Gives each page its headers. Who may see it, the page decides itself. */
export function proxy(request: NextRequest): NextResponse {
	const headers = pageHeaders(process.env);
	const asked = new Headers(request.headers);
	// From here Next takes the nonce for its own scripts.
	asked.set(CONTENT_POLICY, headers[CONTENT_POLICY]);
	const init = { request: { headers: asked } };
	// Closed pages say 404 themselves, too; but of such an answer Next's client writes the text, and without it there is none.
	const isClosed = doorOf(process.env).kind === 'closed';
	const response = isClosed ? NextResponse.rewrite(new URL(NOWHERE, request.url), init) : NextResponse.next(init);
	for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
	return response;
}
