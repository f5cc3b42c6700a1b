// A backup as one writes it in five minutes: each table whole, JSON.stringify, gzip. Blobs become {}.
//   plain-way.mjs URL OUT
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createClient } from '@libsql/client';

const [url, out] = process.argv.slice(2);
const client = createClient({ url });

async function* tables() {
	const { rows } = await client.execute(
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
	);
	for (const { name } of rows) {
		const table = await client.execute(`SELECT * FROM "${name}"`);
		yield `${JSON.stringify(name)}: ${JSON.stringify(table.rows)}\n`;
	}
}

await pipeline(Readable.from(tables()), createGzip(), createWriteStream(out));
client.close();
