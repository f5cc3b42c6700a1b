import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exactCell, exactSql } from '../../lib/engine/libsql/exact-cell';
import { columnOf, ROWS_TABLE, RowPages } from '../../lib/engine/libsql/row-pages';
import { rowsOf } from '../../lib/engine/libsql/rows';
import { realText } from '../../lib/format/real-text';
import { type Cell, rowLine } from '../../lib/format/values';

let folder: string;
let file: number;
let pages: RowPages;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'lifeboat-pages-'));
	file = openSync(join(folder, 'rows.db'), 'w');
	pages = new RowPages((bytes, position) => writeSync(file, bytes, 0, bytes.length, position));
});

afterAll(async () => {
	closeSync(file);
	await rm(folder, { recursive: true, force: true });
});

/** What SQLite reads of the file, as lines of the format. */
async function readBack(cells: number, from = 1): Promise<string[]> {
	const client = createClient({ url: `file:${join(folder, 'rows.db')}`, intMode: 'bigint' });
	try {
		const reader = { encodesRows: false, encoding: 'UTF-8' } as const;
		const values = Array.from({ length: cells }, (_, nth) => exactSql(columnOf(nth), reader)).join(', ');
		const sql = `SELECT ${values} FROM ${ROWS_TABLE} WHERE rowid >= ${from} ORDER BY rowid`;
		const rows = rowsOf(await client.execute(sql));
		return rows.map((row) =>
			rowLine(Array.from({ length: cells }, (_, nth) => exactCell(row, 2 * nth, reader) as Cell)),
		);
	} finally {
		client.close();
	}
}

function write(lines: readonly string[], cells: number): void {
	pages.clear();
	pages.add(Buffer.from(lines.join('')), cells);
	pages.finish();
}

const EDGES = [0n, 1n, 127n, 128n, 32767n, 2n ** 31n, 2n ** 32n, 2n ** 47n, 10n ** 15n, 2n ** 53n, 2n ** 63n - 1n];
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const cell: fc.Arbitrary<Cell> = fc.oneof(
	fc.constant<Cell>({ type: 'null' }),
	fc
		.oneof(
			fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
			fc
				.tuple(fc.constantFrom(...EDGES), fc.constantFrom(1n, -1n))
				.chain(([edge, sign]) => fc.constantFrom(...[sign * edge, sign * (edge - 1n), -edge])),
		)
		.map((value): Cell => ({ type: 'integer', value })),
	fc
		.oneof(fc.double({ noNaN: true }), fc.constantFrom(-0, 0, 1, Infinity, -Infinity, 1e22))
		.map((value): Cell => ({ type: 'real', text: realText(value) })),
	fc.string({ unit: 'binary', maxLength: 300 }).map((value): Cell => ({ type: 'text', value })),
	fc
		.string({ unit: fc.constantFrom(...'"\\\b\f\n\r\t\0\u0001\u001f\u007fa'), maxLength: 20 })
		.map((value): Cell => ({ type: 'text', value })),
	bytes.map((value): Cell => ({ type: 'blob', bytes: value })),
	bytes.map((value): Cell => ({ type: 'rawtext', bytes: Buffer.concat([value, Buffer.of(0xff)]) })),
);

describe('RowPages', () => {
	it('makes a table of any rows, which SQLite reads bit for bit', async () => {
		const tables = fc
			.integer({ min: 1, max: 12 })
			.chain((cells) => fc.array(fc.array(cell, { minLength: cells, maxLength: cells }), { maxLength: 40 }));
		await fc.assert(
			fc.asyncProperty(tables, async (rows) => {
				const lines = rows.map(rowLine);
				write(lines, rows[0]?.length ?? 1);
				expect(await readBack(rows[0]?.length ?? 1)).toEqual(lines);
			}),
			{ numRuns: 300 },
		);
	});

	it.each([0, 1, 1_999, 2_000, 2_001, 150_000])('of %i rows, over as many pages as they take', async (count) => {
		const lines = Array.from({ length: count }, (_, nth) => `[${nth},"row ${nth} of some more"]\n`);
		write(lines, 2);
		expect(await readBack(2)).toEqual(lines);
	});

	it('with rows as long as it takes, and none that is longer', async () => {
		const line = (length: number) => `["${'x'.repeat(length - 5)}"]\n`;
		let most = 60_000;
		while (!RowPages.takes(most, 1)) most--;
		const reals = `[${Array.from({ length: 1_000 }, () => '1e9').join(',')}]\n`;
		const lines = [line(10), line(most), line(most), line(20), line(most)];
		write(lines, 1);
		expect(await readBack(1)).toEqual(lines);
		expect(RowPages.takes(reals.length, 1_000)).toBe(true);
		write([reals, reals], 1_000);
		expect(await readBack(1)).toEqual(['[1000000000.0]\n', '[1000000000.0]\n']);
	});

	it('with rows of several numbers of cells, those that are missing being NULL', async () => {
		pages.clear();
		pages.add(Buffer.from('[1]\n[2]\n'), 1);
		const before = pages.rows;
		pages.add(Buffer.from(`[${Array.from({ length: 2_000 }, (_, nth) => nth)}]\n`), 2_000);
		pages.finish();
		expect(before).toBe(2);
		expect(await readBack(3)).toEqual(['[1,null,null]\n', '[2,null,null]\n', '[0,1,2]\n']);
		expect(await readBack(1, before + 1)).toEqual(['[0]\n']);
	});
});
