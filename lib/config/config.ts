import type { DatabaseUrl } from '../core/database-url';
import type { LifeboatError } from '../core/errors';
import type { MediaTable } from '../core/media-table';
import type { Secret } from '../core/secret';

export type Proof = 'restore' | 'read' | 'none';

/** Of how many days, weeks, months and years, of those that have a backup, the newest one is kept. */
export interface Retention {
	readonly daily: number;
	readonly weekly: number;
	readonly monthly: number;
	readonly yearly: number;
}

/** With what to authenticate at the private Blob store: its own token, or Vercel's OIDC token, which the SDK finds. */
export type BlobCredentials =
	| { readonly kind: 'token'; readonly token: Secret }
	| { readonly kind: 'oidc'; readonly storeId: string };

export type StoreConfig =
	| { readonly kind: 'vercel-blob'; readonly credentials: BlobCredentials }
	| { readonly kind: 'local' /** Absolute. */; readonly directory: string };

export interface PlatformConfig {
	readonly token: Secret;
	/** Its slug. */
	readonly organization: string;
	/** The origin of the API. */
	readonly url: string;
}

/** A key of an S3 server. */
export interface S3Keys {
	readonly accessKeyId: Secret;
	readonly secretAccessKey: Secret;
}

/** A bucket that backups are copied to. */
export interface S3Config {
	readonly kind: 's3';
	/** Null: AWS. */
	readonly endpoint: string | null;
	readonly region: string;
	readonly bucket: string;
	/** As `Config.prefix`. */
	readonly prefix: string;
	/** To write with; null where it can only be read. */
	readonly credentials: S3Keys | null;
	/** Null: `credentials`. */
	readonly readCredentials: S3Keys | null;
	/** Null: `credentials`. */
	readonly pruneCredentials: S3Keys | null;
	readonly settings: {
		readonly encryption: 'AES256' | 'aws:kms' | null;
		readonly kmsKeyId: string | null;
		readonly storageClass: string | null;
		readonly lock: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number } | null;
	};
}

/** A further store, by its name in `BACKUP_COPIES`. */
export interface CopyConfig {
	readonly name: string;
	readonly store:
		| S3Config
		| { readonly kind: 'local' /** Absolute. */; readonly directory: string }
		/** Set up wrongly, which hinders nothing but this copy: whoever opens it is told by `CONFIG_INVALID`. */
		| { readonly kind: 'invalid'; readonly error: LifeboatError };
}

/** Who is told what, and when. */
export interface WatchConfig {
	/** An incoming webhook of Slack; its address is a secret. */
	readonly slack: Secret | null;
	/** The key is `whsec_` and Base64. */
	readonly webhook: { readonly url: Secret; readonly secret: Secret } | null;
	/** By Resend's API; no slash at the end of `baseUrl`. */
	readonly email: {
		readonly apiKey: Secret;
		readonly baseUrl: string;
		readonly from: string;
		readonly to: readonly string[];
	} | null;
	/** The address of a check in healthchecks.io's convention. */
	readonly heartbeat: Secret | null;
	/** Of the rows of a table, from 1 to 100. */
	readonly rowsDropPercent: number;
	/** Of the backup's bytes, from 1 to 100. */
	readonly sizeDropPercent: number;
	readonly ignoredTables: readonly string[];
	/** Of the newest proven backup. */
	readonly maxAgeHours: number;
	/** Of the newest drill, if there is any. */
	readonly drillMaxAgeDays: number;
	/** Of the newest backup in each copy. */
	readonly copyMaxAgeHours: number;
}

/** What OpenTelemetry sends. Where to, it knows by itself. */
export interface TelemetryConfig {
	readonly traces: boolean;
	readonly metrics: boolean;
	/** Its own messages go to the console. */
	readonly isVerbose: boolean;
}

/** Something that is not in a backup, and where it is. */
export interface Elsewhere {
	readonly what: string;
	readonly where: string;
}

/** The environment, parsed. Null is what was not set; a command asks for what it needs. All paths are absolute. */
export interface Config {
	/** The database to back up, with its token. */
	readonly database: DatabaseUrl | null;
	/** The database that a restore writes to unless told otherwise: `restoreDatabase`, else `database`; its token. */
	readonly restoreTarget: DatabaseUrl | null;
	/** `RESTORE_DATABASE_URL`, with its token. */
	readonly restoreDatabase: DatabaseUrl | null;
	/** `RESTORE_AUTH_TOKEN` as it was set; `resolveTarget` knows which database may see it. */
	readonly restoreAuthToken: Secret | null;
	readonly cronSecret: Secret | null;
	/** The store by `BACKUP_STORE`; null if that is the Blob store and there are no credentials. */
	readonly store: StoreConfig | null;
	/** The Blob store's credentials, whatever `BACKUP_STORE` says. */
	readonly blob: BlobCredentials | null;
	/** In the order of `BACKUP_COPIES`; if that is wrong itself, one that is invalid. */
	readonly copies: readonly CopyConfig[];
	readonly localDir: string;
	/** Segments in `[A-Za-z0-9._-]` joined by `/`; no slash at the ends. */
	readonly prefix: string;
	/** One such segment. */
	readonly name: string | null;
	readonly proof: Proof;
	/** What is read for a backup: the database, or a branch that is made for it. */
	readonly source: 'primary' | 'branch';
	/** Turso's Platform API; null where a token or an organization is not set. */
	readonly platform: PlatformConfig | null;
	/** The age recipients that every backup is sealed to; none: backups are not encrypted. */
	readonly recipients: readonly string[];
	/** The age identities that open sealed backups, as one text. */
	readonly ageIdentity: Secret | null;
	readonly scratchDir: string;
	/** Which backups are kept; null: all. */
	readonly retention: Retention | null;
	/** How long a recovery may take, and how old the newest backup may be, in minutes. */
	readonly rtoMinutes: number;
	readonly rpoMinutes: number;
	/** Variables of whose values a backup keeps a fingerprint. */
	readonly keyNames: readonly string[];
	/** The value that the application finds in any variable, not trimmed; null if it is unset or empty. */
	readonly secretOf: (variable: string) => Secret | null;
	/** The tables of the media inventory. */
	readonly media: readonly MediaTable[];
	/** Of the Blob store that holds the media. */
	readonly mediaBlob: BlobCredentials | null;
	readonly mediaAccess: 'public' | 'private';
	/** What the operator says of what is in no backup. */
	readonly elsewhere: readonly Elsewhere[];
	readonly maxDurationSeconds: number;
	readonly watch: WatchConfig;
	/** Null: not configured, and nothing of it is loaded. */
	readonly telemetry: TelemetryConfig | null;
	/** Deployed on Vercel, where no disk outlives the function. */
	readonly isDeployed: boolean;
}

/** The parts that a command can insist on. */
export type ConfigNeed = 'database' | 'restoreTarget' | 'cronSecret' | 'store' | 'blob' | 'name';

/** A config in which the parts that were asked for are there. */
export type ConfigWith<N extends ConfigNeed> = Config & { readonly [K in N]: NonNullable<Config[K]> };
