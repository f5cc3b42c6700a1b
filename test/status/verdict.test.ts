import { describe, expect, it } from 'vitest';
import type { StatusFacts } from '../../lib/status/facts';
import { statusViewOf } from '../../lib/status/status-view';
import { factsAt } from '../support/status-facts';
import { yearOf } from '../support/year-of-backups';

const NOW = '2026-11-20T09:10:00.000Z';
const NOTHING: Partial<StatusFacts> = { points: [], kept: [], good: null, whole: [], drills: [], recoveryMs: null };

/** A night's run that failed. */
const failedAt = (at: string, code: string) => ({ day: at.slice(0, 10), at, code });

const verdictOf = (more: Partial<StatusFacts> = {}, now = NOW, nights = 10) =>
	statusViewOf(factsAt(now, nights, more)).verdict;

/** The facts of `nights` nights, the last of them some days before `now`. */
function stoppedAt(last: string, now: string): Partial<StatusFacts> {
	const { points, kept, good, whole, drills } = factsAt(last);
	return { points, kept, good, whole, drills, now: new Date(now) };
}

describe('when all is well', () => {
	it('tells how old the newest proven backup is, to when one can recover, and how long that takes', () => {
		expect(verdictOf()).toEqual({
			standing: 'good',
			word: 'Recoverable',
			sentence: 'Last proven backup 7 hours ago: you can recover to 02:00 UTC, in about 2 minutes.',
			since: null,
			action: null,
			runbook: null,
			also: [],
		});
	});

	it('names the day where that is not today, and no time where no drill has told it', () => {
		const { sentence } = verdictOf({}, '2026-11-20T00:30:00.000Z');
		expect(sentence).toBe(
			'Last proven backup 22 hours ago: you can recover to 02:00 UTC on 19 November, in about 2 minutes.',
		);
		const undrilled = verdictOf({ drills: [], recoveryMs: null });
		expect(undrilled).toMatchObject({
			standing: 'good',
			sentence: 'Last proven backup 7 hours ago: you can recover to 02:00 UTC.',
			also: [{ standing: 'unknown', action: 'npx tsx scripts/drill.ts' }],
		});
	});

	it('only advises where nobody is told, or the schedule cannot call', () => {
		const verdict = verdictOf({ isTold: false, channels: [], unset: ['CRON_SECRET'] });
		expect(verdict).toMatchObject({ standing: 'good', word: 'Recoverable' });
		expect(verdict.also.map(({ sentence }) => sentence)).toEqual([
			'CRON_SECRET is not set, so the schedule makes no backup.',
			'Nobody is told when a backup fails.',
		]);
	});
});

describe('when there is no backup yet', () => {
	it('says when the first will be made, and what to do', () => {
		expect(verdictOf(NOTHING)).toMatchObject({
			standing: 'unknown',
			word: 'No backup yet',
			sentence: 'There is no backup yet: the schedule makes the first one at 02:00 UTC on 21 November.',
			action: expect.stringContaining('call the cron route'),
		});
	});

	it('and a run has failed, it is not recoverable, and says why', () => {
		const failures = [failedAt('2026-11-20T02:00:00.000Z', 'DATABASE_REFUSED')];
		expect(verdictOf({ ...NOTHING, failures })).toMatchObject({
			standing: 'bad',
			word: 'Not recoverable',
			sentence: 'There is no proven backup: there is nothing to recover from.',
			runbook: { path: 'docs/runbook.md#backups-stopped' },
			also: [{ sentence: expect.stringContaining('DATABASE_REFUSED') }],
		});
	});
});

describe('when something is wrong', () => {
	it('may the newest proven backup be as old as the limit, and not older', () => {
		const last = '2026-11-17T02:00:00.000Z';
		expect(verdictOf(stoppedAt(last, '2026-11-18T04:00:00.000Z')).standing).toBe('warning');
		expect(verdictOf(stoppedAt(last, '2026-11-18T04:00:00.001Z')).standing).toBe('bad');
		expect(verdictOf(stoppedAt(last, '2026-11-20T09:00:00.000Z'))).toMatchObject({
			standing: 'bad',
			word: 'Out of date',
			sentence:
				'The newest proven backup is 3 days old: you can recover only to 02:00 UTC on 17 November, in about 2 minutes.',
			since: '2026-11-18T04:00:00.000Z',
			runbook: { title: 'Backups stopped', url: null, path: 'docs/runbook.md#backups-stopped' },
		});
	});

	// Before yesterday's backup is too old.
	const EARLY = new Date('2026-11-20T03:30:00.000Z');
	const { good } = factsAt('2026-11-19T10:00:00.000Z');
	const [lossy, before] = [...yearOf({ now: NOW, nights: 10, hasLoss: true }).manifests].reverse();
	const drill = { ...(factsAt(NOW).drills[0] as StatusFacts['drills'][number]) };
	const copy = { name: 'offsite', where: 's3://b', newestId: null, missing: null, error: null };
	it.each<[string, Partial<StatusFacts>, string, string | null]>([
		[
			'a run was killed',
			{ lostRun: { since: new Date('2026-11-20T02:00:00Z'), until: new Date('2026-11-20T02:05:00Z') } },
			'The run of 02:00 UTC was killed',
			'backups-stopped',
		],
		[
			'the last run failed',
			{ failures: [failedAt('2026-11-20T02:00:01.000Z', 'DATABASE_UNREACHABLE')], good, now: EARLY },
			'The run of 02:00 UTC failed (DATABASE_UNREACHABLE: the database did not answer)',
			'backups-stopped',
		],
		[
			'its proof failed',
			{ failures: [failedAt('2026-11-20T02:00:01.000Z', 'PROOF_FAILED')], good, now: EARLY },
			'The run of 02:00 UTC failed (PROOF_FAILED: what was restored is not what was read)',
			'backup-found-damaged',
		],
		[
			'a copy is out of reach',
			{ copies: [{ ...copy, error: 'STORE_REFUSED' }] },
			'The copy offsite cannot be asked (STORE_REFUSED',
			'backups-stopped',
		],
		[
			'a copy is behind',
			{ copies: [{ ...copy, newestId: 'backup-20261117T020000Z-0000', missing: 3 }] },
			'The newest backup in the copy offsite is 3 days old',
			'backups-stopped',
		],
		['a copy is empty', { copies: [{ ...copy, missing: 10 }] }, 'The copy offsite has no backup', 'backups-stopped'],
		[
			'the newest drill failed',
			{ drills: [{ ...drill, failure: { code: 'BACKUP_DAMAGED', step: null } }] },
			'The drill of 04:00 UTC on 1 November failed (BACKUP_DAMAGED',
			'backup-found-damaged',
		],
		[
			'the newest drill is old',
			{ drills: [{ ...drill, at: '2026-10-01T04:00:00.000Z' }] },
			'The newest drill is 50 days old',
			null,
		],
		[
			'tables lost rows',
			{ whole: lossy && before ? [lossy, before] : [] },
			'The table "sessions" has 12 rows, of 940 before, and 1 more table lost rows',
			'rows-deleted',
		],
		[
			'an alert was not taken',
			{ channels: [{ name: 'slack', at: '2026-11-20T02:00:00.000Z', error: 'CHANNEL_FAILED' }] },
			'The last alert to slack was not taken (CHANNEL_FAILED)',
			null,
		],
		[
			'a manifest cannot be read',
			{ unreadable: [{ id: 'backup-20261118T020000Z-0000', code: 'MANIFEST_INVALID' }] },
			'1 manifest could not be read (MANIFEST_INVALID)',
			'backup-found-damaged',
		],
		[
			'the lease cannot be read',
			{ unread: [{ what: 'the lease', code: 'STORE_REFUSED' }] },
			'The lease could not be read (STORE_REFUSED',
			null,
		],
	])('%s: it says so, and what can be recovered all the same', (_, more, clause, section) => {
		const verdict = verdictOf(more);
		expect(verdict).toMatchObject({ standing: 'warning', word: 'At risk', also: [] });
		expect(verdict.sentence.startsWith(clause)).toBe(true);
		expect(verdict.sentence).toContain(': you can still recover to 02:00 UTC');
		expect(verdict.action).not.toBeNull();
		expect(verdict.runbook?.path ?? null).toBe(section && `docs/runbook.md#${section}`);
	});

	it('counts the nights that have failed, since the first of them', () => {
		const failures = [18, 19, 20].map((day) => failedAt(`2026-11-${day}T02:00:01.000Z`, 'STORE_FULL'));
		const old = factsAt('2026-11-17T10:00:00.000Z').good;
		const { sentence, since, also } = verdictOf({ failures, good: old });
		expect(sentence).toContain('The newest proven backup is 3 days old');
		expect(since).toBe('2026-11-18T04:00:00.000Z');
		expect(also.map((finding) => finding.sentence)).toEqual([
			'The run of 02:00 UTC failed (STORE_FULL: the store has no room left), as on 2 days before it.',
		]);
	});

	it('says that the run of today did not come', () => {
		const { points, kept, good: last, whole } = factsAt('2026-11-19T09:00:00.000Z');
		const missing = { points, kept, good: last, whole };
		expect(verdictOf(missing, '2026-11-20T03:30:00.000Z').sentence).toBe(
			'The run of today did not come: you can still recover to 02:00 UTC on 19 November, in about 2 minutes.',
		);
		expect(verdictOf(missing, '2026-11-20T02:30:00.000Z')).toMatchObject({ standing: 'good', also: [] });
	});

	it('tells manifests that there was no time for from damaged ones', () => {
		const unreadable = [
			{ id: 'backup-20261118T020000Z-0000', code: 'MANIFEST_INVALID' },
			{ id: 'backup-20251118T020000Z-0000', code: 'DEADLINE_NEAR' },
			{ id: 'backup-20251117T020000Z-0000', code: 'DEADLINE_NEAR' },
		];
		const all = verdictOf({ unreadable });
		expect(all.sentence).toContain('1 manifest could not be read (MANIFEST_INVALID)');
		expect(all.action).toContain('backup-20261118T020000Z-0000');
		const slow = verdictOf({ unreadable: unreadable.slice(1) });
		expect(slow).toMatchObject({ standing: 'good', also: [{ sentence: 'There was no time to read 2 manifests.' }] });
	});

	it('puts the worst first, and leads to the runbook that the operator has', () => {
		const runbookUrl = 'https://wiki.example.com/lifeboat';
		const verdict = verdictOf({
			...NOTHING,
			failures: [failedAt('2026-11-20T02:00:01.000Z', 'CONFIG_INVALID')],
			channels: [{ name: 'slack', at: null, error: 'CHANNEL_FAILED' }],
			runbookUrl,
		});
		expect(verdict.runbook?.url).toBe(`${runbookUrl}#backups-stopped`);
		expect(verdict.also.map(({ standing }) => standing)).toEqual(['warning', 'warning']);
		expect(verdict.also[0]?.runbook?.url).toBe(`${runbookUrl}#backups-stopped`);
	});
});
