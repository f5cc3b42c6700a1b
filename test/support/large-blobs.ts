import { createHash } from 'node:crypto';
import { createClient } from '@libsql/client';

const BLOB_BYTES = 1024 * 1024;

/** Fills the empty database at `url` with `rows` rows that hold a blob of 1 MiB each. The same ones each time. */
export async function buildLargeBlobs(url: string, rows: number): Promise<void> {
	const client = createClient({ url });
	try {
		await client.execute('CREATE TABLE files(id INTEGER PRIMARY KEY, name TEXT NOT NULL, body BLOB NOT NULL)');
		for (let id = 1; id <= rows; id++) {
			const body = createHash('shake256', { outputLength: BLOB_BYTES }).update(`blob ${id}`).digest();
			await client.execute({ sql: 'INSERT INTO files VALUES (?, ?, ?)', args: [BigInt(id), `file-${id}.bin`, body] });
		}
	} finally {
		client.close();
	}
}
