import { describe, expect, it } from 'vitest';
import type { Contents } from '../../lib/backup/contents';
import { planRestore } from '../../lib/backup/restore-plan';
import { EVERYTHING, selectParts } from '../../lib/backup/selection';
import type { SchemaReview, TargetState } from '../../lib/engine/engine';

const SOURCE = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

interface Table {
	readonly name: string;
	readonly columns: string[];
	readonly rowid: 'rowid' | null;
	readonly rows: number;
}
const table = (name: string, rows = 1, columns = ['id', 'v'], rowid: Table['rowid'] = null): Table => ({
	name,
	columns,
	rowid,
	rows,
});
const sqlOf = ({ name, columns }: Table) => `CREATE TABLE ${name}(${columns.join(', ')})`;

function contents(...tables: Table[]): Contents {
	return {
		header: {
			kind: 'header',
			format: 1,
			id: 'backup-20261120T020000Z-7f3a',
			createdAt: '2026-11-20T02:00:00.000Z',
			source: { engine: 'libsql', version: '3.45.1', location: 'file:a.db', fingerprint: SOURCE },
			encoding: 'UTF-8',
			userVersion: 0,
			applicationId: 0,
		},
		schema: tables.map((one) => ({
			kind: 'schema',
			type: 'table',
			role: one.name.startsWith('sqlite_') ? 'system' : 'table',
			name: one.name,
			table: one.name,
			sql: sqlOf(one),
		})),
		opened: tables.map(({ name, columns, rowid }) => ({ kind: 'table', name, columns, rowid })),
		tables: tables.map(({ name, rows }) => ({ kind: 'end', name, rows, omitted: 0, bytes: 10, sha256: SOURCE })),
	};
}

function target(...tables: Table[]): TargetState {
	return {
		encoding: 'UTF-8',
		applicationId: 0,
		unfinished: null,
		encodingIsFixed: false,
		objects: tables.map((one) => ({
			type: 'table',
			role: one.name.startsWith('sqlite_') ? 'system' : 'table',
			name: one.name,
			table: one.name,
			sql: sqlOf(one),
		})),
		tables: tables.map(({ name, columns, rowid, rows }) => ({ name, columns, rowid, empty: rows === 0 })),
	};
}

const NO_REVIEW: SchemaReview = { unsupported: [], functions: [], references: new Map(), firm: [] };

const plan = (backup: Contents, state: TargetState, more: Partial<Parameters<typeof planRestore>[0]> = {}) =>
	planRestore({
		contents: backup,
		digest: SOURCE,
		selection: selectParts(backup, more.parts ?? EVERYTHING),
		parts: EVERYTHING,
		target: state,
		targetFingerprint: OTHER,
		review: NO_REVIEW,
		resume: false,
		allowFunctions: new Set(),
		...more,
	});

describe('the plan of a restore', () => {
	it('makes everything in an empty database', () => {
		const made = plan(
			contents(table('users', 3), table('_prisma_migrations', 2), table('sqlite_sequence', 1)),
			target(),
		);
		expect(made).toMatchObject({ mode: 'create', refusal: null, objects: { table: 2, index: 0, view: 0, trigger: 0 } });
		expect(made.tables).toEqual([
			{ name: 'users', rows: 3, skipped: false },
			{ name: '_prisma_migrations', rows: 2, skipped: false },
			{ name: 'sqlite_sequence', rows: 1, skipped: false },
		]);
		expect(made.guards.every(({ ok }) => ok)).toBe(true);
	});

	it('adopts a migrated database, and leaves its migration tables and statistics alone', () => {
		const backup = contents(table('users', 3), table('_prisma_migrations', 2), table('sqlite_stat1', 4));
		const made = plan(
			backup,
			target(table('users', 0), table('_Prisma_Migrations', 2), table('_prisma_migrations', 2)),
		);
		expect(made).toMatchObject({ mode: 'adopt', refusal: null, objects: { table: 0 } });
		expect([...made.leftAlone].sort()).toEqual(['_prisma_migrations', 'sqlite_stat1']);
		expect(made.tables.map(({ skipped }) => skipped)).toEqual([false, true, true]);
	});

	it.each<[string, string, Contents, TargetState, Partial<Parameters<typeof planRestore>[0]>]>([
		['TARGET_IS_SOURCE', 'target is not the source', contents(table('t')), target(), { targetFingerprint: SOURCE }],
		['TARGET_NOT_EMPTY', 'target is empty', contents(table('t')), target(table('t', 1)), {}],
		// A table that the backup knows nothing of, with rows.
		['TARGET_NOT_EMPTY', 'target is empty', contents(table('t')), target(table('t', 0), table('extra', 1)), {}],
		// Only sequences have stayed of what was there.
		['TARGET_NOT_EMPTY', 'target is empty', contents(table('t')), target(table('sqlite_sequence', 1)), {}],
		['TARGET_MISMATCH', 'target is empty', contents(table('t')), target(table('other', 0)), {}],
		['TARGET_MISMATCH', 'target is empty', contents(table('t')), target(table('t', 0, ['id'])), {}],
		['TARGET_MISMATCH', 'target is empty', contents(table('t')), target(table('t', 0, ['v', 'id'])), {}],
		['TARGET_MISMATCH', 'target is empty', contents(table('t')), target(table('t', 0, ['id', 'v'], 'rowid')), {}],
		[
			'TARGET_MISMATCH',
			'target is empty',
			contents(table('t')),
			{ ...target(table('t', 0)), encoding: 'UTF-16le' },
			{},
		],
		[
			'RESTORE_UNSUPPORTED',
			'target can take all of it',
			contents(table('t')),
			target(),
			{ review: { ...NO_REVIEW, unsupported: [{ type: 'table', object: 't', reason: 'a row of 6000000 bytes' }] } },
		],
	])('refuses by %s: %s', (code, guard, backup, state, more) => {
		const made = plan(backup, state, more);
		expect(made.refusal?.code).toBe(code);
		expect(made.guards.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([guard]);
		expect(made.guards.map(({ name }) => name).sort()).toEqual([
			'file is whole',
			'functions are harmless',
			'target can take all of it',
			'target has no unfinished restore',
			'target is empty',
			'target is not the source',
			'target is of the same application',
			'target is reachable',
		]);
	});

	it('shows the difference of columns', () => {
		const backup = contents(table('users', 1, ['id', 'name', 'age']), table('gone'), table('turned', 1, ['a', 'b']));
		const state = target(table('users', 0, ['id', 'name', 'born']), table('turned', 0, ['b', 'a']));
		const { refusal } = plan(backup, state);
		expect(refusal?.data.differences).toEqual([
			'table "users" lacks "age" and has "born" too',
			'table "gone" is missing',
			'table "turned" has its columns in another order',
		]);
	});

	it('takes an extra table without rows', () => {
		expect(plan(contents(table('t')), target(table('t', 0), table('extra', 0))).refusal).toBeNull();
	});

	it('lets each guard speak, and refuses by the first', () => {
		const made = plan(contents(table('t')), target(table('t', 1)), {
			targetFingerprint: SOURCE,
			review: { ...NO_REVIEW, unsupported: [{ type: 'table', object: 'x', reason: 'too long' }] },
		});
		expect(made.refusal?.code).toBe('TARGET_IS_SOURCE');
		expect(made.guards.filter(({ ok }) => !ok).length).toBe(3);
	});
});
