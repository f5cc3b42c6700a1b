import { afterAll, expect, it } from 'vitest';
import { Fixtures, migrate, rowsOf } from '../support/fixtures';
import { describeWithShared, differences } from '../support/fixtures-fidelity';
import { carry, fidelitySuite, torture } from '../support/fixtures-suite';

describeWithShared('a database restored from a file, by an independent comparison', () => {
	fidelitySuite('file');

	const fixtures = new Fixtures();
	afterAll(() => fixtures.close());

	it('torture with huge values: file to file', async () => {
		const source = await torture(await fixtures.fileUrl(), [], '--huge', '--only', 'huge,large,names_sqldparser,texts');
		const target = await fixtures.fileUrl();
		await carry(fixtures, source, target);
		expect(await differences(source, target)).toEqual([]);
	});

	it('torture in UTF-16: file to file', async () => {
		const source = await torture(await fixtures.fileUrl(), [], '--utf16');
		const target = await fixtures.fileUrl();
		const { refusals } = await carry(fixtures, source, target);
		expect(refusals).toEqual([]);
		expect(await rowsOf(target, 'PRAGMA encoding')).toEqual([['UTF-16le']]);
		expect(await differences(source, target)).toEqual([]);
	});

	it('text that is malformed in UTF-16, and the other byte order', async () => {
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
	});
});
