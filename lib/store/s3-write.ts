import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { BodyReader } from './body-reader';
import { cutParts } from './parts';
import { callS3, type S3Session } from './s3-call';
import { S3Failure } from './s3-errors';
import { type Keeping, keepingOf, keepingReplaced, md5Of } from './s3-keeping';
import { lockPartsObject } from './s3-lock';
import { uploadParts } from './s3-multipart';
import { findObject } from './s3-read';
import type { PutOptions, StoredObject } from './store';

/** 8 MiB; S3 takes 10,000 parts, so 78 GiB an object. */
const PART_BYTES = 8 * 1024 * 1024;

/** What is known of a name before it is written: that nothing is there, or nothing at all without the right to read. */
type Look = 'absent' | 'unknown';

/** Writes a new object: of up to one part by a single call, which can be tried again whole; else by parts. */
export async function createObject(
	session: S3Session,
	name: string,
	reader: BodyReader,
	contentType: string,
): Promise<StoredObject> {
	const { signal } = reader;
	// Spares the upload of what is there already; and is all there is where a server knows no conditions, or, as Ceph,
	// none for uploads by parts.
	const look = await lookFor(session, name, signal);
	const writer = newWriter(session);
	const keeping = keepingOf(session, contentType, writer);
	let bytes = 0;
	const parts = cutParts(reader, PART_BYTES, (chunk) => {
		bytes += chunk.byteLength;
	});
	const first = (await parts.next()).value;
	if (!first) throw new Error('a body has at least one part');
	let answered: { etag: string };
	if (first.last) {
		answered = await settle(session, name, writer, signal, () =>
			createOnly(look, (IfNoneMatch) => putWhole(session, name, first.bytes, signal, { ...keeping, IfNoneMatch })),
		);
	} else {
		const uploaded = await uploadParts(session, name, first, parts, reader, keeping);
		try {
			const lastLook = await lookFor(session, name, signal);
			answered = await settle(session, name, writer, signal, () => createOnly(lastLook, uploaded.complete));
		} catch (error) {
			await uploaded.drop();
			throw error;
		}
	}
	const written = { name, bytes, modifiedAt: session.clock.now(), ...answered };
	const confirmed = await confirm(session, written, writer, signal);
	return first.last ? confirmed : lockPartsObject(session, confirmed, keeping, signal);
}

/** Overwrites an object if it is still the one with `etag`. */
export async function replaceObject(
	session: S3Session,
	name: string,
	body: Uint8Array,
	etag: string,
	{ contentType, signal }: PutOptions,
): Promise<StoredObject> {
	const bytes = Buffer.from(body);
	const writer = newWriter(session);
	const keeping = keepingReplaced(session.settings, contentType, writer);
	const write = () => {
		const IfMatch = session.bareEtags ? etag.replaceAll('"', '') : etag;
		return settle(session, name, writer, signal, () => putWhole(session, name, bytes, signal, { ...keeping, IfMatch }));
	};
	const answered = await write().catch(async (error) => {
		if (!(error instanceof S3Failure)) throw error;
		// A condition on an object that is gone is answered by "not found", too.
		if (error.kind === 'absent') throw new S3Failure('condition', error.message);
		if (error.kind !== 'condition' || session.bareEtags) throw error;
		// Ceph holds the header against the etag without its quotes, which then never match.
		const found = await findObject(session, name, signal);
		if (found?.object.etag !== etag) throw error;
		session.bareEtags = true;
		return write();
	});
	// Not asked of the store: by now the object may be someone else's.
	return { name, bytes: bytes.byteLength, modifiedAt: session.clock.now(), etag: answered.etag };
}

interface Conditions {
	readonly IfNoneMatch?: '*';
	readonly IfMatch?: string;
}

function putWhole(
	session: S3Session,
	name: string,
	bytes: Buffer,
	signal: AbortSignal | undefined,
	given: Keeping & Conditions,
): Promise<{ etag: string }> {
	const body = { Body: bytes, ContentLength: bytes.byteLength, ContentMD5: md5Of(bytes) };
	return callS3(session, session.limits.uploadMs, signal, async (client, options) => {
		const command = new PutObjectCommand({ Bucket: session.bucket, Key: name, ...given, ...body });
		const { ETag } = await client.send(command, options);
		if (ETag) return { etag: ETag };
		throw new S3Failure('unclear', 'the answer is not one of an S3 server');
	});
}

/** Throws the failure of a condition if the name is taken. */
async function lookFor(session: S3Session, name: string, signal: AbortSignal): Promise<Look> {
	try {
		if ((await findObject(session, name, signal)) === null) return 'absent';
	} catch (error) {
		// Whoever may only write is told nothing; without the right to list, AWS refuses to say that a name is free.
		if (error instanceof S3Failure && error.kind === 'refused') return 'unknown';
		throw error;
	}
	throw new S3Failure('condition', 'an object of that name is there');
}

/** Writes under the condition that the name is free; without it where the server knows none and the look found it free. */
async function createOnly<T>(look: Look, write: (ifNoneMatch: '*' | undefined) => Promise<T>): Promise<T> {
	try {
		return await write('*');
	} catch (error) {
		if (look !== 'absent' || !(error instanceof S3Failure) || error.kind !== 'unsupported') throw error;
		return write(undefined);
	}
}

/**
 * Runs the call that makes an object visible, and finds out whose object it is when the answer does not tell: a try
 * whose answer was lost may have been carried out, and the next is then refused on account of our own object. Every
 * write marks its object with a word of its own, by which it is recognised.
 */
async function settle(
	session: S3Session,
	name: string,
	writer: string,
	signal: AbortSignal | undefined,
	write: () => Promise<{ etag: string }>,
): Promise<{ etag: string }> {
	try {
		return await write();
	} catch (error) {
		if (!(error instanceof S3Failure) || !error.isDoubtful) throw error;
		const found = await findObject(session, name, signal).catch(() => {
			signal?.throwIfAborted();
			return null;
		});
		if (found === null) {
			error.mayBeDone = true;
			throw error;
		}
		if (found.writer !== writer) throw error;
		return { etag: found.object.etag };
	}
}

/**
 * Asks the store what it holds now: its answer to a write tells neither size nor time. A question that fails does not
 * undo what was answered before: then `written` is what we know of it.
 */
async function confirm(
	session: S3Session,
	written: StoredObject,
	writer: string,
	signal: AbortSignal,
): Promise<StoredObject> {
	const found = await findObject(session, written.name, signal).catch((error) => {
		if (error instanceof S3Failure) return undefined;
		throw error;
	});
	if (found === undefined) return written;
	if (found?.object.bytes === written.bytes) {
		// The etag is that of our own write: by now the object may be someone else's, and must not be taken for ours.
		return found.writer === writer ? found.object : { ...found.object, etag: written.etag };
	}
	const held = found ? `holds ${found.object.bytes} bytes of it` : 'does not have it';
	const failure = new S3Failure('unclear', `${written.bytes} bytes were written, and the store ${held}`);
	failure.mayBeDone = true;
	throw failure;
}

function newWriter({ random }: S3Session): string {
	return Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(16)).join('-');
}
