import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { withTimeLimit } from '../core/time-limit';
import { isObjectName } from './names';
import { openBody } from './open-body';
import { callS3, namingFailures, type S3Session } from './s3-call';
import { notUnderstood, readS3Failure, S3Failure } from './s3-errors';
import type { OpenObject, StoredObject } from './store';

/** The name under which an object carries what its writer has made up for it. */
export const WRITER = 'lifeboat-writer';

const PAGE_OBJECTS = 1000;

/** An object, and the mark of the write that made it; null if it is none of ours. */
export interface FoundObject {
	readonly object: StoredObject;
	readonly writer: string | null;
}

/** Asks for an object's size, time and etag; null if there is none. Throws `S3Failure`. */
export async function findObject(session: S3Session, name: string, signal?: AbortSignal): Promise<FoundObject | null> {
	const command = new HeadObjectCommand({ Bucket: session.bucket, Key: name });
	return callS3(session, session.limits.answerMs, signal, async (client, options) => {
		const found = await client.send(command, options).catch(nullIfAbsent);
		return found && { object: toStoredObject(name, found), writer: found.Metadata?.[WRITER] ?? null };
	});
}

/** Opens an object; null if there is none. Opening throws `S3Failure`, reading `LifeboatError`. */
export async function openObject(session: S3Session, name: string, signal?: AbortSignal): Promise<OpenObject | null> {
	const command = new GetObjectCommand({ Bucket: session.bucket, Key: name });
	const opened = await callS3(session, session.limits.answerMs, signal, async (client, options) => {
		const found = await client.send(command, options).catch(nullIfAbsent);
		if (found === null) return null;
		// In Node, a stream of the socket; the type names what browsers have, too.
		const stream = found.Body as unknown as NodeJS.ReadableStream & { destroy(): void };
		// What breaks it is told to whoever reads; nobody may be reading when it does.
		stream.on('error', () => {});
		try {
			return { object: toStoredObject(name, found), stream };
		} catch (error) {
			stream.destroy();
			throw error;
		}
	});
	if (opened === null) return null;
	const { object, stream } = opened;
	const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
	const body = openBody({
		name,
		bytes: object.bytes,
		signal,
		read: () =>
			namingFailures(session, 'read an object to its end', name, async () => {
				try {
					const { done, value } = await withTimeLimit(session.limits.stallMs, signal, () => chunks.next());
					return done ? null : value;
				} catch (error) {
					throw signal?.aborted ? signal.reason : readS3Failure(error);
				}
			}),
		close: async () => void stream.destroy(),
	});
	return { ...object, body };
}

/** Lists objects in order of names, a page of the store at a time. Throws `LifeboatError`. */
export async function* listObjects(
	session: S3Session,
	prefix: string,
	signal?: AbortSignal,
): AsyncGenerator<StoredObject, void> {
	for (let token: string | undefined; ; ) {
		const command = new ListObjectsV2Command({
			Bucket: session.bucket,
			Prefix: prefix,
			ContinuationToken: token,
			MaxKeys: PAGE_OBJECTS,
		});
		const page = await namingFailures(session, 'list objects', undefined, () =>
			callS3(session, session.limits.answerMs, signal, async (client, options) => {
				const answer = await client.send(command, options);
				// An answer of a proxy in between lacks what every list has.
				if (typeof answer.IsTruncated !== 'boolean') throw notUnderstood();
				const next = answer.NextContinuationToken;
				if (answer.IsTruncated && (!next || next === token))
					throw new S3Failure('unclear', 'the store says that there is more, but not where');
				const ours = (answer.Contents ?? []).filter(({ Key }) => Key !== undefined && isObjectName(Key));
				const objects = ours.map((entry) =>
					toStoredObject(entry.Key as string, { ...entry, ContentLength: entry.Size }),
				);
				return { objects, next: answer.IsTruncated ? next : undefined };
			}),
		);
		yield* page.objects;
		if (page.next === undefined) return;
		token = page.next;
	}
}

interface Described {
	readonly ContentLength?: number;
	readonly LastModified?: Date;
	readonly ETag?: string;
	readonly ObjectLockRetainUntilDate?: Date;
	readonly ObjectLockLegalHoldStatus?: string;
}

/** A legal hold ends when somebody ends it. */
const NEVER = new Date(8.64e15);

/** Reads the description of an object. Throws `S3Failure` when it is none. */
function toStoredObject(name: string, described: Described): StoredObject {
	const { ContentLength: bytes, LastModified: time, ETag: etag, ObjectLockRetainUntilDate: retained } = described;
	const lockedUntil = described.ObjectLockLegalHoldStatus === 'ON' ? NEVER : retained;
	if (!Number.isSafeInteger(bytes) || !time || Number.isNaN(time.getTime()) || !etag) throw notUnderstood();
	// A header has whole seconds; lists have more of them, and are to tell the same.
	const modifiedAt = new Date(Math.floor(time.getTime() / 1000) * 1000);
	return {
		name,
		bytes: bytes as number,
		modifiedAt,
		etag: etag.replace(/^W\//, ''),
		...(lockedUntil !== undefined && { lockedUntil }),
	};
}

function nullIfAbsent(error: unknown): null {
	const failure = readS3Failure(error);
	if (failure.kind === 'absent') return null;
	throw failure;
}
