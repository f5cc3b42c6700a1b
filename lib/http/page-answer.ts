const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** A short answer for a person, in plain text, that nobody may keep. */
export function answerText(text: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
	const type = { 'content-type': 'text/plain; charset=utf-8' };
	return new Response(`${text}\n`, { status, headers: { ...HEADERS, ...type, ...headers } });
}

/** Sends a browser that has sent a form on to a page: 303. `path` is one of this site. */
export function answerSeeOther(path: string, headers: Readonly<Record<string, string>> = {}): Response {
	return new Response(null, { status: 303, headers: { ...HEADERS, location: path, ...headers } });
}
