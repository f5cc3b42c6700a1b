import { createHash } from 'node:crypto';
import { put } from '@vercel/blob';
import type { BodyReader } from './body-reader';
import { cutParts } from './parts';
import type { PutOptions, StoredObject } from './store';
import { withTexts } from './vercel-blob-answers';
import { type BlobSession, callBlob } from './vercel-blob-call';
import { BlobFailure } from './vercel-blob-errors';
import { uploadParts } from './vercel-blob-multipart';
import { headObject, openObject } from './vercel-blob-read';

/** 8 MiB, as the SDK's own multipart upload has it. */
const PART_BYTES = 8 * 1024 * 1024;

/** What was sent, so that an object in the store can be recognised as ours. */
interface Sent {
	readonly bytes: number;
	readonly sha256: string;
}

/**
 * Writes a new object: of up to one part by a single call, which can be tried again whole; else by parts.
 *
 * @param contentType undefined: Vercel takes it from the name's ending
 */
export async function createObject(
	session: BlobSession,
	name: string,
	reader: BodyReader,
	contentType: string | undefined,
): Promise<StoredObject> {
	const hash = createHash('sha256');
	let bytes = 0;
	const parts = cutParts(reader, PART_BYTES, (chunk) => {
		hash.update(chunk);
		bytes += chunk.byteLength;
	});
	const first = (await parts.next()).value;
	if (!first) throw new Error('a body has at least one part');
	const write = first.last
		? () => putWhole(session, name, first.bytes, reader.signal, { contentType, allowOverwrite: false })
		: await uploadParts(session, name, first, parts, reader, contentType);
	const sha256 = hash.digest('hex');
	const { etag } = await settle(session, name, { bytes, sha256 }, reader.signal, write);
	const written = { name, bytes, modifiedAt: session.clock.now(), etag };
	// The etag is that of our own write: by now the object may be someone else's, and a lease must not be taken for ours.
	return { ...(await confirm(session, written, reader.signal)), etag };
}

/** Overwrites an object if it is still the one with `etag`. */
export async function replaceObject(
	session: BlobSession,
	name: string,
	body: Uint8Array,
	etag: string,
	options: PutOptions,
): Promise<StoredObject> {
	const bytes = Buffer.from(body);
	const sent = { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
	const conditions = { contentType: options.contentType, allowOverwrite: true, ifMatch: etag };
	const written = await settle(session, name, sent, options.signal, () =>
		putWhole(session, name, bytes, options.signal, conditions),
	).catch((error) => {
		// A condition on an object that is gone may be answered by "not found".
		if (error instanceof BlobFailure && error.kind === 'absent') throw new BlobFailure('changed', error.message);
		throw error;
	});
	// Not asked of the store: by now the object may be someone else's.
	return { name, bytes: sent.bytes, modifiedAt: session.clock.now(), etag: written.etag };
}

function putWhole(
	session: BlobSession,
	name: string,
	bytes: Buffer,
	signal: AbortSignal | undefined,
	conditions: { contentType: string | undefined; allowOverwrite: boolean; ifMatch?: string },
): Promise<{ etag: string }> {
	return callBlob(session, session.limits.uploadMs, signal, async (options) =>
		withTexts(
			await put(name, bytes, { ...options, ...conditions, access: session.access, addRandomSuffix: false }),
			'etag',
		),
	);
}

/**
 * Runs the call that makes an object visible, and finds out whose object it is when the answer does not tell.
 *
 * A try whose answer was lost may have been carried out; the next try is then refused, on account of our own object:
 * "already exists", "etag mismatch", or "no such upload"; or its answer is lost too. Etags do not settle it (what they
 * are made of is not documented), nor do time and size (clocks differ, leases have all the same size). So the object is
 * read back: if it holds the very bytes that we sent, it counts as ours. Whoever uses names as locks must therefore
 * write something unique into them.
 */
async function settle(
	session: BlobSession,
	name: string,
	sent: Sent,
	signal: AbortSignal | undefined,
	write: () => Promise<{ etag: string }>,
): Promise<{ etag: string }> {
	try {
		return await write();
	} catch (error) {
		if (!(error instanceof BlobFailure) || !error.isDoubtful) throw error;
		const found = await findOwn(session, name, sent, signal).catch((second) => {
			signal?.throwIfAborted();
			// "Already exists" may speak of our own: that nobody knows is then all there is to say.
			throw doubtful(isAnswer(error) ? toFailure(second) : error);
		});
		if (found === null) throw doubtful(error);
		if (found === 'another') throw error;
		return found;
	}
}

async function findOwn(
	session: BlobSession,
	name: string,
	sent: Sent,
	signal: AbortSignal | undefined,
): Promise<StoredObject | 'another' | null> {
	const found = await openObject(session, name, signal);
	return found && ((await holds(found.body, found.bytes, sent)) ? found : 'another');
}

function toFailure(error: unknown): BlobFailure {
	if (error instanceof BlobFailure) return error;
	return new BlobFailure('unclear', 'the answer to a write was lost, and what was written could not be read back');
}

function isAnswer({ kind }: BlobFailure): boolean {
	return kind !== 'unclear' && kind !== 'limited';
}

function doubtful(failure: BlobFailure): BlobFailure {
	failure.mayBeDone = true;
	return failure;
}

async function holds(body: AsyncIterable<Uint8Array>, bytes: number, sent: Sent): Promise<boolean> {
	const hash = createHash('sha256');
	for await (const chunk of body) {
		// Inside the loop, so that the loop closes the body.
		if (bytes !== sent.bytes) return false;
		hash.update(chunk);
	}
	return bytes === sent.bytes && hash.digest('hex') === sent.sha256;
}

/**
 * Asks the store what it holds now: its answer to a write tells neither size nor time. A question that fails does not
 * undo what was answered before: then `written` is what we know of it.
 */
async function confirm(session: BlobSession, written: StoredObject, signal: AbortSignal): Promise<StoredObject> {
	const { name, bytes } = written;
	const found = await headObject(session, name, signal).catch((error) => {
		if (error instanceof BlobFailure) return written;
		throw error;
	});
	if (found?.bytes === bytes) return found;
	const held = found ? `holds ${found.bytes} bytes of it` : 'does not have it';
	throw doubtful(new BlobFailure('unclear', `${bytes} bytes were written, and the store ${held}`));
}
