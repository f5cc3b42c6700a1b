import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { givenFolder } from '../support/given-folder';
import { SECRETS } from '../support/secrets';
import { gist, givenDatabase, givenServer } from './deployment';

const PRELOAD = `--import=${new URL('../support/list-loaded.mjs', import.meta.url).href}`;

// As a package of its own it costs a fresh function 140 ms before its first request to the database.
test('the route has the client of the database in its own chunks, and its native driver beside them', async () => {
	const sqld = await givenDatabase();
	const folder = await givenFolder();
	const next = await givenServer({
		...SECRETS,
		BLOB_READ_WRITE_TOKEN: '',
		TURSO_DATABASE_URL: sqld.url,
		BACKUP_LOCAL_DIR: join(folder, 'backups'),
		BACKUP_SCRATCH_DIR: folder,
		NODE_OPTIONS: PRELOAD,
		LIFEBOAT_TEST_LOADED: join(folder, 'loaded'),
	});
	const done = await next.ask();
	expect(gist(done)).toEqual([200, 'done']);
	// The scratch database is the native driver's.
	expect(done.body.backup.proof).toBe('restored');
	expect(await readFile(join(folder, 'loaded'), 'utf8')).not.toMatch(/node_modules\/@libsql\/(client|hrana-client)\//);
});
