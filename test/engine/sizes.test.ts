import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Cell } from '../../lib/format/values';
import { contentsOf, dumpOf, execute, Fixtures, type ReadTable, restoreInto } from '../support/fixtures';
import { WAYS } from '../support/reading-ways';

const count = (n: number) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})`;

/** The number of characters or bytes of a cell. */
const sizeOf = (cell: Cell | undefined) =>
	cell?.type === 'text' ? cell.value.length : cell?.type === 'blob' ? cell.bytes.length : null;

describe('large answers, rows and values', () => {
	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	const SERVERS = WAYS.filter(({ transport }) => transport === 'sqld');

	it.each(SERVERS)('shrinks to what the server answers with, of rows and of the schema, by $way', async ({ open }) => {
		const { url } = await fixtures.sqld({ args: ['--max-response-size', '60KB'] });
		await execute(
			url,
			'CREATE TABLE t(id INTEGER PRIMARY KEY, v)',
			`INSERT INTO t ${count(2_000)} SELECT i, printf('%.*c', 1000, 'x') FROM n`,
			...Array.from({ length: 30 }, (_, nth) => `CREATE TABLE t${nth}(c${'x'.repeat(3_000)} DEFAULT ${nth})`),
		);
		const { tables, schema } = await contentsOf(await dumpOf(await open(fixtures, url)));
		expect(schema.length).toBe(31);
		const rows = tables.get('t')?.rows ?? [];
		expect(rows.map(([id]) => id?.type === 'integer' && Number(id.value))).toEqual(rows.map((_, nth) => nth + 1));
		expect(rows.length).toBe(2_000);
	});

	it.each(WAYS)(
		'reads all rows of a table of which pages are past the longest string, by $way',
		async ({ transport, open }) => {
			const url = await fixtures.empty(transport);
			await execute(
				url,
				'CREATE TABLE t(id INTEGER PRIMARY KEY, v)',
				`INSERT INTO t ${count(120)} SELECT i, CASE WHEN i % 2 THEN printf('%.*c', 150000 + i, 'y') ELSE zeroblob(100000 + i) END FROM n`,
			);
			const { tables } = await contentsOf(await dumpOf(await open(fixtures, url)));
			const rows = tables.get('t')?.rows ?? [];
			expect(rows.map(([, v]) => sizeOf(v))).toEqual(
				Array.from({ length: 120 }, (_, nth) => (nth % 2 === 0 ? 150_001 : 100_001) + nth),
			);
		},
	);

	it('carries values of almost the limit of a server, and restores them there', async () => {
		const url = await fixtures.empty('sqld');
		await execute(
			url,
			'CREATE TABLE t(id INTEGER PRIMARY KEY, v)',
			"INSERT INTO t VALUES (1, 'before'), (2, zeroblob(4900000)), (3, 'between')",
			"INSERT INTO t VALUES (4, printf('%.*c', 2450000, 'é')), (5, printf('%.*c', 4899998, char(10)) || char(0) || 'z'), (6, 'after')",
		);
		const dump = await dumpOf(await fixtures.open(url));
		const { rows } = (await contentsOf(dump)).tables.get('t') as ReadTable;
		expect(rows.map(([, v]) => sizeOf(v))).toEqual([6, 4_900_000, 7, 2_450_000, 4_900_000, 5]);
		expect(dump.dumped.encoded.omissions).toEqual([]);
		const restored = await restoreInto(await fixtures.open(await fixtures.empty('sqld')), dump);
		expect(restored.rows).toBe(6);
	});

	it('carries and restores a value of 12 MB of a file', async () => {
		const url = await fixtures.fileUrl();
		await execute(
			url,
			'CREATE TABLE t(a, b)',
			"INSERT INTO t VALUES (1, 'before'), (zeroblob(12000000), 2), (printf('%.*c', 12000000, 'x'), 3), (4, 'after')",
		);
		const dump = await dumpOf(await fixtures.open(url));
		const { rows } = (await contentsOf(dump)).tables.get('t') as ReadTable;
		expect(rows.map((row) => sizeOf(row[1]))).toEqual([null, 12_000_000, 12_000_000, null]);
		expect((await restoreInto(await fixtures.open(await fixtures.fileUrl()), dump)).rows).toBe(4);
	});

	it('names the rows that a server cannot read, and carries all others', async () => {
		const { url } = await fixtures.sqld({
			prepare: async (folder) => {
				await mkdir(join(folder, 'dbs/default'), { recursive: true });
				await execute(
					`file:${join(folder, 'dbs/default/data')}`,
					'PRAGMA journal_mode = WAL',
					'CREATE TABLE t(id INTEGER PRIMARY KEY, a, b)',
					"INSERT INTO t VALUES (1, 'x', 1), (2, zeroblob(6000000), 2), (3, 'y', printf('%.*c', 5000001, 'z')), (4, 'z', NULL)",
					'CREATE TABLE keyed(k TEXT PRIMARY KEY, v) WITHOUT ROWID',
					"INSERT INTO keyed VALUES ('a', 1), ('b', zeroblob(6000000)), ('c', 3)",
				);
			},
		});
		const dump = await dumpOf(await fixtures.open(url));
		const { tables } = await contentsOf(dump);
		expect(tables.get('t')?.rows.map(([id]) => id)).toEqual([
			{ type: 'integer', value: 1n },
			{ type: 'integer', value: 4n },
		]);
		expect(tables.get('keyed')?.rows.map(([k]) => k)).toEqual([
			{ type: 'text', value: 'a' },
			{ type: 'text', value: 'c' },
		]);
		expect(dump.dumped.encoded.omissions.map(({ table, row }) => [table, row])).toEqual([
			['t', 'rowid 2'],
			['t', 'rowid 3'],
			['keyed', 'row 2 in reading order'],
		]);
		expect(dump.dumped.encoded.omissions[1]?.reason).toContain('"b"');
		expect(dump.dumped.encoded.tables.map(({ name, omitted }) => [name, omitted])).toEqual([
			['t', 2],
			['keyed', 1],
		]);
	});
});
