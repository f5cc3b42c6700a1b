import { z } from 'zod';
import { choice, prefix, secret, text } from './variables';

const DAYS = 'is not a whole number of days from 1 to 36500';

/**
 * The settings of a copy in a bucket, by the last part of their variables: `BUCKET` of a copy called `offsite` is
 * `BACKUP_S3_OFFSITE_BUCKET`. Values come trimmed; no message may hold a value. What needs two to judge is in `copies.ts`.
 */
export const copySchema = z.object({
	BUCKET: z
		.string()
		.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/, 'is not the name of a bucket')
		.optional()
		.meta({ description: 'The bucket, which is there already.', fallback: 'none; needed' }),
	ENDPOINT: z
		.string()
		.refine(isOrigin, 'is not an origin such as https://s3.example.com, without a path or a password')
		.optional()
		.meta({ description: 'The origin of the S3 server. Its buckets are addressed by path.', fallback: 'AWS' }),
	REGION: z
		.string()
		.regex(/^[A-Za-z0-9-]{1,50}$/, 'is not the name of a region')
		.optional()
		.meta({ description: 'The region of the bucket; `auto` for R2.', fallback: '`us-east-1`' }),
	PREFIX: prefix('The first part of every name in the bucket.', '`BACKUP_PREFIX`'),
	ACCESS_KEY_ID: secret('The key to write with. The right to put objects is enough.', { fallback: 'none' }),
	SECRET_ACCESS_KEY: secret('Its secret.', { fallback: 'none' }),
	READ_ACCESS_KEY_ID: secret('The key to read with: to restore, verify, list, export, and to read a copy back.', {
		fallback: 'the key to write with',
	}),
	READ_SECRET_ACCESS_KEY: secret('Its secret.', { fallback: 'that of the key to write with' }),
	PRUNE_ACCESS_KEY_ID: secret('The key to delete old backups with.', { fallback: 'the key to write with' }),
	PRUNE_SECRET_ACCESS_KEY: secret('Its secret.', { fallback: 'that of the key to write with' }),
	ENCRYPTION: choice(['AES256', 'aws:kms'], 'Server-side encryption to ask for.', null),
	KMS_KEY_ID: text('The key for `aws:kms`.', { fallback: "the account's own" }),
	STORAGE_CLASS: z
		.string()
		.regex(/^[A-Z0-9_]{1,40}$/, 'is not the name of a storage class')
		.optional()
		.meta({
			description: 'The storage class, such as `STANDARD_IA`; not one that must be thawed to be read.',
			fallback: "the bucket's",
		}),
	LOCK_MODE: choice(
		['GOVERNANCE', 'COMPLIANCE'],
		'Object Lock, in a bucket that has it: nobody deletes a backup while it holds; with `COMPLIANCE`, not even the account.',
		null,
	),
	LOCK_DAYS: z
		.string()
		.regex(/^[0-9]{1,5}$/, DAYS)
		.transform(Number)
		.refine((days) => days >= 1 && days <= 36_500, DAYS)
		.optional()
		.meta({ description: 'For how many days.', fallback: 'none; needed with `LOCK_MODE`' }),
});

/** The settings of one copy, each valid by itself. */
export type CopySettings = z.output<typeof copySchema>;

/** The last parts of the variables whose values are never printed. */
const SECRET_SETTINGS = Object.entries(copySchema.shape)
	.filter(([, field]) => field.meta()?.secret === true)
	.map(([setting]) => setting);

/** Claims that a variable is a secret of a copy, whether that is configured or not. */
export function isCopySecret(variable: string): boolean {
	return variable.startsWith('BACKUP_S3_') && SECRET_SETTINGS.some((setting) => variable.endsWith(`_${setting}`));
}

function isOrigin(value: string): boolean {
	const url = URL.canParse(value) ? new URL(value) : null;
	if (url === null || !/^https?:$/.test(url.protocol)) return false;
	return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
}
