import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../lib/backup/selection';
import {
	contentsOf,
	dumpOf,
	execute,
	Fixtures,
	type HeldDump,
	migrate,
	restoreInto,
	rowsOf,
	TRANSPORTS,
} from '../support/fixtures';
import { buildTorture, describeWithShared } from '../support/fixtures-fidelity';

for (const transport of TRANSPORTS)
	describeWithShared(`what is hard to restore, from ${transport}`, () => {
		const fixtures = new Fixtures();
		let virtual: string;
		let dump: HeldDump;
		beforeAll(async () => {
			virtual = await fixtures.empty(transport);
			await buildTorture(virtual, '--only', 'ints,fts5,fts34,rtree,vector');
			dump = await dumpOf(await fixtures.open(virtual));
		});
		afterAll(() => fixtures.close());

		it('is dumped completely: every table that holds bytes, raw', async () => {
			const { schema, tables } = await contentsOf(dump);
			const roles = new Map(schema.map(({ name, role }) => [name, role]));
			expect(roles.get('f5')).toBe('virtual');
			expect(roles.get('f5_data')).toBe('shadow');
			expect(roles.get('rt_node')).toBe('shadow');
			expect(roles.get('vec_e_shadow')).toBe('vector');
			expect(roles.get('libsql_vector_meta_shadow')).toBe('vector');
			expect(roles.get('f5_src')).toBe('table');
			const stored = schema.filter(({ type, role }) => type === 'table' && role !== 'virtual').map(({ name }) => name);
			expect([...tables.keys()].sort()).toEqual(stored.sort());
			for (const name of ['f5_data', 'f5c_docsize', 'f4_segdir', 'rt_node', 'gp_node', 'vec_e_shadow', 'vec']) {
				const [row] = await rowsOf(virtual, `SELECT count(*) FROM "${name}"`);
				expect(tables.get(name)?.rows.length).toBe(Number(row?.[0]));
				expect(tables.get(name)?.rows.length).toBeGreaterThan(0);
			}
		});

		it('takes tables that are called as what JavaScript has on every object', async () => {
			const url = await fixtures.empty(transport);
			const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
			for (const name of names)
				await execute(
					url,
					`CREATE TABLE ${name}(${names.join(', ')})`,
					`INSERT INTO ${name} VALUES (1, '${name}', NULL, 2.5)`,
					`CREATE TRIGGER ${name}_t AFTER INSERT ON ${name} BEGIN SELECT 1; END`,
				);
			const held = await dumpOf(await fixtures.open(url));
			const target = await fixtures.empty(transport);
			await restoreInto(await fixtures.open(target), held);
			for (const sql of [
				'SELECT name, sql FROM sqlite_schema ORDER BY name',
				...names.map((name) => `SELECT * FROM ${name}`),
			])
				expect(await rowsOf(target, sql)).toEqual(await rowsOf(url, sql));
		});

		it('takes rows that break the constraints of their own table', async () => {
			const url = await fixtures.empty(transport);
			await execute(
				url,
				'CREATE TABLE fine(a)',
				"INSERT INTO fine VALUES ('x')",
				'CREATE TABLE broken(id INTEGER PRIMARY KEY, nn, "c c", later TEXT NOT NULL DEFAULT (1), key UNIQUE COLLATE NOCASE)',
				"INSERT INTO broken VALUES (1, NULL, 'bad', 'x', 12), (2, 'a', 'ok', 'y', 'K')",
				'ALTER TABLE broken ALTER COLUMN nn TO nn TEXT NOT NULL',
				`ALTER TABLE broken ALTER COLUMN "c c" TO "c c" TEXT CHECK("c c" = 'ok')`,
				'ALTER TABLE broken ALTER COLUMN key TO key TEXT UNIQUE COLLATE NOCASE',
				'CREATE TABLE converted(id INTEGER PRIMARY KEY, v, w)',
				"INSERT INTO converted VALUES (1, '12', 1.0), (2, 'abc', 2.5)",
				'ALTER TABLE converted ALTER COLUMN v TO v INTEGER',
				'ALTER TABLE converted ALTER COLUMN w TO w INT',
			);
			const held = await dumpOf(await fixtures.open(url));
			for (const other of TRANSPORTS) {
				const target = await fixtures.empty(other);
				expect(await restoreInto(await fixtures.open(target), held)).toMatchObject({ refusals: [] });
				for (const sql of [
					'SELECT sql FROM sqlite_schema ORDER BY name',
					'SELECT typeof(v), v, typeof(w), w FROM converted',
					'SELECT typeof(key), key, nn FROM broken ORDER BY key',
				])
					expect(await rowsOf(target, sql)).toEqual(await rowsOf(url, sql));
				await expect(execute(target, "INSERT INTO broken VALUES (3, NULL, 'ok', 'x', 1)")).rejects.toThrow(/NOT NULL/);
			}
		});

		it.each([
			['a NOT NULL', 'a NOT NULL', 'NULL'],
			['a type', 'a TEXT', '12'],
			['a STRICT type', 'a INT', "'x'", ' STRICT'],
			['a CHECK', 'a CHECK (a > 5)', '3'],
			['a CHECK of the table', 'a, CHECK (a > 5)', '3'],
		])('refuses a migrated table whose rows would break %s of it, before anything is written', async (...table) => {
			const [, columns, value, options = ''] = table;
			const url = await fixtures.empty(transport);
			await execute(
				url,
				'CREATE TABLE t(a)',
				'CREATE TABLE u(a)',
				`INSERT INTO t VALUES (${value})`,
				'INSERT INTO u VALUES (1)',
			);
			const held = await dumpOf(await fixtures.open(url));
			const target = await fixtures.empty(transport);
			await execute(target, 'CREATE TABLE u(a CHECK (a < 9))', `CREATE TABLE t(${columns})${options}`);
			const database = await fixtures.open(target);
			await expect(restoreInto(database, held)).rejects.toMatchObject({
				code: 'RESTORE_UNSUPPORTED',
				data: { objects: ['t'] },
			});
			expect(await rowsOf(target, 'SELECT count(*) FROM u')).toEqual([[0n]]);
			await restoreInto(database, held, { parts: { ...EVERYTHING, skipTables: ['t'] } });
			expect(await rowsOf(target, 'SELECT a FROM u')).toEqual([[1n]]);
		});
	});

describe('what a server does not take', () => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	it.each([
		['a CHECK of the table', 'a INT, b INT, CONSTRAINT less CHECK(a < b)', '2, 1'],
		['a CHECK with a comma', "a INT, b TEXT CHECK(b IN ('x', 'y'))", "1, 'z'"],
		['a NOT NULL after a type with a comma', 'a INT, b DECIMAL(10, 2) NOT NULL', '1, NULL'],
	])('refuses a table with rows that break %s, which a server cannot be brought to take', async (_, columns, row) => {
		const url = await fixtures.fileUrl();
		const loose = columns.replace(' NOT NULL', '').replace('DECIMAL(10, 2)', 'BLOB');
		await migrate(url, [
			`CREATE TABLE apart(${loose})`,
			`CREATE TABLE fine(a INT, b DECIMAL(10, 2) CHECK (b > 1), CHECK (a < b))`,
			'INSERT INTO fine VALUES (1, 2.5), (NULL, 7)',
			'PRAGMA ignore_check_constraints = 1',
			`INSERT INTO apart VALUES (${row})`,
			'PRAGMA ignore_check_constraints = 0',
			'PRAGMA writable_schema = ON',
			{ sql: "UPDATE sqlite_schema SET sql = ? WHERE name = 'apart'", args: [`CREATE TABLE apart(${columns})`] },
			'PRAGMA schema_version = 99',
			'PRAGMA writable_schema = RESET',
		]);
		const held = await dumpOf(await fixtures.open(url));
		const target = await fixtures.empty('sqld');
		await expect(restoreInto(await fixtures.open(target), held)).rejects.toMatchObject({
			code: 'RESTORE_UNSUPPORTED',
			data: { objects: ['apart'] },
		});
		expect(await rowsOf(target, 'SELECT name FROM sqlite_schema')).toEqual([]);
		await restoreInto(await fixtures.open(target), held, { parts: { ...EVERYTHING, skipTables: ['apart'] } });
		expect(await rowsOf(target, 'SELECT * FROM fine')).toEqual(await rowsOf(url, 'SELECT * FROM fine'));
		const file = await fixtures.fileUrl();
		await restoreInto(await fixtures.open(file), held);
		expect(await rowsOf(file, 'SELECT * FROM apart')).toEqual(await rowsOf(url, 'SELECT * FROM apart'));
	});

	it('refuses a row that a server cannot hold by its table, before anything is written', async () => {
		const url = await fixtures.fileUrl();
		await execute(url, 'CREATE TABLE small(a)', 'CREATE TABLE huge(a)', 'INSERT INTO huge VALUES (zeroblob(5000001))');
		await execute(url, 'CREATE TABLE hex(a)', 'INSERT INTO hex VALUES (zeroblob(4900000))');
		const held = await dumpOf(await fixtures.open(url));
		const target = await fixtures.empty('sqld');
		const database = await fixtures.open(target);
		await expect(restoreInto(database, held)).rejects.toMatchObject({
			code: 'RESTORE_UNSUPPORTED',
			data: { objects: ['huge'] },
		});
		expect(await rowsOf(target, 'SELECT name FROM sqlite_schema')).toEqual([]);
		const parts = { ...EVERYTHING, skipTables: ['huge'] };
		await restoreInto(database, held, { parts });
		expect(await rowsOf(target, 'SELECT length(a) FROM hex')).toEqual([[4900000n]]);
	});

	it('names a table that the server refuses to make, and goes on without it', async () => {
		const url = await fixtures.fileUrl();
		await execute(
			url,
			'CREATE TABLE first(a)',
			'CREATE TABLE tempcols(temp, temporary UNIQUE)',
			'INSERT INTO tempcols VALUES (1, 2)',
			'CREATE INDEX of_tempcols ON tempcols(temp)',
			'CREATE TABLE last(a)',
			'INSERT INTO last VALUES (7)',
		);
		const target = await fixtures.empty('sqld');
		const { refusals } = await restoreInto(await fixtures.open(target), await dumpOf(await fixtures.open(url)));
		expect(refusals.map(({ object }) => object)).toEqual(['tempcols', 'sqlite_autoindex_tempcols_1', 'of_tempcols']);
		expect(await rowsOf(target, 'SELECT name FROM sqlite_schema')).toEqual([['first'], ['last']]);
		expect(await rowsOf(target, 'SELECT a FROM last')).toEqual([[7n]]);
	});
});
