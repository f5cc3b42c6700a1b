import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newKeyPair } from '../../lib/format/age-identity';
import { runScript } from '../support/cli';
import { givenFolder } from '../support/given-folder';
import { describeWithRadosgw, type Radosgw, startRadosgw } from '../support/radosgw';
import { FOLDER, gist, givenApp, givenDatabase, givenServer, SHOP_ROWS } from './deployment';

describeWithRadosgw('the built app that seals its backups', () => {
	let server: Radosgw;
	beforeAll(async () => {
		server = await startRadosgw();
	}, 180_000);
	afterAll(() => server?.close());

	it('holds nothing that opens them: whoever has its whole environment opens none', async () => {
		const sqld = await givenDatabase();
		const bucket = await server.makeBucket();
		const writer = await server.makeUser(bucket, ['s3:PutObject']);
		const pairs = await Promise.all([newKeyPair(false), newKeyPair(true)]);
		const recipients = pairs.map(({ recipient }) => recipient);
		const { next, blob, env, manifests } = await givenApp(sqld.url, {
			BACKUP_AGE_RECIPIENTS: recipients.join(','),
			BACKUP_COPIES: 'offsite',
			BACKUP_S3_OFFSITE_ENDPOINT: server.url,
			BACKUP_S3_OFFSITE_BUCKET: bucket,
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: writer.accessKeyId,
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: writer.secretAccessKey,
		});
		const done = await next.ask();
		expect(gist(done)).toEqual([200, 'done']);
		const { id } = done.body.backup;
		expect(done.body.copies).toMatchObject([{ status: 'done', copied: [id], checked: 'server' }]);
		const name = `${id}.ndjson.gz.age`;
		expect(await manifests()).toMatchObject([
			{ object: { name, recipients }, proof: { kind: 'restored', of: 'stream', notes: [] } },
		]);
		expect((await blob.contentOf(FOLDER + name)).toString('latin1', 0, 21)).toBe('age-encryption.org/v1');
		expect(await readdir(env.BACKUP_SCRATCH_DIR as string)).toEqual([]);

		const cwd = await givenFolder();
		const run = (script: string, words: readonly string[], more: Record<string, string> = {}) =>
			runScript(script, [...words, '--json'], { cwd, env: { ...env, ...more } });
		expect((await run('list-backups', [])).json().backups).toMatchObject([{ id, recipients }]);
		for (const [script, ...words] of [
			['verify-backup', 'latest'],
			['restore-turso', id, '--to', 'file:never.db', '--confirm'],
			['export-backup', id, '--format', 'sqlite', '--out', 'never.db'],
			['keys', '--check'],
			['drill'],
		] as const) {
			const refused = await run(script, words);
			expect([script, refused.exit, refused.json().error.code]).toEqual([script, 2, 'KEY_NEEDED']);
		}
		expect(gist(await next.ask({ path: '/api/cron/drill' }))).toEqual([500, 'KEY_NEEDED']);
		const unread = await run('verify-backup', ['latest', '--from', 'offsite']);
		expect([unread.exit, unread.json().error.code]).toEqual([6, 'STORE_REFUSED']);
		expect(await readdir(cwd)).toEqual([]);

		// Each of the two identities opens it, in the first store and in the copy.
		const reader = {
			BACKUP_S3_OFFSITE_READ_ACCESS_KEY_ID: server.accessKeyId,
			BACKUP_S3_OFFSITE_READ_SECRET_ACCESS_KEY: server.secretAccessKey,
		};
		for (const [nth, { identity }] of pairs.entries()) {
			const path = join(cwd, `${nth}.txt`);
			await writeFile(path, identity);
			const from = nth === 0 ? 'primary' : 'offsite';
			const opened = await run('verify-backup', [id, '--from', from, '--identity', path, '--drill'], reader);
			expect([opened.exit, opened.json()]).toMatchObject([0, { rows: SHOP_ROWS, drill: { notes: [] } }]);
		}

		// And the app is not to be given one.
		const { identity } = pairs[0];
		const given = await givenServer({ ...env, VERCEL: '1', VERCEL_ENV: 'production', BACKUP_AGE_IDENTITY: identity });
		const refused = await given.ask();
		expect(gist(refused)).toEqual([503, 'CONFIG_INVALID']);
		expect(refused.text).toContain('BACKUP_AGE_IDENTITY');
		for (const said of [refused.text, given.output()]) expect(said).not.toContain(identity);
	}, 240_000);
});
