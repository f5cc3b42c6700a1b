import { describe, expect, it } from 'vitest';
import type { BlobFault } from '../support/blob-faults';
import { type Deployment, gist, givenApp, givenDatabase } from './deployment';

/** The step that the log names for the one run that failed. */
function failedStep({ next }: Deployment): unknown {
	const failed = next.events().filter(({ event }) => event === 'backup.failed');
	const errors = failed.map(({ error }) => error as { data: { step?: string } });
	expect(errors).toHaveLength(1);
	return errors[0]?.data.step;
}

describe('a run that fails', () => {
	it.each<[string, BlobFault, string, string]>([
		[
			'the store refuses the upload',
			{ on: 'put', name: /ndjson/, kind: 'status', status: 403, code: 'forbidden' },
			'STORE_REFUSED',
			'storing',
		],
		[
			'the store is down for the upload',
			{ on: 'put', name: /ndjson/, kind: 'status', status: 503, code: 'service_unavailable', times: 9 },
			'STORE_UNREACHABLE',
			'storing',
		],
		['what is read back has a wrong bit', { on: 'get', name: /ndjson/, kind: 'corrupt' }, 'BACKUP_DAMAGED', 'proving'],
		['what is read back is half', { on: 'get', name: /ndjson/, kind: 'short' }, 'STORE_UNREACHABLE', 'proving'],
		[
			'the read back is refused',
			{ on: 'get', name: /ndjson/, kind: 'status', status: 403 },
			'STORE_REFUSED',
			'proving',
		],
	])('leaves nothing, and lets the next one work: %s', async (_, fault, code, step) => {
		const sqld = await givenDatabase();
		const app = await givenApp(sqld.url);
		app.blob.fault(fault);
		const answer = await app.next.ask();
		expect(gist(answer)).toEqual([500, code]);
		expect(answer.body.error.message).toContain(`${step} failed`);
		expect(failedStep(app)).toBe(step);
		expect(app.names()).toEqual(['lease.json']);
		expect(await app.leaseIsFree()).toBe(true);
		app.blob.clearFaults();
		expect(gist(await app.next.ask())).toEqual([200, 'done']);
		expect(await app.manifests()).toHaveLength(1);
	});

	it('leaves nothing when the database is down, and works when it is up again', async () => {
		const sqld = await givenDatabase();
		const app = await givenApp(sqld.url);
		await sqld.kill();
		const answer = await app.next.ask();
		expect(gist(answer)).toEqual([500, 'DATABASE_UNREACHABLE']);
		expect(failedStep(app)).toBe('opening the database');
		expect(app.names()).toEqual(['lease.json']);
		expect(await app.leaseIsFree()).toBe(true);
		await sqld.restart();
		expect(gist(await app.next.ask())).toEqual([200, 'done']);
	});

	it('says so of a dry run too', async () => {
		const { next } = await givenApp('http://127.0.0.1:9');
		expect(gist(await next.ask({ query: '?dryRun=1' }))).toEqual([500, 'DATABASE_UNREACHABLE']);
	});

	it('leaves no manifest when that cannot be written', async () => {
		const sqld = await givenDatabase();
		const app = await givenApp(sqld.url);
		const manifest = /backup-[^/]*\.json/;
		app.blob.fault({ on: 'put', name: manifest, kind: 'status', status: 403, code: 'forbidden' });
		expect(gist(await app.next.ask())).toEqual([500, 'STORE_REFUSED']);
		expect(failedStep(app)).toBe('writing the manifest');
		expect(app.names().filter((name) => name.endsWith('.json'))).toEqual(['lease.json']);
		expect(await app.leaseIsFree()).toBe(true);
		expect(gist(await app.next.ask())).toEqual([200, 'done']);
	});

	it('is none when only an answer of the store was lost', async () => {
		const sqld = await givenDatabase();
		const app = await givenApp(sqld.url);
		// The lease, the data, and the manifest: each is written, and then nothing is heard of it.
		for (const name of [/lease/, /ndjson/, /backup-[^/]*\.json/]) app.blob.fault({ on: 'put', name, kind: 'after' });
		app.blob.fault({ on: 'list', kind: 'cut' });
		expect(gist(await app.next.ask())).toEqual([200, 'done']);
		expect(await app.manifests()).toHaveLength(1);
		expect(app.names()).toHaveLength(3);
		expect(await app.leaseIsFree()).toBe(true);
	});

	it('stops and cleans up when its time is nearly over', async () => {
		const sqld = await givenDatabase();
		// 15 s of these are kept back for cleaning up.
		const app = await givenApp(sqld.url, { BACKUP_MAX_DURATION_SECONDS: '25' });
		app.blob.fault({ on: 'put', name: /ndjson/, kind: 'stall' });
		expect(gist(await app.next.ask())).toEqual([500, 'DEADLINE_NEAR']);
		expect(failedStep(app)).toBe('storing');
		expect(app.names()).toEqual(['lease.json']);
		expect(await app.leaseIsFree()).toBe(true);
	});

	it('is not undone by litter that cannot be swept', async () => {
		const sqld = await givenDatabase();
		const app = await givenApp(sqld.url);
		const old = new Date(Date.now() - 30 * 3_600_000);
		await app.blob.place('backups/shop/backup-20260101T020000Z-aaaa.ndjson.gz', 'litter', old);
		app.blob.fault({ on: 'delete', kind: 'status', status: 403, code: 'forbidden' });
		const answer = await app.next.ask();
		expect(gist(answer)).toEqual([200, 'done']);
		expect(answer.body.backup.sweepFailed).toBe('STORE_REFUSED');
	});
});
