const ignore = () => {};

/**
 * Runs `work` on a reader of `body` and closes the body afterwards, unless it was read to its end.
 *
 * @throws whatever `work` throws; a failure to close the body is not allowed to hide it.
 */
export async function withBody<T>(
	body: AsyncIterable<Uint8Array>,
	signal: AbortSignal | undefined,
	work: (reader: BodyReader) => Promise<T>,
): Promise<T> {
	const reader = new BodyReader(body, signal);
	try {
		return await work(reader);
	} finally {
		await reader.close();
	}
}

/**
 * Reads a body chunk by chunk, and gives up the moment `signal` aborts, even in the midst of waiting for a chunk.
 * `signal` aborts with the outer signal, or by `abort`: so that a failed upload of one part stops the reading too.
 */
export class BodyReader {
	readonly #iterator: AsyncIterator<Uint8Array>;
	readonly #stop = new AbortController();
	readonly #unlink: () => void;
	#waiting = false;
	#ended = false;

	constructor(body: AsyncIterable<Uint8Array>, outer: AbortSignal | undefined) {
		this.#iterator = body[Symbol.asyncIterator]();
		const follow = () => this.#stop.abort(outer?.reason);
		if (outer?.aborted) follow();
		else outer?.addEventListener('abort', follow, { once: true });
		this.#unlink = () => outer?.removeEventListener('abort', follow);
	}

	get signal(): AbortSignal {
		return this.#stop.signal;
	}

	/** Makes the present and every later `next` fail with `reason`, unless it was stopped before. */
	abort(reason: unknown): void {
		this.#stop.abort(reason);
	}

	/** The next chunk that is not empty; null at the end. Throws what the body throws, or the signal's reason. */
	async next(): Promise<Uint8Array | null> {
		for (;;) {
			this.signal.throwIfAborted();
			if (this.#ended) return null;
			this.#waiting = true;
			const step = this.#iterator.next().finally(() => {
				this.#waiting = false;
			});
			let result: IteratorResult<Uint8Array>;
			try {
				result = await this.#unlessStopped(step);
			} catch (error) {
				// A body that threw is at its end by the iterator protocol; one that was only given up on is not.
				if (!this.#waiting) this.#ended = true;
				throw error;
			}
			if (result.done) this.#ended = true;
			else if (result.value.byteLength > 0) return result.value;
		}
	}

	/** Not `Promise.race` with one promise for all calls: that one would hold on to every chunk until its own end. */
	#unlessStopped<T>(step: Promise<T>): Promise<T> {
		const { signal } = this;
		return new Promise((resolve, reject) => {
			const stop = () => reject(signal.reason);
			signal.addEventListener('abort', stop, { once: true });
			step.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
		});
	}

	/** Closes the body by `return()`, unless it came to its end. */
	async close(): Promise<void> {
		this.#unlink();
		if (this.#ended) return;
		this.#ended = true;
		// A generator answers return() only after the step it is in, which may never end: then nobody waits for it.
		const closed = Promise.resolve(this.#iterator.return?.()).then(ignore, ignore);
		if (!this.#waiting) await closed;
	}
}
