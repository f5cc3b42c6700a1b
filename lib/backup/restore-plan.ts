import { LifeboatError } from '../core/errors';
import type { Refusal, TargetState } from '../engine/engine';
import type { Contents } from './fill-target';
import { unsupportedError } from './fill-target';
import { isMigrationTable } from './migration-tables';

/** One condition for a restore, and whether it is met. */
export interface Guard {
	readonly name:
		| 'file is whole'
		| 'target is reachable'
		| 'target is not the source'
		| 'target is empty'
		| 'objects can be restored';
	readonly ok: boolean;
	readonly detail: string;
}

/** What a restore would do. Nothing in it has been done. */
export interface RestorePlan {
	/** `create`: into an empty database, all of it. `adopt`: rows only, into tables that are there and empty. */
	readonly mode: 'create' | 'adopt';
	readonly tables: readonly { readonly name: string; readonly rows: number; readonly skipped: boolean }[];
	/** How many objects of each type would be made; all zero when adopting. */
	readonly objects: Readonly<Record<'table' | 'index' | 'view' | 'trigger', number>>;
	/** Tables whose rows are left out: migration tables of a database that has been migrated. */
	readonly skip: ReadonlySet<string>;
	readonly guards: readonly Guard[];
	/** The failure of the first guard that is not met. */
	readonly refusal: LifeboatError | null;
}

export interface PlanInput {
	readonly contents: Contents;
	readonly target: TargetState;
	readonly targetFingerprint: string;
	readonly unsupported: readonly Refusal[];
}

const SHOWN = 10;

/** Decides, from what the backup holds and what stands in the target, what a restore would do and whether it may. */
export function planRestore({ contents, target, targetFingerprint, unsupported }: PlanInput): RestorePlan {
	const mode = target.objects.every(({ role }) => role === 'system') ? 'create' : 'adopt';
	const skip = new Set(mode === 'adopt' ? contents.tables.map(({ name }) => name).filter(leftAlone) : []);
	const refusals: LifeboatError[] = [];
	const guards: Guard[] = [
		{ name: 'file is whole', ok: true, detail: `${contents.tables.length} tables, every digest right` },
	];
	const guard = (name: Guard['name'], error: LifeboatError | null, detail: string) => {
		if (error) refusals.push(error);
		guards.push({ name, ok: error === null, detail: error?.message ?? detail });
	};
	guards.push({ name: 'target is reachable', ok: true, detail: `${target.objects.length} objects in it` });
	guard(
		'target is not the source',
		sourceError(contents, targetFingerprint),
		'another database than the backup came from',
	);
	guard(
		'target is empty',
		mode === 'create' ? systemRows(target) : (notEmpty(target) ?? mismatch(contents, target, skip)),
		mode === 'create' ? 'nothing in it' : 'its tables are those of the backup, and empty',
	);
	guard('objects can be restored', unsupported.length > 0 ? unsupportedError(unsupported) : null, 'all of them');
	const made = (type: keyof RestorePlan['objects']) =>
		mode === 'adopt'
			? 0
			: contents.schema.filter((object) => object.type === type && object.role !== 'system' && object.sql !== null)
					.length;
	return {
		mode,
		tables: contents.tables.map(({ name, rows }) => ({ name, rows, skipped: skip.has(name) })),
		objects: { table: made('table'), index: made('index'), view: made('view'), trigger: made('trigger') },
		skip,
		guards,
		refusal: refusals[0] ?? null,
	};
}

/** SQLite's own statistics belong to the data that was there when they were made; a migrated database has its own. */
function leftAlone(name: string): boolean {
	return isMigrationTable(name) || /^sqlite_stat/.test(name);
}

function sourceError(contents: Contents, fingerprint: string): LifeboatError | null {
	if (contents.header?.source.fingerprint !== fingerprint) return null;
	return new LifeboatError('TARGET_IS_SOURCE', 'the target is the database that this backup came from', {
		hint: 'restore into a fresh database, check it, then switch the app over to it',
	});
}

/** An emptied database may keep rows in `sqlite_sequence`. */
function systemRows(target: TargetState): LifeboatError | null {
	return target.tables.some(({ empty }) => !empty)
		? notEmptyError(target.tables.filter(({ empty }) => !empty).map(({ name }) => name))
		: null;
}

function notEmpty(target: TargetState): LifeboatError | null {
	const filled = target.tables.filter(
		({ name, empty }) => !empty && !isMigrationTable(name) && !name.startsWith('sqlite_'),
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
function mismatch(contents: Contents, target: TargetState, skip: ReadonlySet<string>): LifeboatError | null {
	const there = new Map(target.tables.map((table) => [table.name, table]));
	const differences: string[] = [];
	const encoding = contents.header?.encoding;
	// Text that is not well-formed is carried as bytes, which mean something else in another encoding.
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
