import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../lib/core/database-url';
import { LifeboatError } from '../../lib/core/errors';
import type { Database } from '../../lib/engine/engine';
import { type Connection, connect, sourceInfo } from '../../lib/engine/libsql/connect';
import { databaseOf } from '../../lib/engine/libsql/index';
import {
	dumpOf,
	execute,
	Fixtures,
	type HeldDump,
	migrate,
	restoreInto,
	rowsOf,
	TRANSPORTS,
} from '../support/fixtures';

const MIGRATED = [
	'CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)',
	'CREATE TABLE log(at REAL, what)',
	'CREATE VIRTUAL TABLE words USING fts5(t)',
	'CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES (0, new.name); END',
	'CREATE TRIGGER users_ad AFTER DELETE ON users BEGIN INSERT INTO log VALUES (1, old.name); END',
];
const SOURCE = [
	...MIGRATED,
	"INSERT INTO users VALUES (1, 'Ada'), (70, 'Zoë')",
	'DELETE FROM users WHERE id = 70',
	"INSERT INTO words VALUES ('hello world'), ('good night')",
];
const MORE = [
	'CREATE TABLE broken(id INTEGER PRIMARY KEY, v)',
	"INSERT INTO broken VALUES (1, '12'), (2, NULL), (3, 'x')",
	'ALTER TABLE broken ALTER COLUMN v TO v INTEGER NOT NULL',
	'CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1)',
	'INSERT INTO boxes VALUES (1, 0, 1), (2, 3, 4)',
	'CREATE TABLE points(id INTEGER PRIMARY KEY, at F32_BLOB(2))',
	"INSERT INTO points VALUES (1, vector('[1,2]')), (2, vector('[3,4]'))",
	'CREATE INDEX near ON points(libsql_vector_idx(at))',
	'CREATE INDEX log_what ON log(what)',
	'CREATE VIEW names AS SELECT name FROM users',
	'PRAGMA user_version = 7',
];
const SCHEMA = "SELECT type, name, sql FROM sqlite_schema WHERE type <> 'index' OR sql IS NOT NULL ORDER BY type, name";
/** No restore of these takes as many steps. */
const MOST_STEPS = 200;

const fixtures = new Fixtures();
afterEach(() => fixtures.close());

/** Opens a database whose connection is cut at the `nth` write: before it is done, or after it, unheard. */
async function openCut(
	url: string,
	nth: number,
	when: 'before' | 'after',
): Promise<{ database: Database; isCut(): boolean }> {
	const location = parseDatabaseUrl(url);
	const connection = await connect(location, { create: true });
	fixtures.closeAfter(async () => connection.close());
	let writes = 0;
	const cut = () => new LifeboatError('DATABASE_UNREACHABLE', 'cut');
	const cutting: Connection = {
		...connection,
		query: (...words) => (writes >= nth ? Promise.reject(cut()) : connection.query(...words)),
		migrate: async (...words) => {
			writes++;
			if (writes > nth || (writes === nth && when === 'before')) throw cut();
			await connection.migrate(...words);
			if (writes === nth) throw cut();
		},
	};
	return { database: databaseOf(cutting, await sourceInfo(location, 'cut')), isCut: () => writes >= nth };
}

describe.each(TRANSPORTS)('a restore that is cut off at every one of its writes, by %s', (transport) => {
	const sources = new Fixtures();
	const held: Record<string, HeldDump> = {};
	const schema: Record<string, unknown[][]> = {};
	beforeAll(async () => {
		for (const [name, statements] of [
			['create', [...SOURCE, ...MORE]],
			['adopt', SOURCE],
		] as const) {
			const url = await sources.empty(transport);
			await execute(url, ...statements);
			held[name] = await dumpOf(await sources.open(url));
			schema[name] = await rowsOf(url, SCHEMA);
		}
		return () => sources.close();
	});

	it.each([
		['create', 'before'],
		['create', 'after'],
		['adopt', 'before'],
		['adopt', 'after'],
	] as const)(
		'goes on and ends exact: %s, cut %s the write',
		async (mode, when) => {
			const dump = held[mode] as HeldDump;
			for (let nth = 1; ; nth++) {
				expect(nth).toBeLessThan(MOST_STEPS);
				const url = await fixtures.empty(transport);
				if (mode === 'adopt') await migrate(url, MIGRATED);
				const { database, isCut } = await openCut(url, nth, when);
				const first = await restoreInto(database, dump).then(
					() => null,
					(error: unknown) => error,
				);
				await database.close();
				if (!isCut()) return expect(first).toBeNull();
				expect(first).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
				const again = await fixtures.open(url);
				const resumed = await restoreInto(again, dump, { resume: true }).catch((error: unknown) => error);
				// Cut after its last write, it is done.
				if (resumed instanceof Error) expect(resumed).toMatchObject({ code: 'TARGET_NOT_EMPTY' });
				expect(await rowsOf(url, SCHEMA)).toEqual(schema[mode]);
				expect((await dumpOf(again)).dumped.encoded.tables).toEqual(dump.dumped.encoded.tables);
				expect(await rowsOf(url, "SELECT t FROM words WHERE words MATCH 'night'")).toEqual([['good night']]);
				await fixtures.close();
				if (!isCut()) return;
			}
		},
		300_000,
	);
});
