import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

export interface WrittenTable {
	readonly name: string;
	readonly sql?: string;
	readonly columns?: readonly string[];
	/** The name of the rowid, if it is carried. */
	readonly rowid?: string;
	/** Row lines, without their newlines. */
	readonly rows?: readonly string[];
}

export interface WrittenFile {
	readonly header?: Record<string, unknown>;
	readonly tables: readonly WrittenTable[];
	/** Indexes, views, triggers. */
	readonly objects?: readonly {
		readonly type: string;
		readonly name: string;
		readonly table: string;
		readonly sql: string;
	}[];
	/** What the trailer says otherwise than is so. */
	readonly trailer?: Record<string, unknown>;
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** The first line of a backup, written by nothing of `lib/`. */
export function headerLine(fields: Record<string, unknown> = {}): string {
	const source = { engine: 'libsql', version: '3.45.1', location: 'shop.example', fingerprint: sha256('shop') };
	const [id, createdAt] = ['20261120T020000Z-7f3a', '2026-11-20T02:00:00.000Z'];
	const rest = { encoding: 'UTF-8', userVersion: 0, applicationId: 0 };
	return `${JSON.stringify({ kind: 'header', format: 1, id, createdAt, source, ...rest, ...fields })}\n`;
}

/** The schema line of a table. */
export function schemaLine({ name, sql = `CREATE TABLE ${quoted(name)}(a, b)` }: WrittenTable): string {
	return `${JSON.stringify({ kind: 'schema', type: 'table', role: 'table', name, table: name, sql })}\n`;
}

/** The line that opens a table's rows. */
export function openLine({ name, columns = ['a', 'b'], rowid }: WrittenTable): string {
	return `${JSON.stringify({ kind: 'table', name, columns, rowid: rowid ?? null })}\n`;
}

/** A whole backup, compressed, with the digests and counts that belong there, whatever else it says. */
export function backupFile({ header, tables, objects = [], trailer }: WrittenFile): Buffer {
	const others = objects.map((object) => `${JSON.stringify({ kind: 'schema', ...object })}\n`);
	const lines = [headerLine(header), ...tables.map(schemaLine), ...others];
	const controls = [...lines];
	let total = 0;
	for (const table of tables) {
		const rows = (table.rows ?? []).map((row) => `${row}\n`);
		const bytes = Buffer.from(rows.join(''));
		const counts = { rows: rows.length, omitted: 0, bytes: bytes.length, sha256: sha256(bytes) };
		const end = `${JSON.stringify({ kind: 'end', name: table.name, ...counts })}\n`;
		total += rows.length;
		controls.push(openLine(table), end);
		lines.push(openLine(table), ...rows, end);
	}
	const counts = { tables: tables.length, rows: total, sha256: sha256(controls.join('')) };
	return gzipSync([...lines, `${JSON.stringify({ kind: 'trailer', ...counts, ...trailer })}\n`].join(''));
}
