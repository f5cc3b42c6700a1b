import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { findFreePort, isBuilt, NEXT, startServer } from './app';
import { withoutEnvFiles } from './environment';
import { fileUrl } from './file-url';
import { makeShop } from './shop';
import { callRoute, runScript, type Stage } from './tools';
import { compareFiles } from './walk';

const BUILD_LIMIT_MS = 180_000;
const DAY_MS = 86_400_000;
const MIDNIGHT_MARGIN_MS = 15_000;

/** Walks through a backup and the way back, step by step. Rejects at the first that does not go as expected. */
export async function runTour(stage: Stage): Promise<void> {
	const { folder, report } = stage;
	const shop = join(folder, 'shop.db');
	report.step('Make a small shop database, and a folder to keep backups in');
	report.command(`export TURSO_DATABASE_URL=${stage.env.TURSO_DATABASE_URL}`);
	report.command(`export BACKUP_STORE=local BACKUP_LOCAL_DIR=${stage.env.BACKUP_LOCAL_DIR}`);
	report.command('export CRON_SECRET=$(openssl rand -hex 32)');
	await makeShop(shop);
	const { tables, rows } = await compareFiles(shop, shop);
	report.expect(rows > 300, `${shop} has ${tables} tables and ${rows} rows`);

	await build(stage);
	await visitRoute(stage);
	const backup = await inspectBackup(stage);
	await restore(stage, shop, backup);
}

async function build({ root, env, children, report, signal }: Stage): Promise<void> {
	report.step('Build the Next app');
	report.command('npx next build');
	if (isBuilt(root)) return report.answer('it is built, and no source has changed since');
	const { code, stdout, stderr } = await children.run(
		{ words: [NEXT, 'build'], cwd: root, env },
		BUILD_LIMIT_MS,
		signal,
	);
	report.answer(stdout + stderr, code === 0 ? 30 : 200);
	report.expect(code === 0, 'the build ends with exit code 0');
}

async function visitRoute(stage: Stage): Promise<void> {
	const { root, env, secret, children, report, signal } = stage;
	const port = await findFreePort();
	const words = ['start', '-H', '127.0.0.1', '-p', String(port)];
	const url = `http://127.0.0.1:${port}/api/cron/backup`;
	report.step('Start the built server');
	report.command(`npx next ${words.join(' ')} &`);
	const serverEnv = { ...withoutEnvFiles(root), ...env, CRON_SECRET: secret, NODE_ENV: 'production' };
	const server = await startServer(children, { words: [NEXT, ...words], cwd: root, env: serverEnv }, url, signal);
	try {
		report.answer(server.output());
		report.step('Ask what a backup would hold: a dry run writes nothing');
		const dry = await callRoute(stage, `${url}?dryRun=1`);
		report.expect(dry.status === 200 && dry.body.status === 'dry-run', 'the rows are counted');
		report.expect(storedFiles(stage).length === 0, 'nothing is stored');

		report.step('Back up, as the schedule does at 02:00 UTC');
		await awayFromMidnight(stage);
		const done = await callRoute(stage, url);
		report.expect(done.status === 200 && done.body.status === 'done', 'the backup is made');
		report.expect(done.body.backup?.proof === 'restored', 'it has been proven by restoring it');
		report.expect(done.body.backup?.rows === dry.body.rows, 'it has as many rows as were counted');

		report.step('Deliver the same scheduled run once more, as Vercel may');
		const before = storedFiles(stage);
		const again = await callRoute(stage, url, { most: 6 });
		report.expect(again.status === 200 && again.body.status === 'skipped', 'the second delivery is skipped');
		report.expect(storedFiles(stage).join() === before.join(), 'nothing more is stored');

		report.step('Ask with a wrong secret');
		const refused = await callRoute(stage, url, { secret: 'not-the-secret' });
		report.expect(refused.status === 401, 'the answer is 401');
	} finally {
		await server.end();
	}
	report.expect(!server.output().includes(secret), 'the secret is not in the log of the server');
}

/** The id of the one backup. */
async function inspectBackup(stage: Stage): Promise<string> {
	const { report } = stage;
	report.step('List the backups');
	const list = await runScript(stage, ['scripts/list-backups.ts']);
	const ids = list.stdout.match(/backup-\d{8}T\d{6}Z-\w+/g) ?? [];
	report.expect(ids.length === 1, 'there is one');

	report.step('Verify it: read it whole, restore it into a scratch database, compare');
	const verified = await runScript(stage, ['scripts/verify-backup.ts', 'latest', '--drill']);
	report.expect(verified.stdout.includes(String(ids[0])), `it is ${ids[0]}`);
	return String(ids[0]);
}

async function restore(stage: Stage, shop: string, backup: string): Promise<void> {
	const { folder, report } = stage;
	const copy = join(folder, 'restored.db');
	const words = ['scripts/restore-turso.ts', backup, '--to', fileUrl(copy)];
	report.step('Show what a restore into a fresh database would do');
	await runScript(stage, words);
	report.expect(!existsSync(copy), 'nothing is written');

	report.step('Restore');
	await runScript(stage, [...words, '--confirm'], 1);

	report.step('Compare the shop and its copy bit for bit, with code that has no part in the backup');
	const { tables, rows, values, differences } = await compareFiles(shop, copy);
	report.answer([`${tables} tables, ${rows} rows, ${values} values`, ...differences].join('\n'));
	report.expect(differences.length === 0, 'they are equal');
}

/** A delivery on the next day would be another run, so the end of a UTC day is waited for. */
async function awayFromMidnight({ report, signal }: Stage): Promise<void> {
	const leftMs = DAY_MS - (Date.now() % DAY_MS);
	if (leftMs > MIDNIGHT_MARGIN_MS) return;
	report.answer(`waiting ${Math.ceil(leftMs / 1000)} s for the UTC day to end`);
	await setTimeout(leftMs + 100, undefined, { signal });
}

function storedFiles({ env }: Stage): string[] {
	const folder = String(env.BACKUP_LOCAL_DIR);
	if (!existsSync(folder)) return [];
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return files.map(({ name }) => name).sort();
}
