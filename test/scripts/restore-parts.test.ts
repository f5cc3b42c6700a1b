import { beforeAll, describe, expect, it } from 'vitest';
import { startSqld } from '../support/sqld';
import { Workspace } from './workspace';

const workspace = Workspace.forFile();
const SOURCE = `
	CREATE TABLE people(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
	INSERT INTO people VALUES (1, 'Ada'), (40, 'Zoë');
	CREATE TABLE bills(id INTEGER PRIMARY KEY AUTOINCREMENT, person REFERENCES people(id), total REAL);
	INSERT INTO bills VALUES (7, 40, 2.5);
	CREATE INDEX bills_person ON bills(person);
	CREATE TABLE notes(what);
	INSERT INTO notes VALUES ('a'), (x'00ff');
	CREATE VIRTUAL TABLE words USING fts5(t);
	INSERT INTO words VALUES ('hello world');
	CREATE VIEW owed AS SELECT person, sum(total) FROM bills GROUP BY 1;
	CREATE TRIGGER bills_ai AFTER INSERT ON bills BEGIN INSERT INTO notes VALUES (new.id); END;
`;
const NAMES = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'words_%' ORDER BY name";
const ALL = ['bills', 'bills_ai', 'bills_person', 'notes', 'owed', 'people', 'sqlite_sequence', 'words'];
const SEQUENCES = 'SELECT name, seq FROM sqlite_sequence ORDER BY name';

const restore = (to: string, ...words: string[]) =>
	workspace.run('restore-turso', ['./whole.ndjson.gz', '--to', to, '--json', ...words]);
const done = async (to: string, ...words: string[]) => {
	const run = await restore(to, '--confirm', ...words);
	expect([run.exit, run.stderr]).toEqual([0, '']);
	return run.json();
};
const namesIn = async (file: string) => (await workspace.rows(file, NAMES)).flat();

beforeAll(async () => {
	await workspace.execute('whole.db', SOURCE);
	const env = { TURSO_DATABASE_URL: 'file:whole.db' };
	expect((await workspace.run('backup-turso', ['--out', 'whole.ndjson.gz'], env)).exit).toBe(0);
});

describe('--tables', () => {
	it('restores them with their indexes and triggers, and names the tables that their foreign keys need', async () => {
		const dry = await restore('file:bills.db', '--tables', 'bills');
		expect(dry.json()).toMatchObject({
			status: 'dry-run',
			objects: { table: 1, index: 1, view: 0, trigger: 1 },
			missing: [{ table: 'bills', refersTo: ['people'] }],
			tables: expect.arrayContaining([
				{ name: 'bills', rows: 1, skipped: false },
				{ name: 'people', rows: 2, skipped: true },
			]),
		});
		const said = await workspace.run('restore-turso', [
			'./whole.ndjson.gz',
			'--to',
			'file:bills.db',
			'--tables',
			'bills',
		]);
		expect(said.stdout).toContain('foreign keys of "bills" need "people"');
		const { restored } = await done('file:bills.db', '--tables', 'bills');
		expect(restored).toMatchObject({ foreignKeyViolations: [{ table: 'bills', rows: 1 }] });
		expect(await namesIn('bills.db')).toEqual(['bills', 'bills_ai', 'bills_person', 'sqlite_sequence']);
		expect(await workspace.rows('bills.db', 'SELECT * FROM bills')).toEqual([[7, 40, 2.5]]);
		expect(await workspace.rows('bills.db', SEQUENCES)).toEqual([['bills', 7]]);
	});

	it('with all that they need say nothing of it', async () => {
		const { missing, restored } = await done('file:both.db', '--tables', 'people,bills');
		expect([missing, restored.foreignKeyViolations]).toEqual([[], []]);
		expect(await workspace.rows('both.db', SEQUENCES)).toEqual([
			['bills', 7],
			['people', 40],
		]);
	});

	it('takes a virtual table with all that it keeps', async () => {
		await done('file:words.db', '--tables', 'words');
		expect(await namesIn('words.db')).toEqual(['words']);
		expect(await workspace.rows('words.db', "SELECT t FROM words WHERE words MATCH 'world'")).toEqual([
			['hello world'],
		]);
	});

	it.each([
		[['--tables', 'bills,nothing']],
		[['--skip-tables', 'nothing']],
		[['--tables', 'words_data']],
		[['--data-only', '--schema-only']],
		[['--tables', ',']],
	])('is refused by exit 2 where it makes no sense: %j', async (words) => {
		const run = await restore('file:none.db', '--confirm', ...words);
		expect([run.exit, run.json().error.code]).toEqual([2, 'USAGE_INVALID']);
		expect(await workspace.files()).not.toContain('none.db');
	});
});

describe('--skip-tables', () => {
	it.each(['file', 'sqld'])('leaves them out with all that belongs to them, by %s', async (transport) => {
		const sqld = transport === 'sqld' ? await startSqld() : null;
		try {
			const { tables } = await done(sqld?.url ?? 'file:rest.db', '--skip-tables', 'bills,words');
			const skipped = (tables as { name: string; skipped: boolean }[]).filter((table) => table.skipped);
			expect(skipped.map(({ name }) => name).filter((name) => !name.startsWith('words_'))).toEqual(['bills']);
			if (sqld) return;
			expect(await namesIn('rest.db')).toEqual(['notes', 'owed', 'people', 'sqlite_sequence']);
			expect(await workspace.rows('rest.db', SEQUENCES)).toEqual([['people', 40]]);
			expect(await workspace.rows('rest.db', 'SELECT hex(what) FROM notes')).toEqual([['61'], ['00FF']]);
		} finally {
			await sqld?.close();
		}
	});
});

describe('--schema-only, then --data-only', () => {
	it('give together what the backup holds', async () => {
		expect((await done('file:two.db', '--schema-only')).restored).toMatchObject({ tables: 0, rows: 0 });
		expect(await namesIn('two.db')).toEqual(ALL);
		for (const table of ['people', 'bills', 'notes', 'words'])
			expect(await workspace.rows('two.db', `SELECT count(*) FROM ${table}`)).toEqual([[0]]);
		expect((await done('file:two.db', '--data-only')).mode).toBe('adopt');
		for (const sql of ['SELECT * FROM people', 'SELECT * FROM bills', 'SELECT hex(what) FROM notes', SEQUENCES])
			expect(await workspace.rows('two.db', sql)).toEqual(await workspace.rows('whole.db', sql));
		expect(await workspace.rows('two.db', "SELECT rowid FROM words WHERE words MATCH 'hello'")).toEqual([[1]]);
		expect(await namesIn('two.db')).toEqual(ALL);
	});

	it('fill one table beside others that have rows', async () => {
		await workspace.execute('partly.db', `${SOURCE} DELETE FROM notes;`);
		const whole = await restore('file:partly.db', '--data-only', '--confirm');
		expect([whole.exit, whole.json().error.code]).toEqual([3, 'TARGET_NOT_EMPTY']);
		await done('file:partly.db', '--data-only', '--tables', 'notes');
		expect(await workspace.rows('partly.db', 'SELECT hex(what) FROM notes')).toEqual([['61'], ['00FF']]);
	});

	it('need the tables to be there, or not', async () => {
		const data = await restore('file:nothing.db', '--data-only', '--confirm');
		expect([data.exit, data.json().error.code]).toEqual([3, 'TARGET_MISMATCH']);
		expect(await workspace.files()).not.toContain('nothing.db');
		await workspace.execute('full.db', SOURCE);
		const schema = await restore('file:full.db', '--schema-only', '--confirm');
		expect([schema.exit, schema.json().error.code]).toEqual([3, 'TARGET_NOT_EMPTY']);
	});
});
