import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the server is asked to do. `part`, `create` and `complete` are those of a multipart upload. */
export type BlobOperation = 'put' | 'create' | 'part' | 'complete' | 'get' | 'head' | 'list' | 'delete' | 'copy';

/**
 * What goes wrong.
 *
 * - `status`: answers so, and does nothing
 * - `cut`: cuts the connection, halfway through the body if there is one
 * - `stall`: never answers; a read sends half of the object first
 * - `after`: does the work, then answers 500: the caller cannot know
 * - `short`: a read sends half of the object and ends as if that were all of it
 * - `corrupt`: a read sends the object with one bit of its middle turned
 * - `hold`: waits for `until`, then goes on as ever; `reached` is called when the request has come
 *
 * `name` narrows it down to requests for objects of matching names; a deletion and a list name none.
 */
export type BlobFault = { readonly on: BlobOperation; readonly times?: number; readonly name?: RegExp } & (
	| {
			readonly kind: 'status';
			readonly status: number;
			readonly code?: string;
			readonly message?: string;
			readonly retryAfterSeconds?: number;
	  }
	| { readonly kind: 'cut' | 'stall' | 'after' | 'short' | 'corrupt' }
	| { readonly kind: 'hold'; readonly until: Promise<void>; readonly reached: () => void }
);

/** Faults in the order in which they were asked for; each strikes the next requests of its operation. */
export class FaultQueue {
	readonly #queue: { fault: BlobFault; left: number }[] = [];

	add(fault: BlobFault): void {
		this.#queue.push({ fault, left: fault.times ?? 1 });
	}

	clear(): void {
		this.#queue.length = 0;
	}

	next(operation: BlobOperation, name: string): BlobFault | undefined {
		const entry = this.#queue.find(
			({ fault, left }) => fault.on === operation && left > 0 && (fault.name?.test(name) ?? true),
		);
		if (entry) entry.left -= 1;
		return entry?.fault;
	}
}

/** An answer that says no, as Vercel Blob words it. */
export class BlobRefusal extends Error {
	constructor(
		readonly status: number,
		readonly code: string | undefined,
		message: string,
		readonly headers: Record<string, string> = {},
	) {
		super(message);
	}
}

/** Acts out a fault that comes before the work. True if the request is done with. */
export async function strikeBefore(fault: BlobFault, request: IncomingMessage): Promise<boolean> {
	if (fault.kind === 'status') {
		await drain(request);
		const { status, code, message = 'a fault that was asked for', retryAfterSeconds } = fault;
		const headers: Record<string, string> =
			retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
		throw new BlobRefusal(status, code, message, headers);
	}
	if (fault.kind === 'hold') {
		fault.reached();
		await fault.until;
		return false;
	}
	if (fault.on === 'get') return false;
	if (fault.kind === 'stall') {
		await drain(request);
		return true;
	}
	if (fault.kind !== 'cut') return false;
	// Leaving the loop early takes the socket off the request, without closing it.
	const { socket } = request;
	const half = Number(request.headers['content-length'] ?? 0) / 2;
	let received = 0;
	for await (const chunk of request) {
		received += chunk.length;
		if (received >= half) break;
	}
	socket.destroy();
	return true;
}

/** Acts out a fault in the midst of a read, after `sent` bytes of which more were to come. True if it was one. */
export function strikeRead(fault: BlobFault | undefined, response: ServerResponse): boolean {
	if (fault?.kind === 'cut') response.socket?.destroy();
	if (fault?.kind === 'short') response.end();
	return fault?.kind === 'cut' || fault?.kind === 'stall' || fault?.kind === 'short';
}

export async function drain(request: IncomingMessage): Promise<void> {
	for await (const _ of request);
}
