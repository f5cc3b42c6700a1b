import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, createGunzip, type Gunzip, gzip } from 'node:zlib';
import { LifeboatError } from '../core/errors';

const compress = promisify(gzip);

const NEWLINE = 10;

/**
 * gzip's own level: 1 compresses these files a fifteenth less than 6, in half the time. It takes the nearest repetition
 * that it finds: looking back 8 KiB instead of 32 costs short lines nothing, and takes a fifth of the time off.
 */
const COMPRESSION = { level: 1, memLevel: 9 } as const;
const [SHORT_LINES, LONG_LINES] = [{ windowBits: 13 }, { windowBits: 15 }] as const;
/** Lines are long if so many bytes have fewer: each repeats the one before, which has to be within the window. */
const [LOOK_BYTES, FEW_LINES] = [64 * 1024, 64];
/** A gzip member takes at least as many plain bytes as this, but for the last: a page fills one by itself. */
const MEMBER_BYTES = 1_000_000;
/** Members under way: one in a worker thread, one to follow it at once, one being taken. */
const MEMBERS_HELD = 3;
/** Large buffers, so that a piece is done in one go of the worker thread, without the event loop in between. */
const CHUNK_BYTES = 1024 * 1024;
/** Of what is decompressed: what is done with comes to lie about until it is collected, the more the larger it is. */
const PIECE_BYTES = 256 * 1024;

/**
 * The format's bytes as they are stored: gzip members of about 1 MB, one after another. Each is compressed in a worker
 * thread while the next is still being read; a single gzip stream would wait for the event loop between its pieces,
 * which a local database keeps to itself. Holds three members.
 */
export async function* seal(plain: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
	const members: Promise<Buffer>[] = [];
	for await (const block of blocks(plain)) {
		const member = compress(block, { ...COMPRESSION, ...windowOf(block), chunkSize: CHUNK_BYTES / 2 });
		// Whoever stops early leaves it alone.
		member.catch(() => {});
		members.push(member);
		if (members.length === MEMBERS_HELD) yield (await members.shift()) as Buffer;
		else await turn();
	}
	for (const member of members) yield await member;
}

function windowOf(block: Uint8Array): { readonly windowBits: number } {
	let lines = 0;
	for (let at = block.indexOf(NEWLINE); at >= 0 && at < LOOK_BYTES; at = block.indexOf(NEWLINE, at + 1))
		if (++lines === FEW_LINES) return SHORT_LINES;
	return block.length > LOOK_BYTES ? LONG_LINES : SHORT_LINES;
}

/** Gathers small chunks into blocks worth a member; there is at least one, so that nothing at all is a gzip file too. */
async function* blocks(plain: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
	let chunks: Uint8Array[] = [];
	let bytes = 0;
	let any = false;
	for await (const chunk of plain) {
		chunks.push(chunk);
		bytes += chunk.byteLength;
		if (bytes < MEMBER_BYTES) continue;
		yield* cut(joined(chunks, bytes));
		any = true;
		chunks = [];
		bytes = 0;
	}
	if (bytes > 0 || !any) yield joined(chunks, bytes);
}

/** A long block in pieces that are each worth a member: what is held are members, whatever the length of a row. */
function* cut(block: Uint8Array): Generator<Uint8Array, void, undefined> {
	const pieceBytes = Math.ceil(block.length / Math.floor(block.length / MEMBER_BYTES));
	for (let at = 0; at < block.length; at += pieceBytes) yield block.subarray(at, at + pieceBytes);
}

/** One buffer of several, without a copy of a single one. */
function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
	return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, bytes);
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
	const gunzip = createGunzip({ chunkSize: PIECE_BYTES, finishFlush: constants.Z_FINISH });
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

/** Feeds `source` to `transform` with back-pressure and yields what comes out; either side's failure ends both. */
async function* through(transform: Gunzip, source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
	const stop = new AbortController();
	const feeding = (async () => {
		try {
			for await (const chunk of source) {
				if (transform.destroyed) return;
				if (!transform.write(chunk)) await once(transform, 'drain', { signal: stop.signal });
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
