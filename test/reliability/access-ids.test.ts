import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/load';
import { ERROR_CODES } from '../../lib/core/errors';
import { findBackup, looksLikePath } from '../../lib/jobs/backup-source';
import { systemContext } from '../../lib/jobs/context';
import { execute } from '../e2e/deployment';
import { runScript } from '../support/cli';
import { Fixtures } from '../support/fixtures';
import { casesOf, Tally } from '../support/tally';

const fixtures = new Fixtures();
afterAll(() => fixtures.close());

const LINE = "a line that is nobody else's business";
let cwd: string;
let id: string;
const env = { TURSO_DATABASE_URL: 'file:shop.db', BACKUP_NAME: 'shop' };

// The store's folder has a whole backup in it, and so have the folders beside it and above it.
beforeAll(async () => {
	cwd = await fixtures.folder();
	await execute(`file:${join(cwd, 'shop.db')}`, 'CREATE TABLE t(a); INSERT INTO t VALUES (1)');
	const made = await runScript('backup-turso', ['--write', '--json', '--proof', 'none'], { cwd, env });
	id = made.json().backup.id;
	for (const place of ['backups', 'backups/other', '.']) {
		await mkdir(join(cwd, place), { recursive: true });
		for (const suffix of ['.json', '.ndjson.gz'])
			await cp(join(cwd, 'backups/shop', id + suffix), join(cwd, place, `backup-20200101T000000Z-0000${suffix}`));
	}
	await writeFile(join(cwd, 'private.txt'), LINE);
});

const PROMISED =
	'an id is looked for in its own folder of the store and nowhere else; exit 2 to 5 with a code and a message; no file is shown';

it('a trick in an id leads out of no folder', { timeout: 600_000 }, async () => {
	const tally = new Tally({
		area: 'Access',
		fault: 'a path trick in an id',
		provoked:
			'`verify-backup.ts`, `restore-turso.ts` and `export-backup.ts` with ../, absolute, encoded, doubled, suffixed and very long ones',
		promised: PROMISED,
	});
	const tricks: readonly [wanted: string, exits: readonly number[]][] = [
		['../other/backup-20200101T000000Z-0000', [5]],
		['backup-20200101T000000Z-0000', [5]],
		['..', [5]],
		['%2e%2e%2fother%2fbackup-20200101T000000Z-0000', [5]],
		['latest/..', [5]],
		[' latest', [5]],
		['', [2]],
		['file:///etc/passwd', [5]],
		['x'.repeat(100_000), [5]],
		[`/${'x'.repeat(100_000)}`, [5]],
		['--drill=x', [2]],
		// Paths of files that are there, which a person may name: read, and no backups.
		['/etc/passwd', [2, 3, 4]],
		['../../../../../../etc/passwd', [2, 3, 4]],
		['private.txt', [2, 3, 4]],
	];
	const scripts: readonly [string, string[]][] = [
		['verify-backup', []],
		['restore-turso', ['--to', 'file:target.db']],
		['export-backup', ['--format', 'sql', '--out', 'x.sql']],
	];
	for (const [nth, [wanted, exits]] of tricks.entries()) {
		// Each trick with one script; all of them with all in the soak.
		for (const [name, words] of scripts.filter((_, at) => at === nth % scripts.length || casesOf(0, 1) === 1)) {
			const run = await runScript(name, [wanted, ...words, '--json'], { cwd, env });
			const what = `${name} ${wanted.slice(0, 40)}`;
			const { error } = JSON.parse(run.stdout);
			expect([what, run.exit]).toEqual([what, expect.toSatisfy((exit) => exits.includes(exit))]);
			expect([error.code in ERROR_CODES, error.message.length > 0]).toEqual([true, true]);
			expect(run.stdout + run.stderr).not.toContain(LINE);
			expect(run.stdout + run.stderr).not.toContain('root:');
			tally.add('refused');
		}
	}
	expect((await runScript('verify-backup', [id], { cwd, env })).exit).toBe(0);
	tally.expectSound();
});

it('nor does any text', { timeout: 300_000 }, async () => {
	const tally = new Tally({
		area: 'Access',
		fault: 'any text as an id',
		provoked:
			'fast-check: text with ../, NUL, encoded and Unicode slashes, nearly right ids; the name is resolved as the commands do it',
		promised: PROMISED,
	});
	const config = loadConfig(env, { cwd });
	const piece = fc.oneof(
		fc.constantFrom(
			'..',
			'/',
			'\\',
			'\0',
			'%2f',
			'%00',
			'latest',
			'backup-20200101T000000Z-0000',
			'.json',
			'.ndjson.gz',
			'\u2215',
			'\uff0f',
			'\u202e',
			' ',
			'~',
			'*',
		),
		fc.string({ unit: 'binary', maxLength: 10 }),
	);
	const text = fc.oneof(
		fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
		fc.stringMatching(/^backup-\d{8}T\d{6}Z-[0-9a-f]{4}.?$/),
		fc.integer({ min: 900, max: 5_000 }).map((length) => 'x'.repeat(length)),
	);
	await fc.assert(
		fc.asyncProperty(text, async (wanted) => {
			const found = await findBackup(wanted, { config, cwd }, systemContext).catch((error) => error);
			if (found instanceof Error) {
				expect(found).toMatchObject({ code: expect.stringMatching(/^(BACKUP_NOT_FOUND|MANIFEST_INVALID)$/) });
				tally.add('refused');
				return;
			}
			// A person's own path to a file, or the one backup that is in the folder.
			if (!looksLikePath(wanted)) expect([wanted, found.title]).toEqual(['latest', id]);
			else expect(found.title).toBe(resolve(cwd, wanted));
			await found.close();
			tally.add('exact');
		}),
		{
			numRuns: casesOf(2_000, 20_000),
			examples: [['latest'], ['/etc/passwd'], ['latest\0'], ['\0/etc/passwd'], ['/etc/passwd\0']],
		},
	);
	expect(await readFile(join(cwd, 'private.txt'), 'utf8')).toBe(LINE);
	tally.expectSound();
});
