import { withTimeLimit } from '../../core/time-limit';
import { NotOfProtocol, readHttpFailure } from './http-failure';

/** Longest wait for one answer, in ms: a page takes well under a second, a count of a large table many. */
const ANSWER_MS = 120_000;

/**
 * A `fetch` for the libSQL client. It asks for uncompressed answers, as sqld sends gzip in tiny pieces (twenty times
 * slower here); and ends each request, its answer's body included, after two minutes or when `signal` aborts.
 *
 * Throws what the client would lose, or fail on: `HttpFailure` for a status that is not of success, and
 * `NotOfProtocol` where the body is no JSON.
 */
export function identityFetch(signal: AbortSignal | undefined): typeof fetch {
	return async (input, init) => {
		const request = new Request(input, init);
		request.headers.set('accept-encoding', 'identity');
		return withTimeLimit(ANSWER_MS, signal, async (limited) => {
			const response = await fetch(request, { signal: limited, cache: 'no-store' });
			const body = await wholeBody(response);
			// By a GET, whether it is answered, the client finds out which versions of the protocol a server speaks.
			const isQuestion = request.method === 'GET' && response.status !== 429 && response.status < 500;
			if (isQuestion) return new Response(null, response);
			if (!response.ok) throw readHttpFailure(response, new Uint8Array(body));
			return wholeResponse(response, body);
		});
	};
}

/** Bodies of up to so many bytes, when that is told beforehand, are put together as they come: once less in memory. */
const FORETOLD_BYTES = 32_000_000;

async function wholeBody(response: Response): Promise<ArrayBuffer> {
	const length = Number(response.headers.get('content-length') ?? Number.NaN);
	if (!(length <= FORETOLD_BYTES) || response.body === null) return response.arrayBuffer();
	const whole = new Uint8Array(length);
	let at = 0;
	for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
		whole.set(chunk, at);
		at += chunk.length;
	}
	if (at !== length) throw new NotOfProtocol(`it has ${at} bytes, and was to have ${length}`);
	return whole.buffer;
}

/**
 * A response whose body is here already, in the forms in which the client asks for it. Not by a new body stream: that
 * would copy a page three times over.
 */
function wholeResponse({ status, headers }: Response, body: ArrayBuffer): Response {
	let rest = body;
	// Given away once, as any body: responses are kept by the runtime for longer than their content is of use.
	const take = () => {
		const taken = rest;
		rest = new ArrayBuffer(0);
		return taken;
	};
	return Object.assign(new Response(null, { status, headers }), {
		arrayBuffer: async () => take(),
		text: async () => textOf(take()),
		json: async () => parse(textOf(take())),
	});
}

function textOf(body: ArrayBuffer): string {
	return Buffer.from(body).toString();
}

function parse(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch (cause) {
		throw new NotOfProtocol('it is no JSON', { cause });
	}
}
