import { afterAll, expect, it } from 'vitest';
import { dumpOf, Fixtures, migrate, restoreInto, rowsOf, TRANSPORTS } from '../support/fixtures';

const TABLES = 5_000;
const LIMIT_MS = 300_000;
const SCHEMA = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name";

const fixtures = new Fixtures();
afterAll(() => fixtures.close());

it(
	`${TABLES} tables go from a file to a server, and from there back to a file`,
	async () => {
		const source = await fixtures.fileUrl();
		const statements = Array.from({ length: TABLES }, (_, nth) => [
			`CREATE TABLE "t ${nth}"(id INTEGER PRIMARY KEY${nth % 3 === 0 ? ' AUTOINCREMENT' : ''}, v NOT NULL, w REAL)`,
			`INSERT INTO "t ${nth}" VALUES (${nth}, 'of ${nth}', ${nth}.5)`,
			...(nth % 10 === 0 ? [`CREATE INDEX "i ${nth}" ON "t ${nth}"(v)`] : []),
		]);
		await migrate(source, statements.flat());
		let held = await dumpOf(await fixtures.open(source));
		const { tables } = held.dumped.encoded;
		expect(tables.filter(({ rows }) => rows === 1)).toHaveLength(TABLES);
		for (const transport of [...TRANSPORTS].reverse()) {
			const url = await fixtures.empty(transport);
			expect(await restoreInto(await fixtures.open(url), held)).toMatchObject({ refusals: [] });
			expect(await rowsOf(url, SCHEMA)).toEqual(await rowsOf(source, SCHEMA));
			held = await dumpOf(await fixtures.open(url));
			expect(held.dumped.encoded.tables).toEqual(tables);
		}
	},
	LIMIT_MS,
);
