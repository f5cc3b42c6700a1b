import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createClient, type InArgs } from '@libsql/client';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../../lib/config/load';
import { type MigrateOptions, type MigrateResult, migrate } from '../../lib/jobs/migrate';
import { startSqld } from './sqld';

export const TRANSPORTS = ['file', 'sqld'] as const;

/** A person's project with a database of its own, until the test ends. */
export interface Project {
	readonly folder: string;
	/** Of its database, which is empty at first. */
	readonly url: string;
	/** What its `.env` would hold. */
	readonly env: Record<string, string>;
	/** Runs the job in it; without a backup, unless told. */
	migrate(options?: Partial<MigrateOptions>): Promise<MigrateResult>;
	write(path: string, text: string): Promise<void>;
	/** Writes `prisma/migrations/NAME/migration.sql`. */
	writePrisma(name: string, sql: string): Promise<void>;
	execute(sql: string): Promise<void>;
	/** The rows of a query, each as an array of its cells. */
	rows(sql: string, args?: InArgs): Promise<unknown[][]>;
}

export async function givenProject(transport: (typeof TRANSPORTS)[number]): Promise<Project> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), 'lifeboat-project-')));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	// The tools find their packages as in any project.
	await symlink(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
	let url = `file:${join(folder, 'app.db')}`;
	if (transport === 'sqld') {
		const sqld = await startSqld();
		onTestFinished(() => sqld.close());
		url = sqld.url;
	} else await writeFile(join(folder, 'app.db'), '');
	const env = { TURSO_DATABASE_URL: url, BACKUP_NAME: 'app', BACKUP_STORE: 'local' };
	const withClient = async <T>(work: (client: ReturnType<typeof createClient>) => Promise<T>) => {
		const client = createClient({ url });
		return work(client).finally(() => client.close());
	};
	const write = async (path: string, text: string) => {
		await mkdir(dirname(join(folder, path)), { recursive: true });
		await writeFile(join(folder, path), text);
	};
	return {
		folder,
		url,
		env,
		migrate: (options) =>
			migrate({
				config: loadConfig(env, { need: ['database', 'name', 'store'], cwd: folder }),
				confirm: true,
				backUp: false,
				allowChanged: false,
				cwd: folder,
				...options,
			}),
		write,
		writePrisma: (name, sql) => write(`prisma/migrations/${name}/migration.sql`, sql),
		execute: (sql) => withClient((client) => client.executeMultiple(sql)),
		rows: (sql, args) =>
			withClient(async (client) => {
				const { rows, columns } = await client.execute({ sql, args });
				return rows.map((row) => columns.map((_, index) => row[index]));
			}),
	};
}
