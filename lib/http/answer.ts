const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** A JSON answer that nobody may keep or take for anything else. */
export function answerJson(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
	return Response.json(body, { status, headers: { ...HEADERS, ...headers } });
}
