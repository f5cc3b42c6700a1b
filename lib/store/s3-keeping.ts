import { createHash } from 'node:crypto';
import type { ObjectLockMode, ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3';
import type { S3Session } from './s3-call';
import { WRITER } from './s3-read';

const DAY_MS = 24 * 3_600_000;

/** How an object is to be kept, as the SDK's commands take it. */
export interface Keeping {
	readonly ContentType: string;
	readonly Metadata: Record<string, string>;
	readonly ServerSideEncryption?: ServerSideEncryption;
	readonly SSEKMSKeyId?: string;
	readonly StorageClass?: StorageClass;
	readonly ObjectLockMode?: ObjectLockMode;
	readonly ObjectLockRetainUntilDate?: Date;
}

/** How a new object is to be kept by the settings of the store. `writer` marks it as made by this very write. */
export function keepingOf({ settings, clock }: S3Session, contentType: string, writer: string): Keeping {
	const { storageClass, lock } = settings;
	return {
		...keepingReplaced(settings, contentType, writer),
		...(storageClass !== null && { StorageClass: storageClass as StorageClass }),
		...(lock !== null && {
			ObjectLockMode: lock.mode,
			ObjectLockRetainUntilDate: new Date(clock.now().getTime() + lock.days * DAY_MS),
		}),
	};
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
