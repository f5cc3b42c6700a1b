import { LifeboatError } from '../../core/errors';
import { type ParsedScript, parseScript } from './parse-script';
import type { BookRow, Migration, MigrationState, MigrationTool } from './tool';

export interface MigrationPlan {
	/** Every migration that the folder or the database knows of. */
	readonly migrations: readonly { readonly name: string; readonly state: MigrationState }[];
	/** What is to be run, in order. */
	readonly pending: readonly PendingMigration[];
	/** The guard that refuses, if one does. */
	readonly refusal: LifeboatError | null;
}

export interface PendingMigration {
	readonly migration: Migration;
	readonly script: ParsedScript;
	readonly foreignKeysOff: boolean;
}

/**
 * Decides what is to be run.
 *
 * @param rows the tool's books, as far as the database has any
 * @param allowChanged leave alone what is no longer what was applied
 * @throws LifeboatError `MIGRATIONS_INVALID` for a pending script that cannot be run as one transaction
 */
export function planMigrations(
	tool: MigrationTool,
	migrations: readonly Migration[],
	rows: readonly BookRow[],
	allowChanged: boolean,
): MigrationPlan {
	const standings = tool.compare(migrations, rows);
	const pending = standings.flatMap(({ state, migration }): PendingMigration[] => {
		if (state !== 'pending' || migration === null) return [];
		const script = parseScript(migration);
		return [{ migration, script, foreignKeysOff: tool.foreignKeysOff || script.foreignKeysOff }];
	});
	const named = (state: MigrationState) => standings.filter((one) => one.state === state).map(({ name }) => name);
	const refusal =
		refuse('MIGRATION_UNFINISHED', named('unfinished'), 'begun and not finished', UNFINISHED_HINT) ??
		(allowChanged ? null : refuse('MIGRATION_CHANGED', named('changed'), 'changed since applied', CHANGED_HINT)) ??
		(allowChanged ? null : refuse('MIGRATION_CHANGED', named('skipped'), 'older than the last applied', SKIPPED_HINT));
	return { migrations: standings.map(({ name, state }) => ({ name, state })), pending, refusal };
}

const UNFINISHED_HINT =
	'see what of it is there, then say so by `prisma migrate resolve --applied NAME` or `--rolled-back NAME`';
const CHANGED_HINT = 'put the script back as it was and write a new one, or leave it so with --allow-changed';
const SKIPPED_HINT = 'Drizzle will never apply it: generate it anew, or leave it so with --allow-changed';

function refuse(
	code: 'MIGRATION_UNFINISHED' | 'MIGRATION_CHANGED',
	names: readonly string[],
	what: string,
	hint: string,
): LifeboatError | null {
	if (names.length === 0) return null;
	return new LifeboatError(code, `${what}: ${names.join(', ')}`, { hint, data: { migrations: names } });
}
