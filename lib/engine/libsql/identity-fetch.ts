import { withTimeLimit } from '../../core/time-limit';
import { type Asked, exchange } from './exchange';
import { readHttpFailure } from './http-failure';
import { NotOfProtocol } from './not-of-protocol';

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
	const ask = askerOf(signal);
	return async (input, init) => {
		const request = new Request(input, init);
		const { url, method, headers } = request;
		return ask({ url, method, headers, body: [new Uint8Array(await request.arrayBuffer())] });
	};
}

/** The same for requests whose body is there in parts: as a `Request` it would be copied twice. */
export function askerOf(signal: AbortSignal | undefined): (asked: Asked) => Promise<Response> {
	return async (asked) => {
		const { method } = asked;
		asked.headers.set('accept-encoding', 'identity');
		return withTimeLimit(ANSWER_MS, signal, async (limited) => {
			const { status, headers, body } = await exchange(asked, limited);
			if (status < 200 || status > 599) throw new NotOfProtocol(`it has the status ${status}`);
			const told = new Response(null, { status, headers });
			// By a GET, whether it is answered, the client finds out which versions of the protocol a server speaks.
			if (method === 'GET' && status !== 429 && status < 500) return told;
			if (status >= 300 && status < 400) throw new NotOfProtocol('it leads elsewhere');
			if (!told.ok) throw readHttpFailure(told, new Uint8Array(body));
			return wholeResponse(told, body);
		});
	};
}

/**
 * A response whose body is here already, in the forms in which the client asks for it. Not by a new body stream: that
 * would copy a page three times over.
 */
function wholeResponse(told: Response, body: ArrayBuffer): Response {
	let rest = body;
	// Given away once, as any body: responses are kept by the runtime for longer than their content is of use.
	const take = () => {
		const taken = rest;
		rest = new ArrayBuffer(0);
		return taken;
	};
	return Object.assign(told, {
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
