import type { LifeboatError } from '../core/errors';
import { foldCase } from '../core/fold-case';
import type { RestoreMark, SchemaReview, TargetState } from '../engine/engine';
import { encodingMismatch } from '../format/encoding-mismatch';
import type { Contents } from './contents';
import { isMigrationTable } from './migration-tables';
import { refusedFunctions, unsupportedError } from './refusals';
import type { RestoreParts, Selection } from './selection';
import { applicationError, mismatch, notEmpty, notFresh, sourceError, unfinishedError } from './target-guards';

/** One condition for a restore, and whether it is met. */
export interface Guard {
	readonly name:
		| 'file is whole'
		| 'target is reachable'
		| 'target is not the source'
		| 'target is of the same application'
		| 'target has no unfinished restore'
		| 'target is empty'
		| 'functions are harmless'
		| 'target can take all of it';
	readonly ok: boolean;
	readonly detail: string;
}

/** What a restore would do. Nothing in it has been done. */
export interface RestorePlan {
	/** `create`: into an empty database, all of it. `adopt`: rows only, into tables that are there and empty. */
	readonly mode: 'create' | 'adopt';
	/** Claims that it goes on with a restore that stopped. */
	readonly resumes: boolean;
	readonly tables: readonly { readonly name: string; readonly rows: number; readonly skipped: boolean }[];
	/** How many objects of each type would be made; all zero when adopting. */
	readonly objects: Readonly<Record<'table' | 'index' | 'view' | 'trigger', number>>;
	/** Tables whose rows are left out besides: migration tables of a database that has been migrated. */
	readonly leftAlone: readonly string[];
	/** Tables that foreign keys of the restored ones refer to, and that are not among them. */
	readonly missing: readonly { readonly table: string; readonly refersTo: readonly string[] }[];
	readonly mark: RestoreMark;
	readonly guards: readonly Guard[];
	/** The failure of the first guard that is not met. */
	readonly refusal: LifeboatError | null;
}

export interface PlanInput {
	readonly contents: Contents;
	/** SHA-256 of the backup: of its trailer. */
	readonly digest: string;
	readonly parts: RestoreParts;
	readonly selection: Selection;
	readonly target: TargetState;
	readonly targetFingerprint: string;
	readonly review: SchemaReview;
	readonly resume: boolean;
	readonly onlyFresh?: boolean;
	readonly allowFunctions: ReadonlySet<string>;
}

/** Decides, from what the backup holds and what stands in the target, what a restore would do and whether it may. */
export function planRestore(input: PlanInput): RestorePlan {
	const { contents, selection, target, parts, review } = input;
	const stopped = target.unfinished;
	const mode = modeOf(input);
	const mark = markOf(input, mode);
	const resumes = stopped !== null && input.resume && stopped.key === mark.key;
	const leftAlone = mode === 'adopt' ? contents.tables.map(({ name }) => name).filter(isLeftAlone) : [];
	const skip = new Set([...selection.skip, ...leftAlone]);
	const refusals: LifeboatError[] = [];
	const guards: Guard[] = [
		{ name: 'file is whole', ok: true, detail: `${contents.tables.length} tables, every digest right` },
	];
	const guard = (name: Guard['name'], error: LifeboatError | null, detail: string) => {
		if (error) refusals.push(error);
		guards.push({ name, ok: error === null, detail: error?.message ?? detail });
	};
	guard('target is reachable', null, 'it answers');
	guard('target is not the source', sourceError(contents, input.targetFingerprint), 'another database');
	guard('target is of the same application', applicationError(contents, target), 'or of none');
	guard(
		'target has no unfinished restore',
		stopped === null || resumes ? null : unfinishedError(stopped, mark),
		resumes ? 'this one, which goes on where it stopped' : 'none',
	);
	if (!resumes || mode === 'adopt')
		guard(
			'target is empty',
			mode === 'create'
				? (notFresh(target) ?? fixedEncoding(contents, target))
				: ((resumes ? null : notEmpty(target, parts, skip)) ?? mismatch(contents, target, skip)),
			mode === 'create' ? 'nothing in it' : 'its tables are those of the backup, and empty',
		);
	const made = new Set(mode === 'create' ? selection.schema.map(({ name }) => name) : []);
	const functions = review.functions.filter(({ object }) => made.has(object));
	guard('functions are harmless', refusedFunctions(functions, input.allowFunctions), 'all in the schema');
	guard(
		'target can take all of it',
		review.unsupported.length > 0 ? unsupportedError(review.unsupported) : null,
		'every object, every row',
	);
	const count = (type: keyof RestorePlan['objects']) =>
		mode === 'adopt'
			? 0
			: selection.schema.filter((object) => object.type === type && object.role !== 'system' && object.sql !== null)
					.length;
	return {
		mode,
		resumes,
		tables: contents.tables.map(({ name, rows }) => ({ name, rows, skipped: skip.has(name) })),
		objects: { table: count('table'), index: count('index'), view: count('view'), trigger: count('trigger') },
		leftAlone,
		missing: selection.isWhole ? [] : missingOf(contents, skip, review),
		mark,
		guards,
		refusal: refusals[0] ?? null,
	};
}

/** Whether a restore makes the schema, or finds it there. */
export function modeOf(input: Omit<PlanInput, 'review'>): RestorePlan['mode'] {
	const { target, parts, resume } = input;
	if (input.onlyFresh) return 'create';
	if (parts.what !== 'all') return parts.what === 'data' ? 'adopt' : 'create';
	if (target.unfinished && resume) return target.unfinished.key === markOf(input, 'adopt').key ? 'adopt' : 'create';
	return target.objects.every(({ role }) => role === 'system') ? 'create' : 'adopt';
}

function markOf({ contents, digest, parts }: Omit<PlanInput, 'review'>, mode: RestorePlan['mode']): RestoreMark {
	return {
		key: JSON.stringify([digest, mode, parts.tables, parts.skipTables, parts.what]),
		title: `${contents.header?.id} of ${contents.header?.createdAt}`,
	};
}

function fixedEncoding({ header }: Contents, { encodingIsFixed, encoding }: TargetState): LifeboatError | null {
	return header && encodingIsFixed ? encodingMismatch(encoding, header.encoding) : null;
}

/** By table that is restored, the tables that it refers to and that are in the backup, but left out. */
function missingOf(
	{ tables, schema }: Contents,
	skip: ReadonlySet<string>,
	{ references }: SchemaReview,
): RestorePlan['missing'] {
	const there = new Map(schema.filter(({ role }) => role === 'table').map(({ name }) => [foldCase(name), name]));
	return tables
		.filter(({ name }) => !skip.has(name))
		.map(({ name }) => ({
			table: name,
			refersTo: (references.get(name) ?? [])
				.map((other) => there.get(foldCase(other)) ?? '')
				.filter((other) => other !== '' && skip.has(other)),
		}))
		.filter(({ refersTo }) => refersTo.length > 0);
}

/** SQLite's own statistics belong to the data that was there when they were made; a migrated database has its own. */
function isLeftAlone(name: string): boolean {
	return isMigrationTable(name) || /^sqlite_stat/.test(name);
}
