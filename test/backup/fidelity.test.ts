import { afterAll, expect, it } from 'vitest';
import { Fixtures, migrate, rowsOf } from '../support/fixtures';
import { buildTorture, describeWithShared, differences, FIDELITY_MS } from '../support/fixtures-fidelity';
import { carry, fidelitySuite } from '../support/fixtures-suite';

describeWithShared('a database restored from a file, by an independent comparison', () => {
	fidelitySuite('file');

	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	it(
		'torture with huge values: file to file',
		async () => {
			const source = await fixtures.fileUrl();
			await buildTorture(source, '--huge');
			const target = await fixtures.fileUrl();
			await carry(fixtures, source, target);
			expect(await differences(source, target)).toEqual([]);
		},
		FIDELITY_MS,
	);

	it(
		'torture in UTF-16: file to file',
		async () => {
			const source = await fixtures.fileUrl();
			await buildTorture(source, '--utf16');
			const target = await fixtures.fileUrl();
			const { refusals } = await carry(fixtures, source, target);
			expect(refusals).toEqual([]);
			expect(await rowsOf(target, 'PRAGMA encoding')).toEqual([['UTF-16le']]);
			expect(await differences(source, target)).toEqual([]);
		},
		FIDELITY_MS,
	);

	it(
		'text that is malformed in UTF-16, and the other byte order',
		async () => {
			const source = await fixtures.fileUrl();
			const target = await fixtures.fileUrl();
			const texts = [
				'00d8',
				'6100',
				'610000dc6200',
				'00d800dc',
				'61',
				'',
				'000061',
				'fffe',
				'ffff',
				'fffd',
				'feff',
				'3dd800de',
			];
			await migrate(source, [
				"PRAGMA encoding = 'UTF-16be'",
				'CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)',
				...texts.map((hex) => `INSERT INTO t(v) VALUES (CAST(x'${hex}' AS TEXT))`),
			]);
			await carry(fixtures, source, target);
			expect(await rowsOf(target, 'PRAGMA encoding')).toEqual([['UTF-16be']]);
			expect(await differences(source, target)).toEqual([]);
		},
		FIDELITY_MS,
	);

	it(
		'a UTF-16 database into a migrated one, and never into one of another encoding',
		async () => {
			const schema = ["PRAGMA encoding = 'UTF-16le'", 'CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)'];
			const source = await fixtures.fileUrl();
			await migrate(source, [
				...schema,
				"INSERT INTO t VALUES (1, 'ok'), (2, CAST(x'00d8' AS TEXT)), (3, CAST(x'00d8' || zeroblob(800000) AS TEXT))",
				"INSERT INTO t VALUES (4, 'x' || replace(hex(zeroblob(300000)), '0', '🚀'))",
			]);
			const migrated = await fixtures.fileUrl();
			await migrate(migrated, schema);
			await carry(fixtures, source, migrated);
			expect(await differences(source, migrated)).toEqual([]);

			const other = await fixtures.fileUrl();
			await migrate(other, schema.slice(1));
			await expect(carry(fixtures, source, other)).rejects.toMatchObject({ code: 'TARGET_MISMATCH' });
			expect(await rowsOf(other, 'SELECT * FROM t')).toEqual([]);
			const server = await fixtures.empty('sqld');
			await expect(carry(fixtures, source, server)).rejects.toMatchObject({ code: 'TARGET_MISMATCH' });
			expect(await rowsOf(server, 'SELECT * FROM sqlite_schema')).toEqual([]);
		},
		FIDELITY_MS,
	);
});
