import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { buildLargeBlobs } from '../support/large-blobs';
import { buildManySmallTables } from '../support/many-small-tables';
import type { Stage } from './stage';
import { ROOT, script, TSX } from './tsx';

/** `big-N`: N times 1.1 million rows in two tables. `small`: 500 tables. `blobs`: 100 of 1 MB. `tiny`: five tables. */
export type DataName = 'big-0.25' | 'big-0.5' | 'big-1' | 'big-4' | 'small' | 'blobs' | 'tiny';

/** What every backup of the data must have in its manifest. */
export interface Reference {
	readonly rows: number;
	/** Of the rows' JSON text. */
	readonly textBytes: number;
	readonly tables: readonly { readonly name: string; readonly rows: number; readonly sha256: string }[];
}

/** One of the databases, in the forms that the contestants want; each is made when it is first asked for. */
export class Dataset {
	readonly #made = new Map<string, Promise<string>>();
	#reference: Reference | null = null;
	#server: Promise<string> | null = null;

	constructor(
		private readonly stage: Stage,
		readonly name: DataName,
	) {}

	/** The path of the database file. */
	file(): Promise<string> {
		return this.#once('data.db', async (path) => {
			const url = `file:${path}`;
			// Of the full size always: what is measured by them does not come in tenths.
			if (this.name === 'small') await buildManySmallTables(url, 500);
			else if (this.name === 'tiny') await buildManySmallTables(url, 5);
			else if (this.name === 'blobs') await buildLargeBlobs(url, Math.round(100 * this.stage.scale));
			else await this.#buildBig(url);
		});
	}

	/** The URL of a server that holds it. */
	sqld(): Promise<string> {
		this.#server ??= this.#serve();
		return this.#server;
	}

	/** A backup of it, as a file. */
	backup(isSealed = false): Promise<string> {
		return this.#once(isSealed ? 'sealed.ndjson.gz' : 'backup.ndjson.gz', async (path) => {
			await this.stage.processes.run({
				title: `a backup of ${this.name}`,
				shell: `${script('backup-turso')} --proof read --out "${path}"`,
				env: {
					TURSO_DATABASE_URL: `file:${await this.file()}`,
					...(isSealed && { BACKUP_AGE_RECIPIENTS: (await this.stage.keyPair()).recipient }),
				},
			});
			const { rows, tables } = JSON.parse(await readFile(path.replace(/\.ndjson\.gz$/, '.json'), 'utf8'));
			const textBytes = tables.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0);
			this.#reference = { rows, textBytes, tables };
		});
	}

	async reference(): Promise<Reference> {
		await this.backup();
		return this.#reference as Reference;
	}

	/** A gzipped SQL script of it. */
	dump(): Promise<string> {
		return this.#once('dump.sql.gz', async (path) => {
			const file = await this.file();
			await this.stage.processes.run({
				title: 'sqlite3 .dump',
				shell: `sqlite3 "${file}" .dump | gzip -6 > "${path}"`,
			});
		});
	}

	/** Its rows as gzipped JSON lines, as the peer that reads pages of them writes them. */
	jsonLines(): Promise<string> {
		return this.#once('rows.jsonl.gz', async (path) => {
			const shell = `"${process.execPath}" "${join(ROOT, 'test/bench/peers/keyset-pages.mjs')}" "file:${await this.file()}" "${path}"`;
			await this.stage.processes.run({ title: 'JSON lines', shell });
		});
	}

	/** In a process of its own, which can be ended: it takes a while, and nothing else is done meanwhile. */
	async #buildBig(url: string): Promise<void> {
		const scale = Number(this.name.slice('big-'.length)) * this.stage.scale;
		const builder = join(ROOT, 'test/support/big-database.ts');
		const shell = `"${process.execPath}" --import "${TSX}" "${builder}" "${url}" ${scale}`;
		await this.stage.processes.run({ title: `building ${this.name}`, shell });
	}

	async #serve(): Promise<string> {
		const file = await this.file();
		const server = await this.stage.startSqld(async (folder) => {
			const data = join(folder, 'dbs/default/data');
			await mkdir(join(folder, 'dbs/default'), { recursive: true });
			await copyFile(file, data);
			const client = createClient({ url: `file:${data}` });
			await client.execute('PRAGMA journal_mode = WAL');
			client.close();
		});
		return server.url;
	}

	#once(ending: string, make: (path: string) => Promise<void>): Promise<string> {
		const begin = async () => {
			this.stage.say(`making ${this.name}: ${ending}`);
			const path = this.stage.newPath(`${this.name}-${ending}`);
			await make(path);
			return path;
		};
		const made = this.#made.get(ending) ?? begin();
		this.#made.set(ending, made);
		return made;
	}
}
