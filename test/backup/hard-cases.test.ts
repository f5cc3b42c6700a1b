import { afterAll, beforeAll, expect, it } from 'vitest';
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

		it('fails by the name of a table whose rows a server cannot be brought to take', async () => {
			if (transport === 'sqld') return;
			const url = await fixtures.fileUrl();
			await migrate(url, [
				'CREATE TABLE apart(a INT, b INT, CONSTRAINT less CHECK(a < b))',
				'PRAGMA ignore_check_constraints = 1',
				'INSERT INTO apart VALUES (2, 1)',
				'PRAGMA ignore_check_constraints = 0',
			]);
			const held = await dumpOf(await fixtures.open(url));
			await expect(restoreInto(await fixtures.open(await fixtures.empty('sqld')), held)).rejects.toMatchObject({
				code: 'DATABASE_FAILED',
				data: { object: 'apart' },
			});
			const file = await fixtures.fileUrl();
			await restoreInto(await fixtures.open(file), held);
			expect(await rowsOf(file, 'SELECT * FROM apart')).toEqual([[2n, 1n]]);
		});

		it('refuses a row that a server cannot hold by its table, before anything is written', async () => {
			if (transport === 'sqld') return;
			const url = await fixtures.fileUrl();
			await execute(
				url,
				'CREATE TABLE small(a)',
				'CREATE TABLE huge(a)',
				'INSERT INTO huge VALUES (zeroblob(5000001))',
			);
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
			if (transport === 'file') return;
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
