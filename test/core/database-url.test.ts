import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../lib/core/database-url';

describe('parseDatabaseUrl', () => {
	it.each([
		['libsql://shop-acme.turso.io', 'https://shop-acme.turso.io', 'shop-acme.turso.io'],
		['turso://shop-acme.turso.io/', 'https://shop-acme.turso.io', 'shop-acme.turso.io'],
		['LIBSQL://Shop-Acme.Turso.IO', 'https://shop-acme.turso.io', 'shop-acme.turso.io'],
		['wss://db.example:8443', 'https://db.example:8443', 'db.example:8443'],
		['ws://127.0.0.1:8080', 'http://127.0.0.1:8080', '127.0.0.1:8080'],
		['http://localhost:8080/', 'http://localhost:8080', 'localhost:8080'],
		['https://db.example:443/base/', 'https://db.example/base', 'db.example'],
		['libsql://127.0.0.1:8080?tls=0', 'http://127.0.0.1:8080', '127.0.0.1:8080'],
		['libsql://db.example:443?tls=0', 'http://db.example:443', 'db.example:443'],
		['libsql://db.example:80?tls=0', 'http://db.example', 'db.example'],
		['libsql://db.example?tls=1', 'https://db.example', 'db.example'],
		['http://[::1]:8080', 'http://[::1]:8080', '[::1]:8080'],
	])('reads %s', (text, url, host) => {
		expect(parseDatabaseUrl(text)).toEqual({ kind: 'remote', url, host });
	});

	it('takes the token out of the query', () => {
		const database = parseDatabaseUrl('libsql://db.example?tls=0&authToken=s3cr%2Bt-token');
		expect(database).toMatchObject({ kind: 'remote', url: 'http://db.example' });
		expect(database.kind === 'remote' && database.authToken?.reveal()).toBe('s3cr+t-token');
		expect(inspect(database, { depth: 9 }) + JSON.stringify(database)).not.toContain('s3cr');
	});

	it.each([
		['file:rel.db', '/work/dir/rel.db'],
		['file:./x.db', '/work/dir/x.db'],
		['file:../x.db', '/work/x.db'],
		['file:/abs/x.db', '/abs/x.db'],
		['file:///abs/x.db', '/abs/x.db'],
		['file://localhost/abs/x.db', '/abs/x.db'],
		['file:with%20space%3F%23.db', '/work/dir/with space?#.db'],
		['file:///abs/%D0%B1.db', '/abs/б.db'],
	])('reads %s', (text, path) => {
		expect(parseDatabaseUrl(text, { cwd: '/work/dir' })).toEqual({ kind: 'file', path });
	});

	it.each([
		'',
		'shop.db',
		'/abs/shop.db',
		':memory:',
		'file::memory:',
		'file:%3Amemory%3A',
		'file:',
		'file:dir/',
		'file:x.db?mode=ro',
		'file:x.db#y',
		'file:%zz.db',
		'file:a%00b.db',
		'file://elsewhere/x.db',
		'postgres://db.example',
		'constructor://db.example',
		'libsql:db.example',
		'libsql:/db.example',
		'libsql://',
		'libsql://?tls=0',
		'libsql://:8080',
		'http://db.example:99999',
		'libsql://hunter2secret@db.example',
		'libsql://user:hunter2secret@db.example',
		'libsql://db.example#hunter2secret',
		'libsql://db.example?token=hunter2secret',
		'libsql://db.example?hunter2secret',
		'libsql://db.example?authToken=',
		'libsql://db.example?authToken=a&authToken=hunter2secret',
		'libsql://db.example?tls=2',
		'https://db.example?tls=0',
		'ws://db.example?tls=1',
	])('refuses %s, and says nothing of it', (text) => {
		let caught: unknown;
		try {
			parseDatabaseUrl(text);
		} catch (error) {
			caught = error;
		}
		expect(caught).toMatchObject({ code: 'USAGE_INVALID' });
		expect(inspect(caught, { depth: 9 }).split('\n    at ')[0]).not.toContain('hunter2');
	});
});
