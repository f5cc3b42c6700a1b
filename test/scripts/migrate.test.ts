import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runScript, type ScriptRun, startScript } from '../support/cli';
import { givenProject, type Project, TRANSPORTS } from '../support/project';

const migrate = ({ folder, env }: Project, ...words: string[]) =>
	runScript('migrate-turso', words, { cwd: folder, env });
const gist = (run: ScriptRun) => [run.exit, run.json().error?.code ?? run.json().status];

it('shows, backs up, applies, and has nothing more to do', async () => {
	const project = await givenProject('file');
	await project.writePrisma('1_first', 'CREATE TABLE t(a);');
	const dry = await migrate(project);
	expect([dry.exit, dry.stderr]).toEqual([0, '']);
	expect(dry.stdout).toMatch(/1_first +pending[\s\S]*--confirm/);
	const run = await migrate(project, '--confirm', '--json');
	expect([...gist(run), run.stderr]).toEqual([0, 'migrated', '']);
	const { backup, applied, migrations } = run.json();
	expect(migrations).toEqual([{ name: '1_first', state: 'pending' }]);
	expect(applied).toEqual([{ name: '1_first', statements: 1, foreignKeysChecked: true }]);
	expect(await readdir(join(project.folder, 'backups/app'))).toContain(`${backup.id}.json`);
	expect(gist(await migrate(project, '--confirm', '--json'))).toEqual([0, 'nothing-to-do']);
});

it('tells what was done before a migration failed, and makes no backup if told so', async () => {
	const project = await givenProject('file');
	await project.writePrisma('1_first', 'CREATE TABLE t(a);');
	await project.writePrisma('2_second', 'CREATE TABLE u(a);\nCREATE TABLE t(a);');
	const run = await migrate(project, '--confirm', '--no-backup');
	expect(run.exit).toBe(6);
	expect(run.stdout).toMatch(/1_first +applied now[\s\S]*2_second +pending[\s\S]*applied 1 of 2/);
	expect(run.stdout).not.toContain('backup ');
	expect(run.stderr).toMatch(/2_second failed at statement 2, in line 2 of .*migration\.sql: .*already exists/);
	expect(await readdir(join(project.folder, 'backups/app'))).toEqual(['lease.json']);
	await project.writePrisma('1_first', 'CREATE TABLE t(b);');
	expect(gist(await migrate(project, '--json'))).toEqual([3, 'MIGRATION_CHANGED']);
	await project.writePrisma('2_second', 'CREATE TABLE u(a);');
	expect(gist(await migrate(project, '--confirm', '--no-backup', '--allow-changed', '--json'))).toEqual([
		0,
		'migrated',
	]);
});

it.each(TRANSPORTS)('lets one run at a time work on %s', async (transport) => {
	const project = await givenProject(transport);
	await project.writePrisma('1_first', 'CREATE TABLE t(a); INSERT INTO t VALUES (1);');
	// Enough rows for the backup to take a while.
	const many = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)';
	await project.execute(`CREATE TABLE big(a, b); INSERT INTO big ${many} SELECT i, hex(randomblob(20)) FROM n`);
	const { folder: cwd, env } = project;
	const first = startScript('migrate-turso', ['--confirm', '--json'], { cwd, env });
	while (first.child.exitCode === null && !existsSync(join(cwd, 'backups/app/lease.json'))) await sleep(5);
	// Held still at its work, so that it cannot be done before the other comes.
	first.child.kill('SIGSTOP');
	const second = await migrate(project, '--confirm', '--json').finally(() => first.child.kill('SIGCONT'));
	expect(gist(second)).toEqual([3, 'LEASE_HELD']);
	expect(gist(await first.ended)).toEqual([0, 'migrated']);
	expect(await project.rows('SELECT a FROM t')).toEqual([[1]]);

	await project.writePrisma('2_second', 'INSERT INTO t VALUES (2);');
	const runs = await Promise.all([1, 2].map(() => migrate(project, '--confirm', '--no-backup', '--json')));
	const outcomes = runs.map((run) => gist(run)[1]);
	expect(outcomes.filter((outcome) => outcome === 'migrated')).toHaveLength(1);
	for (const outcome of outcomes) expect(['migrated', 'nothing-to-do', 'LEASE_HELD']).toContain(outcome);
	expect(await project.rows('SELECT a FROM t')).toEqual([[1], [2]]);
});

it.each([
	['MIGRATIONS_NOT_FOUND', 5, ['--folder', 'elsewhere']],
	['USAGE_INVALID', 2, []],
	['DATABASE_NOT_FOUND', 5, ['--tool', 'prisma', '--confirm']],
])('ends with %s by exit code %i', async (code, exit, words) => {
	const project = await givenProject('file');
	await project.writePrisma('1_first', 'CREATE TABLE t(a);');
	await project.write('drizzle/meta/_journal.json', '{"dialect":"sqlite","entries":[]}');
	if (code === 'DATABASE_NOT_FOUND') await rm(join(project.folder, 'app.db'));
	const run = await migrate(project, ...words, '--json');
	expect([...gist(run), run.stderr]).toEqual([exit, code, '']);
});
