import { describe, expect, it } from 'vitest';
import { leadsTo, mediaKey } from '../../../lib/backup/media/media-key';
import { MediaReader } from '../../../lib/backup/media/media-rows';
import type { MediaTable } from '../../../lib/core/media-table';
import type { TableOpen } from '../../../lib/format/records';

const ASSETS: MediaTable = { table: 'mediaasset', url: 'url', pathname: 'blobPathname', more: 'all' };
const TABLE: TableOpen = {
	kind: 'table',
	name: 'MediaAsset',
	columns: ['id', 'URL', 'blobPathname', 'size'],
	rowid: 'rowid',
};
const LINES = [
	'[1,1,"https://s.public.blob.vercel-storage.com/a.png","a.png",2.50]',
	'[2,2,null,{"b":"00FF"},9223372036854775807]',
	'[3,3,"with \\"quotes\\" and ]","ü",null]',
];
const ROWS = Buffer.from(`${LINES.join('\n')}\n`);

function rowsOf(reader: MediaReader, ...chunks: Uint8Array[]) {
	return chunks.flatMap((chunk) => [...reader.rows(chunk)]);
}

describe('rows that name Blob objects', () => {
	it('are read by the names of columns in any case, wherever their bytes are cut', () => {
		const whole = new MediaReader([ASSETS]);
		whole.open(TABLE);
		const rows = rowsOf(whole, ROWS);
		expect(rows).toEqual([
			{ table: 'MediaAsset', url: 'https://s.public.blob.vercel-storage.com/a.png', pathname: 'a.png' },
			{ table: 'MediaAsset', url: null, pathname: null },
			{ table: 'MediaAsset', url: 'with "quotes" and ]', pathname: 'ü' },
		]);
		expect(whole.found).toEqual([{ table: 'MediaAsset', url: 'URL', pathname: 'blobPathname', rows: 3, skipped: 0 }]);
		for (let at = 0; at <= ROWS.length; at++) {
			const cut = new MediaReader([ASSETS]);
			cut.open(TABLE);
			expect(rowsOf(cut, ROWS.subarray(0, at), ROWS.subarray(at))).toEqual(rows);
		}
		whole.open(TABLE);
		const more = ['{"id":1,"size":2.5}', '{"id":2,"size":"9223372036854775807"}', '{"id":3,"size":null}'];
		expect([...whole.texts(ROWS)].map((row) => row.more)).toEqual(more);
	});

	it('are none of other tables, nor of one without the columns', () => {
		const reader = new MediaReader([ASSETS]);
		for (const table of [
			{ ...TABLE, name: 'Other' },
			{ ...TABLE, columns: ['id', 'x', 'y', 'z'] },
		]) {
			reader.open(table);
			expect(rowsOf(reader, ROWS)).toEqual([]);
		}
		expect(reader.found).toEqual([]);
	});

	it('that are too long are counted, and not held', () => {
		const reader = new MediaReader([ASSETS]);
		reader.open(TABLE);
		const long = Buffer.from(`[4,4,null,"${'x'.repeat(3_000_000)}",1]\n`);
		const pieces = [long.subarray(0, 700_000), long.subarray(700_000, 1_400_000), long.subarray(1_400_000)];
		expect(rowsOf(reader, ROWS, ...pieces, ROWS)).toHaveLength(6);
		expect(reader.found).toMatchObject([{ rows: 6, skipped: 1 }]);
	});
});

describe('the blob that a row names', () => {
	const url = 'https://s.public.blob.vercel-storage.com/a%20b/c.png?download=1';
	it.each([
		[{ url, pathname: 'as it was asked for' }, 'a b/c.png'],
		[{ url: 'https://example.com/x.png', pathname: null }, null],
		[{ url: 'https://cdn.example.com/x.png', pathname: 'x.png' }, 'x.png'],
		[{ url: null, pathname: 'x.png' }, 'x.png'],
		[{ url: '', pathname: '' }, null],
		[{ url: 'https://s.public.blob.vercel-storage.com/%E0%A4', pathname: null }, null],
		[{ url: 'https://blob.vercel-storage.com.example.com/x', pathname: null }, null],
	])('%o is %s', (row, key) => {
		expect(mediaKey(row)).toBe(key);
	});

	it('is found by its URL in its own store only', () => {
		const blob = 'https://s.public.blob.vercel-storage.com/a%20b/c.png';
		expect(leadsTo(url, blob)).toBe(true);
		expect(leadsTo(null, blob)).toBe(true);
		expect(leadsTo('https://cdn.example.com/c.png', blob)).toBe(true);
		expect(leadsTo('https://t.public.blob.vercel-storage.com/a%20b/c.png', blob)).toBe(false);
	});
});
