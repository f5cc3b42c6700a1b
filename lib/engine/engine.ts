import type { DatabaseUrl } from '../core/database-url';
import type { RowTraits } from '../format/check-rows';
import type { Header, Omission, RowChunk, SchemaObject, SourceInfo, TableOpen } from '../format/records';

/**
 * A kind of database. Engines know nothing of stores and files. All methods throw `LifeboatError` with a
 * `DATABASE_*` code, or the signal's reason once it aborts; none waits without a time limit of its own.
 */
export interface Engine {
	/**
	 * Connects and proves that the database answers.
	 *
	 * @throws LifeboatError `DATABASE_NOT_FOUND` for a `file:` path where no file is: never makes one, unless `create`
	 */
	open(location: DatabaseUrl, options: OpenOptions): Promise<Database>;
}

export interface OpenOptions {
	/** Ends every request under way and to come. */
	readonly signal?: AbortSignal;
	/** Make the `file:` database if it is not there; its folder must exist. */
	readonly create?: boolean;
	/** The database is a scratch one, lost with the machine anyway: need not survive a power cut. */
	readonly scratch?: boolean;
}

export interface Database {
	/** What a backup's header says of it. */
	readonly info: SourceInfo;

	/**
	 * Opens one read transaction that sees the database as it is now until it is closed, whatever others write. Kept
	 * alive while idle. When the other side ends it, the next use throws `DATABASE_LOST`: start over with a new one.
	 */
	snapshot(): Promise<Snapshot>;

	/** The other side of a backup: writes into this database. */
	target(): Promise<Target>;

	/**
	 * The rows of a table, each value as text, in no order; null if there is no such table. For the small tables in which
	 * tools keep their books.
	 *
	 * @param columns plain names, which need no quotes
	 */
	records(table: string, columns: readonly string[]): Promise<readonly (readonly (string | null)[])[] | null>;

	/**
	 * Runs a script as one transaction: all of it, or nothing. It must not end the transaction itself.
	 *
	 * With foreign keys off, it fails at its end if more rows of a table refer to no row than before.
	 *
	 * @throws LifeboatError `DATABASE_FAILED` or `DATABASE_REFUSED` with `data.at`, the place in `steps` of the one that
	 * failed, where the database tells it: `steps.length` for what is checked at the end
	 */
	run(script: Script): Promise<ScriptRun>;

	close(): Promise<void>;
}

export interface Script {
	readonly steps: readonly ScriptStep[];
	/** `default` is as the database has them, which is on in libSQL. */
	readonly foreignKeys: 'default' | 'off';
}

/** A statement, or an expression that must be true at that point. */
export type ScriptStep = ({ readonly sql: string } | { readonly check: string }) & {
	readonly args?: readonly (string | bigint)[];
};

export interface ScriptRun {
	/** False if foreign keys were off, and the schema has one that cannot be checked as it fits no unique key. */
	readonly foreignKeysChecked: boolean;
}

/** A consistent view of a whole database. Not for concurrent use. */
export interface Snapshot {
	readonly pragmas: Pick<Header, 'encoding' | 'userVersion' | 'applicationId'>;
	/** About how many bytes the database takes on disk; null if it does not tell. */
	readonly diskBytes: number | null;
	/** The database is the target of a restore that has not been finished. The mark of it is not among what follows. */
	readonly isUnfinished: boolean;
	/** Every schema object, in an order in which it can be made again. */
	readonly schema: readonly Omit<SchemaObject, 'kind'>[];
	/** Every table that has rows of its own, in the order in which they are to be filled. */
	readonly tables: readonly Omit<TableOpen, 'kind'>[];

	/** Claims that two SQL texts of one object mean the same, whatever their spelling. */
	sameMeaning(one: string | null, other: string | null): boolean;

	/** Counts the rows of each table, one after another, in the order of `tables`. */
	count(): AsyncIterable<{ readonly name: string; readonly rows: number }>;

	/**
	 * Reads every table, or those named, in the order of `tables`: `open`, chunks and omissions in row order, `close`, for each.
	 * Chunks are 1 to 2 MB where there is that much.
	 */
	read(only?: ReadonlySet<string>): AsyncIterable<ReadEvent>;

	/** How the rows were read, so far. */
	reading(): Reading;

	/**
	 * Ends the snapshot after the last read, and proves that all of it was one: throws `DATABASE_LOST` if the
	 * transaction had ended before.
	 */
	confirm(): Promise<void>;

	close(): Promise<void>;
}

/** How rows were read: never what, as all ways give the same bytes. */
export interface Reading {
	/**
	 * `storage`: from the pages of the database file. `pages`: encoded inside the database, many at once. `rows`: value by
	 * value, as this database would not encode them exactly. The first two are for most tables, not for each.
	 */
	readonly by: 'storage' | 'pages' | 'rows';
	/** Rows that were read value by value; some may be where pages are read, too. */
	readonly exactRows: number;
}

export type ReadEvent =
	| { readonly kind: 'open'; readonly table: Omit<TableOpen, 'kind'> }
	| ({ readonly kind: 'rows' } & RowChunk)
	| { readonly kind: 'omit'; readonly omission: Omit<Omission, 'kind' | 'table'> }
	| { readonly kind: 'close' };

/** What stands in a database that something is to be restored into. */
export interface TargetState extends Pick<Header, 'encoding' | 'applicationId'> {
	/** Claims that it cannot be made to keep text in another encoding any more. */
	readonly encodingIsFixed: boolean;
	readonly objects: readonly Omit<SchemaObject, 'kind'>[];
	/** `empty`: without rows but those that a virtual table is born with. */
	readonly tables: readonly (Omit<TableOpen, 'kind'> & { readonly empty: boolean })[];
	/** The mark of a restore into it that has not been finished. */
	readonly unfinished: RestoreMark | null;
}

/** Tells one restore from another, in the target that it fills. */
export interface RestoreMark {
	/** Of what is restored, and how much of it: only a restore of an equal key may go on. */
	readonly key: string;
	/** What it is, for people. */
	readonly title: string;
}

/** Up to where rows are in a target: all of the tables before this one, and the first rows of it. */
export interface RestorePoint {
	/** Null: no rows yet. */
	readonly table: string | null;
	readonly rows: number;
}

/** What a backup's schema asks of a target. */
export interface SchemaReview {
	/** What it cannot take exactly, each with why. Empty: all can be. */
	readonly unsupported: readonly Refusal[];
	/** By object, the functions and modules in its SQL that are not known to be harmless. */
	readonly functions: readonly { readonly object: string; readonly functions: readonly string[] }[];
	/** By table, the tables that its foreign keys refer to. */
	readonly references: ReadonlyMap<string, readonly string[]>;
	/** Tables whose constraints rows have to obey in the target, with SQL that has these constraints and no others. */
	readonly firm: readonly FirmTable[];
}

/** A table on trial, with the indexes on it that count. */
export interface FirmTable {
	readonly name: string;
	readonly sql: string;
	readonly indexes: readonly { readonly name: string; readonly sql: string }[];
}

/** What is known of a table's rows before they go in. */
export interface RowFacts {
	readonly table: Omit<TableOpen, 'kind'>;
	/** Bytes of its longest row as stored; 0 if no line is above {@link LONG_ROW_BYTES}. */
	readonly longestBytes: number;
	/** For each cell of a row, the rowid first where there is one, the `KIND`s of format/value-kinds.ts that it has. */
	readonly kinds: Uint8Array;
}

/** Where a restore writes. The calls come in the order in which they stand here. */
export interface Target {
	inspect(): Promise<TargetState>;

	/**
	 * Looks at a schema before any of it is run, and at the target's own, which `inspect` has found.
	 *
	 * @param mode whether the schema is to be made, or only rows go into tables that are there
	 * @param rows what is known of the rows of each table that has any
	 */
	review(
		mode: 'create' | 'adopt',
		schema: readonly Omit<SchemaObject, 'kind'>[],
		rows: readonly RowFacts[],
	): SchemaReview;

	/**
	 * Makes the tables in an empty database, or, where an equal mark stands, those that are missing. Throws with the
	 * name of one that the database refuses.
	 *
	 * @param mark kept in the database until `seal`; null: a failure need not be recovered from
	 * @returns up to where rows are in already
	 */
	create(
		header: RestoreHeader,
		schema: readonly Omit<SchemaObject, 'kind'>[],
		mark: RestoreMark | null,
	): Promise<RestorePoint>;

	/** Takes a database whose tables are there already: its triggers are put aside until `finish` or `abandon`. */
	adopt(schema: readonly Omit<SchemaObject, 'kind'>[], mark: RestoreMark | null): Promise<RestorePoint>;

	/**
	 * Starts the next table, of which the first `done` rows are in, or `all`. False if none is to be inserted: also where
	 * the database does not take them, which `finish` will report.
	 */
	open(table: Omit<TableOpen, 'kind'>, done: number | 'all'): Promise<boolean>;

	/**
	 * Adds whole rows to the table opened last; foreign keys and conflict clauses do not act, nor do the table's own
	 * constraints where rows break them. Rows are held back and written by some megabytes, so a failure may come
	 * late and name a table before.
	 */
	insert(rows: TargetRows): Promise<void>;

	/** Writes what is held back and makes what comes after the rows. Returns what the database refused, by name. */
	finish(): Promise<readonly Refusal[]>;

	/** After a failure: puts back what `adopt` put aside. */
	abandon(): Promise<void>;

	/** Tables with rows that break their table's own constraints, or are of another type, and how. */
	brokenTables(): Promise<Refusal[]>;

	/** Rows that refer to no row, by table, as `PRAGMA foreign_key_check` sees them. */
	foreignKeyViolations(): Promise<readonly { readonly table: string; readonly rows: number }[] | null>;

	/** Takes the mark away: the restore is proven. May be called again when its answer was lost. */
	seal(): Promise<void>;
}

/** A row whose line is no longer than this is taken by every database. */
export const LONG_ROW_BYTES = 5_000_000;

export type RestoreHeader = Pick<Header, 'encoding' | 'userVersion' | 'applicationId'>;

/** Row lines that a decoder has checked. */
export interface TargetRows {
	readonly bytes: Buffer;
	readonly rows: number;
	readonly traits: RowTraits;
}

/** Something that the target did not take, and why: reported, never silent. */
export interface Refusal {
	/** Names are unique within a type only. */
	readonly type: SchemaObject['type'] | 'pragma';
	readonly object: string;
	readonly reason: string;
}
