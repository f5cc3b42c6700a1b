import { LifeboatError } from '../core/errors';

/** Where the bytes of an opened object come from. */
export interface BodySource {
	readonly name: string;
	/** How many bytes are to come. */
	readonly bytes: number;
	readonly signal: AbortSignal | undefined;
	/** The next bytes; null at the end. */
	read(): Promise<Uint8Array | null>;
	/** Lets go of the file or connection; called once. */
	close(): Promise<void>;
}

/**
 * Makes a body of `source` that can be read once.
 *
 * Throws `STORE_UNREACHABLE` if more or fewer bytes come than promised, and the signal's reason once it aborts. The
 * source is closed at the end, after a failure, and by `return()`, also if nothing was read: a generator would not do,
 * since closing one that never started runs none of its code.
 */
export function openBody(source: BodySource): AsyncIterable<Uint8Array> {
	let received = 0;
	let closing: Promise<void> | undefined;
	const close = () => {
		closing ??= source.close();
		return closing;
	};

	const step = async (): Promise<IteratorResult<Uint8Array>> => {
		if (closing) return { done: true, value: undefined };
		source.signal?.throwIfAborted();
		const chunk = await source.read();
		source.signal?.throwIfAborted();
		received += chunk?.byteLength ?? 0;
		if (received > source.bytes || (chunk === null && received < source.bytes)) {
			throw new LifeboatError('STORE_UNREACHABLE', `the store sent ${received} of the bytes of ${source.name}`, {
				hint: 'try again; if it stays so, the object is damaged',
				data: { name: source.name, receivedBytes: received, expectedBytes: source.bytes },
			});
		}
		return chunk === null ? { done: true, value: undefined } : { done: false, value: chunk };
	};

	const iterator: AsyncIterableIterator<Uint8Array> = {
		[Symbol.asyncIterator]: () => iterator,
		async next() {
			try {
				const result = await step();
				if (result.done) await close();
				return result;
			} catch (error) {
				await close();
				throw error;
			}
		},
		async return() {
			await close();
			return { done: true, value: undefined };
		},
	};
	return iterator;
}
