import { expect, it } from 'vitest';
import { newKeyPair } from '../../lib/format/age-identity';
import { FOLDER, gist, givenApp, givenDatabase, SHOP_ROWS } from './deployment';

const DRILL = { path: '/api/cron/drill' };

it('the route drills the newest backup, and keeps the report beside the manifests', async () => {
	const sqld = await givenDatabase();
	const { next, blob, names } = await givenApp(sqld.url);
	expect(gist(await next.ask({ ...DRILL, authorization: null }))).toEqual([401, 'UNAUTHORIZED']);
	const early = await next.ask(DRILL);
	expect(gist(early)).toEqual([500, 'BACKUP_NOT_FOUND']);
	const made = await next.ask();
	const before = names();
	const done = await next.ask({ ...DRILL, headers: { 'x-vercel-cron-schedule': '0 4 1 * *' } });
	expect(gist(done)).toEqual([200, 'passed']);
	const { drill, kept } = done.body;
	expect(drill).toMatchObject({
		trigger: 'cron',
		backup: { id: made.body.backup.id, rows: SHOP_ROWS },
		target: 'scratch',
		failure: null,
	});
	expect(drill.recovery.durationMs).toBeGreaterThan(0);
	expect(kept).toEqual({ name: `${FOLDER}${drill.id}.json`, prunedReports: 0 });
	expect(JSON.parse((await blob.contentOf(kept.name)).toString())).toEqual(drill);
	expect(names().filter((name) => !before.includes(name))).toEqual([`${drill.id}.json`]);
	expect(gist(await next.ask())).toEqual([200, 'skipped']);
});

it('the route says that it cannot open what is sealed: that is no pass', async () => {
	const sqld = await givenDatabase();
	const { recipient } = await newKeyPair(false);
	const { next } = await givenApp(sqld.url, { BACKUP_AGE_RECIPIENTS: recipient });
	expect(gist(await next.ask())).toEqual([200, 'done']);
	const failed = await next.ask(DRILL);
	expect(gist(failed)).toEqual([500, 'KEY_NEEDED']);
	expect(failed.body.status).toBe('failed');
	expect(failed.body.error.hint).toContain('scripts/drill.ts');
});
