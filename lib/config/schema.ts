import { z } from 'zod';
import { parseElsewhere } from './elsewhere';
import { parseMedia } from './media';
import { parseRetention } from './retention';
import { statusSchema } from './status-schema';
import { telemetrySchema } from './telemetry-schema';
import { bearer, choice, prefix, SAFE_SEGMENT, secret, text } from './variables';
import { watchSchema } from './watch-schema';

/** In its variables a name stands in capitals. Without `_` or `-` in it, it is plain where it ends. */
const COPY_NAME = /^[a-z][a-z0-9]{0,29}$/;
const COPY_NAMES = 'is not a list of names of up to 30 characters of a-z 0-9 that begin with a letter';
const MINUTES = 'is not a whole number of minutes from 1 to 527040';
/** What the first store and the local folder are called. */
const RESERVED: readonly string[] = ['primary', 'local'];
/** What names a variable of the environment. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
/** Each takes a fifth of a second, at backing up and at comparing. */
const MOST_FINGERPRINTS = 20;

/** A secret goes there: by https, or within this machine. */
function isSafeOrigin(value: string): boolean {
	const url = URL.canParse(value) ? new URL(value) : null;
	if (url === null || url.origin !== value.replace(/\/$/, '')) return false;
	return url.protocol === 'https:' || (url.protocol === 'http:' && /^(127\.0\.0\.1|localhost)$/.test(url.hostname));
}

/** A variable that holds minutes, up to a year of them. */
function minutes(description: string, fallback: number) {
	return z
		.string()
		.regex(/^[0-9]{1,6}$/, MINUTES)
		.transform(Number)
		.refine((count) => count >= 1 && count <= 527_040, MINUTES)
		.optional()
		.meta({ description: `${description} In minutes.`, fallback: `\`${fallback}\`` });
}

/**
 * The environment, variable by variable. Values come trimmed, and an empty one counts as unset. No message may hold
 * a value. What needs two variables to judge is in `load.ts`.
 */
export const environmentSchema = z.object({
	TURSO_DATABASE_URL: text(
		'The database to back up: `libsql://`, `turso://`, `https://`, `http://`, `wss://`, `ws://` or `file:`. A relative `file:` path starts at the working directory.',
		{ fallback: 'none' },
	),
	TURSO_AUTH_TOKEN: secret('The token for that database. Backing up needs reading only.', {
		fallback: 'none; needed for Turso Cloud',
	}),
	RESTORE_DATABASE_URL: text('The database that a restore writes to when no `--to` is given.', {
		fallback: '`TURSO_DATABASE_URL`',
	}),
	RESTORE_AUTH_TOKEN: secret('The token for the database that a restore writes to.', {
		fallback: '`TURSO_AUTH_TOKEN` if both databases are at the same host, else none',
	}),
	TURSO_API_TOKEN: secret(
		"A token of Turso's Platform API, for `turso-pitr.ts` and `BACKUP_SOURCE=branch`. It can make and delete databases: see [Turso's own recovery](turso-recovery.md).",
		{ fallback: 'none' },
	),
	TURSO_ORGANIZATION: z
		.string()
		.regex(/^[a-z0-9-]{1,100}$/, 'is not the slug of an organization')
		.optional()
		.meta({ description: 'The slug of the organization, or the user name, that has the database.', fallback: 'none' }),
	TURSO_API_URL: z
		.string()
		.refine(isSafeOrigin, 'is not an origin such as https://api.turso.tech')
		.optional()
		.meta({ description: "The origin of Turso's Platform API.", fallback: '`https://api.turso.tech`' }),
	CRON_SECRET: bearer('What a caller of the cron route must send as its bearer token: 16 to 512 characters.', {
		fallback: 'none; without it the route answers 503',
	}),
	BLOB_READ_WRITE_TOKEN: secret('The read-write token of the private Vercel Blob store.', { fallback: 'none' }),
	BLOB_STORE_ID: z
		.string()
		.regex(/^[A-Za-z0-9_-]{1,100}$/, 'is not the id of a Blob store')
		.optional()
		.meta({
			description:
				"The id of the private Vercel Blob store, when Vercel's OIDC token is used instead of a read-write token.",
			fallback: 'none',
		}),
	BACKUP_STORE: choice(
		['auto', 'vercel-blob', 'local'],
		'Where backups are kept. `auto` is the Blob store if there are credentials for it, else the local folder; deployed on Vercel only the Blob store will do.',
		'auto',
	),
	BACKUP_LOCAL_DIR: text('The folder of the local store.', { fallback: '`backups`' }),
	BACKUP_PREFIX: prefix('The first part of every name in the store.', '`backups`'),
	BACKUP_NAME: z.string().regex(SAFE_SEGMENT, 'is not 1 to 100 characters of A-Z a-z 0-9 . _ -').optional().meta({
		description: 'The second part, which tells the backups of one database from those of another.',
		fallback: 'the host or the file name of `TURSO_DATABASE_URL`',
	}),
	BACKUP_SOURCE: choice(
		['primary', 'branch'],
		'What is read for a backup: the database itself, or a branch of it that is made for this and dropped afterwards.',
		'primary',
	),
	BACKUP_COPIES: z
		.string()
		.transform((value) => value.split(',').map((name) => name.trim()))
		.refine((names) => names.every((name) => COPY_NAME.test(name)), COPY_NAMES)
		.refine((names) => !names.some((name) => RESERVED.includes(name)), `has ${RESERVED.join(' or ')} in it`)
		.refine((names) => new Set(names).size === names.length, 'has a name twice')
		.optional()
		.meta({
			description:
				'Where every backup is copied to once it is proven: names of your choice, separated by commas, such as `offsite,nas`. Each is set up by the variables below.',
			fallback: 'no copies',
		}),
	BACKUP_PROOF: choice(
		['restore', 'read', 'none'],
		'How a backup is proven before it counts: restored into a scratch database and compared, read back and checked, or not at all.',
		'restore',
	),
	BACKUP_AGE_RECIPIENTS: z
		.string()
		.max(65_536, 'is longer than 65536 characters')
		.transform((list) => list.split(/[\s,]+/).filter((recipient) => recipient !== ''))
		.refine((recipients) => recipients.length > 0, { error: 'names no recipient' })
		.refine((recipients) => recipients.every((recipient) => /^age1[0-9a-z]+$/.test(recipient)), {
			error: 'holds something else than age recipients, which are age1 and small letters and digits',
		})
		.optional()
		.meta({
			description:
				'The age recipients that every backup is sealed to: `age1…`, post-quantum ones too, separated by commas or spaces. `scripts/keys.ts` makes one.',
			fallback: 'none: backups are not encrypted by Lifeboat',
		}),
	BACKUP_AGE_IDENTITY: z
		.string()
		.max(65_536, 'is longer than 65536 characters')
		.refine((list) => list.split(/[\s,]+/).every((identity) => /^AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]+$/.test(identity)), {
			error: 'holds something else than age identities, which are AGE-SECRET-KEY-1 and capitals and digits',
		})
		.optional()
		.meta({
			description:
				'The age identity that opens sealed backups, where no `--identity FILE` is given; several are separated by commas or spaces. Refused where the function runs, which has no use for it.',
			fallback: 'none',
			secret: true,
		}),
	BACKUP_RETENTION: z
		.string()
		.transform((text, context) => {
			const retention = parseRetention(text);
			if (retention === undefined) context.addIssue('is not all, nor like 7d 5w 12m 7y');
			return retention ?? null;
		})
		.optional()
		.meta({
			description:
				'Which backups are kept: the newest of each of so many days, weeks, months and years that have one; `all` removes none. See [retention](retention.md).',
			fallback: '`7d 5w 12m 7y`',
		}),
	BACKUP_RTO_MINUTES: minutes('How long a recovery may take: a drill that takes longer has failed.', 60),
	BACKUP_RPO_MINUTES: minutes(
		'How old the newest backup may be when it is needed: a drill of an older one has failed.',
		24 * 60 + 30,
	),
	BACKUP_KEY_FINGERPRINTS: z
		.string()
		.transform((value) => value.split(',').map((name) => name.trim()))
		.refine((names) => names.every((name) => VARIABLE_NAME.test(name)), 'is not a list of names of variables')
		.refine((names) => names.length <= MOST_FINGERPRINTS, `has more than ${MOST_FINGERPRINTS} names`)
		.refine((names) => new Set(names).size === names.length, 'has a name twice')
		.optional()
		.meta({
			description:
				'Variables whose values the data depends on, such as a master key: names, separated by commas. A backup keeps a fingerprint of each, from which the value cannot be told; a restore says which are others now. See [media and keys](beside.md).',
			fallback: 'none',
		}),
	BACKUP_MEDIA: z
		.string()
		.max(4096, 'is longer than 4096 characters')
		.transform((text, context) => {
			const media = parseMedia(text);
			if (media === null) context.addIssue('is not like MediaAsset(url,blobPathname);Photo(url), nor none');
			return media ?? [];
		})
		.optional()
		.meta({
			description:
				'Which tables name Blob objects, and in which columns: `Table(urlColumn,pathnameColumn)`, separated by semicolons; `none` for no inventory. See [media and keys](beside.md#media).',
			fallback: '`MediaAsset(url,blobPathname,*)`',
		}),
	MEDIA_READ_WRITE_TOKEN: secret('The read-write token of the Blob store that holds the media.', {
		fallback: '`BLOB_READ_WRITE_TOKEN`, or `BLOB_STORE_ID`',
	}),
	MEDIA_ACCESS: choice(['public', 'private'], 'What kind of store that is: `relink-media` uploads by it.', 'public'),
	BACKUP_ELSEWHERE: z
		.string()
		.max(4096, 'is longer than 4096 characters')
		.transform((text, context) => {
			const elsewhere = parseElsewhere(text);
			if (elsewhere === null) context.addIssue('is not like sessions: Upstash Redis, daily RDB; accounts: Clerk');
			return elsewhere ?? [];
		})
		.optional()
		.meta({
			description:
				'What of the application lives elsewhere, and where, for the coverage that each manifest tells: `what: where`, separated by semicolons. No secrets.',
			fallback: 'nothing',
		}),
	BACKUP_SCRATCH_DIR: text('The folder for scratch databases. What a killed run leaves there is removed a day later.', {
		fallback: "the system's folder for temporary files",
	}),
	BACKUP_MAX_DURATION_SECONDS: z
		.string()
		.regex(/^[0-9]{1,5}$/, 'is not a whole number of seconds from 1 to 86400')
		.transform(Number)
		.refine((seconds) => seconds >= 1 && seconds <= 86_400, 'is not a whole number of seconds from 1 to 86400')
		.optional()
		.meta({
			description:
				'How long one call of the cron route may take, in seconds, where Vercel does not tell. Keep it equal to `maxDuration` of the route.',
			fallback: '`300`',
		}),
	...watchSchema,
	...statusSchema,
	...telemetrySchema,
	VERCEL: text('`1` on Vercel.', { fallback: 'none', platform: true }),
	VERCEL_ENV: text('`production`, `preview` or `development`.', { fallback: 'none', platform: true }),
});

/** The environment's variables, each valid by itself. */
export type Environment = z.output<typeof environmentSchema>;
export type VariableName = keyof Environment;
