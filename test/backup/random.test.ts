import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HeldDump } from '../support/fixtures';
import { dumpOf, Fixtures, migrate, restoreInto, TRANSPORTS, type Transport } from '../support/fixtures';
import { describeWithShared, tableDifferences } from '../support/fixtures-fidelity';
import { type RandomTable, randomTables } from '../support/random-tables';
import { openExact } from '../support/reading-ways';

/** A case is one random table with its rows; many of them share a database, and so its cost. */
const CASES = Number(process.env.LIFEBOAT_CASES ?? 1_000);
const CASES_A_DATABASE = 100;
const SEED = Number(process.env.LIFEBOAT_SEED ?? 20261121);
const LIMIT_MS = 600_000 + CASES * 1_000;

const statementsOf = ({ create, rows, after }: RandomTable) => [...create, ...rows, ...after];

async function build(url: string, tables: readonly RandomTable[], encoding = 'UTF-8'): Promise<void> {
	const first = encoding === 'UTF-8' ? [] : [`PRAGMA encoding = '${encoding}'`];
	for (let at = 0; at < tables.length; at += 25) {
		const statements = [...(at === 0 ? first : []), ...tables.slice(at, at + 25).flatMap(statementsOf)];
		await migrate(url, statements).catch((error: { statementIndex?: number }) => {
			throw new Error(`not built: ${statements[error.statementIndex ?? -1]}`, { cause: error });
		});
	}
}

const endsOf = ({ dumped }: HeldDump) => dumped.encoded.tables;

/** Dumps `from` both ways, which must give the same bytes, and restores them. */
async function carryBothWays(fixtures: Fixtures, from: string, to: Transport): Promise<void> {
	const paged = await dumpOf(await fixtures.open(from, { create: false }));
	const exact = await dumpOf(await openExact(fixtures, from));
	expect(endsOf(exact)).toEqual(endsOf(paged));
	expect(paged.dumped.encoded.omissions).toEqual([]);
	const url = await fixtures.empty(to);
	// To a file, the rows are written one by one: by the other way, too.
	const target = to === 'file' ? await openExact(fixtures, url) : await fixtures.open(url);
	const { refusals } = await restoreInto(target, paged);
	expect(refusals).toEqual([]);
	expect(await tableDifferences(from, url)).toEqual([]);
}

async function withFixtures(work: (fixtures: Fixtures) => Promise<void>): Promise<void> {
	const fixtures = new Fixtures();
	try {
		await work(fixtures);
	} finally {
		await fixtures.close();
	}
}

/** One counterexample at once, as it stands: each further one would cost a database. */
const options = (cases: number) => ({
	numRuns: Math.ceil(cases / CASES_A_DATABASE),
	seed: SEED,
	endOnFailure: true,
});

describeWithShared('random tables with random rows', () => {
	it(
		`${CASES} of them are equal after a backup and its restore, from file and server to either`,
		async () => {
			const property = fc.asyncProperty(randomTables(CASES_A_DATABASE), fc.boolean(), (tables, crosses) =>
				withFixtures(async (fixtures) => {
					for (const transport of TRANSPORTS) {
						const source = await fixtures.empty(transport);
						await build(source, tables);
						await carryBothWays(fixtures, source, (transport === 'file') === crosses ? 'sqld' : 'file');
					}
				}),
			);
			await fc.assert(property, options(CASES));
		},
		LIMIT_MS,
	);

	it.each(['UTF-16le', 'UTF-16be'])(
		'and so are those of a %s file',
		async (encoding) => {
			const property = fc.asyncProperty(randomTables(CASES_A_DATABASE), (tables) =>
				withFixtures(async (fixtures) => {
					const source = await fixtures.fileUrl();
					await build(source, tables, encoding);
					await carryBothWays(fixtures, source, 'file');
				}),
			);
			await fc.assert(property, options(CASES / 10));
		},
		LIMIT_MS,
	);
});
