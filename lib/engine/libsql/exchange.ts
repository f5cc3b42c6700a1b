import type { IncomingMessage } from 'node:http';

/** An answer that has come whole. */
export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly body: ArrayBuffer;
}

/** Bodies of up to so many bytes, when that is told beforehand, are put together as they come: once less in memory. */
const FORETOLD_BYTES = 32_000_000;

/**
 * Sends a request, and takes its answer whole. By Node's own client: the streams of `fetch` hold an answer of some
 * megabytes three times over.
 */
export async function exchange(request: Request, signal: AbortSignal): Promise<Answer> {
	const url = new URL(request.url);
	const [{ request: open }, sent] = await Promise.all([
		url.protocol === 'https:' ? import('node:https') : import('node:http'),
		request.arrayBuffer(),
	]);
	const headers = { ...Object.fromEntries(request.headers), 'content-length': sent.byteLength };
	return new Promise((resolve, reject) => {
		const outgoing = open(url, { method: request.method, headers, signal });
		outgoing.once('error', reject);
		outgoing.once('response', (incoming) => {
			const { statusCode = 0, headers: told } = incoming;
			readBody(incoming).then((body) => resolve({ status: statusCode, headers: headersOf(told), body }), reject);
		});
		outgoing.end(Buffer.from(sent));
	});
}

async function readBody(incoming: IncomingMessage): Promise<ArrayBuffer> {
	const length = Number(incoming.headers['content-length'] ?? Number.NaN);
	if (!(length <= FORETOLD_BYTES)) {
		const chunks: Buffer[] = [];
		for await (const chunk of incoming) chunks.push(chunk as Buffer);
		return new Uint8Array(Buffer.concat(chunks)).buffer;
	}
	const whole = new Uint8Array(length);
	let at = 0;
	// What comes short of its length, or goes past it, is an error of the connection.
	for await (const chunk of incoming) {
		whole.set(chunk as Buffer, at);
		at += (chunk as Buffer).length;
	}
	return whole.buffer;
}

function headersOf(told: IncomingMessage['headers']): Headers {
	return new Headers(
		Object.entries(told).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one])),
	);
}
