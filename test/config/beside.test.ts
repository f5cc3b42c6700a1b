import { describe, expect, it } from 'vitest';
import { parseElsewhere } from '../../lib/config/elsewhere';
import { loadConfig } from '../../lib/config/load';
import { parseMedia } from '../../lib/config/media';
import { redactSecrets } from '../../lib/config/redact';

describe('BACKUP_MEDIA', () => {
	it.each([
		['none', []],
		['Photo(url)', [{ table: 'Photo', url: 'url', pathname: null, more: [] }]],
		[' Doc ( , path ) ', [{ table: 'Doc', url: null, pathname: 'path', more: [] }]],
		[
			'A(u,p,alt,size);B(u,,*);',
			[
				{ table: 'A', url: 'u', pathname: 'p', more: ['alt', 'size'] },
				{ table: 'B', url: 'u', pathname: null, more: 'all' },
			],
		],
	])('%j', (text, tables) => {
		expect(parseMedia(text)).toEqual(tables);
	});

	it.each([
		'',
		';',
		'Photo',
		'Photo()',
		'Photo(,)',
		'Photo(*)',
		'Photo(url',
		'Photo(url)x',
		'(url)',
		'A(u,p,)',
		'A(u,p,*,x)',
	])('is not %j', (text) => {
		expect(parseMedia(text)).toBeNull();
	});
});

describe('BACKUP_ELSEWHERE', () => {
	it('is what, a colon, and where', () => {
		expect(parseElsewhere('a: b; c d : https://e')).toEqual([
			{ what: 'a', where: 'b' },
			{ what: 'c d', where: 'https://e' },
		]);
		for (const text of ['a', ': b', 'a:', 'a: b; c', ';']) expect(parseElsewhere(text)).toBeNull();
	});
});

describe('keys', () => {
	const env = { BACKUP_KEY_FINGERPRINTS: 'A_KEY, B_KEY', A_KEY: ' not trimmed ', B_KEY: '' };

	it('are what the application finds', () => {
		const { keyNames, secretOf } = loadConfig(env);
		expect(keyNames).toEqual(['A_KEY', 'B_KEY']);
		expect([secretOf('A_KEY')?.reveal(), secretOf('B_KEY'), secretOf('C_KEY')]).toEqual([' not trimmed ', null, null]);
		expect(String(secretOf('A_KEY'))).toBe('[redacted]');
	});

	it('are never printed', () => {
		expect(redactSecrets('it is not trimmed so', env)).toBe('it is [redacted] so');
	});
});

describe('the store of media', () => {
	it('is one of its own, or that of the backups', () => {
		const tokenOf = (given: Record<string, string>) => {
			const { mediaBlob } = loadConfig(given);
			return mediaBlob?.kind === 'token' ? mediaBlob.token.reveal() : mediaBlob;
		};
		const backups = { BLOB_READ_WRITE_TOKEN: 'vercel_blob_rw_a_b' };
		expect(tokenOf({})).toBeNull();
		expect(tokenOf(backups)).toBe('vercel_blob_rw_a_b');
		expect(tokenOf({ ...backups, MEDIA_READ_WRITE_TOKEN: 'vercel_blob_rw_c_d' })).toBe('vercel_blob_rw_c_d');
		expect(tokenOf({ BLOB_STORE_ID: 'store_x' })).toEqual({ kind: 'oidc', storeId: 'store_x' });
	});
});
