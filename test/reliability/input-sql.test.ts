import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatementSplitter, splitStatements } from '../../lib/engine/libsql/sql-statements';
import { Workspace } from '../scripts/workspace';
import { runBatch } from '../support/batch';
import { hostileScript } from '../support/hostile-script';
import { below } from '../support/mutate';
import { seededRandom } from '../support/seeded-random';
import { casesOf, Tally } from '../support/tally';

const LIMIT_MS = 1_200_000;
const workspace = Workspace.forFile();

describe('the splitter of scripts', () => {
	it('splits any text alike, wherever its parts end, and loses nothing but comments', { timeout: LIMIT_MS }, () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'Any text as an SQL script',
			provoked: 'dumps with changed bytes, whole and in random parts',
			promised: 'the same statements, each of the tokens that stand there',
		});
		const property = fc.property(fc.nat(), (nth) => {
			const random = seededRandom(nth);
			const script = hostileScript(random).toString('latin1').slice(0, 3_000);
			const whole = splitStatements(script);
			const splitter = new StatementSplitter();
			const parts = [];
			for (let at = 0, end = 0; at < script.length; at = end) {
				end = at + below(random, 40);
				parts.push(...splitter.push(script.slice(at, end)));
			}
			expect([...parts, ...splitter.finish()]).toEqual(whole);
			let after = 0;
			for (const { sql, tokens, tokenCount } of whole) {
				after = script.indexOf(sql, after) + sql.length;
				expect(after).toBeGreaterThanOrEqual(sql.length);
				expect(tokens.length).toBe(tokenCount);
				for (const { text, at } of tokens) expect(sql.startsWith(text, at)).toBe(true);
			}
			tally.add('exact');
		});
		fc.assert(property, { seed: 20_261_121, numRuns: casesOf(400, 20_000), endOnFailure: true });
		tally.expectSound();
	});

	it.each([
		['blanks', ' '],
		['a comment', '/*'],
		['a string', "'"],
	])('reads %s of many parts in the time that its length takes', (_, start) => {
		const splitter = new StatementSplitter();
		expect([...splitter.push(`SELECT ${start}`)]).toEqual([]);
		let statements = 0;
		for (let nth = 0; nth < 200_000; nth++) for (const _ of splitter.push('  ')) statements++;
		expect([statements, [...splitter.finish()].length]).toEqual([0, 1]);
	});

	it('reads a line of many statements in the time that its length takes', () => {
		expect(splitStatements(';'.repeat(2_000_000))).toEqual([]);
		expect(splitStatements('a;'.repeat(300_000))).toHaveLength(300_000);
	});

	it('keeps no more tokens than it is told', () => {
		const splitter = new StatementSplitter(3);
		const statements = [...splitter.push('SELECT 1, 2, 3; SELECT 4;'), ...splitter.finish()];
		expect(statements.map(({ tokens, tokenCount }) => [tokens.length, tokenCount])).toEqual([
			[3, 6],
			[2, 2],
		]);
	});
});

describe('an import', () => {
	it('of a script that is nearly a dump is exact, or refused', { timeout: LIMIT_MS }, async () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'SQL scripts with foreign statements and changed bytes',
			provoked: 'random ones restored into a file, in processes with a heap of 128 MB',
			promised: 'what they say, exactly, or refused by a code with nothing left behind; no crash, no hang',
		});
		const path = join(import.meta.dirname, 'restore-scripts.ts');
		const batch = { path, from: 0, to: casesOf(200, 5_000), heapMb: 128, atOnce: 150 };
		expect(await runBatch(tally, batch)).toEqual([]);
		tally.expectSound();
	});

	const MANY = `INSERT INTO t VALUES ${'(1),'.repeat(3_000_000)}(1);`;
	it.each<[string, string, string]>([
		['answers with text that is no UTF-8', 'SCRIPT_REFUSED', "INSERT INTO t VALUES(1) RETURNING CAST(x'ff' AS TEXT);"],
		['deletes and answers', 'SCRIPT_REFUSED', "DELETE FROM t RETURNING CAST(x'ff' AS TEXT);"],
		[
			'asks for rows without end',
			'SCRIPT_REFUSED',
			'WITH c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;',
		],
		[
			'inserts rows without end',
			'SCRIPT_REFUSED',
			'INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;',
		],
		[
			'makes a table of rows without end',
			'SCRIPT_REFUSED',
			'CREATE TABLE u AS WITH c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;',
		],
		['has half a character in unistr', 'BACKUP_DAMAGED', "INSERT INTO t VALUES (unistr('\\ud83d'));"],
		['has no character in unistr', 'BACKUP_DAMAGED', "INSERT INTO t VALUES (unistr('\\U00110000'));"],
		['has nothing after a backslash in unistr', 'BACKUP_DAMAGED', "INSERT INTO t VALUES (unistr('a\\'));"],
		['has millions of values in one statement', 'SCRIPT_REFUSED', MANY],
	])('of a script that %s is refused', async (what, code, statement) => {
		const name = `${what.replaceAll(' ', '-')}.sql`;
		await writeFile(workspace.path(name), `CREATE TABLE t(a);\n${statement}\n`);
		const heap = { NODE_OPTIONS: '--max-old-space-size=512' };
		const run = await workspace.run('restore-turso', [`./${name}`, '--to', 'file:no.db', '--json'], heap);
		expect([run.exit, run.json().error.code, run.stderr]).toEqual([code === 'SCRIPT_REFUSED' ? 3 : 4, code, '']);
		expect(run.json().error.data.line).toBe(code === 'SCRIPT_REFUSED' && statement === MANY ? 1 : 2);
	});

	it('of a column by the name of a clause, and of every escape of unistr, is exact', async () => {
		const script = `CREATE TABLE t(with TEXT);
			INSERT INTO t(with) VALUES (unistr('\\U0001F680 \\+01F680 \\u00e9\\00e9 \\\\'));`;
		await writeFile(workspace.path('with.sql'), script);
		const run = await workspace.run('restore-turso', ['./with.sql', '--to', 'file:with.db', '--confirm', '--json']);
		expect([run.exit, run.stderr]).toEqual([0, '']);
		expect(await workspace.rows('with.db', 'SELECT "with" FROM t')).toEqual([['🚀 🚀 éé \\']]);
	});
});
