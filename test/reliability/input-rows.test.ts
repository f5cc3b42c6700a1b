import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Workspace } from '../scripts/workspace';
import { backupFile } from '../support/backup-file';
import { runBatch } from '../support/batch';
import { casesOf, Tally } from '../support/tally';

const workspace = Workspace.forFile();
const CASES = casesOf(200, 5_000);

it('a backup that is right by its digests and hostile by what it holds is restored exactly, or refused', {
	timeout: 1_200_000,
}, async () => {
	const tally = new Tally({
		area: 'Input',
		fault: 'Hostile rows, names and SQL under right digests',
		provoked: 'random ones restored into a file, in processes with a heap of 128 MB',
		promised: 'exact, or refused by a code with nothing left behind; no crash, no hang',
	});
	const path = join(import.meta.dirname, 'restore-hostile.ts');
	expect(await runBatch(tally, { path, from: 0, to: CASES, heapMb: 128, atOnce: 150 })).toEqual([]);
	tally.expectSound();
});

it('what the database will never take is not left there to go on with', async () => {
	const table = { name: 't', sql: 'CREATE TABLE t(a INTEGER PRIMARY KEY, b)', rows: ['["x",1]'] };
	await writeFile(workspace.path('mismatch.ndjson.gz'), backupFile({ tables: [table] }));
	const words = ['./mismatch.ndjson.gz', '--to', 'file:new.db', '--confirm', '--json'];
	const run = await workspace.run('restore-turso', words);
	expect([run.exit, run.json().error?.code, run.json().error?.hint]).toEqual([
		6,
		'DATABASE_FAILED',
		expect.not.stringContaining('--resume'),
	]);
	expect((await workspace.files()).filter((name) => name.startsWith('new.db'))).toEqual([]);
});
