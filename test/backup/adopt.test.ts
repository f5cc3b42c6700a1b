import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillTarget } from '../../lib/backup/fill-target';
import { newCounted, readBackup } from '../../lib/backup/read-backup';
import { prepareRestore } from '../../lib/backup/restore';
import { LifeboatError } from '../../lib/core/errors';
import {
	dumpOf,
	execute,
	Fixtures,
	type HeldDump,
	migrate,
	restoreInto,
	rowsOf,
	stream,
	TRANSPORTS,
	WHOLE,
} from '../support/fixtures';

const MIGRATED = [
	'CREATE TABLE _prisma_migrations(id TEXT PRIMARY KEY, checksum TEXT)',
	'CREATE TABLE orders(id INTEGER PRIMARY KEY AUTOINCREMENT, user INT NOT NULL REFERENCES users(id) ON DELETE CASCADE, total REAL)',
	'CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE ON CONFLICT IGNORE)',
	'CREATE TABLE log(what TEXT)',
	"CREATE TRIGGER z_last AFTER INSERT ON orders BEGIN INSERT INTO log VALUES ('z'); END",
	"CREATE TRIGGER a_first AFTER INSERT ON orders BEGIN INSERT INTO log VALUES ('a'); END",
	"CREATE TRIGGER veto BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'no inserts'); END",
	'CREATE VIEW names AS SELECT name FROM users',
	"CREATE TRIGGER through INSTEAD OF INSERT ON names BEGIN INSERT INTO log VALUES ('view'); END",
];
const TRIGGERS = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name <> 'names' ORDER BY rowid";

describe.each(TRANSPORTS)('restoring into a migrated database, by %s', (transport) => {
	const fixtures = new Fixtures();
	let source: string;
	let dump: HeldDump;
	beforeAll(async () => {
		source = await fixtures.empty(transport);
		await migrate(source, [
			...MIGRATED.filter((sql) => !sql.startsWith('CREATE TRIGGER')),
			"INSERT INTO _prisma_migrations VALUES ('old', 'x')",
			"INSERT INTO users VALUES (1, 'ann'), (7, 'bob')",
			'DELETE FROM users WHERE id = 7',
			"INSERT INTO users VALUES (3, 'cy')",
			'INSERT INTO orders VALUES (1, 1, 9.5), (2, 99, 0.1), (3, 98, -0.0)',
			"INSERT INTO log VALUES ('kept')",
			...MIGRATED.filter((sql) => sql.startsWith('CREATE TRIGGER')),
		]);
		dump = await dumpOf(await fixtures.open(source));
	});
	afterAll(() => fixtures.close());

	const migrated = async (...more: string[]) => {
		const url = await fixtures.empty(transport);
		await migrate(url, [...MIGRATED, "INSERT INTO _prisma_migrations VALUES ('new', 'y')", ...more]);
		return url;
	};

	it('puts in the data and nothing else: triggers do not fire, and are there afterwards in order', async () => {
		const url = await migrated(
			'CREATE TABLE own(id INTEGER PRIMARY KEY AUTOINCREMENT)',
			'INSERT INTO own VALUES (41)',
			'DELETE FROM own',
		);
		const before = await rowsOf(url, TRIGGERS);
		const restored = await restoreInto(await fixtures.open(url), dump);
		expect(restored.refusals).toEqual([]);
		expect(restored.foreignKeyViolations).toEqual([{ table: 'orders', rows: 2 }]);
		expect(await rowsOf(url, TRIGGERS)).toEqual(before);
		expect(before.map(([name]) => name)).toEqual(['z_last', 'a_first', 'veto']);
		expect(await rowsOf(url, 'SELECT * FROM log')).toEqual([['kept']]);
		expect(await rowsOf(url, 'SELECT * FROM _prisma_migrations')).toEqual([['new', 'y']]);
		expect(await rowsOf(url, 'SELECT * FROM users ORDER BY id')).toEqual(
			await rowsOf(source, 'SELECT * FROM users ORDER BY id'),
		);
		expect(await rowsOf(url, 'SELECT name, seq FROM sqlite_sequence ORDER BY name')).toEqual([
			['orders', 3n],
			['own', 41n],
			['users', 7n],
		]);
		// They work as before, in the order of before.
		await migrate(url, ['INSERT INTO orders(user, total) VALUES (1, 1.0)', "INSERT INTO names VALUES ('x')"]);
		expect(await rowsOf(url, 'SELECT * FROM log ORDER BY rowid')).toEqual([['kept'], ['a'], ['z'], ['view']]);
	});

	it('refuses rows that an index of its own would not take, before anything is written', async () => {
		const url = await migrated('CREATE UNIQUE INDEX one ON orders(1)');
		await expect(restoreInto(await fixtures.open(url), dump)).rejects.toMatchObject({
			code: 'RESTORE_UNSUPPORTED',
			data: { objects: ['orders'] },
		});
		expect(await rowsOf(url, "SELECT name FROM sqlite_schema WHERE name = '_lifeboat_restore'")).toEqual([]);
	});

	it('gives the triggers back after a failure on the way, where there was no room to foresee it', async () => {
		const url = await migrated('CREATE UNIQUE INDEX one ON orders(1)');
		const before = await rowsOf(url, TRIGGERS);
		const withScratch = () => Promise.reject(new LifeboatError('SCRATCH_FULL', 'no room'));
		await expect(restoreInto(await fixtures.open(url), dump, { withScratch })).rejects.toMatchObject({
			data: { object: 'orders' },
		});
		expect(await rowsOf(url, TRIGGERS)).toEqual(before);
	});
	it('gives the triggers back when the backup turns out to be damaged', async () => {
		const url = await migrated();
		const before = await rowsOf(url, TRIGGERS);
		const all = Buffer.concat(dump.chunks);
		const cut = [all.subarray(0, all.length - 20)];
		const target = await (await fixtures.open(url)).target();
		const selection = { schema: [], skip: new Set(['_prisma_migrations']), unasked: new Set<never>(), isWhole: true };
		const filling = fillTarget(readBackup(stream(cut), newCounted()), target, { mode: 'adopt', selection, mark: null });
		await expect(filling).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
		expect(await rowsOf(url, TRIGGERS)).toEqual(before);
	});

	it('refuses other columns with the difference, rows, and the source itself, before anything is written', async () => {
		const other = await migrated('ALTER TABLE users RENAME COLUMN name TO nick');
		await expect(restoreInto(await fixtures.open(other), dump)).rejects.toMatchObject({
			code: 'TARGET_MISMATCH',
			data: { differences: ['table "users" lacks "name" and has "nick" too'] },
		});
		const filled = await migrated("INSERT INTO log VALUES ('here')");
		await expect(restoreInto(await fixtures.open(filled), dump)).rejects.toMatchObject({
			code: 'TARGET_NOT_EMPTY',
			data: { tables: ['log'] },
		});
		await expect(restoreInto(await fixtures.open(source), dump)).rejects.toMatchObject({ code: 'TARGET_IS_SOURCE' });
		for (const url of [other, filled]) expect(await rowsOf(url, 'SELECT * FROM orders')).toEqual([]);
	});

	it('does not write when it plans', async () => {
		const url = await fixtures.empty(transport);
		const source = { manifest: null, open: async () => stream(dump.chunks) };
		const { plan } = await prepareRestore(source, await fixtures.open(url), WHOLE);
		expect(plan).toMatchObject({ mode: 'create', refusal: null, objects: { table: 4, view: 1, trigger: 4 } });
		expect(await rowsOf(url, 'SELECT * FROM sqlite_schema')).toEqual([]);
	});

	it('makes a new database with foreign keys, triggers and conflict clauses that do not act on the way', async () => {
		const url = await fixtures.empty(transport);
		const { foreignKeyViolations } = await restoreInto(await fixtures.open(url), dump);
		expect(foreignKeyViolations).toEqual([{ table: 'orders', rows: 2 }]);
		expect(await rowsOf(url, 'SELECT * FROM log')).toEqual([['kept']]);
		expect(await rowsOf(url, 'SELECT name FROM sqlite_schema ORDER BY rowid')).toEqual(
			expect.arrayContaining([['z_last'], ['a_first'], ['veto'], ['through']]),
		);
		await expect(execute(url, "INSERT INTO users VALUES (100, 'x')")).rejects.toThrow('no inserts');
		await expect(execute(url, 'INSERT INTO orders VALUES (100, 12345, 0)')).rejects.toThrow(/FOREIGN KEY/);
	});
});
