import { createHash } from 'node:crypto';
import type { ObjectLockMode, ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3';
import type { S3Session } from './s3-call';
import { WRITER } from './s3-read';

const DAY_MS = 24 * 3_600_000;

/** Until when an object is to be locked, as the SDK's commands take it; empty: it is not. */
export interface Locking {
	readonly ObjectLockMode?: ObjectLockMode;
	readonly ObjectLockRetainUntilDate?: Date;
}

/** How an object is to be kept, as the SDK's commands take it. */
export interface Keeping extends Locking {
	readonly ContentType: string;
	readonly Metadata: Record<string, string>;
	readonly ServerSideEncryption?: ServerSideEncryption;
	readonly SSEKMSKeyId?: string;
	readonly StorageClass?: StorageClass;
}

/** How a new object is to be kept by the settings of the store. `writer` marks it as made by this very write. */
export function keepingOf(session: S3Session, contentType: string, writer: string): Keeping {
	const { storageClass } = session.settings;
	return {
		...keepingReplaced(session.settings, contentType, writer),
		...(storageClass !== null && { StorageClass: storageClass as StorageClass }),
		...lockingOf(session),
	};
}

/** Until when an object that is written now is locked by the settings of the store. */
export function lockingOf({ settings: { lock }, clock }: S3Session): Locking {
	if (lock === null) return {};
	const until = new Date(clock.now().getTime() + lock.days * DAY_MS);
	return { ObjectLockMode: lock.mode, ObjectLockRetainUntilDate: until };
}

/** The same for an object that is replaced: it is encrypted, but neither locked nor put aside. */
export function keepingReplaced(
	{ encryption, kmsKeyId }: S3Session['settings'],
	contentType: string,
	writer: string,
): Keeping {
	return {
		ContentType: contentType,
		Metadata: { [WRITER]: writer },
		...(encryption !== null && { ServerSideEncryption: encryption }),
		...(kmsKeyId !== null && { SSEKMSKeyId: kmsKeyId }),
	};
}

/** The checksum that every server checks, and that Object Lock wants. */
export function md5Of(bytes: Uint8Array): string {
	return createHash('md5').update(bytes).digest('base64');
}
