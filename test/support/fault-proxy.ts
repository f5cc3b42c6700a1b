import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What goes wrong with one exchange.
 *
 * - `status`: this is the answer; the server hears of the request only if `heard`, and does what it asks
 * - `cut`: the connection is reset: before the server hears the request, before its answer, or halfway through that
 * - `stall`: nothing more comes, and the connection stays: from the beginning, or from the middle of the answer
 * - `truncate`: the answer ends halfway, as if that were all of it
 * - `corrupt`: one bit in the middle of the answer is turned
 * - `rewrite`: the answer has another body, made from its own
 * - `delay`: the request waits for `ms` milliseconds
 * - `throttle`: the answer comes at `bytesPerSecond`
 */
export type WireFault =
	| {
			readonly kind: 'status';
			readonly status: number;
			readonly body?: string;
			readonly headers?: Readonly<Record<string, string>>;
			readonly heard?: boolean;
	  }
	| { readonly kind: 'cut'; readonly at: 'request' | 'answer' | 'body' }
	| { readonly kind: 'stall'; readonly at: 'request' | 'body' }
	| { readonly kind: 'truncate' | 'corrupt' }
	| { readonly kind: 'rewrite'; readonly body: (own: Buffer) => Buffer }
	| { readonly kind: 'delay'; readonly ms: number }
	| { readonly kind: 'throttle'; readonly bytesPerSecond: number };

/** A request that has come to the proxy. */
export interface SeenRequest {
	/** From 1, since the proxy was started or `reset`. */
	readonly nth: number;
	readonly method: string;
	/** With its query. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: Buffer;
}

/** A proxy in front of a real server that speaks HTTP: sqld, or the Blob server. */
export interface FaultProxy {
	/** The origin, `http://127.0.0.1:<port>`. */
	readonly url: string;
	/** How many requests have come since the start, or `reset`. */
	readonly requests: number;
	/** Strikes the requests that `when` picks, the first `times` of them (1): by number, or by what they are. */
	strike(when: number | ((request: SeenRequest) => boolean), fault: WireFault, times?: number): void;
	/** Called with each request before anything is done with it, and waited for. */
	onRequest: ((request: SeenRequest) => void | Promise<void>) | null;
	/** Called when half of a request's body has come, of those that have 64 KiB or more, and waited for. */
	onHalf: (() => void | Promise<void>) | null;
	/** Called when the server has answered, before anything of that is passed on, and waited for. */
	onAnswer: ((request: SeenRequest, status: number) => void | Promise<void>) | null;
	/** Forgets all faults, and counts requests from 1 again. */
	reset(): void;
	close(): Promise<void>;
}

interface Strike {
	readonly when: (request: SeenRequest) => boolean;
	readonly fault: WireFault;
	left: number;
}

/** From this size on a request's body has a middle. */
const LARGE_BYTES = 64 * 1024;
/** Pieces in which a throttled answer comes, a second. */
const PIECES_A_SECOND = 20;

/** Starts a proxy on a free port of 127.0.0.1 that hands everything on to `target`, an origin, until told otherwise. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
	const strikes: Strike[] = [];
	let nth = 0;
	const proxy = {
		onRequest: null as FaultProxy['onRequest'],
		onHalf: null as FaultProxy['onHalf'],
		onAnswer: null as FaultProxy['onAnswer'],
		get url() {
			return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		},
		get requests() {
			return nth;
		},
		strike(when: number | ((request: SeenRequest) => boolean), fault: WireFault, times = 1) {
			strikes.push({ when: typeof when === 'number' ? (seen) => seen.nth === when : when, fault, left: times });
		},
		reset() {
			strikes.length = 0;
			nth = 0;
		},
		async close() {
			server.closeAllConnections();
			await new Promise<void>((done) => server.close(() => done()));
		},
	};
	const server = createServer(async (request, response) => {
		const number = ++nth;
		const { method = 'GET', url: path = '/', headers } = request;
		try {
			const body = await receive(target, request, () => proxy.onHalf?.());
			const seen: SeenRequest = { nth: number, method, path, headers, body };
			await proxy.onRequest?.(seen);
			const strike = strikes.find(({ left, when }) => left > 0 && when(seen));
			if (strike) strike.left -= 1;
			await exchange(target, seen, response, strike?.fault, (status) => proxy.onAnswer?.(seen, status));
		} catch {
			// Either side has gone away: so does the other.
			response.destroy();
		}
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return proxy;
}

async function exchange(
	target: string,
	seen: SeenRequest,
	response: ServerResponse,
	fault: WireFault | undefined,
	onAnswer: (status: number) => void | Promise<void>,
): Promise<void> {
	if (fault?.kind === 'delay') await sleep(fault.ms);
	if (fault?.kind === 'cut' && fault.at === 'request') return void response.socket?.resetAndDestroy();
	if (fault?.kind === 'stall' && fault.at === 'request') return;
	if (fault?.kind === 'status') {
		if (fault.heard) await buffer(await ask(target, seen));
		response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? '');
		return;
	}
	const answer = await ask(target, seen);
	const body = await buffer(answer);
	await onAnswer(answer.statusCode ?? 0);
	if (fault?.kind === 'cut' && fault.at === 'answer') return void response.socket?.resetAndDestroy();
	const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...headers } = answer.headers;
	const half = body.subarray(0, Math.floor(body.length / 2));
	const sent =
		fault?.kind === 'truncate'
			? half
			: fault?.kind === 'corrupt'
				? turned(body)
				: fault?.kind === 'rewrite'
					? fault.body(body)
					: body;
	// To a HEAD, the length is that of what is not sent.
	const length = seen.method === 'HEAD' ? (answer.headers['content-length'] ?? 0) : sent.length;
	response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': length });
	if (fault?.kind === 'cut' || fault?.kind === 'stall') {
		await new Promise<void>((done) => response.write(half, () => done()));
		if (fault.kind === 'cut') response.socket?.resetAndDestroy();
		return;
	}
	if (fault?.kind === 'throttle') await trickle(response, sent, fault.bytesPerSecond);
	else response.end(sent);
}

/** The body of a request. When the client goes away in its midst, the target hears what has come, and loses it too. */
async function receive(
	target: string,
	request: IncomingMessage,
	onHalf: () => void | Promise<void> | undefined,
): Promise<Buffer> {
	const half = Number(request.headers['content-length'] ?? 0) / 2;
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of request as AsyncIterable<Buffer>) {
			const before = bytes;
			bytes += chunk.length;
			chunks.push(chunk);
			if (half >= LARGE_BYTES / 2 && before < half && bytes >= half) await onHalf();
		}
		return Buffer.concat(chunks);
	} catch (error) {
		await tellPart(target, request, Buffer.concat(chunks));
		throw error;
	}
}

async function tellPart(target: string, { method, url = '/', headers }: IncomingMessage, part: Buffer): Promise<void> {
	if (part.length === 0) return;
	const request = httpRequest(new URL(url, target), { method, headers, agent: false });
	request.on('error', () => {});
	await new Promise<void>((done) => request.write(part, () => done()));
	request.destroy();
}

async function ask(target: string, { method, path, headers, body }: SeenRequest): Promise<IncomingMessage> {
	// What is signed, as S3's requests are, is signed for the host that was asked.
	const isSigned = /^AWS4/.test(String(headers.authorization));
	const host = isSigned ? String(headers.host) : new URL(target).host;
	const request = httpRequest(new URL(path, target), {
		method,
		headers: { ...headers, host, 'content-length': body.length },
		agent: false,
	});
	request.end(body);
	const [answer] = (await once(request, 'response')) as [IncomingMessage];
	return answer;
}

/** A copy with one bit in the middle turned. */
function turned(body: Buffer): Buffer {
	const copy = Buffer.from(body);
	const middle = Math.floor(copy.length / 2);
	if (copy.length > 0) copy.writeUInt8(copy.readUInt8(middle) ^ 1, middle);
	return copy;
}

async function trickle(response: ServerResponse, body: Buffer, bytesPerSecond: number): Promise<void> {
	const piece = Math.max(1, Math.floor(bytesPerSecond / PIECES_A_SECOND));
	for (let at = 0; at < body.length && !response.destroyed; at += piece) {
		response.write(body.subarray(at, at + piece));
		await sleep(1_000 / PIECES_A_SECOND);
	}
	response.end();
}
