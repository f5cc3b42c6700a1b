import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig, loadCronSecret, loadStatusPassword } from '../../lib/config/load';
import { redactSecrets } from '../../lib/config/redact';
import { resolveTarget } from '../../lib/config/restore-target';
import type { DatabaseUrl } from '../../lib/core/database-url';
import { LifeboatError } from '../../lib/core/errors';

function failure(act: () => unknown): LifeboatError {
	try {
		act();
	} catch (error) {
		if (error instanceof LifeboatError) return error;
		throw error;
	}
	throw new Error('it did not fail');
}

const tokenOf = (database: DatabaseUrl | null) =>
	database?.kind === 'remote' ? database.authToken?.reveal() : undefined;

describe('loadConfig', () => {
	it('has a default for all that can have one', () => {
		expect(loadConfig({}, { cwd: '/w' })).toEqual({
			database: null,
			restoreDatabase: null,
			restoreAuthToken: null,
			restoreTarget: null,
			cronSecret: null,
			store: { kind: 'local', directory: '/w/backups' },
			blob: null,
			copies: [],
			localDir: '/w/backups',
			prefix: 'backups',
			name: null,
			proof: 'restore',
			source: 'primary',
			platform: null,
			rtoMinutes: 60,
			rpoMinutes: 1_470,
			recipients: [],
			ageIdentity: null,
			retention: { daily: 7, weekly: 5, monthly: 12, yearly: 7 },
			scratchDir: tmpdir(),
			keyNames: [],
			secretOf: expect.any(Function),
			media: [{ table: 'MediaAsset', url: 'url', pathname: 'blobPathname', more: 'all', byDefault: true }],
			mediaBlob: null,
			mediaAccess: 'public',
			elsewhere: [],
			maxDurationSeconds: 300,
			watch: {
				slack: null,
				webhook: null,
				email: null,
				heartbeat: null,
				rowsDropPercent: 50,
				sizeDropPercent: 50,
				ignoredTables: [],
				maxAgeHours: 26,
				drillMaxAgeDays: 35,
				copyMaxAgeHours: 26,
			},
			telemetry: null,
			isDeployed: false,
		});
	});

	it('lists every problem at once, by name and never by value', () => {
		const env = {
			TURSO_DATABASE_URL: 'libsql://user:tvalue-one@db.example',
			TURSO_AUTH_TOKEN: 'tvalue two',
			RESTORE_DATABASE_URL: 'tvalue-three',
			RESTORE_AUTH_TOKEN: 'tvalue\nfour',
			CRON_SECRET: 'tvalue-five',
			BLOB_READ_WRITE_TOKEN: 'tvalue-six-ü',
			BLOB_STORE_ID: 'tvalue/seven',
			BACKUP_STORE: 'tvalue-eight',
			BACKUP_PREFIX: '../tvalue-nine',
			BACKUP_NAME: 'tvalue/ten',
			BACKUP_PROOF: 'tvalue-eleven',
			BACKUP_SCRATCH_DIR: 'tvalue'.repeat(1000),
			BACKUP_MAX_DURATION_SECONDS: '-77',
		};
		const error = failure(() => loadConfig(env, { need: ['database', 'cronSecret', 'store', 'name'] }));
		expect(error.code).toBe('CONFIG_INVALID');
		expect([...(error.data.variables as string[])].sort()).toEqual(Object.keys(env).sort());
		for (const variable of Object.keys(env)) expect(error.message.split(`${variable} `)).toHaveLength(2);
		expect(inspect(error, { depth: 9 })).not.toMatch(/tvalue|77/);
	});

	it('asks only for what is needed', () => {
		expect(() => loadConfig({}, { need: ['store'] })).not.toThrow();
		const error = failure(() => loadConfig({}, { need: ['database', 'restoreTarget', 'cronSecret', 'blob', 'name'] }));
		expect(error.data.variables).toEqual(['TURSO_DATABASE_URL', 'CRON_SECRET', 'BLOB_READ_WRITE_TOKEN']);
	});

	it('wants a token for Turso Cloud, and only there', () => {
		const need = { need: ['database'] } as const;
		expect(failure(() => loadConfig({ TURSO_DATABASE_URL: 'libsql://a.turso.io' }, need)).data.variables).toEqual([
			'TURSO_AUTH_TOKEN',
		]);
		expect(() => loadConfig({ TURSO_DATABASE_URL: 'libsql://a.turso.io' })).not.toThrow();
		expect(() => loadConfig({ TURSO_DATABASE_URL: 'http://127.0.0.1:8080' }, need)).not.toThrow();
	});

	it('trims values, and takes an empty one as unset', () => {
		const config = loadConfig({
			TURSO_DATABASE_URL: ' https://db.example\n',
			TURSO_AUTH_TOKEN: 'tok-1\n',
			CRON_SECRET: ' ',
		});
		expect(tokenOf(config.database)).toBe('tok-1');
		expect(config.cronSecret).toBeNull();
	});

	it.each([
		['libsql://shop-acme.turso.io', 'shop-acme.turso.io'],
		['http://127.0.0.1:8080', '127.0.0.1-8080'],
		['http://[::1]:8080', '1-8080'],
		['file:data/chinook.db', 'chinook.db'],
		['file:my%20shop!.db', 'my-shop-.db'],
		['file:..%2F...', null],
		[`file:${'x'.repeat(150)}.db`, 'x'.repeat(100)],
	])('names the backups of %s %s', (TURSO_DATABASE_URL, name) => {
		expect(loadConfig({ TURSO_DATABASE_URL }).name).toBe(name);
		expect(loadConfig({ TURSO_DATABASE_URL, BACKUP_NAME: 'given' }).name).toBe('given');
	});

	it.each(['.', '..', 'a/../b', '/a', 'a/', 'a//b', 'a b', 'a%2fb'])('refuses the prefix %s', (BACKUP_PREFIX) => {
		expect(failure(() => loadConfig({ BACKUP_PREFIX })).data.variables).toEqual(['BACKUP_PREFIX']);
	});

	it('accepts a token in the URL, and none that contradicts it', () => {
		const TURSO_DATABASE_URL = 'libsql://db.example?authToken=one';
		expect(tokenOf(loadConfig({ TURSO_DATABASE_URL }).database)).toBe('one');
		expect(tokenOf(loadConfig({ TURSO_DATABASE_URL, TURSO_AUTH_TOKEN: 'one' }).database)).toBe('one');
		expect(failure(() => loadConfig({ TURSO_DATABASE_URL, TURSO_AUTH_TOKEN: 'two' })).data.variables).toEqual([
			'TURSO_DATABASE_URL',
		]);
	});
});

describe('the store', () => {
	const blob = { BLOB_READ_WRITE_TOKEN: 'vercel_blob_rw_x' };
	const need = { need: ['store'], cwd: '/w' } as const;

	it('is the Blob store with either kind of credentials, the token first', () => {
		expect(loadConfig(blob, need).store).toMatchObject({ kind: 'vercel-blob', credentials: { kind: 'token' } });
		expect(loadConfig({ BLOB_STORE_ID: 'store_1' }, need).store).toEqual({
			kind: 'vercel-blob',
			credentials: { kind: 'oidc', storeId: 'store_1' },
		});
		expect(loadConfig({ ...blob, BLOB_STORE_ID: 'store_1' }, need).store).toMatchObject({
			credentials: { kind: 'token' },
		});
	});

	it('is the local folder when told so, credentials or not', () => {
		expect(loadConfig({ ...blob, BACKUP_STORE: 'local', BACKUP_LOCAL_DIR: 'k' }, need)).toMatchObject({
			store: { kind: 'local', directory: '/w/k' },
			blob: { kind: 'token' },
		});
	});

	it('is never the local folder when deployed on Vercel', () => {
		for (const where of [{ VERCEL: '1' }, { VERCEL_ENV: 'production' }, { VERCEL: '1', VERCEL_ENV: 'preview' }]) {
			expect(failure(() => loadConfig(where, need)).data.variables).toEqual(['BLOB_READ_WRITE_TOKEN']);
			expect(failure(() => loadConfig({ ...where, BACKUP_STORE: 'local' }, need)).data.variables).toEqual([
				'BACKUP_STORE',
			]);
			expect(loadConfig({ ...where, ...blob }, need).store.kind).toBe('vercel-blob');
		}
		// What `vercel env pull` writes on a developer's machine.
		expect(loadConfig({ VERCEL: '1', VERCEL_ENV: 'development' }, need).store.kind).toBe('local');
	});

	it('is not replaced by the local folder when the Blob store is asked for', () => {
		expect(failure(() => loadConfig({ BACKUP_STORE: 'vercel-blob' }, need)).data.variables).toEqual([
			'BLOB_READ_WRITE_TOKEN',
		]);
	});
});

describe('the target of a restore', () => {
	const source = { TURSO_DATABASE_URL: 'https://a.example', TURSO_AUTH_TOKEN: 'token-a' };

	it("gets the source's token at the same host only", () => {
		const at = (RESTORE_DATABASE_URL: string) => tokenOf(loadConfig({ ...source, RESTORE_DATABASE_URL }).restoreTarget);
		expect(at('libsql://a.example')).toBe('token-a');
		expect(at('https://b.example')).toBeUndefined();
		expect(at('https://a.example:8443')).toBeUndefined();
		expect(at('https://a.example.evil.example')).toBeUndefined();
	});

	it('is the source if nothing else is set, by the token for restoring', () => {
		expect(tokenOf(loadConfig(source).restoreTarget)).toBe('token-a');
		const config = loadConfig({ ...source, RESTORE_AUTH_TOKEN: 'token-w' });
		expect(tokenOf(config.restoreTarget)).toBe('token-w');
		expect(tokenOf(config.database)).toBe('token-a');
	});

	it('given by hand never gets a token that was set for another host', () => {
		const config = loadConfig({ ...source, RESTORE_DATABASE_URL: 'https://b.example', RESTORE_AUTH_TOKEN: 'token-b' });
		expect(tokenOf(resolveTarget(config))).toBe('token-b');
		expect(tokenOf(resolveTarget(config, 'https://b.example'))).toBe('token-b');
		expect(tokenOf(resolveTarget(config, 'https://a.example'))).toBe('token-a');
		expect(tokenOf(resolveTarget(config, 'https://c.example'))).toBeUndefined();
		expect(tokenOf(resolveTarget(config, 'https://c.example?authToken=token-c'))).toBe('token-c');
		expect(resolveTarget(config, 'file:x.db', '/w')).toEqual({ kind: 'file', path: '/w/x.db' });
	});

	it('given by hand gets RESTORE_AUTH_TOKEN when that was set for no host', () => {
		const config = loadConfig({ ...source, RESTORE_AUTH_TOKEN: 'token-w' });
		expect(tokenOf(resolveTarget(config, 'https://c.example'))).toBe('token-w');
	});
});

describe('loadCronSecret', () => {
	it('looks at nothing else', () => {
		expect(loadCronSecret({ CRON_SECRET: '0123456789abcdef', BACKUP_PROOF: 'nonsense' }).reveal()).toBe(
			'0123456789abcdef',
		);
		for (const CRON_SECRET of [undefined, '', '  ', 'short', 'has a space in it', 'x'.repeat(513)]) {
			const error = failure(() => loadCronSecret({ CRON_SECRET, BACKUP_PROOF: 'nonsense' }));
			expect(error.code).toBe('CONFIG_INVALID');
			expect(error.data.variables).toEqual(['CRON_SECRET']);
		}
	});
});

describe('loadStatusPassword', () => {
	it('looks at nothing else, and need not be set', () => {
		const load = (STATUS_PASSWORD?: string) => loadStatusPassword({ STATUS_PASSWORD, BACKUP_PROOF: 'nonsense' });
		for (const text of ['twelve chars', 'x'.repeat(512), 'zw\u00f6lf Zeichen \u{1f511}'])
			expect(load(` ${text} `)?.reveal()).toBe(text);
		// Of two ways to write a letter, one.
		expect(load('zwo\u0308lf Zeichen')?.reveal()).toBe('zw\u00f6lf Zeichen');
		for (const text of [undefined, '', '  ']) expect(load(text)).toBeNull();
		for (const text of ['eleven char', 'x'.repeat(513), 'a line\nand another', 'a NUL in\0 it']) {
			const error = failure(() => load(text));
			expect(error.code).toBe('CONFIG_INVALID');
			expect(error.data.variables).toEqual(['STATUS_PASSWORD']);
			expect(inspect(error)).not.toContain(text);
			// It costs the page, and not the backup.
			expect(loadConfig({ STATUS_PASSWORD: text })).toMatchObject({ prefix: 'backups' });
		}
	});
});

describe('redactSecrets', () => {
	it('takes every secret out of a text', () => {
		const env = {
			CRON_SECRET: 'cron-secret-value',
			TURSO_AUTH_TOKEN: ' tok+en/value ',
			TURSO_DATABASE_URL: 'libsql://h?authToken=url-token',
			RESTORE_DATABASE_URL: 'libsql://me:pass-word@h',
			BLOB_READ_WRITE_TOKEN: 'x',
		};
		const text = 'cron-secret-value tok+en/value tok%2Ben%2Fvalue url-token pass-word x backups';
		expect(redactSecrets(text, env)).toBe('[redacted] [redacted] [redacted] [redacted] [redacted] x backups');
	});

	it('takes the keys out of lists of headers', () => {
		const env = {
			OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-key, x-key=other-key',
			OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'key=100%-wrong',
		};
		const text = 'Bearer collector-key, collector-key, Bearer%20collector-key, other-key, 100%-wrong';
		const left = redactSecrets(text, env);
		expect(left.replaceAll(/Bearer(%20| )/g, '')).toBe('[redacted], [redacted], [redacted], [redacted], [redacted]');
	});
});

describe('the targets of a recovery', () => {
	it.each(['0', '-1', '1.5', '1h', '527041', '9999999'])('are not %s minutes', (minutes) => {
		for (const variable of ['BACKUP_RTO_MINUTES', 'BACKUP_RPO_MINUTES'])
			expect(() => loadConfig({ [variable]: minutes })).toThrow(
				expect.objectContaining({ code: 'CONFIG_INVALID', data: { variables: [variable] } }),
			);
	});
});

describe("Turso's Platform API", () => {
	const env = { TURSO_API_TOKEN: 'platform-token-0123456789', TURSO_ORGANIZATION: 'acme' };

	it('is there with a token and an organization', () => {
		const { platform } = loadConfig(env);
		expect(platform).toMatchObject({ organization: 'acme', url: 'https://api.turso.tech' });
		expect(platform?.token.reveal()).toBe(env.TURSO_API_TOKEN);
		expect(loadConfig({ TURSO_API_TOKEN: env.TURSO_API_TOKEN }).platform).toBeNull();
	});

	it.each([
		'http://api.turso.tech',
		'https://api.turso.tech/v1',
		'https://a:b@api.turso.tech',
		'api.turso.tech',
		'ftp://x',
	])('gets its token nowhere like %s', (url) => {
		expect(() => loadConfig({ ...env, TURSO_API_URL: url })).toThrow(
			expect.objectContaining({ code: 'CONFIG_INVALID', data: { variables: ['TURSO_API_URL'] } }),
		);
	});

	it.each(['https://api.example.com/', 'http://127.0.0.1:8080', 'http://localhost:8080'])('may be at %s', (url) => {
		expect(loadConfig({ ...env, TURSO_API_URL: url }).platform?.url).toBe(new URL(url).origin);
	});
});
