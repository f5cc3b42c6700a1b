/**
 * Every error code, what it means, and its class. The class decides the exit code (`lib/cli/exit.ts`) and the HTTP
 * status (`lib/http/problem.ts`). `docs/errors.md` repeats this table; a test keeps the two equal.
 */
export const ERROR_CODES = {
	INTERNAL: ['unexpected', 'a defect in Lifeboat, or a failure that it does not know'],
	ABORTED: ['unexpected', 'the work was stopped before it was done'],
	DEADLINE_NEAR: ['unexpected', 'the time allowed is nearly over, so the work was stopped and cleaned up'],
	SCRATCH_FULL: ['unexpected', 'the scratch folder has too little room'],
	MEMORY_SHORT: ['unexpected', 'the system does not give the address space that WebAssembly reserves'],

	USAGE_INVALID: ['usage', 'the command line does not fit; see --help'],
	CONFIG_INVALID: ['usage', 'environment variables are missing or wrong'],
	KEY_NEEDED: ['usage', 'the backup is sealed, and no age identity was given'],
	KEY_WRONG: ['usage', 'none of the age identities opens the backup, or what was given is none'],
	MIGRATIONS_INVALID: [
		'usage',
		'the migrations folder is not as its tool writes it, or a script cannot run as one transaction',
	],

	LEASE_HELD: ['guard', 'another run is at work on this database'],
	TARGET_NOT_EMPTY: ['guard', 'the target database already holds rows or objects'],
	TARGET_IS_SOURCE: ['guard', 'the target is the database that the backup came from'],
	TARGET_MISMATCH: ['guard', "the target's tables are not those of the backup"],
	SCRIPT_REFUSED: ['guard', 'the SQL holds a statement that is not to be run'],
	OUTPUT_EXISTS: ['guard', 'something is already at the path to write to'],
	RESTORE_UNSUPPORTED: ['guard', 'the backup holds what the target cannot take'],
	RESTORE_UNFINISHED: ['guard', 'the database is the target of a restore that was not finished'],
	FUNCTIONS_REFUSED: ['guard', "the backup's schema calls functions that are not known to be harmless"],
	MIGRATION_CHANGED: ['guard', 'a migration is not what was applied, or its turn is over'],
	MIGRATION_UNFINISHED: ['guard', 'a migration is recorded as begun, and neither as finished nor as rolled back'],
	BACKUPS_STALE: ['guard', 'the newest proven backup is more than a day old, so no backup is removed'],
	CLOCK_WRONG: ['guard', 'the clocks here and in the store differ by more than an hour, so no backup is removed'],
	PRUNE_TOO_LARGE: ['guard', 'more than half of the backups would be removed at once'],
	DATABASE_EXISTS: ['guard', 'there is a database of that name already'],
	BACKUP_HELD: ['guard', 'the backup is held already'],

	BACKUP_DAMAGED: ['damaged', 'the backup file is not whole or not as it was written'],
	FORMAT_UNKNOWN: ['damaged', 'the file is not a backup, or of a newer format'],
	MANIFEST_INVALID: ['damaged', 'the manifest is not one that this version can read'],
	MEDIA_MISSING: ['damaged', 'rows name Blob objects that no store has'],
	PROOF_FAILED: ['damaged', 'what was restored is not what was read'],
	RECOVERY_TARGET_MISSED: [
		'damaged',
		'a drill restored the backup, but a recovery takes longer, or the backup is older, than is allowed',
	],

	BACKUP_NOT_FOUND: ['not-found', 'no backup of that name'],
	DATABASE_NOT_FOUND: ['not-found', 'no database file at that path'],
	MIGRATIONS_NOT_FOUND: ['not-found', 'no folder of migrations'],

	DATABASE_UNREACHABLE: ['unreachable', 'the database did not answer'],
	DATABASE_LOST: ['unreachable', 'the connection or its read transaction ended before the work was done'],
	DATABASE_REFUSED: ['unreachable', 'the database refused the credentials or the operation'],
	DATABASE_BUSY: ['unreachable', 'the database is locked by someone else'],
	DATABASE_FAILED: ['unreachable', 'the database answered with an error'],
	MIGRATION_FAILED: [
		'unreachable',
		'the database refused a statement of a migration; nothing of that migration remains',
	],
	STORE_UNREACHABLE: ['unreachable', 'the store did not answer, or kept failing'],
	STORE_REFUSED: ['unreachable', 'the store refused the credentials or the operation'],
	STORE_FULL: ['unreachable', 'the store has no room left'],
	STORE_EXISTS: ['unreachable', 'the store already holds an object of that name'],
	STORE_CHANGED: ['unreachable', 'the object in the store is no longer the one that was read'],
	CHANNEL_FAILED: ['unreachable', 'an alert or a heartbeat was not taken by whom it was for; the run itself goes on'],
} as const satisfies Record<string, readonly [ErrorClass, string]>;

export type ErrorClass = 'unexpected' | 'usage' | 'guard' | 'damaged' | 'not-found' | 'unreachable';
export type ErrorCode = keyof typeof ERROR_CODES;

/** Plain facts about an error, safe to print: names and numbers, never a secret or a row's content. */
export type ErrorData = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/**
 * The one error class of Lifeboat. Tests and callers look at `code`; people read `message` (what happened) and
 * `hint` (what to do).
 */
export class LifeboatError extends Error {
	override readonly name = 'LifeboatError';
	readonly hint: string | undefined;
	readonly data: ErrorData;

	constructor(
		readonly code: ErrorCode,
		message: string,
		options: { hint?: string; data?: ErrorData; cause?: unknown } = {},
	) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.hint = options.hint;
		this.data = options.data ?? {};
	}

	get class(): ErrorClass {
		return ERROR_CODES[this.code][0];
	}
}

/** Returns `error` itself if it is ours, else an `INTERNAL` error that has it as its cause. */
export function toLifeboatError(error: unknown): LifeboatError {
	if (error instanceof LifeboatError) return error;
	if (error instanceof Error && error.name === 'AbortError')
		return new LifeboatError('ABORTED', 'the work was stopped', { cause: error });
	const message = error instanceof Error ? error.message : String(error);
	return new LifeboatError('INTERNAL', `unexpected failure: ${message}`, { cause: error });
}

/** Claims that `error` is ours and has one of `codes`. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is LifeboatError {
	return error instanceof LifeboatError && codes.includes(error.code);
}
