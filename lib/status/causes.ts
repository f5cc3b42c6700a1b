import { ERROR_CODES, type ErrorCode } from '../core/errors';
import type { Section } from './runbook';

/** What an error code means, and what to do about it. */
export interface Cause {
	readonly meaning: string;
	readonly action: string;
	readonly section: Section;
}

const TIME = 'give the run more time (maxDuration), or set BACKUP_PROOF=read';
const DATABASE = "see the database's token, the plan of Turso, and its region";
const STORE = "see the store's token, its quota and its region";

const ACTIONS: Partial<Record<ErrorCode, string>> = {
	DEADLINE_NEAR: TIME,
	ABORTED: TIME,
	CONFIG_INVALID: 'set the variables that are named in the log, and deploy',
	DATABASE_REFUSED: DATABASE,
	DATABASE_UNREACHABLE: DATABASE,
	DATABASE_LOST: DATABASE,
	DATABASE_NOT_FOUND: 'see TURSO_DATABASE_URL',
	STORE_REFUSED: STORE,
	STORE_FULL: STORE,
	STORE_UNREACHABLE: STORE,
	LEASE_HELD: 'another run was at work: wait for the next one',
	SCRATCH_FULL: 'set BACKUP_PROOF=read, or BACKUP_SCRATCH_DIR to a folder with more room',
};

const UNKNOWN = ['unexpected', 'of a newer version'] as const;

/** The meaning of a code, and what to do first. One that is not known here is of a newer version. */
export function causeOf(code: string): Cause {
	const known = Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : null;
	const [errorClass, meaning] = known === null ? UNKNOWN : ERROR_CODES[known];
	return {
		meaning,
		action: (known && ACTIONS[known]) ?? "see the function's log, and docs/errors.md",
		section: errorClass === 'damaged' ? 'backup-found-damaged' : 'backups-stopped',
	};
}
