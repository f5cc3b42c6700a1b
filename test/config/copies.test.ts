import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/load';
import { redactSecrets } from '../../lib/config/redact';

const KEYS = {
	BACKUP_S3_OFFSITE_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
	BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const OFFSITE = { BACKUP_COPIES: 'offsite', BACKUP_S3_OFFSITE_BUCKET: 'my-backups', ...KEYS };

const copiesOf = (env: Record<string, string>) => loadConfig(env, { cwd: '/w' }).copies;
/** What is wrong with the one copy that is, and what is told of it. */
const blamed = (env: Record<string, string>) => {
	const [wrong, ...more] = copiesOf(env).filter(({ store }) => store.kind === 'invalid');
	if (wrong?.store.kind !== 'invalid' || more.length > 0) throw new Error('not one copy is wrong');
	return { name: wrong.name, error: wrong.store.error, shown: inspect(wrong, { depth: 9 }) };
};

describe('BACKUP_COPIES', () => {
	it('names buckets and folders, in order', () => {
		const env = { ...OFFSITE, BACKUP_COPIES: 'nas, offsite', BACKUP_FOLDER_NAS: 'mnt/nas', BACKUP_PREFIX: 'b/c' };
		const [nas, offsite] = copiesOf(env);
		expect(nas).toEqual({ name: 'nas', store: { kind: 'local', directory: '/w/mnt/nas' } });
		expect(offsite).toMatchObject({
			name: 'offsite',
			store: {
				kind: 's3',
				endpoint: null,
				region: 'us-east-1',
				bucket: 'my-backups',
				prefix: 'b/c',
				readCredentials: null,
				pruneCredentials: null,
				settings: { encryption: null, kmsKeyId: null, storageClass: null, lock: null },
			},
		});
	});

	it('takes every setting', () => {
		const [copy] = copiesOf({
			...OFFSITE,
			BACKUP_S3_OFFSITE_ENDPOINT: 'https://account.r2.cloudflarestorage.com/',
			BACKUP_S3_OFFSITE_REGION: 'auto',
			BACKUP_S3_OFFSITE_PREFIX: 'p',
			BACKUP_S3_OFFSITE_READ_ACCESS_KEY_ID: 'reader',
			BACKUP_S3_OFFSITE_READ_SECRET_ACCESS_KEY: 'reader-secret',
			BACKUP_S3_OFFSITE_PRUNE_ACCESS_KEY_ID: 'pruner',
			BACKUP_S3_OFFSITE_PRUNE_SECRET_ACCESS_KEY: 'pruner-secret',
			BACKUP_S3_OFFSITE_ENCRYPTION: 'aws:kms',
			BACKUP_S3_OFFSITE_KMS_KEY_ID: 'key-1',
			BACKUP_S3_OFFSITE_STORAGE_CLASS: 'STANDARD_IA',
			BACKUP_S3_OFFSITE_LOCK_MODE: 'COMPLIANCE',
			BACKUP_S3_OFFSITE_LOCK_DAYS: '30',
		});
		if (copy?.store.kind !== 's3') throw new Error('not a bucket');
		const { store } = copy;
		expect(store).toMatchObject({ endpoint: 'https://account.r2.cloudflarestorage.com', region: 'auto', prefix: 'p' });
		expect(store.readCredentials?.secretAccessKey.reveal()).toBe('reader-secret');
		expect(store.pruneCredentials?.accessKeyId.reveal()).toBe('pruner');
		expect(store.settings).toEqual({
			encryption: 'aws:kms',
			kmsKeyId: 'key-1',
			storageClass: 'STANDARD_IA',
			lock: { mode: 'COMPLIANCE', days: 30 },
		});
	});

	it('may be read without a key to write with', () => {
		const env = {
			BACKUP_COPIES: 'offsite',
			BACKUP_S3_OFFSITE_BUCKET: 'my-backups',
			BACKUP_S3_OFFSITE_READ_ACCESS_KEY_ID: 'reader',
			BACKUP_S3_OFFSITE_READ_SECRET_ACCESS_KEY: 'reader-secret',
		};
		expect(copiesOf(env)).toMatchObject([{ store: { credentials: null } }]);
	});

	it.each([
		[{ BACKUP_COPIES: 'Offsite' }, ['BACKUP_COPIES']],
		[{ BACKUP_COPIES: 'off-site' }, ['BACKUP_COPIES']],
		[{ BACKUP_COPIES: 'a,,b' }, ['BACKUP_COPIES']],
		[{ BACKUP_COPIES: 'primary' }, ['BACKUP_COPIES']],
		[{ BACKUP_COPIES: 'nas,nas', BACKUP_FOLDER_NAS: 'x' }, ['BACKUP_COPIES']],
		[{ BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: 'backups' }, ['BACKUP_FOLDER_NAS']],
		[{ BACKUP_COPIES: 'offsite' }, ['BACKUP_S3_OFFSITE_BUCKET']],
		[{ BACKUP_COPIES: 'offsite', BACKUP_S3_OFFSITE_BUCKET: 'abc' }, ['BACKUP_S3_OFFSITE_ACCESS_KEY_ID']],
		[{ ...OFFSITE, BACKUP_FOLDER_OFFSITE: 'x' }, ['BACKUP_S3_OFFSITE_BUCKET']],
		[{ ...OFFSITE, BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: '' }, ['BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY']],
		[{ ...OFFSITE, BACKUP_S3_OFFSITE_ENDPOINT: 'https://u:p@h' }, ['BACKUP_S3_OFFSITE_ENDPOINT']],
		[{ ...OFFSITE, BACKUP_S3_OFFSITE_ENDPOINT: 'https://h/bucket' }, ['BACKUP_S3_OFFSITE_ENDPOINT']],
		[{ ...OFFSITE, BACKUP_S3_OFFSITE_LOCK_MODE: 'GOVERNANCE' }, ['BACKUP_S3_OFFSITE_LOCK_DAYS']],
		[{ ...OFFSITE, BACKUP_S3_OFFSITE_LOCK_DAYS: '0' }, ['BACKUP_S3_OFFSITE_LOCK_DAYS']],
		[{ ...OFFSITE, BACKUP_S3_OFFSITE_KMS_KEY_ID: 'k' }, ['BACKUP_S3_OFFSITE_KMS_KEY_ID']],
		[{ ...OFFSITE, BACKUP_S3_OFFSITE_LOCKMODE: 'GOVERNANCE' }, ['BACKUP_S3_OFFSITE_LOCKMODE']],
		[{ BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: 'x', VERCEL: '1', BLOB_STORE_ID: 'x' }, ['BACKUP_FOLDER_NAS']],
	])('refuses %o, as an error of that copy alone', (env, variables) => {
		const { name, error, shown } = blamed(env as Record<string, string>);
		expect(error).toMatchObject({ code: 'CONFIG_INVALID', data: { variables } });
		expect(name).toBe(variables[0] === 'BACKUP_COPIES' ? 'BACKUP_COPIES' : env.BACKUP_COPIES);
		for (const secret of Object.values(KEYS)) expect(shown).not.toContain(secret);
	});

	it('of which one is wrong has the others all the same', () => {
		const env = { ...OFFSITE, BACKUP_COPIES: 'offsite,nas', BACKUP_S3_OFFSITE_REGION: 'no region' };
		const copies = copiesOf({ ...env, BACKUP_FOLDER_NAS: 'x' });
		expect(copies.map(({ name, store }) => [name, store.kind])).toEqual([
			['offsite', 'invalid'],
			['nas', 'local'],
		]);
	});

	it('does not hide what else is wrong', () => {
		const env = { BACKUP_COPIES: 'Offsite', BACKUP_PROOF: 'maybe' };
		expect(() => loadConfig(env)).toThrow(
			expect.objectContaining({ code: 'CONFIG_INVALID', data: { variables: ['BACKUP_PROOF'] } }),
		);
	});

	it('leaves no key in any text', () => {
		const text = Object.values(KEYS).join(' and ');
		expect(redactSecrets(text, OFFSITE)).toBe('[redacted] and [redacted]');
		expect(redactSecrets(text, KEYS)).toBe('[redacted] and [redacted]');
		expect(inspect(loadConfig(OFFSITE), { depth: 9 })).not.toContain('wJalr');
	});
});
