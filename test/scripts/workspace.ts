import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll } from 'vitest';
import { runScript, type ScriptRun, startScript } from '../support/cli';
import { SECRETS } from '../support/secrets';

export const SCHEMA = `
	CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
	CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(id), total REAL);
	CREATE TABLE audit(id INTEGER PRIMARY KEY, what TEXT);
	CREATE TRIGGER users_added AFTER INSERT ON users BEGIN INSERT INTO audit(what) VALUES (new.name); END;
	CREATE VIEW spent AS SELECT user, sum(total) AS total FROM orders GROUP BY user;
	CREATE TABLE _prisma_migrations(id TEXT PRIMARY KEY, name TEXT);
`;
const ROWS = `
	INSERT INTO users VALUES (1, 'Ada'), (2, 'Zoë'), (3, 'Grace');
	INSERT INTO orders VALUES (1, 1, 2.5), (2, 3, -0.0);
	INSERT INTO _prisma_migrations VALUES ('a', '20260101_source');
`;
/** In `users`, `orders`, `audit` and `_prisma_migrations`. */
export const ROW_COUNT = 3 + 2 + 3 + 1;

/** A folder of a person's own: a database, `.env.local`, and whatever the scripts put there. */
export class Workspace {
	#folder = '';

	get folder(): string {
		return this.#folder;
	}

	/** Makes it before the tests of a file, and removes it after them. */
	static forFile(): Workspace {
		const workspace = new Workspace();
		let own = '';
		beforeAll(async () => {
			own = await mkdtemp(join(tmpdir(), 'lifeboat-scripts-'));
			workspace.#folder = join(own, 'home', 'work');
			await mkdir(workspace.#folder, { recursive: true });
			await workspace.execute('shop.db', SCHEMA + ROWS);
			const { CRON_SECRET, TURSO_AUTH_TOKEN } = SECRETS;
			const lines = { TURSO_DATABASE_URL: 'file:shop.db', CRON_SECRET, TURSO_AUTH_TOKEN };
			const text = Object.entries(lines).map(([name, value]) => `${name}="${value}"\n`);
			await writeFile(join(workspace.#folder, '.env.local'), text.join(''));
		});
		afterAll(() => rm(own, { recursive: true, force: true }));
		return workspace;
	}

	path(...names: string[]): string {
		return join(this.#folder, ...names);
	}

	run(name: string, words: readonly string[], env: Record<string, string> = {}): Promise<ScriptRun> {
		return runScript(name, words, { cwd: this.#folder, env });
	}

	start(name: string, words: readonly string[]) {
		return startScript(name, words, { cwd: this.#folder });
	}

	/** The names of what lies in the two folders above it, which nobody else has: nothing but the way to it. */
	async above(): Promise<string[][]> {
		return [await this.files('..'), await this.files('../..')];
	}

	/** The names of the files in a folder of it, in order. */
	async files(...names: string[]): Promise<string[]> {
		return (await readdir(this.path(...names))).sort();
	}

	async execute(file: string, sql: string): Promise<void> {
		const client = createClient({ url: `file:${this.path(file)}` });
		await client.executeMultiple(sql).finally(() => client.close());
	}

	/** The rows of a query, each as an array of its cells. */
	async rows(file: string, sql: string): Promise<unknown[][]> {
		const client = createClient({ url: `file:${this.path(file)}` });
		try {
			const { rows, columns } = await client.execute(sql);
			return rows.map((row) => columns.map((_, index) => row[index]));
		} finally {
			client.close();
		}
	}

	/** Copies a file with one bit of its middle turned. */
	async damage(from: string, to: string): Promise<void> {
		const bytes = await readFile(from);
		const middle = bytes.length >> 1;
		bytes[middle] = (bytes[middle] as number) ^ 1;
		await writeFile(this.path(to), bytes);
	}
}
