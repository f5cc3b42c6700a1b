import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { migrationsInvalid, readMigration } from './read-migration';
import type { Migration, MigrationTool, Standing } from './tool';

const TABLE = '__drizzle_migrations';

/** As the libSQL migrator of drizzle-orm makes it. */
const CREATE_TABLE = `
		CREATE TABLE IF NOT EXISTS "${TABLE}" (
			id SERIAL PRIMARY KEY,
			hash text NOT NULL,
			created_at numeric
		)
	`;

/** Where a folder of Drizzle's lists its migrations. */
export const JOURNAL = join('meta', '_journal.json');

const journalSchema = z.object({
	dialect: z.enum(['sqlite', 'turso']),
	entries: z.array(z.object({ tag: z.string().regex(/^[^/\\]+$/), when: z.int().nonnegative() })),
});

/** Drizzle: scripts side by side, in the order of their journal, run if they are younger than the last one applied. */
export const drizzle: MigrationTool = {
	name: 'drizzle',
	table: TABLE,
	columns: ['hash', 'created_at'],
	foreignKeysOff: true,

	async read(folder) {
		const { entries } = await readJournal(join(folder, JOURNAL));
		return Promise.all(entries.map(({ tag, when }) => readMigration(tag, join(folder, `${tag}.sql`), when)));
	},

	compare(migrations, rows) {
		const books = rows.map(([hash, createdAt]) => ({ hash, createdMs: Number(createdAt) }));
		const lastMs = Math.max(-1, ...books.map(({ createdMs }) => createdMs));
		const standings = migrations.map((migration): Standing => {
			const { name, checksum, madeMs } = migration;
			const recorded = books.find(({ createdMs }) => createdMs === madeMs);
			if (recorded) return { name, state: recorded.hash === checksum ? 'applied' : 'changed', migration };
			if ((madeMs as number) > lastMs) return { name, state: 'pending', migration };
			// The journal may have been given other times since.
			const isRecorded = books.some(({ hash }) => hash === checksum);
			return { name, state: isRecorded ? 'applied' : 'skipped', migration };
		});
		const isKnown = ({ hash, createdMs }: (typeof books)[number]) =>
			migrations.some(({ checksum, madeMs }: Migration) => madeMs === createdMs || checksum === hash);
		const gone = books.filter((book) => !isKnown(book));
		return [
			...standings,
			...gone.map(({ hash, createdMs }): Standing => {
				const name = `of ${Number.isFinite(createdMs) ? createdMs : 'an unknown time'}, hash ${hash}`;
				return { name, state: 'missing', migration: null };
			}),
		];
	},

	record({ checksum, madeMs }) {
		const when = BigInt(madeMs as number);
		return {
			before: [
				{ sql: CREATE_TABLE },
				{ check: `NOT EXISTS(SELECT 1 FROM ${TABLE} WHERE created_at = ?)`, args: [when] },
			],
			after: [{ sql: `INSERT INTO ${TABLE}(hash, created_at) VALUES (?, ?)`, args: [checksum, when] }],
		};
	},
};

async function readJournal(path: string): Promise<z.infer<typeof journalSchema>> {
	try {
		return journalSchema.parse(JSON.parse(await readFile(path, 'utf8')));
	} catch (error) {
		throw migrationsInvalid(`${path} is not a journal of SQLite migrations`, error);
	}
}
