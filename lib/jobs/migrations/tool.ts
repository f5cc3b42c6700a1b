import type { ScriptStep } from '../../engine/engine';

/** A migration in its folder. */
export interface Migration {
	readonly name: string;
	/** The script's file. */
	readonly path: string;
	readonly sql: string;
	/** SHA-256 of the script, in hex, as both tools record it. */
	readonly checksum: string;
	/** When it was made, in ms since 1970: the order that Drizzle goes by. Null for Prisma. */
	readonly madeMs: number | null;
}

/**
 * What a migration is to the database: `pending` is yet to be run; `changed` is another script than was applied;
 * `unfinished` has been begun and not ended; `skipped` was never applied, and its tool would never apply it; `missing`
 * was applied, and is not in the folder.
 */
export type MigrationState = 'applied' | 'pending' | 'changed' | 'unfinished' | 'skipped' | 'missing';

/** What a migration tool's books say of a migration. */
export interface Standing {
	readonly name: string;
	readonly state: MigrationState;
	/** In the folder; null for what is only in the database. */
	readonly migration: Migration | null;
}

/** A row of a tool's table, its values in the order of the tool's `columns`. */
export type BookRow = readonly (string | null)[];

/** A tool whose migrations are run and recorded as it does itself. */
export interface MigrationTool {
	readonly name: 'prisma' | 'drizzle';
	/** The table in which it keeps its books, and what is read of it. */
	readonly table: string;
	readonly columns: readonly string[];
	/** Whether it runs every migration with foreign keys off, and not only those whose scripts say so. */
	readonly foreignKeysOff: boolean;

	/** The migrations of a folder, in the order in which they are to be run. Throws `MIGRATIONS_INVALID`. */
	read(folder: string): Promise<Migration[]>;

	/** Compares the folder with the books; `rows` is empty where there are none. What is missing comes last. */
	compare(migrations: readonly Migration[], rows: readonly BookRow[]): Standing[];

	/** What comes before a migration's script and after it, in the same transaction. */
	record(migration: Migration, entry: BookEntry): { readonly before: ScriptStep[]; readonly after: ScriptStep[] };
}

export interface BookEntry {
	/** A random UUID. */
	readonly id: string;
	readonly at: Date;
}
