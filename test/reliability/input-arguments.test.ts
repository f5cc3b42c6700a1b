import { readdir, readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandDefinition, OptionSpecs } from '../../lib/cli/definition';
import { parseCommandLine } from '../../lib/cli/parse';
import { LifeboatError } from '../../lib/core/errors';
import { Workspace } from '../scripts/workspace';
import { below, mutate, pick } from '../support/mutate';
import { seededRandom } from '../support/seeded-random';
import { casesOf, Tally } from '../support/tally';

const seed = 20_261_121;
/** Stands in every value: no message may show one. */
const MARK = 'hunter2';

const SCRIPTS = ['backup-turso', 'list-backups', 'verify-backup', 'restore-turso', 'export-backup', 'migrate-turso'];
/** The options of all scripts, and how they are written. */
const FLAGS = [
	...'--help -h --json --write --upload --out --proof --tables --label --format --allow-functions --local --limit'.split(
		' ',
	),
	...'--confirm --tool --folder --no-backup --allow-changed --to --resume --skip-tables --data-only --schema-only'.split(
		' ',
	),
	...'--drill -- - --nonsense -x -jh --__proto__ --constructor --json=1 --no-json --no-write --to= --limit=x'.split(
		' ',
	),
];
const VALUES = [
	...'latest backup-20260101T000000Z-0000 ./gone.ndjson.gz ./shop.db ../x . .. / /dev/null file:new.db file: file:/'.split(
		' ',
	),
	...'http://127.0.0.1:9 libsql:// restore none sql csv json sqlite users a,b a,,b 0 1 99999999999999 -1 1e3 __proto__'.split(
		' ',
	),
	...[
		'',
		' ',
		'\n',
		'🚀',
		'\ud800',
		'\u202e',
		"'; DROP TABLE users; --",
		'$(true)',
		'%s',
		`${MARK}`,
		'x'.repeat(5_000),
		`./${'y'.repeat(300)}`,
	],
	...[
		'file:no/such/folder/x.db',
		`file:${'z'.repeat(300)}.db`,
		'./.env.local',
		'file:.env.local',
		'./folder',
		'file:folder',
	],
];

/** Words of a command line; none has a NUL, as none can. */
function wordsOf(random: () => number): string[] {
	return Array.from({ length: below(random, random() < 0.02 ? 400 : 7) }, () => {
		const word = pick(random, random() < 0.5 ? FLAGS : VALUES);
		return (random() < 0.8 ? word : mutate(Buffer.from(word), random).toString()).replaceAll('\0', '');
	});
}

const options: OptionSpecs = {
	confirm: { kind: 'flag', summary: 'x' },
	noBackup: { kind: 'flag', summary: 'x' },
	to: { kind: 'text', value: 'URL', summary: 'x' },
	proof: { kind: 'choice', choices: ['restore', 'read', 'none'], summary: 'x' },
	tables: { kind: 'list', value: 'NAMES', summary: 'x' },
	limit: { kind: 'count', value: 'N', summary: 'x' },
};
const definition: CommandDefinition<readonly [{ name: string; summary: string; optional: true }], OptionSpecs> = {
	name: 'fixture',
	summary: 'x',
	arguments: [{ name: 'BACKUP', summary: 'x', optional: true }],
	options,
	run: async () => ({ data: null, text: '' }),
};

describe('the command line', () => {
	it('of any words is parsed, or refused without showing a value', () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'Any words on the command line',
			provoked: 'random options, values and words with changed bytes',
			promised: 'parsed to values of their kinds, or a refusal that shows none',
		});
		const property = fc.property(fc.nat(), fc.array(fc.string({ unit: 'binary' })), (nth, others) => {
			const random = seededRandom(nth);
			const words = [...wordsOf(random), ...(random() < 0.2 ? others.map((word) => MARK + word) : [])];
			try {
				const line = parseCommandLine(definition, words);
				if (line.kind === 'run') {
					const { confirm, to, proof, tables, limit } = line.options;
					expect([typeof confirm, Array.isArray(tables)]).toEqual(['boolean', true]);
					expect(['string', 'undefined']).toContain(typeof to);
					expect([undefined, 'restore', 'read', 'none']).toContain(proof);
					expect(limit === undefined || Number.isSafeInteger(limit)).toBe(true);
				}
				tally.add('exact');
			} catch (error) {
				if (!(error instanceof LifeboatError)) throw error;
				expect([error.code, error.message.includes(MARK), error.hint]).toEqual(['USAGE_INVALID', false, 'see --help']);
				tally.add('refused');
			}
		});
		fc.assert(property, { seed, numRuns: casesOf(4_000, 100_000), endOnFailure: true });
		tally.expectSound();
	});
});

describe('every script', () => {
	const workspace = Workspace.forFile();

	it('ends by the contract whatever its words are, and writes nothing', { timeout: 1_200_000 }, async () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'Any words for a real script',
			provoked: 'each script run as a process with random words, none of which asks it to write',
			promised: 'an exit code of the contract, a message, nothing written',
		});
		await writeFile(workspace.path('gone.sql'), 'nonsense');
		const files = await workspace.files();
		const before = await readFile(workspace.path('shop.db'));
		const property = fc.asyncProperty(fc.nat(), async (nth) => {
			const random = seededRandom(nth);
			const script = pick(random, SCRIPTS);
			// Those that may write are tried below, one by one.
			const words = wordsOf(random).filter((word) => !/^--(write|confirm|out)/.test(word));
			const { exit, stdout, stderr } = await workspace.run(script, words, { BACKUP_LOCAL_DIR: 'none' });
			expect([0, 2, 3, 4, 5, 6], `${exit}: ${stderr}`).toContain(exit);
			expect(stderr).not.toMatch(/^\s+at .*:\d+/m);
			expect(stdout + stderr).not.toBe('');
			expect(await workspace.files()).toEqual(files);
			tally.add(exit === 0 ? 'exact' : 'refused');
		});
		await fc.assert(property, { seed, numRuns: casesOf(25, 400), endOnFailure: true });
		expect(await readFile(workspace.path('shop.db'))).toEqual(before);
		tally.expectSound();
	});

	const LONG = 'y'.repeat(300);
	it.each<[string, string[], number, string]>([
		['backup-turso', ['--out', `./${LONG}`], 2, 'USAGE_INVALID'],
		['backup-turso', ['--out', '/dev/null/x'], 6, 'STORE_REFUSED'],
		['backup-turso', ['--out', '.'], 6, 'STORE_EXISTS'],
		['restore-turso', ['./shop.db', '--to', `file:${LONG}.db`], 2, 'USAGE_INVALID'],
		['restore-turso', ['./shop.db', '--to', `file:${LONG}.db`, '--confirm'], 2, 'USAGE_INVALID'],
		['restore-turso', ['./shop.db', '--to', 'file:.'], 5, 'DATABASE_NOT_FOUND'],
		['restore-turso', [`./${LONG}`, '--to', 'file:new.db'], 5, 'BACKUP_NOT_FOUND'],
		['restore-turso', ['.', '--to', 'file:new.db'], 5, 'BACKUP_NOT_FOUND'],
		['export-backup', ['./shop.db', '--format', 'json', '--out', `./${LONG}`], 4, 'BACKUP_DAMAGED'],
		['export-backup', ['./whole.ndjson.gz', '--format', 'json', '--out', `./${LONG}`], 6, 'STORE_REFUSED'],
		['export-backup', ['./whole.ndjson.gz', '--format', 'csv', '--out', '/dev/null/x'], 6, 'STORE_REFUSED'],
		['export-backup', ['./whole.ndjson.gz', '--format', 'csv', '--out', `./${LONG}`], 6, 'STORE_REFUSED'],
		['export-backup', ['./whole.ndjson.gz', '--format', 'sqlite', '--out', `./${LONG}`], 2, 'USAGE_INVALID'],
		['export-backup', ['./whole.ndjson.gz', '--format', 'sqlite', '--out', '/dev/null/x'], 5, 'DATABASE_NOT_FOUND'],
		['migrate-turso', ['--folder', LONG], 5, 'MIGRATIONS_NOT_FOUND'],
		['migrate-turso', ['--folder', '/dev/null'], 5, 'MIGRATIONS_NOT_FOUND'],
		['verify-backup', [`./${'y'.repeat(250)}`], 5, 'BACKUP_NOT_FOUND'],
	])('%s ends by a code at a path that cannot be (%#)', async (script, words, exit, code) => {
		if (!(await readdir(workspace.folder)).includes('whole.ndjson.gz'))
			await workspace.run('backup-turso', ['--out', './whole.ndjson.gz', '--proof', 'none']);
		const files = await workspace.files();
		const run = await workspace.run(script, [...words, '--json']);
		expect([run.exit, run.json().error?.code, run.stderr], words.join(' ')).toEqual([exit, code, '']);
		expect(await workspace.files()).toEqual(files);
	});
});
