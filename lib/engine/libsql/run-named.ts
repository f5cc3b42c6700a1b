import { hasCode, LifeboatError } from '../../core/errors';
import type { Refusal } from '../engine';
import type { Connection } from './connect';
import type { Statement } from './statement';

/** A statement and the schema object that it is about. */
export interface NamedStatement {
	/** Of the object; else it is a table. */
	readonly type?: Refusal['type'];
	readonly name: string;
	readonly statement: Statement;
}

const BATCH_STATEMENTS = 200;

/**
 * Runs statements in order, in transactions of up to 200 with foreign keys off.
 *
 * @param doing `creating`, `filling`: for the message, before the object's name
 * @throws LifeboatError with the object's name in it and in `data.object`
 */
export async function runNamed(
	connection: Connection,
	statements: readonly NamedStatement[],
	doing: string,
): Promise<void> {
	for (let at = 0; at < statements.length; at += BATCH_STATEMENTS) {
		const batch = statements.slice(at, at + BATCH_STATEMENTS);
		try {
			await runTogether(connection, batch, doing);
		} catch (error) {
			if (!isRefusal(error) || 'object' in error.data) throw error;
			// sqld refuses a batch with a statement that its parser refuses as a whole: by themselves, that one has a name.
			for (const one of batch) await runTogether(connection, [one], doing);
		}
	}
}

/**
 * Runs statements as {@link runNamed} does, but for those that sqld's own parser does not know: they are returned,
 * and the rest go on.
 */
export async function runParsed(
	connection: Connection,
	statements: readonly NamedStatement[],
	doing: string,
): Promise<Refusal[]> {
	try {
		await runNamed(connection, statements, doing);
		return [];
	} catch (error) {
		const object = error instanceof LifeboatError ? error.data.object : undefined;
		const at = statements.findIndex(({ name }) => name === object);
		if (!isRefusal(error) || error.data.databaseCode !== 'SQL_PARSE_ERROR' || at < 0) throw error;
		// Those before it are done.
		const rest = await runParsed(connection, statements.slice(at + 1), doing);
		return [refusalOf(statements[at] as NamedStatement, error), ...rest];
	}
}

/** Runs statements as one transaction: all, or none. Throws as {@link runNamed} does. */
export async function runTogether(
	connection: Connection,
	batch: readonly NamedStatement[],
	doing: string,
): Promise<void> {
	if (batch.length === 0) return;
	try {
		await connection.migrate(
			batch.map(({ statement }) => statement),
			doing,
		);
	} catch (error) {
		throw withName(error, batch, doing);
	}
}

/** Runs each statement by itself; one that the database refuses is returned with the reason, and the rest go on. */
export async function runEach(connection: Connection, statements: readonly NamedStatement[]): Promise<Refusal[]> {
	const refusals: Refusal[] = [];
	for (const one of statements) {
		try {
			await runTogether(connection, [one], 'creating');
		} catch (error) {
			if (!isRefusal(error)) throw error;
			refusals.push(refusalOf(one, error));
		}
	}
	return refusals;
}

function refusalOf({ type = 'table', name }: NamedStatement, { message }: LifeboatError): Refusal {
	return { type, object: name, reason: message };
}

/** Claims that the database answered, and said no to a statement: not to a request, whatever was in it. */
export function isRefusal(error: unknown): error is LifeboatError {
	if (!hasCode(error, 'DATABASE_REFUSED', 'DATABASE_FAILED')) return false;
	return !('status' in error.data) && error.data.databaseCode !== 'BLOCKED';
}

function withName(error: unknown, batch: readonly NamedStatement[], doing: string): unknown {
	if (!(error instanceof LifeboatError)) return error;
	const index = (error.cause as { statementIndex?: unknown } | undefined)?.statementIndex;
	const name = typeof index === 'number' ? batch[index]?.name : batch.length === 1 ? batch[0]?.name : undefined;
	if (name === undefined) return error;
	return new LifeboatError(error.code, `${error.message} (${doing} ${JSON.stringify(name)})`, {
		hint: error.hint,
		data: { ...error.data, object: name },
		cause: error.cause,
	});
}
