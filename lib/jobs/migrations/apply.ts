import { hasCode, LifeboatError } from '../../core/errors';
import { inStep } from '../../core/step';
import type { Database } from '../../engine/engine';
import type { PendingMigration } from './plan';
import type { BookEntry, MigrationTool } from './tool';

/** A migration that has been run and recorded. */
export interface Applied {
	readonly name: string;
	readonly statements: number;
	/** False if it ran with foreign keys off, and the database could not check them afterwards. */
	readonly foreignKeysChecked: boolean;
}

/**
 * Runs one migration and records it, both or neither.
 *
 * @throws LifeboatError `MIGRATION_FAILED` with the statement that failed, as far as the database tells it;
 * `LEASE_HELD` if another program has recorded it meanwhile
 */
export async function applyMigration(
	database: Database,
	tool: MigrationTool,
	pending: PendingMigration,
	entry: BookEntry,
): Promise<Applied> {
	const { migration, script, foreignKeysOff } = pending;
	const { before, after } = tool.record(migration, entry);
	const steps = [...before, ...script.statements.map(({ sql }) => ({ sql })), ...after];
	const foreignKeys = foreignKeysOff ? 'off' : 'default';
	try {
		const run = await inStep(`applying ${migration.name}`, () => database.run({ steps, foreignKeys }));
		return { name: migration.name, statements: script.statements.length, ...run };
	} catch (error) {
		if (!hasCode(error, 'DATABASE_FAILED', 'DATABASE_REFUSED')) throw error;
		const at = typeof error.data.at === 'number' ? error.data.at : null;
		if (at !== null && at < before.length && 'check' in (before[at] as object))
			throw new LifeboatError('LEASE_HELD', `another program has applied ${migration.name} meanwhile`, {
				hint: 'run it again to see what is left to do',
				data: { migration: migration.name },
				cause: error.cause,
			});
		throw failure(pending, at === steps.length ? 'foreign keys' : at === null ? null : at - before.length, error);
	}
}

/** @param at the statement's index in the script; null if the database does not tell */
function failure(
	{ migration: { name, path }, script }: PendingMigration,
	at: number | 'foreign keys' | null,
	{ cause, data }: LifeboatError,
): LifeboatError {
	const told = cause instanceof Error ? cause.message.slice(0, 300) : 'no reason';
	const statement = typeof at === 'number' ? script.statements[at] : undefined;
	const where = statement && ` at statement ${statement.number}, in line ${statement.line} of ${path}`;
	const what =
		at === 'foreign keys' ? 'it would leave rows that refer to no row, or a foreign key that fits no key' : told;
	return new LifeboatError('MIGRATION_FAILED', `migration ${name} failed${where ?? ''}: ${what}`, {
		hint: 'nothing of it remains, and those before it stay: mend it, and run it again',
		data: {
			migration: name,
			...(statement && { statement: statement.number, line: statement.line }),
			...(typeof data.databaseCode === 'string' && { databaseCode: data.databaseCode }),
		},
		cause,
	});
}
