// A backup as a careful person writes it first: pages of rows by key, through the client as it comes; JSON lines, gzip -1.
//   keyset-pages.mjs URL OUT
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createClient } from '@libsql/client';

const ROWS_A_PAGE = 5_000;
const [url, out] = process.argv.slice(2);
const client = createClient({ url });

async function* lines() {
	const { rows: tables } = await client.execute(
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
	);
	for (const { name } of tables) {
		for (let last = -1; ; ) {
			const { rows } = await client.execute({
				sql: `SELECT rowid, * FROM "${name}" WHERE rowid > ? ORDER BY rowid LIMIT ${ROWS_A_PAGE}`,
				args: [last],
			});
			if (rows.length === 0) break;
			last = rows.at(-1)[0];
			yield rows.map((row) => `${JSON.stringify([name, ...Array.from(row).slice(1).map(toJson)])}\n`).join('');
		}
	}
}

const toJson = (value) => (value instanceof ArrayBuffer ? { base64: Buffer.from(value).toString('base64') } : value);

await pipeline(Readable.from(lines()), createGzip({ level: 1 }), createWriteStream(out));
client.close();
