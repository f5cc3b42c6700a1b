import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/load';
import { backUp } from '../../lib/jobs/back-up';
import { exportBackup } from '../../lib/jobs/export';
import { runScript } from '../support/cli';
import { execute, Fixtures } from '../support/fixtures';
import { canMount, openSmallFolder } from '../support/small-folder';
import { casesOf, Tally } from '../support/tally';
import { expectNamed, Unsound } from './unsound';

const PAGE = 4096;
/** A user that owns nothing: `nobody`. */
const NOBODY = 65_534;

const fixtures = new Fixtures();
let folder: string;
let backup: string;
beforeAll(async () => {
	folder = await fixtures.folder();
	await execute(
		`file:${join(folder, 'shop.db')}`,
		'CREATE TABLE t(a INTEGER PRIMARY KEY, b)',
		'INSERT INTO t(b) VALUES (randomblob(9000)), (1), (2)',
	);
	backup = join(folder, 'whole.ndjson.gz');
	await backUpTo(backup);
});
afterAll(() => fixtures.close());

const configOf = () => {
	const env = { TURSO_DATABASE_URL: `file:${join(folder, 'shop.db')}`, BACKUP_NAME: 'shop' };
	return loadConfig(env, { need: ['database', 'name'], cwd: folder });
};
const backUpTo = (out: string) =>
	backUp({ config: configOf(), upload: false, out, proof: 'read', only: [], label: null });
const exportTo = (format: 'sql' | 'sqlite' | 'json' | 'csv') => (out: string) =>
	exportBackup({
		backup,
		config: configOf(),
		cwd: folder,
		format,
		out,
		allowFunctions: new Set(),
		write: async () => {},
	});
const WRITERS = {
	'backup-turso --out': backUpTo,
	'export-backup --format sql': exportTo('sql'),
	'export-backup --format json': exportTo('json'),
	'export-backup --format csv': exportTo('csv'),
	'export-backup --format sqlite': exportTo('sqlite'),
};

describe.skipIf(!canMount())('a file that does not fit on its disk', () => {
	it.each(Object.entries(WRITERS))('leaves nothing: %s', async (what, write) => {
		const tally = new Tally({
			area: 'Store',
			fault: '`--out` on a full disk',
			provoked: 'a file system of each size, page by page, for a backup and each format of an export',
			promised: 'the whole file, or a named failure and nothing left',
		});
		const unsound: string[] = [];
		for (let pages = 0; pages <= casesOf(16, 24); pages++) {
			const small = openSmallFolder(Math.max(1, pages) * PAGE, pages === 0 ? 1 : undefined);
			const out = join(small.path, 'out.ndjson.gz');
			const error = await write(out).then(
				() => null,
				(failure: unknown) => failure,
			);
			try {
				const left = readdirSync(small.path);
				if (error === null && !existsSync(out)) throw new Unsound('wrong', 'said to be there');
				if (error !== null) {
					expectNamed(error);
					// SQLite does not tell why it cannot make a file.
					const codes = pages === 0 ? ['STORE_FULL', 'DATABASE_FAILED'] : ['STORE_FULL'];
					if (!codes.includes(error.code)) throw new Unsound('wrong', `${error.code}: ${error.message}`);
					if (left.length > 0) throw new Unsound('wrong', `${left} is left over`);
				}
				tally.add(error === null ? 'exact' : 'refused');
			} catch (failure) {
				tally.add(failure instanceof Unsound ? failure.outcome : 'wrong');
				unsound.push(`${what}, ${pages} pages: ${failure}`);
			}
			small.close();
		}
		expect(unsound).toEqual([]);
		tally.expectSound();
	});

	it('is told by the scripts with exit 6', async () => {
		const small = openSmallFolder(PAGE);
		const out = join(small.path, 'out.ndjson.gz');
		const env = { TURSO_DATABASE_URL: 'file:shop.db' };
		for (const [script, ...words] of [
			['backup-turso', '--out', out],
			['export-backup', backup, '--format', 'sql', '--out', out],
		] as const) {
			const run = await runScript(script, [...words, '--json'], { cwd: folder, env });
			expect({ exit: run.exit, error: run.json().error }).toMatchObject({ exit: 6, error: { code: 'STORE_FULL' } });
			expect(run.json().error.hint).toBeTruthy();
			expect(readdirSync(small.path)).toEqual([]);
		}
		small.close();
	});
});

describe.skipIf(process.getuid?.() !== 0)("another user's folder", () => {
	it('is refused by name, and nothing in it is touched', async () => {
		const tally = new Tally({
			area: 'Store',
			fault: 'the folder is of another user',
			provoked: 'by a process of the user nobody: a folder that it may not enter, and one that it may only read',
			promised: 'a named failure with the path, nothing touched',
		});
		const theirs = await fixtures.folder();
		await copyFile(join(folder, 'shop.db'), join(theirs, 'shop.db'));
		await chown(theirs, NOBODY, NOBODY);
		await chown(join(theirs, 'shop.db'), NOBODY, NOBODY);
		for (const mode of [0o700, 0o755, 0o555]) {
			const ours = join(await fixtures.folder(), 'backups');
			await mkdir(join(ours, 'shop'), { recursive: true });
			for (const path of [join(ours, '..'), ours, join(ours, 'shop')]) await chmod(path, mode);
			const env = {
				TURSO_DATABASE_URL: `file:${join(theirs, 'shop.db')}`,
				BACKUP_NAME: 'shop',
				BACKUP_LOCAL_DIR: ours,
			};
			const config = loadConfig(env, { need: ['database', 'name'], cwd: theirs });
			process.seteuid?.(NOBODY);
			const error = await backUp({ config, upload: false, out: null, proof: 'none', only: [], label: null })
				.then(
					() => null,
					(failure: unknown) => failure,
				)
				.finally(() => process.seteuid?.(0));
			expect(error).toMatchObject({ code: 'STORE_REFUSED', hint: expect.any(String) });
			expect((error as Error).message).toContain(ours);
			expect(readdirSync(join(ours, 'shop'))).toEqual([]);
			tally.add('refused');
		}
		tally.expectSound();
	});
});
