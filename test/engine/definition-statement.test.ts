import { describe, expect, it } from 'vitest';
import { notItsDefinition } from '../../lib/engine/libsql/definition-statement';

const table = (sql: string, name = 't') => ({ type: 'table', role: 'table', name, sql }) as const;
const other = (type: 'index' | 'view' | 'trigger', sql: string) => ({ type, name: 'o', sql }) as const;
const virtual = (sql: string) => ({ type: 'table', role: 'virtual', name: 't', sql }) as const;

describe("an object's SQL", () => {
	it.each([
		table('CREATE TABLE t(a)'),
		table('create table "t" (a) strict'),
		table("CREATE TABLE [t](a, b AS (a || ';')) -- ; the end"),
		table("CREATE TABLE 't'(a)"),
		table('CREATE TABLE IF NOT EXISTS t (a)'),
		table('CREATE TABLE "a ""b"(a)', 'a "b'),
		table('CREATE TABLE ""(a)', ''),
		table('CREATE TABLE T(a)'),
		virtual('CREATE VIRTUAL TABLE t USING fts5(a)'),
		other('index', 'CREATE INDEX o ON t(a)'),
		other('index', 'CREATE UNIQUE INDEX o ON t(a) WHERE a > 1'),
		other('view', 'CREATE VIEW o AS SELECT 1'),
		other('view', 'CREATE VIEW o(a) AS SELECT 1 UNION SELECT 2'),
		other('trigger', 'CREATE TRIGGER o AFTER INSERT ON t BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; END'),
		other('trigger', 'CREATE TRIGGER main.o AFTER INSERT ON t BEGIN SELECT 1; END'),
	])('makes it: $sql', (object) => {
		expect(notItsDefinition(object)).toBeNull();
	});

	it.each([
		table('SELECT 1'),
		table(''),
		table('CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n'),
		table('CREATE TABLE other(a)'),
		table('CREATE TEMP TABLE t(a)'),
		table('CREATE VIEW t AS SELECT 1'),
		table('CREATE TABLE t(a); DROP TABLE u'),
		table('CREATE TABLE t(a);'),
		table('CREATE VIRTUAL TABLE t USING fts5(a)'),
		table(`CREATE TABLE t(a)${' '.repeat(4_000_000)}`),
		virtual('CREATE TABLE t(a)'),
		other('index', 'DELETE FROM t'),
		other('index', 'CREATE INDEX p ON t(a)'),
		other('view', 'CREATE TABLE o(a)'),
		other('trigger', 'CREATE TRIGGER o AFTER INSERT ON t BEGIN SELECT 1; END; DROP TABLE t'),
		other('trigger', 'DROP TABLE "_lifeboat_restore"'),
	])('does not make it: $sql', (object) => {
		expect(notItsDefinition(object)).not.toBeNull();
	});
});
