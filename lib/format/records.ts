import { z } from 'zod';

/** The one format number that this version writes, and all that it reads. */
export const FORMAT = 1;

/** The longest line, in bytes, newline included, that is written or read: a value of about 64 MB as hex. */
export const MAX_LINE_BYTES = 128 * 1024 * 1024;

/** The longest line, in bytes, newline included, of those that are no rows. */
export const MAX_CONTROL_BYTES = 16 * 1024 * 1024;

/** All lines of a file that are no rows, in bytes: whoever reads the file holds what they say. */
export const MAX_CONTROLS_BYTES = 64 * 1024 * 1024;

/** How many `omitted` lines a table gets; further omissions are only counted. */
export const MAX_OMISSION_LINES = 100;

/** SQLite's own limit, at most. */
export const MAX_COLUMNS = 32_767;

/** UTF-8 cannot hold a surrogate that has lost the other half. */
const text = z.string().refine((value) => !/\p{Surrogate}/u.test(value), 'a lone surrogate');
const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a table is to its database; `lib/format/README.md` says what each means for a restore. */
export const tableRoles = ['table', 'virtual', 'shadow', 'vector', 'system'] as const;
export type TableRole = (typeof tableRoles)[number];

const sourceSchema = z.strictObject({
	engine: text,
	version: text,
	/** Host or file name, for people; never a credential. */
	location: text,
	/** SHA-256 of the canonical location, to tell whether another database is this one. */
	fingerprint: sha256,
});

export const headerSchema = z.strictObject({
	kind: z.literal('header'),
	format: z.literal(FORMAT),
	id: text.min(1),
	createdAt: z.iso.datetime(),
	source: sourceSchema,
	/** Text encoding of the source database; the file itself is always UTF-8. */
	encoding: z.enum(['UTF-8', 'UTF-16le', 'UTF-16be']),
	userVersion: z.int32(),
	applicationId: z.int32(),
});

export const schemaObjectSchema = z
	.strictObject({
		kind: z.literal('schema'),
		type: z.enum(['table', 'index', 'view', 'trigger']),
		/** Of a table, and of nothing else. */
		role: z.enum(tableRoles).optional(),
		name: text,
		/** The table that the object belongs to; its own name for tables and views. */
		table: text,
		/** The verbatim text of `sqlite_schema.sql`; null for the indexes that SQLite makes by itself. */
		sql: text.nullable(),
	})
	.refine(({ type, role }) => (type === 'table') === (role !== undefined), 'a role for tables, and only for them');

export const tableOpenSchema = z.strictObject({
	kind: z.literal('table'),
	name: text,
	/** The stored columns in order: a row's cells, after the rowid if one is carried. Generated columns are left out. */
	columns: z.array(text).min(1).max(MAX_COLUMNS),
	/** The name by which the rowid is read and written as each row's first cell; null if it is not carried. */
	rowid: z.enum(['rowid', '_rowid_', 'oid']).nullable(),
});

export const omissionSchema = z.strictObject({
	kind: z.literal('omitted'),
	table: text,
	/** Which row: its rowid, or its place in reading order, in words. */
	row: text,
	reason: text,
});

export const tableCloseSchema = z.strictObject({
	kind: z.literal('end'),
	name: text,
	rows: count,
	/** Rows that could not be carried; each of the first 100 has an `omitted` line. */
	omitted: count,
	/** Bytes of the row lines, newlines included. */
	bytes: count,
	/** SHA-256 of the exact bytes of the row lines, newlines included. */
	sha256,
});

export const trailerSchema = z.strictObject({
	kind: z.literal('trailer'),
	tables: count,
	rows: count,
	/** SHA-256 of the exact bytes of every line before this one that is not a row. */
	sha256,
});

export const controlSchema = z.discriminatedUnion('kind', [
	headerSchema,
	schemaObjectSchema,
	tableOpenSchema,
	omissionSchema,
	tableCloseSchema,
	trailerSchema,
]);

export type Header = z.infer<typeof headerSchema>;
export type SourceInfo = z.infer<typeof sourceSchema>;
export type SchemaObject = z.infer<typeof schemaObjectSchema>;
export type TableOpen = z.infer<typeof tableOpenSchema>;
export type Omission = z.infer<typeof omissionSchema>;
export type TableClose = z.infer<typeof tableCloseSchema>;
export type Trailer = z.infer<typeof trailerSchema>;
export type ControlRecord = z.infer<typeof controlSchema>;

/** Row lines as they stand in the file. */
export interface RowChunk {
	/** Bytes of row lines. Only a row of more than a page's size is spread over several chunks. */
	readonly bytes: Uint8Array;
	/** How many lines end within `bytes`. */
	readonly rows: number;
}

/** How many cells each row of a table has. */
export function cellsOf(table: TableOpen): number {
	return table.columns.length + (table.rowid === null ? 0 : 1);
}
