import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readMigration, sha256 } from './read-migration';
import type { BookRow, Migration, MigrationState, MigrationTool, Standing } from './tool';

const TABLE = '_prisma_migrations';

/** A migration's script, in its folder. */
export const SCRIPT = 'migration.sql';

/** Character by character as Prisma makes it. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS "${TABLE}" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

/** Prisma Migrate: a folder each, in the order of their names. */
export const prisma: MigrationTool = {
	name: 'prisma',
	table: TABLE,
	columns: ['migration_name', 'checksum', 'finished_at', 'rolled_back_at'],
	foreignKeysOff: false,

	async read(folder) {
		const entries = await readdir(folder, { withFileTypes: true });
		const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
		return Promise.all(names.sort().map((name) => readMigration(name, join(folder, name, SCRIPT), null)));
	},

	compare(migrations, rows) {
		const byName = new Map<string, BookRow[]>();
		for (const row of rows) {
			const [name, , , rolledBackAt] = row as [string, ...BookRow];
			// What was rolled back is as if it had never been: Prisma would apply it again.
			if (rolledBackAt === null) byName.set(name, [...(byName.get(name) ?? []), row]);
		}
		const standings = migrations.map((migration): Standing => {
			const state = stateOf(migration, byName.get(migration.name) ?? []);
			byName.delete(migration.name);
			return { name: migration.name, state, migration };
		});
		const gone = [...byName].map(([name, [row]]): Standing => ({ name, state: goneState(row), migration: null }));
		return [...standings, ...gone];
	},

	record({ name, checksum }, { id, at }) {
		const args = [id, checksum, name, at.toISOString().replace('Z', '+00:00'), BigInt(at.getTime())];
		// Prisma's engine writes milliseconds, its driver adapters write text; both read both, but order by the column.
		const time = `CASE WHEN EXISTS(SELECT 1 FROM ${TABLE} WHERE typeof(started_at) = 'text') THEN ?4 ELSE ?5 END`;
		return {
			before: [
				{ sql: CREATE_TABLE },
				{
					check: `NOT EXISTS(SELECT 1 FROM ${TABLE} WHERE migration_name = ? AND rolled_back_at IS NULL)`,
					args: [name],
				},
			],
			after: [
				{
					sql: `INSERT INTO ${TABLE}(id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES (?1, ?2, ?3, ${time}, ${time}, 1)`,
					args,
				},
			],
		};
	},
};

function stateOf(migration: Migration, rows: readonly BookRow[]): MigrationState {
	if (rows.length === 0) return 'pending';
	if (rows.some(isUnfinished)) return 'unfinished';
	return rows.every(([, checksum]) => isChecksumOf(migration, checksum ?? '')) ? 'applied' : 'changed';
}

function goneState(row: BookRow | undefined): MigrationState {
	return row && isUnfinished(row) ? 'unfinished' : 'missing';
}

function isUnfinished([, , finishedAt]: BookRow): boolean {
	return finishedAt === null;
}

/** As Prisma compares: line ends do not count, as git may turn them. */
function isChecksumOf({ sql, checksum }: Migration, recorded: string): boolean {
	const variants = [checksum, sha256(sql.replaceAll('\r\n', '\n')), sha256(sql.replaceAll('\n', '\r\n'))];
	return variants.some((variant) => variant === recorded || withoutZeros(variant) === recorded);
}

/** Prisma once wrote a checksum's bytes without their leading zeros. */
function withoutZeros(checksum: string): string {
	return checksum.replace(/0(.)|../g, (byte, second?: string) => second ?? byte);
}
