import { afterAll, describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../lib/backup/selection';
import { backupFile } from '../support/backup-file';
import { dumpOf, execute, Fixtures, restoreInto, rowsOf, TRANSPORTS } from '../support/fixtures';

const fixtures = new Fixtures();
afterAll(() => fixtures.close());

describe.each(TRANSPORTS)('a restore, by %s,', (transport) => {
	const made = async (...statements: string[]) => {
		const url = await fixtures.empty(transport);
		await execute(url, ...statements);
		return url;
	};
	const dumped = async (...statements: string[]) => dumpOf(await fixtures.open(await made(...statements)));

	const SPELLED = [
		'CREATE TABLE users(id INTEGER PRIMARY KEY)',
		'CREATE TABLE audit(what)',
		'CREATE TRIGGER added AFTER INSERT ON USERS BEGIN INSERT INTO audit VALUES (new.id); END',
	];

	it('keeps a trigger quiet that spells its table in another case', async () => {
		const held = await dumped(...SPELLED, 'INSERT INTO users VALUES (1), (2)');
		const url = await made(...SPELLED);
		await restoreInto(await fixtures.open(url), held);
		expect(await rowsOf(url, 'SELECT * FROM audit')).toEqual([[1n], [2n]]);
		await execute(url, 'INSERT INTO users VALUES (3)');
		expect(await rowsOf(url, 'SELECT * FROM audit')).toEqual([[1n], [2n], [3n]]);
	});

	it('takes such a trigger with its table, and leaves it out with it', async () => {
		const held = await dumped(...SPELLED);
		const triggers = async (parts: object) => {
			const url = await fixtures.empty(transport);
			await restoreInto(await fixtures.open(url), held, { parts: { ...EVERYTHING, ...parts } });
			return (await rowsOf(url, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")).flat();
		};
		expect(await triggers({ tables: ['users'] })).toEqual(['added']);
		expect(await triggers({ skipTables: ['users'] })).toEqual([]);
	});

	it('does not fail for a foreign key that refers to what is no key', async () => {
		const held = await dumped('CREATE TABLE p(a)', 'CREATE TABLE c(x REFERENCES p(a))', 'INSERT INTO p VALUES (1)');
		const url = await fixtures.empty(transport);
		expect(await restoreInto(await fixtures.open(url), held)).toMatchObject({ foreignKeyViolations: null });
		expect(await rowsOf(url, "SELECT 1 FROM sqlite_schema WHERE name = '_lifeboat_restore'")).toEqual([]);
	});

	it.each([2, 15, 30, 99, 101])('takes a primary key of %i columns, over many pages', async (parts) => {
		const columns = Array.from({ length: parts }, (_, nth) => `k${nth}`);
		const keys = columns.map((name, nth) => `${name}${nth % 2 === 0 ? ' DESC' : ' COLLATE NOCASE'}`);
		const values = columns.map((_, nth) => (nth === parts - 1 ? 'i' : nth === 0 ? 'i / 700' : `'${nth}'`));
		const held = await dumped(
			`CREATE TABLE t(${columns.join(', ')}, PRIMARY KEY(${keys.join(', ')})) WITHOUT ROWID`,
			`INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT ${values.join(', ')} FROM n`,
		);
		expect(held.dumped.encoded.tables).toMatchObject([{ name: 't', rows: 3_000 }]);
		await restoreInto(await fixtures.open(await fixtures.empty(transport)), held);
	});

	it('sets a user_version back, and minds no sqlite_sequence of tables that are gone', async () => {
		const url = await made(
			'PRAGMA user_version = 5',
			'CREATE TABLE s(id INTEGER PRIMARY KEY AUTOINCREMENT)',
			'DROP TABLE s',
		);
		await restoreInto(await fixtures.open(url), await dumped('CREATE TABLE t(a)'));
		expect(await rowsOf(url, 'PRAGMA user_version')).toEqual([[0n]]);
	});

	it('makes no schema beside another', async () => {
		const url = await made('CREATE TABLE q(a)');
		const parts = { ...EVERYTHING, what: 'schema' } as const;
		const held = await dumped('CREATE TABLE t(a)');
		await expect(restoreInto(await fixtures.open(url), held, { parts })).rejects.toMatchObject({
			code: 'TARGET_NOT_EMPTY',
		});
		expect(await rowsOf(url, 'SELECT name FROM sqlite_schema')).toEqual([['q']]);
	});

	it('takes many wide tables', async () => {
		const columns = Array.from(
			{ length: 450 },
			(_, nth) => `a_rather_long_name_of_a_column_${nth} INTEGER NOT NULL DEFAULT 0`,
		);
		const held = await dumped(...Array.from({ length: 30 }, (_, nth) => `CREATE TABLE t${nth}(${columns.join(', ')})`));
		const { tables } = await restoreInto(await fixtures.open(await fixtures.empty(transport)), held);
		expect(tables).toBe(30);
	});

	it.each([
		['a table', { tables: [{ name: 't', sql: 'CREATE TABLE t AS SELECT 1 AS a, 2 AS b' }] }],
		[
			'an index',
			{ tables: [{ name: 't' }], objects: [{ type: 'index', name: 'o', table: 't', sql: 'DELETE FROM t' }] },
		],
	])('runs nothing but definitions: not %s that is another statement', async (_, file) => {
		const url = await fixtures.empty(transport);
		await expect(restoreInto(await fixtures.open(url), { chunks: [backupFile(file)] })).rejects.toMatchObject({
			code: 'RESTORE_UNSUPPORTED',
		});
		expect(await rowsOf(url, 'SELECT name FROM sqlite_schema')).toEqual([]);
	});
});

it('a restore into a file computes no index that takes all memory', async () => {
	const objects = [
		{ type: 'index', name: 'o', table: 't', sql: 'CREATE INDEX o ON t(length(hex(zeroblob(400000000))))' },
	];
	const chunks = [backupFile({ tables: [{ name: 't', rows: ['[1,2]'] }], objects })];
	await expect(restoreInto(await fixtures.open(await fixtures.fileUrl()), { chunks })).rejects.toMatchObject({
		data: { object: 'o', databaseCode: 'SQLITE_NOMEM' },
	});
});

describe('a restore into a server', () => {
	it('compares a table though a trigger of its name was refused', async () => {
		const source = await fixtures.fileUrl();
		const refused = 'CREATE TRIGGER t AFTER INSERT ON t BEGIN SELECT group_concat(a ORDER BY a) FROM t; END';
		await execute(source, 'CREATE TABLE t(a)', 'INSERT INTO t VALUES (1)', refused);
		const url = await fixtures.empty('sqld');
		const held = await dumpOf(await fixtures.open(source));
		const { refusals } = await restoreInto(await fixtures.open(url), held);
		expect(refusals).toMatchObject([{ type: 'trigger', object: 't' }]);
		expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([[1n]]);
	});

	it('refuses text in another encoding already when it plans', async () => {
		const source = await fixtures.fileUrl();
		await execute(source, "PRAGMA encoding = 'UTF-16le'", 'CREATE TABLE t(a)');
		const held = await dumpOf(await fixtures.open(source));
		await expect(restoreInto(await fixtures.open(await fixtures.empty('sqld')), held)).rejects.toMatchObject({
			code: 'TARGET_MISMATCH',
			message: expect.not.stringContaining('restoring failed'),
		});
	});
});
