import { type NextRequest, NextResponse } from 'next/server';
import { closedPage } from './lib/http/closed-page';
import { CONTENT_POLICY, pageHeaders } from './lib/http/page-headers';

/** The pages, and nothing of the API: a cron call must reach its route whatever is changed here. */
export const config = { matcher: ['/((?!api(?:/|$)|_next/|session(?:/|$)|icon\\.svg$).*)'] };

/** Gives each page its headers. Who may see it, the page decides itself. */
export async function proxy(request: NextRequest): Promise<Response> {
	const headers = pageHeaders(process.env);
	const asked = new Headers(request.headers);
	// From here Next takes the nonce for its own scripts.
	asked.set(CONTENT_POLICY, headers[CONTENT_POLICY]);
	const closed = await closedPage(request.nextUrl.pathname, process.env);
	const response = closed ?? NextResponse.next({ request: { headers: asked } });
	for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
	return response;
}
