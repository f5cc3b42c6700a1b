import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createClient } from '@libsql/client';
import { makeKey } from '../../lib/jobs/make-key';
import { startBlobServer } from '../support/blob-server';
import { recordOutput, SECRETS } from '../support/secrets';
import { type Sqld, startSqld } from '../support/sqld';
import { closedPort, prepareAdmin } from '../support/sqld-admin';
import { startTurso } from '../support/turso-server';
import { serveApp } from './app-server';
import { applyMigrations, backUpAt, ROWS, TABLES } from './past';

const ROOT = resolve(import.meta.dirname, '../..');
/** One command may take this long, in ms. */
const COMMAND_MS = 120_000;
/** Where the page's reader has what is in the test's folder. */
const HOME = 'home/you';

/** The backup that the page works with most, in the Blob store. */
const STORED = 'backups/shop/backup-20261120T020000Z-7f3a.ndjson.gz';
const OLD_KEY = 'a-key-of-2025-8dKw2mQx7Lp4';

/** What a night's scene lets a test do. */
export interface Night {
	/** Brings about what the section of this anchor is about. */
	prepare(anchor: string): Promise<void>;
	/** Runs a command in the reader's project; its output is that of a terminal, with the page's names for places. */
	run(command: string): Promise<{ readonly exit: number | null; readonly text: string }>;
	/** Runs a script that a command has made on the shop's database; the rows of `table` then. */
	putBack(script: string, table: string): Promise<number>;
	close(): Promise<void>;
}

/**
 * Makes what `docs/runbook.md` presupposes: a database at Turso with migrations, two nights and a migration that was a
 * mistake; its backups in a Blob store and in a copy; the deployed app; the project of whoever is called.
 */
export async function startNight(): Promise<Night> {
	const base = await realpath(await mkdtemp(join(tmpdir(), 'lifeboat-night-')));
	const home = join(base, HOME);
	const cwd = join(home, 'shop');
	const closing: (() => Promise<unknown>)[] = [() => rm(base, { recursive: true, force: true, maxRetries: 5 })];
	const close = async () => {
		for (const end of closing.splice(0).reverse()) await end();
	};
	try {
		await mkdir(cwd, { recursive: true });
		for (const name of ['scripts', 'lib', 'node_modules', 'package.json', 'tsconfig.json'])
			await symlink(join(ROOT, name), join(cwd, name));
		for (const folder of ['mnt/offsite', 'lost/mnt/offsite', 'scratch'])
			await mkdir(join(base, folder), { recursive: true });
		await put(join(home, 'keys/master-key-2025'), `${OLD_KEY}\n`);

		const turso = await startTurso(base);
		closing.push(() => turso.close());
		const blob = await startBlobServer({ token: SECRETS.BLOB_READ_WRITE_TOKEN });
		closing.push(() => blob.close());
		await blob.connect();
		await turso.add('shop');
		const { TURSO_API_URL = '', ...shop } = turso.envFor('shop');
		const { BLOB_READ_WRITE_TOKEN, CRON_SECRET, HEALTH_SECRET } = SECRETS;
		const env: Record<string, string> = {
			...shop,
			BLOB_READ_WRITE_TOKEN,
			CRON_SECRET,
			HEALTH_SECRET,
			BACKUP_NAME: 'shop',
			BACKUP_COPIES: 'offsite',
			BACKUP_FOLDER_OFFSITE: join(base, 'mnt/offsite'),
			BACKUP_SCRATCH_DIR: join(base, 'scratch'),
			BACKUP_KEY_FINGERPRINTS: 'PROVARA_MASTER_KEY',
			PROVARA_MASTER_KEY: OLD_KEY,
		};

		await put(join(cwd, 'prisma/migrations/20261101090000_init/migration.sql'), TABLES);
		await applyMigrations(env, cwd, '2026-11-01T09:00:00Z', '0000', false);
		await turso.run('shop', ROWS);
		await backUpAt(env, cwd, '2026-11-19T02:00:00Z', '51c2');
		await backUpAt(env, cwd, '2026-11-20T02:00:00Z', '7f3a');
		const { recipient } = await makeKey({ out: join(home, 'identity.txt'), isPostQuantum: false, passphrase: null });
		const lost = {
			BACKUP_NAME: 'shop',
			BACKUP_COPIES: 'offsite',
			BACKUP_FOLDER_OFFSITE: join(base, 'lost/mnt/offsite'),
		};
		const sealed = { BACKUP_STORE: 'local', BACKUP_LOCAL_DIR: join(base, 'gone'), BACKUP_AGE_RECIPIENTS: recipient };
		await backUpAt({ ...env, ...sealed, ...lost }, cwd, '2026-11-20T02:00:00Z', '7f3a');
		await turso.note('shop', '2026-11-20T14:00:00Z');
		await put(
			join(cwd, 'prisma/migrations/20261120140000_totals/migration.sql'),
			'ALTER TABLE orders DROP COLUMN total;',
		);
		await applyMigrations(env, cwd, '2026-11-20T14:02:11Z', '9b1e', true);

		const sound = await blob.contentOf(STORED);

		const app = await serveApp(env);
		closing.push(app.close);
		const day = { ...env, APP_URL: app.url };
		const { BLOB_READ_WRITE_TOKEN: _, ...blobEnv } = blob.env;
		const { PATH = '' } = process.env;
		const usual = { PATH, HOME: home, npm_config_update_notifier: 'false', TURSO_API_URL, ...blobEnv };
		let processEnv: Record<string, string> = usual;
		let target: Record<string, string> = {};
		let targets = 0;
		let quota: Sqld | null = null;
		const writeEnv = async (lines: Record<string, string>) => {
			const text = Object.entries(lines).map(([name, value]) => `${name}="${value}"\n`);
			await writeFile(join(cwd, '.env.local'), text.join(''));
		};
		/** A database at Turso that is empty, and what leads a restore there. */
		const newTarget = async () => {
			const name = `shop-new-${++targets}`;
			await turso.add(name);
			target = turso.envFor(name);
			return {
				RESTORE_DATABASE_URL: target.TURSO_DATABASE_URL as string,
				RESTORE_AUTH_TOKEN: target.TURSO_AUTH_TOKEN as string,
			};
		};
		const scenes: Record<string, () => Promise<void>> = {
			'rows-deleted': () => turso.run('shop', 'DELETE FROM users WHERE id > 3'),
			'table-dropped': () => turso.run('shop', 'DROP TABLE orders'),
			'bad-migration': async () => writeEnv({ ...day, ...(await newTarget()) }),
			'wrong-master-key': () => writeEnv({ ...day, PROVARA_MASTER_KEY: 'a-key-of-2026-3nVt9cRz5Jb1' }),
			'providers-region-down': async () => {
				await writeEnv({ ...day, ...(await newTarget()) });
				processEnv = { ...usual, VERCEL_BLOB_API_URL: `http://127.0.0.1:${await closedPort()}/api/blob` };
			},
			'whole-account-lost': async () => writeEnv({ ...lost, ...(await newTarget()) }),
			'write-quota-exhausted': async () => {
				const admin = await prepareAdmin();
				const sqld = await startSqld({ args: admin.args });
				closing.push(() => sqld.close());
				const client = createClient({ url: sqld.url });
				await client.executeMultiple(TABLES + ROWS).finally(() => client.close());
				await admin.block({ reads: false, writes: true });
				quota = sqld;
				await writeEnv({ ...day, ...(await newTarget()), TURSO_DATABASE_URL: sqld.url });
			},
			'backup-found-damaged': async () => {
				const bytes = Buffer.from(sound);
				const middle = bytes.length >> 1;
				bytes[middle] = (bytes[middle] as number) ^ 1;
				await blob.place(STORED, bytes);
			},
			'restore-to-a-new-database': async () => writeEnv({ ...day, ...(await newTarget()) }),
			// The one that has just been restored.
			verify: async () => {
				const { TURSO_DATABASE_URL = '', TURSO_AUTH_TOKEN = '' } = target;
				await writeEnv({ ...day, RESTORE_DATABASE_URL: TURSO_DATABASE_URL, RESTORE_AUTH_TOKEN: TURSO_AUTH_TOKEN });
			},
			'cut-over': async () => {
				for (const name of ['shop.db', 'new.db']) await put(join(cwd, name), name);
			},
			afterwards: () => writeEnv({ ...day, ...target }),
		};

		/** The names that the page has for what is elsewhere here. */
		const asShown = (text: string): string => {
			const hosts = turso.names().map((name) => [turso.envFor(name).TURSO_DATABASE_URL ?? '', name] as const);
			if (quota) hosts.push([quota.url, 'shop']);
			let shown = text;
			for (const [url, name] of hosts) {
				const host = `${name.replace(/^(shop-new)-\d+$/, '$1')}-acme.turso.io`;
				shown = shown.replaceAll(url, `https://${host}`).replaceAll(new URL(url).host, host);
			}
			return shown.replaceAll(join(base, 'lost'), '').replaceAll(base, '');
		};

		return {
			async prepare(anchor) {
				processEnv = usual;
				await writeEnv(day);
				await blob.place(STORED, sound);
				await scenes[anchor]?.();
			},
			async run(command) {
				const path = join(base, 'output');
				const output = await open(path, 'w');
				const stdio = ['ignore', output.fd, output.fd] as const;
				const options = { cwd, env: processEnv as NodeJS.ProcessEnv, stdio: [...stdio], timeout: COMMAND_MS };
				const [exit] = await once(spawn('sh', ['-e', '-c', command], options), 'close').finally(() => output.close());
				const text = await readFile(path, 'utf8');
				recordOutput(command, text);
				return { exit, text: asShown(text) };
			},
			async putBack(script, table) {
				await turso.run('shop', await readFile(join(cwd, script), 'utf8'));
				const [[count] = []] = await turso.rows('shop', `SELECT count(*) FROM ${table}`);
				return Number(count);
			},
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

async function put(path: string, text: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, text);
}
