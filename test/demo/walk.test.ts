import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileUrl } from '../../scripts/demo/file-url';
import { makeShop } from '../../scripts/demo/shop';
import { compareFiles } from '../../scripts/demo/walk';

let folder: string;
let shop: string;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'demo-walk-'));
	shop = join(folder, 'shop.db');
	await makeShop(shop);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the demo's comparison", () => {
	it('finds a file equal to itself', async () => {
		expect(await compareFiles(shop, shop)).toEqual({ tables: 8, rows: 506, values: 1857, differences: [] });
	});

	it.each([
		['minus zero', "UPDATE Oddity SET value = 0.0 WHERE what = 'minus zero'", 2],
		['a whole real', "UPDATE Oddity SET value = 1 WHERE what = 'a real that is whole'", 2],
		['the last bit of a real', "UPDATE Oddity SET value = 0.3 WHERE what LIKE 'a real that needs%'", 2],
		['a large integer', "UPDATE Oddity SET value = value - 1 WHERE what = 'the largest integer'", 2],
		['text past a NUL', "UPDATE Oddity SET value = 'before' || char(0) || 'AFTER' WHERE value LIKE 'before%'", 2],
		['bytes for text', "UPDATE Oddity SET value = CAST(value AS BLOB) WHERE value = '007'", 2],
		['a rowid', 'UPDATE User SET rowid = 99 WHERE rowid = 40', 2],
		['a row too few', 'DELETE FROM MediaAsset WHERE rowid = 30', 1],
		['a number that would come again', 'UPDATE sqlite_sequence SET seq = 120', 2],
		['a missing trigger', 'DROP TRIGGER OrderLine_sold', 1],
		['a fired trigger', 'UPDATE Product SET sold = sold * 2 WHERE id = 1', 2],
		['the version of a schema', 'PRAGMA user_version = 8', 2],
	])('sees %s', async (_, sql, lines) => {
		const copy = join(folder, 'copy.db');
		copyFileSync(shop, copy);
		const client = createClient({ url: fileUrl(copy) });
		await client.execute(sql);
		client.close();
		const { differences } = await compareFiles(shop, copy);
		expect(differences).toHaveLength(lines);
	});
});
