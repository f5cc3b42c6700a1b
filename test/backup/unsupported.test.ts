import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillTarget } from '../../lib/backup/fill-target';
import { newCounted, readBackup } from '../../lib/backup/read-backup';
import {
	contentsOf,
	dumpOf,
	execute,
	Fixtures,
	type HeldDump,
	migrate,
	restoreInto,
	rowsOf,
	stream,
	TRANSPORTS,
} from '../support/fixtures';
import { buildTorture, describeWithShared } from '../support/fixtures-fidelity';

for (const transport of TRANSPORTS)
	describeWithShared(`what cannot be restored yet, by ${transport}`, () => {
		const fixtures = new Fixtures();
		let virtual: string;
		let dump: HeldDump;
		beforeAll(async () => {
			virtual = await fixtures.empty(transport);
			await buildTorture(virtual, '--only', 'ints,fts5,fts34,rtree,vector');
			dump = await dumpOf(await fixtures.open(virtual));
		});
		afterAll(() => fixtures.close());

		it('is dumped completely: every table that holds bytes, raw', async () => {
			const { schema, tables } = await contentsOf(dump);
			const roles = new Map(schema.map(({ name, role }) => [name, role]));
			expect(roles.get('f5')).toBe('virtual');
			expect(roles.get('f5_data')).toBe('shadow');
			expect(roles.get('rt_node')).toBe('shadow');
			expect(roles.get('vec_e_shadow')).toBe('vector');
			expect(roles.get('libsql_vector_meta_shadow')).toBe('vector');
			expect(roles.get('f5_src')).toBe('table');
			const stored = schema.filter(({ type, role }) => type === 'table' && role !== 'virtual').map(({ name }) => name);
			expect([...tables.keys()].sort()).toEqual(stored.sort());
			for (const name of ['f5_data', 'f5c_docsize', 'f4_segdir', 'rt_node', 'gp_node', 'vec_e_shadow', 'vec']) {
				const [row] = await rowsOf(virtual, `SELECT count(*) FROM "${name}"`);
				expect(tables.get(name)?.rows.length).toBe(Number(row?.[0]));
				expect(tables.get(name)?.rows.length).toBeGreaterThan(0);
			}
		});

		it('is refused by name, before anything is written', async () => {
			const url = await fixtures.empty(transport);
			const target = await fixtures.open(url);
			const refused = { code: 'RESTORE_UNSUPPORTED', data: { objects: expect.arrayContaining(['f5', 'rt', 'vec_e']) } };
			await expect(restoreInto(target, dump)).rejects.toMatchObject(refused);
			const filling = fillTarget(readBackup(stream(dump.chunks), newCounted()), target.target(), { mode: 'create' });
			await expect(filling).rejects.toMatchObject(refused);
			expect(await rowsOf(url, 'SELECT name FROM sqlite_schema')).toEqual([]);
		});

		it('fails by the name of the table whose rows break its own constraints', async () => {
			const url = await fixtures.empty(transport);
			await execute(
				url,
				'CREATE TABLE fine(a)',
				"INSERT INTO fine VALUES ('x')",
				'CREATE TABLE broken(id INTEGER PRIMARY KEY, nn)',
				'INSERT INTO broken VALUES (1, NULL)',
				'ALTER TABLE broken ALTER COLUMN nn TO nn TEXT NOT NULL',
			);
			const target = await fixtures.open(await fixtures.empty(transport));
			await expect(restoreInto(target, await dumpOf(await fixtures.open(url)))).rejects.toMatchObject({
				code: 'DATABASE_FAILED',
				data: { object: 'broken' },
			});
		});

		it('fails rather than let a column convert what is in it', async () => {
			const url = await fixtures.empty(transport);
			await migrate(url, [
				'CREATE TABLE converted(id INTEGER PRIMARY KEY, v)',
				"INSERT INTO converted VALUES (1, '12'), (2, 'abc')",
				'ALTER TABLE converted ALTER COLUMN v TO v INTEGER',
			]);
			const target = await fixtures.open(await fixtures.empty(transport));
			await expect(restoreInto(target, await dumpOf(await fixtures.open(url)))).rejects.toMatchObject({
				code: 'PROOF_FAILED',
				message: expect.stringContaining('"converted"'),
			});
		});

		it.each(['violations_alter', 'violations_check'])('%s of the torture database fails by name', async (group) => {
			const url = await fixtures.empty(transport);
			await buildTorture(url, '--only', group);
			const held = await dumpOf(await fixtures.open(url));
			// A server may refuse to make such rows.
			if (held.dumped.encoded.trailer.rows === 0) return;
			const name = group === 'violations_alter' ? 'vio' : 'viock';
			const restored = restoreInto(await fixtures.open(await fixtures.empty(transport)), held);
			await expect(restored).rejects.toMatchObject({ data: { object: name } });
		});

		it('names a table that the server refuses to make', async () => {
			if (transport === 'file') return;
			const url = await fixtures.fileUrl();
			await execute(url, 'CREATE TABLE first(a)', 'CREATE TABLE tempcols(temp, temporary)', 'CREATE TABLE last(a)');
			const target = await fixtures.open(await fixtures.empty('sqld'));
			await expect(restoreInto(target, await dumpOf(await fixtures.open(url)))).rejects.toMatchObject({
				code: 'DATABASE_REFUSED',
				data: { object: 'tempcols' },
			});
		});
	});
