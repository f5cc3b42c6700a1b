// A restore as a careful person writes it first: VALUES of so many rows, one statement after another, through the client.
//   insert-rows.mjs ROWS.jsonl.gz SOURCE.db TARGET_URL ROWS_A_STATEMENT EVERY(1: all rows, 10: each tenth)
// Tables come first and indexes last, from the source's schema. Prints how many rows it has inserted.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { createClient } from '@libsql/client';

const [path, source, url, most, every] = process.argv.slice(2);
const from = createClient({ url: `file:${source}` });
const client = createClient({ url });
const { rows: objects } = await from.execute('SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL');
from.close();
for (const { type, sql } of objects) if (type === 'table') await client.execute(sql);

let table = null;
let batch = [];
let inserted = 0;
async function flush() {
	if (batch.length === 0) return;
	const values = `(${batch[0].map(() => '?').join(', ')})`;
	await client.execute({
		sql: `INSERT INTO "${table}" VALUES ${batch.map(() => values).join(', ')}`,
		args: batch.flat(),
	});
	inserted += batch.length;
	batch = [];
}

const toValue = (value) => (value?.base64 === undefined ? value : Buffer.from(value.base64, 'base64'));

let nth = 0;
for await (const line of createInterface({ input: createReadStream(path).pipe(createGunzip()) })) {
	if (nth++ % Number(every) !== 0) continue;
	const [name, ...row] = JSON.parse(line);
	if (name !== table || batch.length === Number(most)) await flush();
	table = name;
	batch.push(row.map(toValue));
}
await flush();
for (const { type, sql } of objects) if (type !== 'table') await client.execute(sql);
client.close();
console.log(inserted);
