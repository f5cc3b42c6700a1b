import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { describe, expect, it } from 'vitest';
import { LifeboatError, toLifeboatError } from '../../lib/core/errors';
import { Secret } from '../../lib/core/secret';
import { runDrill } from '../../lib/jobs/drill';
import { runNightly } from '../../lib/jobs/nightly';
import { tellOfDrill } from '../../lib/jobs/tell-drill';
import type { Told } from '../../lib/jobs/told';
import { givenListener, type Heard, type Listener } from '../support/listener';
import { givenJob, type Job } from './fixture';

/** Many nights, or a server that hangs. */
const LIMIT_MS = 240_000;

const KEY = Buffer.from('a key of the receiver, 32 bytes.');

/** Variables of all channels and the heartbeat, each at a path of its own of one server. */
const channelsAt = ({ url }: Listener) => ({
	BACKUP_ALERT_SLACK_URL: `${url}/slack`,
	BACKUP_ALERT_WEBHOOK_URL: `${url}/webhook`,
	BACKUP_ALERT_WEBHOOK_SECRET: `whsec_${KEY.toString('base64')}`,
	BACKUP_ALERT_EMAIL_TO: 'ops@example.com, Dev@example.com',
	BACKUP_ALERT_EMAIL_FROM: 'Lifeboat <backups@example.com>',
	RESEND_API_KEY: 're_123456789',
	RESEND_BASE_URL: url,
	BACKUP_HEARTBEAT_URL: `${url}/ping/abc`,
});
const PATHS = ['/emails', '/slack', '/webhook'];

interface Scene {
	readonly job: Job;
	readonly listener: Listener;
	/** Runs on the next day, and tells what came of it and who was told what: `path text`, heartbeats aside. */
	night(): Promise<{ readonly outcome: string; readonly heard: string[]; readonly beats: string[] }>;
	execute(sql: string): Promise<void>;
}

async function givenScene(more: Record<string, string> = {}): Promise<Scene> {
	const listener = await givenListener();
	const job = await givenJob('2026-11-01T02:00:00Z', { ...channelsAt(listener), ...more });
	const database = join(job.folder, '../../shop.db');
	return {
		job,
		listener,
		async night() {
			listener.heard.length = 0;
			const outcome = await job.nightly().then(
				({ status }) => status,
				(error) => toLifeboatError(error).code,
			);
			job.context.nowMs += 24 * 3_600_000;
			const beats = listener.heard.filter(({ path }) => path.startsWith('/ping/'));
			const alerts = listener.heard.filter((one) => !beats.includes(one)).map((one) => `${one.path} ${gistOf(one)}`);
			return { outcome, heard: alerts.sort(), beats: beats.map(({ path }) => path.replace(/rid=.*/, 'rid')) };
		},
		async execute(sql) {
			const client = createClient({ url: `file:${database}` });
			await client.executeMultiple(sql).finally(() => client.close());
		},
	};
}

/** The first line of an alert, without the name of what sends it. */
function gistOf({ path, headers, body }: Heard): string {
	const json = JSON.parse(body);
	if (path === '/webhook') {
		const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
		expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', KEY).update(signed).digest('base64')}`);
		return json.type.replace('lifeboat.', '');
	}
	const title = path === '/slack' ? json.text.split('\n')[0].replaceAll('*', '') : json.subject;
	if (path === '/emails') expect(json.to).toEqual(['ops@example.com', 'Dev@example.com']);
	return title.replace('Lifeboat, shop: ', '');
}

const toAll = (title: string, kind: string) => PATHS.map((path) => `${path} ${path === '/webhook' ? kind : title}`);
const RECOVERED = toAll('it works again', 'recovered');
const GOOD_BEATS = ['/ping/abc/start?rid', '/ping/abc?rid'];

/** Makes the database one that cannot be opened, and gives back what makes it one again. */
async function breakDatabase({ job }: Scene): Promise<() => Promise<void>> {
	const path = join(job.folder, '../../shop.db');
	const bytes = await readFile(path);
	await rm(path);
	return () => writeFile(path, bytes);
}

describe('each kind of alert comes once to each channel', () => {
	it('a run that failed, and its recovery', async () => {
		const scene = await givenScene();
		expect(await scene.night()).toEqual({ outcome: 'done', heard: [], beats: GOOD_BEATS });
		const mend = await breakDatabase(scene);
		const failed = { outcome: 'DATABASE_NOT_FOUND', beats: ['/ping/abc/start?rid', '/ping/abc/fail?rid'] };
		const heard = toAll('the backup failed (DATABASE_NOT_FOUND)', 'backup-failed');
		expect(await scene.night()).toEqual({ ...failed, heard });
		expect(await scene.night()).toEqual({ ...failed, heard: [] });
		expect(await scene.night()).toEqual({ ...failed, heard: [] });
		await mend();
		expect(await scene.night()).toEqual({ outcome: 'done', heard: RECOVERED, beats: GOOD_BEATS });
		expect(await scene.night()).toEqual({ outcome: 'done', heard: [], beats: GOOD_BEATS });
	});

	it('a drill that failed, and the next that passes', async () => {
		const { job, listener, night } = await givenScene({ BACKUP_RPO_MINUTES: '60' });
		await night();
		const drill = async () => {
			listener.heard.length = 0;
			const options = { config: job.config, backup: 'latest', cwd: '/', trigger: 'cron', deadlineAt: null } as const;
			const outcome = await runDrill(options, job.context);
			const told = { config: job.config, redact: (text: string) => text, log: () => {} };
			const { alerts } = await tellOfDrill(outcome, told, job.context);
			expect(alerts?.filter(({ status }) => status === 'failed')).toEqual([]);
			return listener.heard.map((one) => `${one.path} ${gistOf(one)}`).sort();
		};
		expect(await drill()).toEqual(toAll('the restore drill failed (RECOVERY_TARGET_MISSED)', 'drill-failed'));
		expect(await drill()).toEqual([]);
		job.context.nowMs -= 23.5 * 3_600_000;
		expect(await drill()).toEqual(RECOVERED);
		expect(await drill()).toEqual([]);
	});

	it('a drill of a copy, also where the first store cannot be opened', async () => {
		const { job, listener } = await givenScene();
		const options = { config: job.config, backup: 'latest', cwd: '/', trigger: 'cron', deadlineAt: null } as const;
		const { report } = await runDrill(options, job.context);
		const credentials = { kind: 'token', token: new Secret('no token of a store') } as const;
		const config = { ...job.config, store: { kind: 'vercel-blob', credentials } as const };
		const error = new LifeboatError('CONFIG_INVALID', 'not kept', { hint: 'mend the token' });
		const outcome = { report, kept: { keepFailed: error.code }, error };
		const { alerts } = await tellOfDrill(outcome, { config, redact: (text) => text, log: () => {} }, job.context);
		expect(alerts?.filter(({ status }) => status === 'sent')).toHaveLength(PATHS.length);
		expect(listener.heard.map(({ path }) => path).sort()).toEqual(PATHS);
	});

	it('one that goes on for a week is told again', async () => {
		const scene = await givenScene();
		await breakDatabase(scene);
		const counts: number[] = [];
		for (let night = 0; night < 9; night++) counts.push((await scene.night()).heard.length);
		expect(counts).toEqual([3, 0, 0, 0, 0, 0, 0, 3, 0]);
	});

	it('a proof that failed', async () => {
		const scene = await givenScene({ BACKUP_PROOF: 'read' });
		const { job } = scene;
		await scene.night();
		// What lies in the store is another than was written, once it is read back.
		const known = await job.files();
		const damage = () => {
			for (const name of readdirSync(job.folder).filter((file) => file.endsWith('.gz') && !known.includes(file))) {
				const path = join(job.folder, name);
				const bytes = readFileSync(path);
				bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
				writeFileSync(path, bytes);
			}
		};
		job.onEvent = (event) => void (event.part === 'proving' && damage());
		const failed = await scene.night();
		expect(failed.outcome).toBe('BACKUP_DAMAGED');
		expect(failed.heard).toEqual(toAll('the proof of the backup failed (BACKUP_DAMAGED)', 'proof-failed'));
		expect((await scene.night()).heard).toEqual([]);
		job.onEvent = () => {};
		expect((await scene.night()).heard).toEqual(RECOVERED);
	});

	it('a copy that failed, by itself, beside another problem', async () => {
		const scene = await givenScene({ BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: 'nas' });
		const { job } = scene;
		const folder = join(job.folder, '../../nas');
		await writeFile(folder, 'a file where the folder is to be');
		const first = await scene.night();
		expect(first.outcome).toBe('done');
		expect(first.heard).toHaveLength(3);
		expect(first.heard[2]).toBe('/webhook copy-failed');
		expect((await scene.night()).heard).toEqual([]);
		const mend = await breakDatabase(scene);
		expect((await scene.night()).heard[2]).toBe('/webhook backup-failed');
		await mend();
		expect((await scene.night()).heard).toEqual(RECOVERED);
		await rm(folder);
		await mkdir(folder);
		expect((await scene.night()).heard).toEqual(RECOVERED);
		expect((await scene.night()).heard).toEqual([]);
	});

	it.each([['7d'], ['all']])(
		'a table emptied, a table gone, many rows gone (retention %s)',
		{ timeout: LIMIT_MS },
		async (BACKUP_RETENTION) => {
			const scene = await givenScene({ BACKUP_RETENTION, BACKUP_ALERT_IGNORE_TABLES: 'jobs' });
			const title = 'the backup is much smaller than the ones before';
			await scene.execute(`
			CREATE TABLE u(a); INSERT INTO u VALUES ('Ada-the-row');
			CREATE TABLE jobs(a); INSERT INTO jobs VALUES (1);
			CREATE TABLE v(a); INSERT INTO v WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
				SELECT i FROM n;
		`);
			for (let night = 0; night < 3; night++) expect((await scene.night()).heard).toEqual([]);
			await scene.execute('DELETE FROM jobs; DELETE FROM t');
			const emptied = await scene.night();
			expect(emptied).toMatchObject({ outcome: 'done', heard: toAll(title, 'backup-shrunk') });
			expect(scene.listener.heard.map(({ body }) => body).join()).toContain('is empty, of 2 rows before');
			expect((await scene.night()).heard).toEqual([]);
			await scene.execute('DROP TABLE u; DELETE FROM v WHERE a > 40');
			expect((await scene.night()).heard).toEqual(toAll(title, 'backup-shrunk'));
			const [body] = scene.listener.heard.flatMap(({ path, body }) => (path === '/webhook' ? [JSON.parse(body)] : []));
			expect(body.data.what).toContain('table "u" is gone, of 1 rows');
			expect(body.data.what).toContain('table "v" has 40 rows, of 100 before');
			expect(scene.listener.heard.map(({ body }) => body).join()).not.toContain('Ada-the-row');
			for (let night = 0; night < 6; night++) expect((await scene.night()).heard).toEqual([]);
		},
	);

	it('a backup of half the size', async () => {
		const scene = await givenScene({ BACKUP_ALERT_ROWS_DROP_PERCENT: '100' });
		await scene.execute("CREATE TABLE u(a); INSERT INTO u VALUES (printf('%9000d', 1)), (2)");
		await scene.night();
		await scene.execute('DELETE FROM u WHERE a <> 2');
		expect((await scene.night()).heard[2]).toBe('/webhook backup-shrunk');
		expect((await scene.night()).heard).toEqual([]);
	});
});

describe('a channel that does not work', () => {
	it.each([
		[500, 'it answered 500'],
		['cut', 'it could not be reached'],
		['hang', 'no answer within 4000 ms'],
	] as const)(
		'(%s) is told in the answer and the log, undoes nothing, and hinders no other',
		{ timeout: LIMIT_MS },
		async (manner, told) => {
			const scene = await givenScene();
			const { job, listener } = scene;
			const mend = await breakDatabase(scene);
			listener.manner = ({ path }) => (path === '/slack' || path.startsWith('/ping') ? manner : 200);
			expect((await scene.night()).outcome).toBe('DATABASE_NOT_FOUND');
			const failed = { code: 'CHANNEL_FAILED', message: expect.stringContaining(told) };
			const good = { kind: 'backup-failed', status: 'sent', error: null };
			expect(job.told).toEqual([
				{
					alerts: [
						{ channel: 'slack', kind: 'backup-failed', status: 'failed', error: failed },
						{ channel: 'webhook', ...good },
						{ channel: 'email', ...good },
					],
					heartbeat: { status: 'failed', error: failed },
				},
			]);
			const error = expect.objectContaining({ code: 'CHANNEL_FAILED' });
			expect(job.events).toContainEqual({ event: 'alert.failed', channel: 'slack', kind: 'backup-failed', error });
			expect(job.events).toContainEqual({ event: 'heartbeat.failed', error });
			expect(JSON.stringify([job.told, job.events])).not.toContain(listener.url);

			// It alone is told the next time; and the backup is made whether it can be told or not.
			listener.manner = () => 200;
			expect((await scene.night()).heard).toEqual(['/slack the backup failed (DATABASE_NOT_FOUND)']);
			await mend();
			await listener.close();
			expect((await scene.night()).outcome).toBe('done');
			expect(job.told[2]?.alerts?.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
			expect((await job.files()).filter((name) => name.endsWith('.gz'))).toHaveLength(1);
		},
	);
});

it('a run whose time is over ends in time, told or not', async () => {
	const listener = await givenListener();
	const { config } = await givenJob('2026-11-01T02:00:00Z', channelsAt(listener));
	listener.manner = ({ path }) => (path === '/webhook' ? 200 : 'hang');
	const told: Told[] = [];
	const deadlineAt = Date.now() + 6_000;
	const options = { config, dryRun: false, trigger: 'cron', deadlineAt, log: () => {}, redact: String } as const;
	const run = runNightly({ ...options, onTold: (all) => void told.push(all) });
	await expect(run).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
	const noTime = { status: 'failed', error: { message: expect.stringContaining('there was no time left') } };
	expect(told).toMatchObject([
		{ alerts: [{ channel: 'slack', ...noTime }, { status: 'sent' }, noTime], heartbeat: noTime },
	]);
});

describe('what was told', () => {
	it('is told again where it could not be remembered', async () => {
		const scene = await givenScene();
		await rm(join(scene.job.folder, '../../backups'), { recursive: true, force: true });
		await writeFile(join(scene.job.folder, '../../backups'), 'a file where the store is to be');
		for (let night = 0; night < 2; night++) expect((await scene.night()).heard).toHaveLength(3);
		expect(scene.job.told[0]?.alertsNotKept).toMatch(/^STORE_/);
	});

	it('is forgotten where it cannot be read', async () => {
		const scene = await givenScene();
		await breakDatabase(scene);
		await scene.night();
		await writeFile(join(scene.job.folder, 'alerts.json'), 'nonsense');
		expect((await scene.night()).heard).toHaveLength(3);
		expect((await scene.night()).heard).toHaveLength(0);
	});
});

describe('a run that is not the one at work', () => {
	it('tells nobody that it was turned away', async () => {
		const scene = await givenScene();
		const { takeLease } = await import('../../lib/backup/lease');
		const { openFolder } = await import('../../lib/jobs/context');
		const { store } = await openFolder(scene.job.config.localDir, scene.job.context);
		await takeLease(store, { prefix: '', name: 'shop' }, { ...scene.job.context, ttlMs: 60_000 });
		expect(await scene.night()).toEqual({ outcome: 'LEASE_HELD', heard: [], beats: [] });
	});

	it('says that all is well where the backup of the day is there', async () => {
		const scene = await givenScene();
		await scene.night();
		scene.job.context.nowMs -= 23 * 3_600_000;
		expect(await scene.night()).toEqual({ outcome: 'skipped', heard: [], beats: ['/ping/abc?rid'] });
	});

	it('nor does a dry run', async () => {
		const scene = await givenScene();
		const { config, context } = scene.job;
		const options = {
			config,
			trigger: 'http',
			deadlineAt: context.nowMs + 300_000,
			log: () => {},
			redact: String,
		} as const;
		await runNightly({ ...options, dryRun: true }, context);
		expect(scene.listener.heard).toEqual([]);
	});
});

it('the heartbeat carries the summary of the run, and one id a run', async () => {
	const scene = await givenScene();
	await scene.night();
	const beats = scene.listener.heard.filter(({ path }) => path.startsWith('/ping'));
	const ids = new Set(beats.map(({ path }) => new URL(path, scene.listener.url).searchParams.get('rid')));
	expect(ids.size).toBe(1);
	expect([...ids][0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	expect(JSON.parse(beats[1]?.body ?? '')).toMatchObject({ status: 'done', backup: { rows: 2, proof: 'restored' } });
	await breakDatabase(scene);
	await scene.night();
	const failed = JSON.parse(scene.listener.heard.find(({ path }) => path.includes('/fail'))?.body ?? '');
	expect(failed).toMatchObject({ status: 'failed', error: { code: 'DATABASE_NOT_FOUND' } });
});
