import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatementSplitter, splitStatements } from '../../lib/engine/libsql/sql-statements';

const SCRIPT = `-- first; not a statement
CREATE TABLE t(a DEFAULT ';', "b;" /* ; */, [c;], \`d;\`); ;
INSERT INTO t VALUES ('it''s;', x'3b', 1.5e+3, "x;""y"), ('-- no; comment', '/*', 2);
CREATE TEMP TRIGGER IF NOT EXISTS g AFTER INSERT ON t BEGIN
	SELECT CASE WHEN new.a THEN 1 END; UPDATE t SET a = 'END;' WHERE b = 1;
END;
EXPLAIN QUERY PLAN CREATE TRIGGER h BEFORE DELETE ON t BEGIN SELECT 1; END;
CREATE VIEW "trigger" AS SELECT 1 AS "BEGIN";
SELECT 'Zoë 🚤;' -- trailing; comment`;

const STARTS = [
	'CREATE TABLE t(a',
	'INSERT INTO t VA',
	'CREATE TEMP TRIG',
	'EXPLAIN QUERY PL',
	'CREATE VIEW "tri',
	"SELECT 'Zoë 🚤;'",
];

describe('a script', () => {
	it('is split at the semicolons that end statements', () => {
		const statements = splitStatements(SCRIPT);
		expect(statements.map(({ sql }) => sql.slice(0, 16))).toEqual(STARTS);
		expect(statements.map(({ line }) => line)).toEqual([2, 3, 4, 7, 8, 9]);
		for (const { sql, tokens } of statements)
			for (const { text, at } of tokens) expect(sql.slice(at, at + text.length)).toBe(text);
	});

	it('is split in the same way wherever its parts end', () => {
		const whole = splitStatements(SCRIPT);
		fc.assert(
			fc.property(fc.array(fc.nat(SCRIPT.length), { maxLength: 20 }), (cuts) => {
				const splitter = new StatementSplitter();
				const at = [0, ...cuts.sort((a, b) => a - b), SCRIPT.length];
				const parts = at.slice(1).flatMap((end, nth) => [...splitter.push(SCRIPT.slice(at[nth], end))]);
				expect([...parts, ...splitter.finish()]).toEqual(whole);
			}),
		);
	});
});
