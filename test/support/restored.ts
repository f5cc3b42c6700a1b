import type { Dumped } from '../../lib/backup/dump';
import { dumpOf, type Fixtures, restoreInto } from './fixtures';

/** The tables of a database, with their counts and digests: equal ones hold the same, bit for bit. */
export async function tablesOf(fixtures: Fixtures, url: string): Promise<Dumped['encoded']['tables']> {
	const database = await fixtures.open(url);
	try {
		return (await dumpOf(database)).dumped.encoded.tables;
	} finally {
		await database.close();
	}
}

/** Restores a backup file into a database of its own, and reads that. */
export async function restored(fixtures: Fixtures, backup: Uint8Array) {
	const url = await fixtures.fileUrl();
	const target = await fixtures.open(url);
	await restoreInto(target, { chunks: [backup] });
	await target.close();
	return { url, tables: await tablesOf(fixtures, url) };
}
