import { type Client, createClient, type Value } from '@libsql/client';
import { fileUrl } from './file-url';

export interface Comparison {
	/** Of the first database. */
	readonly tables: number;
	readonly rows: number;
	readonly values: number;
	/** What is in one and not in the other, a line each. */
	readonly differences: readonly string[];
}

/**
 * Compares two database files bit for bit: schema, sequence, every rowid and value. It shares no code with Lifeboat and
 * holds both databases in memory, so it is for small ones.
 */
export async function compareFiles(one: string, other: string): Promise<Comparison> {
	const [first, second] = [await walk(one), await walk(other)];
	const differences = [
		...[...first.lines].filter((line) => !second.lines.has(line)).map((line) => `only in the first: ${line}`),
		...[...second.lines].filter((line) => !first.lines.has(line)).map((line) => `only in the second: ${line}`),
	];
	return { tables: first.tables, rows: first.rows, values: first.values, differences };
}

async function walk(path: string) {
	const client = createClient({ url: fileUrl(path), intMode: 'bigint' });
	try {
		const lines = new Set<string>();
		const version = await select(client, 'PRAGMA user_version');
		lines.add(`user_version ${version[0]?.[0]}`);
		const schema = await select(client, 'SELECT type, name, tbl_name, hex(sql) FROM sqlite_schema');
		for (const cells of schema) lines.add(`schema ${cells.join(' ')}`);
		const tables = schema.filter(([type]) => type === 'table').map(([, name]) => String(name));
		let [rows, values] = [0, 0];
		for (const table of tables) {
			const found = await walkTable(client, table);
			for (const [index, cells] of found.entries()) {
				// The row's place is told too: equal rows of a table are not one.
				lines.add(`${table} #${index + 1}: ${cells.join(' ')}`);
				values += cells.length;
			}
			rows += found.length;
		}
		return { lines, tables: tables.length, rows, values };
	} finally {
		client.close();
	}
}

/** The rows in order of their key, each as its rowid, if it has one, and its values. */
async function walkTable(client: Client, table: string): Promise<string[][]> {
	const info = await select(client, 'SELECT name, pk FROM pragma_table_info(?)', table);
	const columns = info.map(([name]) => quote(String(name)));
	const [listed] = await select(client, 'SELECT wr FROM pragma_table_list WHERE name = ?', table);
	const hasRowid = listed?.[0] === 0n;
	const keys = info.filter(([, pk]) => pk !== 0n).map(([name]) => quote(String(name)));
	const read = [...(hasRowid ? ['rowid'] : []), ...columns];
	// As bytes, for the client ends a text at a NUL.
	const cells = read.map(
		(name) => `typeof(${name}), CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`,
	);
	const order = hasRowid ? 'rowid' : keys.join(', ');
	const rows = await select(client, `SELECT ${cells.join(', ')} FROM ${quote(table)} ORDER BY ${order}`);
	return rows.map((row) => read.map((_, index) => spell(String(row[2 * index]), row[2 * index + 1])));
}

async function select(client: Client, sql: string, ...args: string[]): Promise<(Value | undefined)[][]> {
	const { columns, rows } = await client.execute({ sql, args });
	return rows.map((row) => columns.map((_, index) => row[index]));
}

/** A value as its storage class and exact bits. */
function spell(type: string, value: Value | undefined): string {
	if (value instanceof ArrayBuffer) return `${type}:${Buffer.from(value).toString('hex')}`;
	if (typeof value !== 'number') return `${type}:${value}`;
	const bits = Buffer.alloc(8);
	bits.writeDoubleBE(value);
	return `${type}:${bits.toString('hex')}`;
}

function quote(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}
