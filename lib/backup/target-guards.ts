import { LifeboatError } from '../core/errors';
import type { RestoreMark, TargetState } from '../engine/engine';
import type { Contents } from './contents';
import { isMigrationTable } from './migration-tables';
import type { RestoreParts } from './selection';

/** How many names a message shows. */
const SHOWN = 10;

export function sourceError(contents: Contents, fingerprint: string): LifeboatError | null {
	if (contents.header?.source.fingerprint !== fingerprint) return null;
	return new LifeboatError('TARGET_IS_SOURCE', 'the target is the database that this backup came from', {
		hint: 'restore into a fresh database, check it, then switch the app over to it',
	});
}

/** An emptied database keeps tables of SQLite's own, and may keep rows there. */
export function notFresh({ objects, tables }: TargetState): LifeboatError | null {
	const filled = tables.filter(({ empty }) => !empty);
	if (filled.length > 0) return notEmptyError(filled.map(({ name }) => name));
	const others = objects.filter(({ role, table }) => role !== 'system' && !table.startsWith('sqlite_'));
	if (others.length === 0) return null;
	return new LifeboatError(
		'TARGET_NOT_EMPTY',
		`the target has a schema already: ${list(others.map(({ name }) => name))}`,
		{
			hint: 'restore into a fresh database; nothing was written',
			data: { objects: others.slice(0, SHOWN).map(({ name }) => name) },
		},
	);
}

/** Rows into named tables may join what is in others. */
export function notEmpty(target: TargetState, parts: RestoreParts, skip: ReadonlySet<string>): LifeboatError | null {
	const isPart = parts.what === 'data' && parts.tables !== null;
	const filled = target.tables.filter(
		({ name, empty }) =>
			!empty && !isMigrationTable(name) && !name.startsWith('sqlite_') && !(isPart && skip.has(name)),
	);
	return filled.length === 0 ? null : notEmptyError(filled.map(({ name }) => name));
}

function notEmptyError(tables: string[]): LifeboatError {
	const more = tables.length > SHOWN ? ` and ${tables.length - SHOWN} more` : '';
	return new LifeboatError('TARGET_NOT_EMPTY', `the target has rows in ${list(tables)}${more}`, {
		hint: 'restore into a fresh database; nothing was written',
		data: { tables: tables.slice(0, SHOWN) },
	});
}

/** In a database that has a schema, every table with rows in the backup must be there with the same columns. */
export function mismatch(contents: Contents, target: TargetState, skip: ReadonlySet<string>): LifeboatError | null {
	const there = new Map(target.tables.map((table) => [table.name, table]));
	const differences: string[] = [];
	const encoding = contents.header?.encoding;
	if (encoding !== target.encoding) differences.push(`text is kept as ${target.encoding}, not as ${encoding}`);
	for (const { name, columns, rowid } of contents.opened) {
		if (skip.has(name) || name.startsWith('sqlite_')) continue;
		const table = there.get(name);
		if (!table) differences.push(`table ${JSON.stringify(name)} is missing`);
		else if (table.columns.join('\0') !== columns.join('\0'))
			differences.push(columnDifference(name, columns, table.columns));
		else if (table.rowid !== rowid) differences.push(`table ${JSON.stringify(name)} has another kind of primary key`);
	}
	if (differences.length === 0) return null;
	const more = differences.length > SHOWN ? `; and ${differences.length - SHOWN} more` : '';
	return new LifeboatError(
		'TARGET_MISMATCH',
		`the target's tables are not those of the backup: ${differences.slice(0, SHOWN).join('; ')}${more}`,
		{
			hint: 'migrate the target to the same state as the source had, or restore into an empty database',
			data: { differences: differences.slice(0, SHOWN) },
		},
	);
}

function columnDifference(name: string, wanted: readonly string[], is: readonly string[]): string {
	const missing = wanted.filter((column) => !is.includes(column));
	const extra = is.filter((column) => !wanted.includes(column));
	const parts = [
		...(missing.length > 0 ? [`lacks ${list(missing)}`] : []),
		...(extra.length > 0 ? [`has ${list(extra)} too`] : []),
	];
	return `table ${JSON.stringify(name)} ${parts.length > 0 ? parts.join(' and ') : 'has its columns in another order'}`;
}

function list(names: readonly string[]): string {
	return names
		.slice(0, SHOWN)
		.map((name) => JSON.stringify(name))
		.join(', ');
}

export function unfinishedError(stopped: RestoreMark, wanted: RestoreMark): LifeboatError {
	const isSame = stopped.key === wanted.key;
	return new LifeboatError('RESTORE_UNFINISHED', `a restore into the target was not finished: ${stopped.title}`, {
		hint: isSame
			? 'go on with it by --resume, or restore into a fresh database'
			: 'go on with that backup, the same options and --resume, or restore into a fresh database',
	});
}

/** SQLite's mark of whose file it is; 0 says nothing. */
export function applicationError({ header }: Contents, { applicationId }: TargetState): LifeboatError | null {
	if (applicationId === 0 || applicationId === header?.applicationId) return null;
	return new LifeboatError(
		'TARGET_MISMATCH',
		`the target belongs to another application: its application_id is ${applicationId}, the backup's ${header?.applicationId}`,
		{ hint: 'restore into a fresh database; nothing was written' },
	);
}
