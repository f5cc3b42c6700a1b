import { withTimeLimit } from '../../core/time-limit';

/** Longest wait for one answer, in ms: a page takes well under a second, a count of a large table many. */
const ANSWER_MS = 120_000;

/**
 * A `fetch` for the libSQL client. It asks for uncompressed answers, as sqld sends gzip in tiny pieces (twenty times
 * slower here); and ends each request, its answer's body included, after two minutes or when `signal` aborts.
 */
export function identityFetch(signal: AbortSignal | undefined): typeof fetch {
	return async (input, init) => {
		const request = new Request(input, init);
		request.headers.set('accept-encoding', 'identity');
		return withTimeLimit(ANSWER_MS, signal, async (limited) => {
			const response = await fetch(request, { signal: limited, cache: 'no-store' });
			const body = await response.arrayBuffer();
			return response.status === 500 ? withCode(response, body) : new Response(body, response);
		});
	};
}

/**
 * sqld fails a request in which a TEXT is not valid UTF-8 in a form of its own, which the client would drop: put into
 * the form of the protocol, with a code.
 */
function withCode(response: Response, body: ArrayBuffer): Response {
	const known = /"error":"invalid utf-8/.test(Buffer.from(body).toString());
	return new Response(known ? JSON.stringify({ message: 'a text is not valid UTF-8', code: INVALID_UTF8 }) : body, {
		status: response.status,
		headers: { 'content-type': response.headers.get('content-type') ?? 'text/plain' },
	});
}

/** The code, of ours, of an answer that failed on the content of a TEXT. */
export const INVALID_UTF8 = 'INVALID_UTF8';
