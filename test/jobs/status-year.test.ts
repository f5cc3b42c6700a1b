import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyName, type Place } from '../../lib/backup/backup-id';
import { decodeHistory, encodeHistory, type History } from '../../lib/backup/history';
import type { EnvironmentSource } from '../../lib/config/environment';
import { loadConfig } from '../../lib/config/load';
import { openStore } from '../../lib/jobs/context';
import { readStatus } from '../../lib/jobs/status';
import type { StatusView } from '../../lib/status/view';
import { type BlobServer, startBlobServer } from '../support/blob-server';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy';
import { recordOutput, SECRETS } from '../support/secrets';
import { type Put, seedYear, sumUp, type Year, type YearOptions } from '../support/year-of-backups';
import { at, expectNumbers, NOW, statusOf } from './status-scene';

const ROUND_TRIP_MS = 30;

describe('a year of backups in a Blob store, 30 ms away', () => {
	const place: Place = { prefix: 'backups', name: 'shop' };
	let blob: BlobServer;
	let proxy: FaultProxy;
	let year: Year;
	let env: Record<string, string>;

	beforeAll(async () => {
		blob = await startBlobServer({ token: SECRETS.BLOB_READ_WRITE_TOKEN });
		await blob.connect();
		proxy = await startFaultProxy(blob.url);
		process.env.VERCEL_BLOB_API_URL = `${proxy.url}/api/blob`;
		process.env.LIFEBOAT_TEST_BLOB_READS = proxy.url;
		env = {
			...SECRETS,
			BACKUP_NAME: 'shop',
			BACKUP_RETENTION: 'all',
			TURSO_DATABASE_URL: `libsql://shop-acme.turso.io?authToken=${SECRETS.TURSO_AUTH_TOKEN}`,
		};
		const options: YearOptions = { now: NOW, place, without: [40, 200], read: [3, 90], unproven: [100] };
		year = await seedYear(put, options);
		await summed(env, place);
	}, 60_000);
	afterAll(async () => {
		await proxy.close();
		await blob.close();
	});

	const put: Put = (name, bytes, when) => blob.place(name, bytes, when);

	async function summed(of: EnvironmentSource, where: Place): Promise<void> {
		const { store } = await openStore(loadConfig(of, { need: ['store', 'name'] }), at(NOW));
		const failed = [{ at: '2026-10-11T02:00:00.000Z', code: 'STORE_FULL' }];
		await sumUp(store, { place: where, now: '2026-11-20T02:00:20.000Z', failed });
	}

	/** Counts the requests for a view, each of which takes 30 ms more than it does. */
	async function measured(of: EnvironmentSource): Promise<{ view: StatusView; requests: number; ms: number }> {
		proxy.reset();
		proxy.strike(() => true, { kind: 'delay', ms: ROUND_TRIP_MS }, Number.POSITIVE_INFINITY);
		const startedMs = performance.now();
		const view = await statusOf(of);
		return { view, requests: proxy.requests, ms: performance.now() - startedMs };
	}

	it('shows in less than a second, by few requests, and as the manifests say', async () => {
		const tries = [await measured(env)];
		const fastestMs = () => Math.min(...tries.map(({ ms }) => ms));
		// A machine that is at work otherwise, and plays the store as well, takes longer at times.
		while (tries.length < 5 || (fastestMs() >= 1_000 && tries.length < 20)) tries.push(await measured(env));
		const [{ view, requests }] = tries as [(typeof tries)[number]];
		console.log(
			`a year of ${year.manifests.length} backups: ${requests} requests, ${tries.map(({ ms }) => ms.toFixed(0)).join(', ')} ms`,
		);
		// A list, the summary, two manifests, the lease; the list of drills, and a report of each.
		expect(requests).toBeLessThanOrEqual(6 + year.drills.length);
		expect(fastestMs()).toBeLessThan(1_000);
		expect(view.freshness).toEqual({
			readAt: NOW,
			summaryAt: '2026-11-20T02:00:20.000Z',
			summary: 'kept',
			unreadable: [],
		});
		expectNumbers(view, year.manifests);
		expect(view.drills.map(({ id }) => id)).toEqual([...year.drills].reverse().map(({ id }) => id));
		expect(view.verdict).toMatchObject({
			standing: 'good',
			sentence: 'Last proven backup 7 hours ago: you can recover to 02:00 UTC, in about 2 minutes.',
		});
	});

	it('has each day as it was', async () => {
		const { calendar } = await statusOf(env);
		expect(calendar).toHaveLength(371);
		const count = (standing: string) => calendar.filter((day) => day.standing === standing).length;
		expect([count('proven'), count('read'), count('unproven')]).toEqual([360, 2, 1]);
		// Of two nights without a backup one is noted as failed.
		expect([count('missed'), count('failed'), count('before')]).toEqual([1, 1, 371 - 365]);
		expect(calendar.find(({ standing }) => standing === 'failed')).toMatchObject({
			day: '2026-10-11',
			code: 'STORE_FULL',
		});
	});

	it('shows no secret, and writes nothing', async () => {
		const before = JSON.stringify(blob.objects);
		const { configuration, stores } = await statusOf(env);
		expect(JSON.stringify(blob.objects)).toBe(before);
		expect(stores).toMatchObject([{ name: 'primary', where: 'Vercel Blob', standing: 'good', missing: 0 }]);
		const shown = new Map(configuration.map((setting) => [setting.variable, setting.value]));
		expect(shown.get('TURSO_DATABASE_URL')).toBe('https://shop-acme.turso.io');
		expect(shown.get('BLOB_READ_WRITE_TOKEN')).toBe('set');
		expect(shown.get('BACKUP_PROOF')).toBeNull();
	});

	it('is told whole where the summary is missing or false, and by one request more for each manifest', async () => {
		// Fewer of them: this machine plays every part, and may have much else to do.
		const few: Place = { ...place, name: 'few' };
		const ofFew = { ...env, BACKUP_NAME: 'few' };
		const { manifests } = await seedYear(put, { now: NOW, place: few, nights: 90 });
		await summed(ofFew, few);
		const name = historyName(few);
		const summary = decodeHistory(await blob.contentOf(name)) as History;
		const entries = summary.entries.map((entry) => ({ ...entry, proof: 'none' as const, bytes: 1 }));
		const stale = { ...summary, at: '2026-11-01T02:00:20.000Z', entries: summary.entries.slice(0, -19) };
		const states: [Buffer | null, string, number][] = [
			[null, 'rebuilt', 90],
			[Buffer.from('{"history"'), 'rebuilt', 90],
			[encodeHistory({ ...summary, entries }), 'rebuilt', 92],
			[encodeHistory(stale), 'mended', 19],
		];
		for (const [content, state, anew] of states) {
			if (content === null) blob.clear(...blob.objects.map(({ pathname }) => pathname).filter((path) => path !== name));
			else await blob.place(name, content);
			const { view, requests, ms } = await measured(ofFew);
			console.log(`${state}, of 90 backups: ${requests} requests, ${ms.toFixed(0)} ms`);
			expect(view.freshness).toMatchObject({ summary: state, unreadable: [] });
			expectNumbers(view, manifests);
			expect(requests).toBeLessThanOrEqual(anew + 6 + view.drills.length);
		}
	}, 60_000);

	it('that does not answer, or refuses, is told as out of reach', async () => {
		blob.fault({ on: 'list', kind: 'stall', times: 99 });
		const silent = await readStatus(env, at(NOW));
		blob.clearFaults();
		expect(silent).toMatchObject({
			kind: 'unreachable',
			database: 'shop',
			verdict: { standing: 'bad', word: 'Unreachable', runbook: { path: 'docs/runbook.md#providers-region-down' } },
			error: { code: 'STORE_UNREACHABLE' },
			readAt: NOW,
		});
		blob.fault({ on: 'list', kind: 'status', status: 403, code: 'forbidden', times: 99 });
		const refused = await readStatus(env, at(NOW));
		blob.clearFaults();
		expect(refused).toMatchObject({ kind: 'unreachable', error: { code: 'STORE_REFUSED', hint: expect.any(String) } });
		recordOutput('unreachable views', JSON.stringify([silent, refused]));
	}, 30_000);
});
