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
			const body = await response.text();
			return wholeResponse(response, body);
		});
	};
}

/** The code, of ours, of an answer that failed on the content of a TEXT. */
export const INVALID_UTF8 = 'INVALID_UTF8';

/**
 * A response whose body is here already, in the two forms in which the client asks for it. Not by a new body stream:
 * that would copy a page three times over.
 */
function wholeResponse({ status, headers }: Response, body: string): Response {
	let rest = status === 500 && /^\{"error":"invalid utf-8/.test(body) ? INVALID_UTF8_BODY : body;
	// Given away once, as any body: responses are kept by the runtime for longer than their content is of use.
	const take = () => {
		const text = rest;
		rest = '';
		return text;
	};
	return Object.assign(new Response(null, { status, headers }), {
		text: async () => take(),
		json: async () => JSON.parse(take()) as unknown,
	});
}

/**
 * What sqld says when a TEXT in an answer is not valid UTF-8 has a form of its own, which the client would drop: this
 * is the form of the protocol.
 */
const INVALID_UTF8_BODY = JSON.stringify({ message: 'a text is not valid UTF-8', code: INVALID_UTF8 });
