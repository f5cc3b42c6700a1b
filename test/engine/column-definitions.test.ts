import { describe, expect, it } from 'vitest';
import { LONGEST_TABLE_SQL, parseTable } from '../../lib/engine/libsql/column-definitions';
import { firmDefinition } from '../../lib/engine/libsql/relaxed-columns';

describe('the definition that a row has to obey on a server', () => {
	it.each([
		['t(id INTEGER PRIMARY KEY CHECK (id > 0), v NUMERIC(10,2) CHECK (v > 0))', 'id INTEGER PRIMARY KEY'],
		['t(id INTEGER NOT NULL, v NUMERIC(10,2) CHECK (v > 0), PRIMARY KEY([ID] AUTOINCREMENT))', 'id INTEGER NOT NULL'],
	])('keeps the rowid its other name: %s', (definition, id) =>
		expect(firmDefinition(parseTable(`CREATE TABLE ${definition}`), [])).toContain(
			`t(${id}, v NUMERIC(10,2) CHECK (v > 0)`,
		),
	);

	it('is without what can be relaxed', () => {
		const sql = 'CREATE TABLE t(a INTEGER NOT NULL, b INTEGER, v NUMERIC(10,2) CHECK (v > 0), PRIMARY KEY(a, b))';
		expect(firmDefinition(parseTable(sql), ['b'])).toBe(
			'CREATE TABLE t(a INTEGER, b, v NUMERIC(10,2) CHECK (v > 0), PRIMARY KEY(a, b))',
		);
	});

	it('has the types of columns from which others are computed and kept', () => {
		const sql = 'CREATE TABLE t(a INTEGER NOT NULL, g AS (a) STORED, CHECK (a > 0))';
		expect(firmDefinition(parseTable(sql), [])).toBe('CREATE TABLE t(a INTEGER, g AS ( a ) STORED, CHECK (a > 0))');
	});

	it('is none where no CHECK is left', () => {
		const sql = 'CREATE TABLE t(\n\ta INTEGER CHECK (a > 0),\n\tv NUMERIC(10,2) NOT NULL\n)';
		expect(firmDefinition(parseTable(sql), [])).toBeNull();
	});
});

describe('taking a CREATE TABLE apart', () => {
	it('tells where a column ends, and what is of the table itself', () => {
		const sql = 'CREATE TABLE t(a /* , */ , "b,c" INT DEFAULT (1) -- )\n, CHECK (a > 0) UNIQUE (a)) STRICT';
		const { columns, constraints, isStrict } = parseTable(sql);
		expect(columns.map(({ name, start, end, next }) => [name, sql.slice(start, end), sql.slice(end, next)])).toEqual([
			['a', 'a', ' /* , */ '],
			['b,c', '"b,c" INT DEFAULT (1)', ' -- )\n'],
		]);
		expect(constraints.map(({ text }) => text).join(' ')).toBe('CHECK ( a > 0 ) UNIQUE ( a )');
		expect(isStrict).toBe(true);
	});

	it('takes the longest there can be, and refuses what is longer', () => {
		const columns = Array.from({ length: 2_000 }, (_, nth) => `column_of_a_long_name_${nth} NUMERIC(10, 2) NOT NULL`);
		expect(parseTable(`CREATE TABLE t(${columns.join(', ')})`).columns).toHaveLength(2_000);
		const sql = `CREATE TABLE t(a CHECK (${'1+'.repeat(LONGEST_TABLE_SQL / 2)}1))`;
		expect(() => parseTable(sql)).toThrow(expect.objectContaining({ code: 'SCRIPT_REFUSED' }));
	});
});
