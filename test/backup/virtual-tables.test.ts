import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpOf, execute, Fixtures, type HeldDump, restoreInto, rowsOf, TRANSPORTS } from '../support/fixtures';

const VECTORS = Array.from({ length: 300 }, (_, n) => [Math.sin(n), Math.cos(n * 7), Math.sin(n * 3 + 1)]);
const DATABASE = [
	"CREATE VIRTUAL TABLE own USING fts5(title, body, tokenize = 'porter')",
	"INSERT INTO own VALUES ('Boats', 'rowing and running'), ('Sails', 'the wind runs')",
	"CREATE VIRTUAL TABLE blind USING fts5(t, content = '', contentless_delete = 1)",
	"INSERT INTO blind(rowid, t) VALUES (5, 'hello there'), (6, 'gone')",
	'DELETE FROM blind WHERE rowid = 6',
	'CREATE TABLE doc(id INTEGER PRIMARY KEY, body)',
	"CREATE VIRTUAL TABLE beside USING fts5(body, content = 'doc', content_rowid = 'id')",
	'CREATE TRIGGER doc_ai AFTER INSERT ON doc BEGIN INSERT INTO beside(rowid, body) VALUES (new.id, new.body); END',
	"INSERT INTO doc VALUES (1, 'first words'), (9, 'more words')",
	'CREATE VIRTUAL TABLE four USING fts4(a, tokenize=porter)',
	"INSERT INTO four(docid, a) VALUES (-3, 'one two'), (10, 'two three')",
	"CREATE VIRTUAL TABLE four_blind using fts4(a, content='')",
	"INSERT INTO four_blind(docid, a) VALUES (7, 'contentless four')",
	'CREATE VIRTUAL TABLE three USING fts3(a)',
	"INSERT INTO three VALUES ('old three')",
	'ALTER TABLE three RENAME TO renamed',
	'CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, y0, y1, +label)',
	"INSERT INTO box WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i, i, i + 3, i * 2, i * 2 + 3, 'box ' || i FROM n",
	'CREATE VIRTUAL TABLE shape USING geopoly(label)',
	"INSERT INTO shape(_shape, label) VALUES ('[[0,0],[4,0],[4,4],[0,0]]', 'triangle')",
	'CREATE TABLE item(id INTEGER PRIMARY KEY, name, at F32_BLOB(3))',
	...VECTORS.map((at, n) => `INSERT INTO item VALUES (${n}, 'item ${n}', vector32('[${at.join(',')}]'))`),
	"CREATE INDEX item_at ON item(libsql_vector_idx(at, 'metric=l2'))",
];
const SEARCHES = [
	"SELECT rowid, title, snippet(own, 1, '[', ']', '…', 5), bm25(own) FROM own WHERE own MATCH 'run' ORDER BY rank",
	"SELECT rowid FROM blind WHERE blind MATCH 'hello OR gone'",
	"SELECT rowid, body FROM beside WHERE beside MATCH 'words' ORDER BY rowid",
	"SELECT docid, a, offsets(four) FROM four WHERE four MATCH 'two' ORDER BY docid",
	"SELECT docid FROM four_blind WHERE four_blind MATCH 'contentless'",
	"SELECT docid, a FROM renamed WHERE renamed MATCH 'three'",
	'SELECT id, x0, label FROM box WHERE x1 > 50 AND y0 < 120 ORDER BY id',
	"SELECT label, geopoly_area(_shape) FROM shape WHERE geopoly_overlap(_shape, '[[1,1],[9,1],[9,9],[1,1]]')",
	...[3, 77, 200].map(
		(n) => `SELECT id FROM vector_top_k('item_at', vector32('[${VECTORS[n]?.map((x) => x + 0.01).join(',')}]'), 12)`,
	),
];
const WRITES = [
	["INSERT INTO own VALUES ('Oars', 'he runs')", "SELECT count(*) FROM own WHERE own MATCH 'run'", 3n],
	["INSERT INTO blind(rowid, t) VALUES (8, 'hello')", "SELECT count(*) FROM blind WHERE blind MATCH 'hello'", 2n],
	["INSERT INTO doc VALUES (10, 'new words')", "SELECT count(*) FROM beside WHERE beside MATCH 'words'", 3n],
	["INSERT INTO four(docid, a) VALUES (11, 'two')", "SELECT count(*) FROM four WHERE four MATCH 'two'", 3n],
	["DELETE FROM renamed WHERE a = 'old three'", "SELECT count(*) FROM renamed WHERE renamed MATCH 'three'", 0n],
	["INSERT INTO box VALUES (900, 1, 2, 1, 2, 'late')", 'SELECT count(*) FROM box WHERE x0 < 1.5 AND id > 1', 1n],
	["DELETE FROM shape WHERE label = 'triangle'", 'SELECT count(*) FROM shape', 0n],
	[
		"INSERT INTO item VALUES (900, 'far', vector32('[9,9,9]'))",
		"SELECT max(id) FROM vector_top_k('item_at', vector32('[9,9,9]'), 1)",
		900n,
	],
] as const;

describe.each(TRANSPORTS)('virtual tables and vector indexes, from %s', (from) => {
	const fixtures = new Fixtures();
	let source: string;
	let held: HeldDump;
	beforeAll(async () => {
		source = await fixtures.empty(from);
		for (const sql of DATABASE) await execute(source, sql);
		held = await dumpOf(await fixtures.open(source));
	}, 60_000);
	afterAll(() => fixtures.close());

	it.each(TRANSPORTS)('are searchable, with the same results, and writable afterwards, in %s', async (to) => {
		const target = await fixtures.empty(to);
		expect(await restoreInto(await fixtures.open(target), held)).toMatchObject({ refusals: [] });
		for (const sql of SEARCHES) {
			const found = await rowsOf(target, sql);
			expect(found).toEqual(await rowsOf(source, sql));
			expect(found.length).toBeGreaterThan(0);
		}
		for (const [write, check, wanted] of WRITES) {
			await execute(target, write);
			expect(await rowsOf(target, check)).toEqual([[wanted]]);
		}
	});

	it('go into a migrated database that has them already', async () => {
		const target = await fixtures.empty(from);
		for (const sql of DATABASE.filter((one) => !/^(INSERT|DELETE)/.test(one))) await execute(target, sql);
		expect(await restoreInto(await fixtures.open(target), held)).toMatchObject({ refusals: [] });
		for (const sql of SEARCHES) expect(await rowsOf(target, sql)).toEqual(await rowsOf(source, sql));
	});

	it('are not taken for empty when they have rows', async () => {
		const target = await fixtures.empty(from);
		for (const sql of DATABASE.filter((one) => !/^(INSERT|DELETE)/.test(one))) await execute(target, sql);
		await execute(target, "INSERT INTO own VALUES ('kept', 'words')");
		await expect(restoreInto(await fixtures.open(target), held)).rejects.toMatchObject({ code: 'TARGET_NOT_EMPTY' });
		expect(await rowsOf(target, 'SELECT title FROM own')).toEqual([['kept']]);
	});
});
