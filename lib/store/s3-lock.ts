import { PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { callS3, namingFailures, type S3Session } from './s3-call';
import { S3Failure } from './s3-errors';
import { type Locking, lockingOf } from './s3-keeping';
import { findObject } from './s3-read';
import type { StoredObject } from './store';

/**
 * Locks an object that was put together of parts, unless it says that it is: Ceph takes the lock's headers with an
 * upload by parts, and forgets them. Throws `LifeboatError`; the object is there then all the same, `mayBeDone`.
 */
export async function lockPartsObject(
	session: S3Session,
	written: StoredObject,
	locking: Locking,
	signal: AbortSignal,
): Promise<StoredObject> {
	const { ObjectLockRetainUntilDate: until } = locking;
	if (until === undefined || written.lockedUntil !== undefined) return written;
	await namingFailures(session, 'lock an object', written.name, () => lock(session, written.name, locking, signal));
	return { ...written, lockedUntil: until };
}

/**
 * Locks an object that is there, unless it says that it is. Where the key may not ask, it is locked anew: a lock may
 * always be made longer. Throws `S3Failure`.
 */
export async function lockObject(session: S3Session, name: string, signal: AbortSignal | undefined): Promise<void> {
	const found = await findObject(session, name, signal).catch((error) => {
		if (error instanceof S3Failure && error.kind === 'refused') return null;
		throw error;
	});
	if (found?.object.lockedUntil === undefined) await lock(session, name, lockingOf(session), signal);
}

async function lock(
	session: S3Session,
	name: string,
	{ ObjectLockMode: Mode, ObjectLockRetainUntilDate: RetainUntilDate }: Locking,
	signal: AbortSignal | undefined,
): Promise<void> {
	const command = new PutObjectRetentionCommand({
		Bucket: session.bucket,
		Key: name,
		Retention: { Mode, RetainUntilDate },
	});
	// The object is settled: a try whose answer was lost may be made again.
	await callS3(session, session.limits.answerMs, signal, (client, options) => client.send(command, options)).catch(
		(error) => {
			if (error instanceof S3Failure) error.mayBeDone = true;
			throw error;
		},
	);
}
