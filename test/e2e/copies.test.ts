import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithRadosgw, type Radosgw, startRadosgw } from '../support/radosgw';
import { gist, givenApp, givenDatabase } from './deployment';

describeWithRadosgw('the built app with a copy in a bucket', () => {
	let server: Radosgw;
	beforeAll(async () => {
		server = await startRadosgw();
	}, 180_000);
	afterAll(() => server?.close());

	it('copies with a key that may only write, reports a copy that fails, and makes it good', async () => {
		const sqld = await givenDatabase();
		const bucket = await server.makeBucket();
		const keys = await server.makeUser(bucket, ['s3:PutObject']);
		const { next } = await givenApp(sqld.url, {
			BACKUP_COPIES: 'offsite',
			BACKUP_S3_OFFSITE_ENDPOINT: server.url,
			BACKUP_S3_OFFSITE_BUCKET: bucket,
			BACKUP_S3_OFFSITE_ACCESS_KEY_ID: keys.accessKeyId,
			BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: keys.secretAccessKey,
		});
		await server.kill();
		const done = await next.ask();
		expect(gist(done)).toEqual([200, 'done']);
		expect(done.body.copies).toMatchObject([
			{ name: 'offsite', status: 'failed', error: { code: 'STORE_UNREACHABLE' } },
		]);
		await server.restart();
		const again = await next.ask();
		expect(gist(again)).toEqual([200, 'skipped']);
		const id = done.body.backup.id;
		expect(again.body.copies).toMatchObject([{ status: 'done', copied: [id], checked: 'server', missing: 0 }]);
		for (const { text } of [done, again])
			for (const secret of [keys.accessKeyId, keys.secretAccessKey]) expect(text).not.toContain(secret);
	}, 240_000);
});
