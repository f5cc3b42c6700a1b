import { copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Restored } from '../../lib/backup/restore';
import { dumpOf, Fixtures, restoreInto, TRANSPORTS, type Transport } from './fixtures';
import { buildTorture, CHINOOK, differences, FIDELITY_MS } from './fixtures-fidelity';

/** Dumps one database, and restores it into another, all by the real path. */
export async function carry(fixtures: Fixtures, from: string, to: string): Promise<Restored> {
	const dump = await dumpOf(await fixtures.open(from, { create: false }));
	expect(dump.dumped.encoded.omissions).toEqual([]);
	return restoreInto(await fixtures.open(to), dump);
}

/** Chinook and the torture database, from one transport to each, equal by the independent comparison. */
export function fidelitySuite(from: Transport): void {
	const fixtures = new Fixtures();
	let chinook: string;
	let tortured: string;
	beforeAll(async () => {
		const file = await fixtures.fileUrl();
		await copyFile(CHINOOK, fileURLToPath(file));
		chinook = file;
		if (from === 'sqld') {
			chinook = await fixtures.empty('sqld');
			await carry(fixtures, file, chinook);
			expect(await differences(file, chinook)).toEqual([]);
		}
		tortured = await fixtures.empty(from);
		await buildTorture(tortured);
	}, FIDELITY_MS);
	afterAll(() => fixtures.close());

	for (const to of TRANSPORTS) {
		it(
			`Chinook: ${from} to ${to}`,
			async () => {
				const target = await fixtures.empty(to);
				const { refusals, rows } = await carry(fixtures, chinook, target);
				expect(refusals).toEqual([]);
				expect(rows).toBe(15_617);
				expect(await differences(chinook, target)).toEqual([]);
			},
			FIDELITY_MS,
		);

		it(
			`torture: ${from} to ${to}`,
			async () => {
				const target = await fixtures.empty(to);
				const { refusals } = await carry(fixtures, tortured, target);
				const refused =
					from === 'file' && to === 'sqld' ? ['PRAGMA application_id', 'sqlite_stat1', 'tempcols', 'v_aggorder'] : [];
				expect(refusals.map(({ object }) => object).sort()).toEqual(refused);
				const differing = await differences(tortured, target, '--max', '100');
				const named = (name: string) => differing.some((line) => line.includes(name.replace('PRAGMA ', '')));
				expect(refused.filter((name) => !named(name))).toEqual([]);
				expect(differing.filter((line) => !refused.some((name) => line.includes(name)))).toEqual([]);
			},
			FIDELITY_MS,
		);
	}
}
