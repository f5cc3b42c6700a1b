/**
 * Builds the benchmark's database: seeded, so every run and machine gets the same rows.
 *
 * Per unit of `scale`: 1,000,000 rows in `events` (text key, JSON payload, reals, integers) and 100,000 in
 * `objects` (a 64-byte blob each), about 235 MB of row text. Rows are computed inside SQLite from their number.
 */
import { createClient } from '@libsql/client';

/** The k-th pseudo-random number of row `i`, 0 to 2^31 - 1, as SQL: a multiplicative hash with the high bits mixed in. */
const hash = (k: number) => `(((i * ${2654435761 + 2 * k} + ${k * 40503 + 17}) >> 7) & 2147483647)`;

const eventColumns = [
	`printf('evt_%08x%08x', ${hash(1)}, i) `,
	`CASE ${hash(2)} % 5 WHEN 0 THEN 'login' WHEN 1 THEN 'page.view' WHEN 2 THEN 'order.created' WHEN 3 THEN 'order.paid' ELSE 'mail.sent' END`,
	`printf('{"user":%d,"path":"/p/%x/%x","ok":%s,"tags":["t%d","t%d"],"note":"row %d said \\"%x\\"","ms":%d}', ${hash(3)} % 50000, ${hash(4)}, ${hash(5)}, CASE ${hash(6)} % 2 WHEN 0 THEN 'true' ELSE 'false' END, ${hash(7)} % 40, ${hash(8)} % 40, i, ${hash(9)}, ${hash(10)} % 900)`,
	`${hash(11)} / 1073741.823`,
	`${hash(12)} * 1.1e-9`,
	`1700000000000 + i * 37 + ${hash(13)} % 37`,
	`CASE WHEN ${hash(14)} % 10 = 0 THEN NULL ELSE ${hash(14)} % 1000 END`,
];

const statements = (first: number, last: number) => [
	`INSERT INTO events WITH RECURSIVE n(i) AS (SELECT ${first} UNION ALL SELECT i + 1 FROM n WHERE i < ${last}) SELECT i, ${eventColumns.join(', ')} FROM n`,
	`INSERT INTO objects WITH RECURSIVE n(i) AS (SELECT ${first} UNION ALL SELECT i + 10 FROM n WHERE i + 10 <= ${last}) SELECT printf('obj-%010d', i), unhex(${Array.from({ length: 16 }, (_, k) => `printf('%08x', ${hash(20 + k)})`).join(' || ')}), i / 7.0 FROM n`,
];

/**
 * Fills the empty database at `url` with `scale` million event rows and a tenth as many objects.
 *
 * @param url a `file:` or `http:` URL of an empty database
 * @param scale rows in millions; 1 is the benchmark's size
 */
export async function buildBigDatabase(url: string, scale = 1): Promise<void> {
	const client = createClient({ url });
	try {
		await client.executeMultiple(`
			CREATE TABLE events(id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT, payload TEXT, amount REAL, ratio REAL, at INTEGER, code INTEGER);
			CREATE TABLE objects(key TEXT PRIMARY KEY, body BLOB, weight REAL);
		`);
		const total = Math.round(scale * 1_000_000);
		for (let first = 1; first <= total; first += 50_000)
			await client.batch(statements(first, Math.min(total, first + 49_999)), 'write');
		await client.executeMultiple('CREATE INDEX events_kind ON events(kind, at);');
	} finally {
		client.close();
	}
}

if (process.argv[1]?.endsWith('big-database.ts')) {
	const [url, scale = '1'] = process.argv.slice(2);
	if (!url) throw new Error('usage: big-database.ts URL [SCALE]');
	await buildBigDatabase(url, Number(scale));
}
