import type { InStatement } from '@libsql/client';
import { LifeboatError } from '../../core/errors';
import type { Script, ScriptRun, ScriptStep } from '../engine';
import type { Connection } from './connect';
import { isRefusal } from './run-named';

/** An expression that SQLite fails on when it comes to it: a statement has no other way to end a transaction. */
const FAIL = 'abs(-9223372036854775807 - 1)';

const VIOLATIONS = 'SELECT "table" AS name, count(*) AS count FROM pragma_foreign_key_check GROUP BY 1';

/** Runs a script as one transaction; see `Database.run`. */
export async function runScript(connection: Connection, { steps, foreignKeys }: Script): Promise<ScriptRun> {
	const isOff = foreignKeys === 'off';
	const atEnd = isOff ? await noMoreViolations(connection) : null;
	const statements = [...steps, ...(atEnd === null ? [] : [atEnd])].map(toStatement);
	try {
		await connection[isOff ? 'migrate' : 'batch'](statements, 'running a script');
	} catch (error) {
		if (!isRefusal(error)) throw error;
		const at = placeOf(error) ?? (await findUnparsed(connection, statements));
		throw at === null ? error : withPlace(error, at);
	}
	return { foreignKeysChecked: !isOff || atEnd !== null };
}

function toStatement(step: ScriptStep): Exclude<InStatement, string> {
	const sql = 'sql' in step ? step.sql : `SELECT CASE WHEN ${step.check} THEN 1 ELSE ${FAIL} END`;
	return { sql, args: [...(step.args ?? [])] };
}

/** That no table has more rows that refer to no row than it has now; null if the database cannot tell. */
async function noMoreViolations({ query }: Connection): Promise<ScriptStep | null> {
	try {
		const rows = await query(VIOLATIONS, [], 'checking foreign keys');
		const before = Object.fromEntries(rows.map(([table, count]) => [String(table), Number(count)]));
		return {
			check: `NOT EXISTS(SELECT 1 FROM (${VIOLATIONS}) now LEFT JOIN json_each(?) before ON before.key = now.name WHERE now.count > coalesce(before.value, 0))`,
			args: [JSON.stringify(before)],
		};
	} catch (error) {
		if (isRefusal(error)) return null;
		throw error;
	}
}

function placeOf(error: LifeboatError): number | null {
	const index = (error.cause as { statementIndex?: unknown } | undefined)?.statementIndex;
	return typeof index === 'number' ? index : null;
}

/**
 * The first statement that sqld's parser refuses: it refuses the whole request for it, and does not say which. Each is
 * sent after one that fails, so that none is run.
 */
async function findUnparsed(connection: Connection, statements: readonly InStatement[]): Promise<number | null> {
	if (connection.kind === 'file') return null;
	for (const [index, statement] of statements.entries()) {
		try {
			await connection.batch([`SELECT ${FAIL}`, statement], 'looking for the statement');
		} catch (error) {
			if (!isRefusal(error)) throw error;
			if (placeOf(error) === null) return index;
		}
	}
	return null;
}

function withPlace(error: LifeboatError, at: number): LifeboatError {
	return new LifeboatError(error.code, error.message, {
		hint: error.hint,
		data: { ...error.data, at },
		cause: error.cause,
	});
}
