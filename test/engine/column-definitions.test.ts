import { describe, expect, it } from 'vitest';
import { firmDefinition } from '../../lib/engine/libsql/column-definitions';

describe('the definition that a row has to obey on a server', () => {
	it.each([
		['CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, v NUMERIC(10,2))'],
		['CREATE TABLE t("id" INTEGER NOT NULL, v NUMERIC(10,2), PRIMARY KEY([ID] AUTOINCREMENT))'],
	])('keeps the rowid its other name: %s', (sql) => expect(firmDefinition(sql)).toBe(sql));

	it('is without what can be relaxed', () => {
		const sql = 'CREATE TABLE t(a INTEGER NOT NULL, b INTEGER, v NUMERIC(10,2), PRIMARY KEY(a, b))';
		expect(firmDefinition(sql)).toBe('CREATE TABLE t(a, b, v NUMERIC(10,2), PRIMARY KEY(a, b))');
	});
});
