import { fieldsOf, textOf } from './hrana/protobuf';
import { NotOfProtocol } from './not-of-protocol';

/** The code, of ours, of an answer that failed on the content of a TEXT. */
export const INVALID_UTF8 = 'INVALID_UTF8';

/** Of an answer's own words, at most so much is kept. */
const MOST_CHARS = 300;

/** An answer by which a server, or what stands before it, says over HTTP that it has not done what was asked. */
export class HttpFailure extends Error {
	override readonly name = 'HttpFailure';

	constructor(
		readonly status: number,
		/** What the answer says of it; empty if it says nothing that a person would read. */
		message: string,
		/** Of the database, where the answer has one. */
		readonly code?: string,
		/** How long to wait before asking again, in ms, where the answer says so. */
		readonly retryAfterMs?: number,
	) {
		super(message);
	}
}

/** Reads an answer whose status is not one of success. */
export function readHttpFailure({ status, headers }: Response, bytes: Uint8Array): HttpFailure {
	const type = headers.get('content-type') ?? '';
	const body = Buffer.from(bytes).toString();
	const { message, error, code } = (type === 'application/x-protobuf' ? protobufError(bytes) : jsonObject(body)) ?? {};
	// What sqld says when a TEXT in an answer is not valid UTF-8 has no code.
	if (status === 500 && typeof error === 'string' && error.startsWith('invalid utf-8'))
		return new HttpFailure(status, 'a text is not valid UTF-8', INVALID_UTF8);
	const plain = /^text\/plain\b/.test(type) ? body : '';
	const said = [message, error, plain].find((text) => typeof text === 'string') as string;
	return new HttpFailure(
		status,
		said.trim().slice(0, MOST_CHARS),
		typeof code === 'string' ? code : undefined,
		retryAfterMs(headers.get('retry-after')),
	);
}

/** What an `Error` of the Hrana protocol says in Protocol Buffers, as far as it can be read. */
function protobufError(bytes: Uint8Array): Record<string, unknown> {
	const strings: Record<string, unknown> = {};
	try {
		for (const [number, value] of fieldsOf(Buffer.from(bytes), true)) {
			const name = { 1: 'message', 2: 'code' }[number];
			if (name !== undefined) strings[name] = textOf(value);
		}
	} catch (error) {
		if (!(error instanceof NotOfProtocol)) throw error;
	}
	return strings;
}

function jsonObject(body: string): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
	} catch {
		return null;
	}
}

/** Seconds, or a date: RFC 9110, section 10.2.3. */
function retryAfterMs(value: string | null): number | undefined {
	if (value === null) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
	return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
