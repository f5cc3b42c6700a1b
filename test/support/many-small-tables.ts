import { createClient } from '@libsql/client';
import { seededRandom } from './seeded-random';

const WORDS = ['north', 'river', 'invoice', 'pending', 'café', '日本', "o'clock", 'x"y', ''];

/**
 * Fills the empty database at `url` with `tables` tables of 10 to 100 rows each, and an index on every third. Seeded:
 * the same rows each time.
 */
export async function buildManySmallTables(url: string, tables: number): Promise<void> {
	const client = createClient({ url });
	const random = seededRandom(500);
	const upTo = (most: number) => Math.floor(random() * most);
	try {
		for (let nth = 1; nth <= tables; nth++) {
			const name = `small_${String(nth).padStart(3, '0')}`;
			const rows = Array.from({ length: 10 + upTo(91) }, (_, index) => {
				const word = `${WORDS[upTo(WORDS.length)]} ${upTo(1_000_000)}`.replaceAll("'", "''");
				const note = upTo(4) === 0 ? 'NULL' : `'${word}'`;
				return `(${index + 1}, '${word}', ${upTo(1_000_000) / 7 + 0.1}, ${1_700_000_000_000 + upTo(1_000_000_000)}, ${note})`;
			});
			const index = nth % 3 === 0 ? [`CREATE INDEX ${name}_made ON ${name}(made)`] : [];
			await client.batch(
				[
					`CREATE TABLE ${name}(id INTEGER PRIMARY KEY, name TEXT NOT NULL, value REAL, made INTEGER, note TEXT)`,
					`INSERT INTO ${name} VALUES ${rows.join(', ')}`,
					...index,
				],
				'write',
			);
		}
	} finally {
		client.close();
	}
}
