import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EVERYTHING } from '../../lib/backup/selection';
import type { PlatformDatabase } from '../../lib/engine/turso/platform';
import { newBranchName } from '../../lib/jobs/branch-name';
import { restoreBackup } from '../../lib/jobs/restore';
import { verify } from '../../lib/jobs/verify';
import { startTurso, type TursoServer } from '../support/turso-server';
import { givenJob, type Job } from './fixture';

const NOW = '2026-11-20T02:00:00Z';
const SHOP = "CREATE TABLE t(a); INSERT INTO t VALUES (1), ('b')";
const ROWS_LATER = 'INSERT INTO t VALUES (3), (4), (5)';

async function givenBranching() {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-branch-'));
	const turso = await startTurso(folder);
	onTestFinished(async () => {
		await turso.close();
		await rm(folder, { recursive: true, force: true });
	});
	await turso.add('shop', SHOP);
	const job = await givenJob(NOW, { ...turso.envFor('shop'), BACKUP_SOURCE: 'branch' });
	return { turso, job };
}

const madeNames = (turso: TursoServer) => turso.names().filter((name) => name !== 'shop');
const branchEvents = (job: Job) => job.events.filter(({ event }) => String(event).startsWith('branch.'));
const deletions = (turso: TursoServer) => turso.calls.filter((call) => call.startsWith('DELETE'));

/** What the platform's list says of the source. */
async function sourceOf(turso: TursoServer): Promise<PlatformDatabase> {
	const env = turso.envFor('shop');
	const answer = await fetch(`${turso.url}/v1/organizations/${env.TURSO_ORGANIZATION}/databases/shop`, {
		headers: { authorization: `Bearer ${env.TURSO_API_TOKEN}` },
	});
	const { database } = (await answer.json()) as { database: { DbId: string } };
	return { id: database.DbId, name: 'shop', hostname: '', group: null };
}

describe('BACKUP_SOURCE=branch', () => {
	it('dumps a branch that is made for it and dropped again, as the database that it was made from', async () => {
		const { turso, job } = await givenBranching();
		const made: string[] = [];
		turso.onMade = async (name) => {
			made.push(name);
			// What comes later is in the database, and not in its branch.
			await turso.run('shop', ROWS_LATER);
		};
		const done = await job.nightly();
		expect(done).toMatchObject({ status: 'done', backup: { rows: 2, proof: 'restored' } });
		expect(made).toEqual([expect.stringMatching(/^lifeboat-20261120t020000z-[0-9a-f]{4}-[0-9a-f]{12}$/)]);
		expect(turso.names()).toEqual(['shop']);
		expect(branchEvents(job)).toEqual([{ event: 'branch.dropped', name: made[0], leftFor: null }]);
		const host = new URL(turso.envFor('shop').TURSO_DATABASE_URL as string).host;
		expect(done).toMatchObject({ backup: { source: host } });
		const options = { backup: 'latest', config: job.config, cwd: '/' };
		const { verified } = await verify({ ...options, drill: false }, job.context);
		expect(verified.contents.header?.source.location).toBe(host);
		// So that a restore does not go into it.
		const restore = { ...options, to: undefined, confirm: false, resume: false, parts: EVERYTHING };
		const { prepared } = await restoreBackup({ ...restore, allowFunctions: new Set() }, job.context);
		expect(prepared.plan.refusal?.code).toBe('TARGET_IS_SOURCE');
	});

	it('drops the branch of a run that fails, and makes none where there is nothing to do', async () => {
		const { turso, job } = await givenBranching();
		turso.fail('POST /databases/:name/auth/tokens', { status: 403, body: '{"error":"no scope db:mint-token"}' });
		await expect(job.nightly()).rejects.toMatchObject({
			code: 'DATABASE_REFUSED',
			data: { step: 'making the branch' },
		});
		expect(turso.names()).toEqual(['shop']);
		expect(await job.files()).toEqual([]);
		expect((await job.nightly()).status).toBe('done');
		const before = turso.calls.length;
		expect((await job.nightly()).status).toBe('skipped');
		expect(turso.calls.length).toBe(before);
	});

	it('tells of a branch that it could not drop, and drops it the day after', async () => {
		const { turso, job } = await givenBranching();
		turso.fail('DELETE /databases/:name', { status: 403, body: '{"error":"no scope db:delete"}' });
		const done = await job.nightly();
		const [left] = madeNames(turso);
		expect(done).toMatchObject({
			status: 'done',
			backup: { branchesLeft: [{ name: left, leftFor: 'DATABASE_REFUSED' }] },
		});
		job.context.set('2026-11-21T02:00:00Z');
		const next = await job.nightly();
		expect(next.status === 'done' && 'branchesLeft' in next.backup).toBe(false);
		expect(turso.names()).toEqual(['shop']);
	});

	it('drops nothing that is not its own, nor what another run may be at work on', async () => {
		const { turso, job } = await givenBranching();
		const source = await sourceOf(turso);
		const nameAt = (at: string, of = source, random = () => 0.25) => newBranchName(of, new Date(at), random);
		const old = nameAt('2026-11-19T13:59:59Z');
		const keep = [
			nameAt('2026-11-19T14:00:01Z'),
			nameAt('2026-11-18T02:00:00Z', { ...source, id: 'another' }),
			'lifeboat-20261101t020000z-beef',
			`x${old}`,
			'shop-branch-20261101t020000z',
			'lifeboat',
		];
		for (const name of [...keep, old]) await turso.add(name);
		const locked = nameAt('2026-11-10T02:00:00Z', source, () => 0.5);
		await turso.add(locked);
		turso.protect(locked);
		const done = await job.nightly();
		expect(done).toMatchObject({ backup: { branchesLeft: [{ name: locked, leftFor: 'DATABASE_REFUSED' }] } });
		expect(turso.names().sort()).toEqual(['shop', ...keep, locked].sort());
		expect(deletions(turso)).toHaveLength(3);
	}, 120_000);

	it('is refused without what it takes to make one', async () => {
		const job = await givenJob(NOW, { BACKUP_SOURCE: 'branch' });
		await expect(job.nightly()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
		const { turso } = await givenBranching();
		const { TURSO_DATABASE_URL: _, ...platform } = turso.envFor('shop');
		const ofFile = await givenJob(NOW, { ...platform, BACKUP_SOURCE: 'branch' });
		await expect(ofFile.nightly()).rejects.toMatchObject({ code: 'USAGE_INVALID' });
		expect(deletions(turso)).toEqual([]);
	});
});
