import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { NotOfProtocol } from './not-of-protocol';

/** What is asked. */
export interface Asked {
	readonly url: string;
	readonly method: string;
	readonly headers: Headers;
	/** In parts, which are to be left as they are until the answer has come. */
	readonly body: readonly Uint8Array[];
	/** Called as more of a successful answer has come, with all of its body so far; not where that is encoded. */
	readonly onBegun?: (begun: Buffer) => void;
}

/** An answer that has come whole. */
export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly body: ArrayBuffer;
}

/** None came, or half of one: `cause` says why. */
export class NoAnswer extends Error {
	override readonly name = 'NoAnswer';
}

/** No answer is longer: sqld's have at most 10 MB. */
const MOST_BYTES = 64_000_000;
/** How an answer may be encoded though it was asked for as it is: by what stands between. */
const DECODE = {
	gzip: promisify(gunzip),
	deflate: promisify(inflate),
	br: promisify(brotliDecompress),
} as const;

/**
 * Sends a request, and takes its answer whole. By Node's own client: the streams of `fetch` hold an answer of some
 * megabytes three times over.
 *
 * @throws NoAnswer for whatever the connection fails with
 */
export async function exchange(asked: Asked, signal: AbortSignal): Promise<Answer> {
	const url = new URL(asked.url);
	const { request: open } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
	const length = asked.body.reduce((sum, part) => sum + part.length, 0);
	const headers = { ...Object.fromEntries(asked.headers), 'content-length': length };
	const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
		const outgoing = open(url, { method: asked.method, headers, signal });
		// More than one may come.
		outgoing.on('error', (cause) => reject(noAnswer(cause)));
		outgoing.once('response', resolve);
		outgoing.once('close', () => reject(new NotOfProtocol('the connection was ended without an answer')));
		outgoing.cork();
		for (const part of asked.body) outgoing.write(part);
		outgoing.end();
	});
	const isTaken = incoming.statusCode === 200;
	const body = await readBody(incoming, isTaken ? asked.onBegun : undefined);
	return { status: incoming.statusCode ?? 0, headers: headersOf(incoming.headers), body };
}

async function readBody(incoming: IncomingMessage, onBegun: Asked['onBegun']): Promise<ArrayBuffer> {
	const encoding = incoming.headers['content-encoding'] ?? 'identity';
	const length = Number(incoming.headers['content-length'] ?? Number.NaN);
	// Where its length is told beforehand, it is put together as it comes: once less in memory.
	let whole = new Uint8Array(length <= MOST_BYTES ? length : 0);
	let at = 0;
	try {
		for await (const chunk of incoming as AsyncIterable<Buffer>) {
			const end = at + chunk.length;
			if (end > MOST_BYTES) throw new NotOfProtocol(`it is longer than ${MOST_BYTES} bytes`);
			if (end > whole.length) {
				const grown = new Uint8Array(Math.min(MOST_BYTES, 2 * end));
				grown.set(whole);
				whole = grown;
			}
			whole.set(chunk, at);
			at = end;
			if (encoding === 'identity') onBegun?.(Buffer.from(whole.buffer, 0, at));
		}
	} catch (error) {
		throw error instanceof NotOfProtocol ? error : noAnswer(error);
	}
	const body = at === whole.length ? whole : whole.slice(0, at);
	return encoding === 'identity' ? body.buffer : decoded(body, encoding);
}

async function decoded(body: Uint8Array, encoding: string): Promise<ArrayBuffer> {
	const decode = DECODE[encoding as keyof typeof DECODE];
	if (decode === undefined) throw new NotOfProtocol(`it is encoded as ${JSON.stringify(encoding)}`);
	try {
		return new Uint8Array(await decode(body, { maxOutputLength: MOST_BYTES })).buffer;
	} catch (cause) {
		throw new NotOfProtocol(`it is no ${encoding}`, { cause });
	}
}

function noAnswer(cause: unknown): NoAnswer {
	const { message = '', code, errors } = cause as { message?: string; code?: string; errors?: readonly Error[] };
	return new NoAnswer(code ?? (message || errors?.[0]?.message || 'the connection failed'), { cause });
}

function headersOf(told: IncomingMessage['headers']): Headers {
	return new Headers(
		Object.entries(told).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one])),
	);
}
