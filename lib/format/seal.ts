import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { LifeboatError } from '../core/errors';

/** gzip's own level: 1 compresses these files a fifteenth less than 6, in half the time. */
const LEVEL = 1;
/** Large buffers, so that a page is compressed in one go of the worker thread, without the event loop in between. */
const CHUNK_BYTES = 1024 * 1024;
/** Two pages wait at most: one in the worker thread, one to follow it at once. */
const QUEUE_BYTES = 3 * 1024 * 1024;

/** The format's bytes as they are stored: compresses `plain` as it comes, holding a few buffers of 1 MB. */
export async function* seal(plain: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
	yield* through(createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES }), plain);
}

/**
 * The reverse of {@link seal}: decompresses a stored file as it comes.
 *
 * @throws LifeboatError `BACKUP_DAMAGED` when the bytes are not gzip, end early, or go on after the gzip stream
 */
export async function* unseal(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
	let fed = 0;
	async function* counted() {
		for await (const chunk of stored) {
			fed += chunk.byteLength;
			yield chunk;
		}
	}
	const gunzip = createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_FINISH });
	try {
		yield* through(gunzip, counted());
	} catch (error) {
		const code = (error as { code?: unknown } | null)?.code;
		if (typeof code !== 'string' || !/^Z_|^ERR_.*ZLIB/.test(code)) throw error;
		throw new LifeboatError('BACKUP_DAMAGED', `the compressed file is damaged before byte ${fed}: ${code}`, {
			hint: 'use another backup; this one cannot be trusted',
			data: { offset: fed },
			cause: error,
		});
	}
	if (gunzip.bytesWritten !== fed)
		throw new LifeboatError('BACKUP_DAMAGED', `${fed - gunzip.bytesWritten} bytes follow the compressed data`, {
			hint: 'use another backup; this one cannot be trusted',
			data: { offset: gunzip.bytesWritten },
		});
}

type Zlib = ReturnType<typeof createGzip>;

/** Feeds `source` to `transform` with back-pressure and yields what comes out; either side's failure ends both. */
async function* through(transform: Zlib, source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
	const stop = new AbortController();
	const feeding = (async () => {
		try {
			for await (const chunk of source) {
				if (transform.destroyed) return;
				const drained = transform.write(chunk);
				if (!drained && transform.writableLength > QUEUE_BYTES) await once(transform, 'drain', { signal: stop.signal });
				// A local database answers without ever leaving the event loop to anyone else.
				else await turn();
			}
			transform.end();
		} catch (error) {
			transform.destroy(error instanceof Error ? error : new Error(String(error)));
		}
	})();
	try {
		yield* transform as AsyncIterable<Buffer>;
	} finally {
		stop.abort();
		transform.destroy();
		await feeding;
	}
}
