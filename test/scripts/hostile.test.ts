import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupFile, headerLine, openLine, schemaLine } from '../support/backup-file';
import { type Sqld, startSqld } from '../support/sqld';
import { Workspace } from './workspace';

const workspace = Workspace.forFile();
let sqld: Sqld;
beforeAll(async () => {
	sqld = await startSqld();
});
afterAll(() => sqld.close());

const MB = 1024 * 1024;
/** Resident, in MB, at most: Node with tsx takes 150, and the longest line that is allowed is held, at 128, as it grows. */
const MOST_MB = 700;
const ENV = { NODE_OPTIONS: `--require ${join(import.meta.dirname, '../bench/tell-peak.cjs')}` };
const T = { name: 't' };
const START = headerLine() + schemaLine(T) + openLine(T);

/** Gzip members: `times` of `unit` between two texts. A few megabytes stand for gigabytes. */
function repeated(before: string, unit: string | Buffer, times: number, after = ''): Buffer {
	const member = gzipSync(unit, { level: 9 });
	return Buffer.concat([gzipSync(before), ...Array<Buffer>(times).fill(member), gzipSync(after)]);
}

/** Views of 15 MB each; a file of a megabyte could have hundreds of them. */
function hugeSchema(views: number): Buffer {
	const sql = `CREATE VIEW v AS SELECT 1${' '.repeat(15 * MB)}`;
	const lines = Array.from({ length: views }, (_, n) => ({
		kind: 'schema',
		type: 'view',
		name: `v${n}`,
		table: `v${n}`,
		sql,
	}));
	return Buffer.concat(
		[headerLine(), ...lines.map((line) => `${JSON.stringify(line)}\n`)].map((text) => gzipSync(text)),
	);
}

const rows = (...list: string[]) => backupFile({ tables: [{ name: 't', rows: list }] });

const HOSTILE: readonly [what: string, code: string, make: () => Buffer][] = [
	['gzip bomb of 10 GB of zeros', 'FORMAT_UNKNOWN', () => repeated('', Buffer.alloc(64 * MB), 160)],
	['gzip bomb of zeros after a header', 'BACKUP_DAMAGED', () => repeated(headerLine(), Buffer.alloc(64 * MB), 160)],
	['gzip bomb of endless text in a row', 'BACKUP_DAMAGED', () => repeated(`${START}["`, 'a'.repeat(64 * MB), 160)],
	['gzip bomb of endless rows', 'BACKUP_DAMAGED', () => repeated(START, '[1,"a"]\n'.repeat(MB), 16)],
	[
		'gzip bomb of a schema',
		'BACKUP_DAMAGED',
		() => repeated(`${headerLine()}{"kind":"schema","sql":"`, ' '.repeat(64 * MB), 160),
	],
	['schema of more than is held', 'BACKUP_DAMAGED', () => hugeSchema(8)],
	['line of 2 GB that does end', 'BACKUP_DAMAGED', () => repeated(`${START}["`, 'a'.repeat(64 * MB), 32, '",1]\n')],
	['line of 2 GB of digits', 'BACKUP_DAMAGED', () => repeated(`${START}[`, '1'.repeat(64 * MB), 32, ',1]\n')],
	['deeply nested row', 'BACKUP_DAMAGED', () => rows('[1,2]', '['.repeat(10 * MB) + ']'.repeat(10 * MB))],
	[
		'deeply nested line that is no row',
		'BACKUP_DAMAGED',
		() => gzipSync(`${headerLine()}${'{"kind":'.repeat(MB)}1${'}'.repeat(MB)}\n`),
	],
	['deeply nested header', 'FORMAT_UNKNOWN', () => gzipSync(`${'{"kind":'.repeat(MB)}1${'}'.repeat(MB)}\n`)],
	['table that is declared twice', 'BACKUP_DAMAGED', () => backupFile({ tables: [T, T] })],
	['table that is declared twice, by another case', 'BACKUP_DAMAGED', () => backupFile({ tables: [T, { name: 'T' }] })],
	['table that has rows twice', 'BACKUP_DAMAGED', () => vector('table-twice')],
	['row with too many cells', 'BACKUP_DAMAGED', () => rows('[1,2]', '[1,2,3]')],
	['row with a million cells', 'BACKUP_DAMAGED', () => rows(`[${'1,'.repeat(1_000_000)}1]`)],
	['row with too few cells', 'BACKUP_DAMAGED', () => rows('[1,2]', '[1]')],
	['trailer that counts other rows', 'BACKUP_DAMAGED', () => backupFile({ tables: [T], trailer: { rows: 1 } })],
	['trailer that counts other tables', 'BACKUP_DAMAGED', () => backupFile({ tables: [T], trailer: { tables: 2 } })],
	[
		'trailer with another digest',
		'BACKUP_DAMAGED',
		() => backupFile({ tables: [T], trailer: { sha256: '0'.repeat(64) } }),
	],
];

const vectors: Record<string, Buffer> = {};
beforeAll(async () => {
	vectors['table-twice'] = gzipSync(await readFile(join(import.meta.dirname, '../format/vectors/table-twice.ndjson')));
});
const vector = (name: string) => vectors[name] as Buffer;

async function objectsOf(url: string): Promise<unknown[]> {
	const client = createClient({ url });
	try {
		return (await client.execute('SELECT name FROM sqlite_schema')).rows.map((row) => row.name);
	} finally {
		client.close();
	}
}

describe('a restore of a hostile file', () => {
	it.each(HOSTILE)('ends with exit 4 at a %s, and leaves nothing', async (what, code, make) => {
		const name = `${what.replaceAll(/\W+/g, '-')}.ndjson.gz`;
		await writeFile(workspace.path(name), make());
		expect((await stat(workspace.path(name))).size).toBeLessThan(12 * MB);
		const files = await workspace.files();
		const runs = ['file:new.db', sqld.url].map((to) =>
			workspace.run('restore-turso', [`./${name}`, '--to', to, '--confirm', '--json'], ENV),
		);
		for (const run of await Promise.all(runs)) {
			expect([run.exit, run.json().error.code]).toEqual([4, code]);
			expect(run.json().error.hint).toMatch(/./);
			expect(run.stdout.length).toBeLessThan(5_000);
			expect(peakMb(run.stderr)).toBeLessThan(MOST_MB);
		}
		expect(await workspace.files()).toEqual(files);
		expect(await objectsOf(sqld.url)).toEqual([]);
	});
});

/** The one thing on stderr: what the preloaded script says at the end. */
function peakMb(stderr: string): number {
	const found = /^\npeak-rss-kb (\d+)\n$/.exec(stderr);
	if (found === null) throw new Error(`on stderr: ${stderr}`);
	return Number(found[1]) / 1024;
}

const PATHS = [
	'../x',
	'../../x.db',
	'/tmp/x',
	'./x',
	'..',
	'.',
	'C:\\x',
	'..\\x',
	'a/../../b',
	'file:x.db',
	'~/x',
	'\u0000/x',
	'x\n../y',
];

describe('a path in a backup', () => {
	it('stays a name: of a table, a column, a database, a backup', async () => {
		const tables = PATHS.filter((path) => !path.includes('\0')).map((name) => ({
			name,
			columns: ['a', '../b'],
			rows: ['[1,"/d"]'],
			sql: `CREATE TABLE "${name}"(a INTEGER PRIMARY KEY, "../b")`,
		}));
		const source = { engine: '../e', version: '/f', location: '../../../g', fingerprint: '0'.repeat(64) };
		await writeFile(workspace.path('paths.ndjson.gz'), backupFile({ header: { id: '../../evil', source }, tables }));
		const files = await workspace.files();
		const absolute = await stat('/tmp/x').catch(() => null);
		const verified = await workspace.run('verify-backup', ['./paths.ndjson.gz', '--drill', '--json']);
		expect([verified.exit, verified.stderr]).toEqual([0, '']);
		for (const to of ['file:paths.db', sqld.url]) {
			const run = await workspace.run('restore-turso', ['./paths.ndjson.gz', '--to', to, '--confirm', '--json']);
			expect([run.exit, run.json().restored?.tables]).toEqual([0, tables.length]);
			const url = to === sqld.url ? to : `file:${workspace.path('paths.db')}`;
			expect((await objectsOf(url)).sort()).toEqual(tables.map(({ name }) => name).sort());
		}
		expect(await workspace.files()).toEqual([...files, 'paths.db'].sort());
		expect(await workspace.above()).toEqual([['work'], ['home']]);
		expect((await stat('/tmp/x').catch(() => null))?.ino).toBe(absolute?.ino);
	});
});
