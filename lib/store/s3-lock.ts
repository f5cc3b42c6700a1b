import { PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { callS3, type S3Session } from './s3-call';
import { S3Failure } from './s3-errors';
import type { Keeping } from './s3-keeping';
import type { StoredObject } from './store';

/**
 * Locks an object that was put together of parts, unless it says that it is: Ceph takes the lock's headers with an
 * upload by parts, and forgets them. Throws `S3Failure`; the object is there then all the same.
 */
export async function lockPartsObject(
	session: S3Session,
	written: StoredObject,
	{ ObjectLockMode: Mode, ObjectLockRetainUntilDate: RetainUntilDate }: Keeping,
	signal: AbortSignal,
): Promise<StoredObject> {
	if (Mode === undefined || RetainUntilDate === undefined || written.lockedUntil !== undefined) return written;
	const Retention = { Mode, RetainUntilDate };
	const at = { Bucket: session.bucket, Key: written.name };
	// The object is settled: a try whose answer was lost may be made again.
	await callS3(session, session.limits.answerMs, signal, (client, options) =>
		client.send(new PutObjectRetentionCommand({ ...at, Retention }), options),
	).catch((error) => {
		if (error instanceof S3Failure) error.mayBeDone = true;
		throw error;
	});
	return { ...written, lockedUntil: RetainUntilDate };
}
