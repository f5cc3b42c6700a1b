import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planRetention } from '../../lib/backup/retention';
import type { Reason } from '../../lib/backup/retention-rules';
import { reasonWords, retentionOf, ruleWords } from '../../lib/status/retention';
import { linksTo, SECTIONS, type Section } from '../../lib/status/runbook';
import { HOUR_OF_RUN, nextRunAfter } from '../../lib/status/schedule';
import { standingOfCopy } from '../../lib/status/stores';
import { tablesOf } from '../../lib/status/tables';
import { backupOf, nightly } from '../support/backup-facts';
import { yearOf } from '../support/year-of-backups';

const ROOT = join(import.meta.dirname, '../..');
const NOW = new Date('2026-11-20T09:00:00.000Z');

describe('the tables', () => {
	const [before, newest] = yearOf({ now: NOW.toISOString(), nights: 2 }).manifests as [Manifest, Manifest];
	type Manifest = ReturnType<typeof yearOf>['manifests'][number];
	const having = (manifest: Manifest, rows: Record<string, number>): Manifest => ({
		...manifest,
		tables: Object.entries(rows).map(([name, count]) => ({
			name,
			rows: count,
			bytes: count * 2,
			omitted: 0,
			sha256: '',
		})),
	});

	it('are marked by what became of them, those that changed most first', () => {
		const then = having(before, { same: 5, grew: 10, shrank: 300, emptied: 40, gone: 7 });
		const now = having(newest, { same: 5, grew: 11, shrank: 100, emptied: 0, new: 9, b: 0, a: 0 });
		expect(tablesOf([now, then])).toEqual({
			id: newest.id,
			beforeId: before.id,
			rows: [
				{ name: 'shrank', rows: 100, rowsBefore: 300, change: -200, bytes: 200, mark: 'shrank' },
				{ name: 'emptied', rows: 0, rowsBefore: 40, change: -40, bytes: 0, mark: 'emptied' },
				{ name: 'new', rows: 9, rowsBefore: null, change: null, bytes: 18, mark: 'new' },
				{ name: 'gone', rows: null, rowsBefore: 7, change: null, bytes: null, mark: 'gone' },
				{ name: 'grew', rows: 11, rowsBefore: 10, change: 1, bytes: 22, mark: 'grew' },
				{ name: 'a', rows: 0, rowsBefore: null, change: null, bytes: 0, mark: 'new' },
				{ name: 'b', rows: 0, rowsBefore: null, change: null, bytes: 0, mark: 'new' },
				{ name: 'same', rows: 5, rowsBefore: 5, change: 0, bytes: 10, mark: 'same' },
			],
		});
	});

	it('have nothing to be compared with in the first backup', () => {
		expect(tablesOf([having(newest, { a: 3 })])).toEqual({
			id: newest.id,
			beforeId: null,
			rows: [{ name: 'a', rows: 3, rowsBefore: null, change: null, bytes: 6, mark: 'same' }],
		});
		expect(tablesOf([])).toBeNull();
	});
});

describe('the rules', () => {
	const retention = { daily: 7, weekly: 5, monthly: 12, yearly: 7 };
	const kept = nightly('2026-11-14T02:00:00Z', '2026-11-20T02:00:00Z');
	const rulesAt = (now: Date, backups = kept) =>
		retentionOf({ now, nextRunAt: nextRunAfter(now), retention, kept: backups, unreadable: [] });

	it('tell what the next run removes, as its prune will', () => {
		const { rule, verdicts, refusal } = rulesAt(NOW);
		expect([rule, refusal, verdicts.length]).toEqual(['7d 5w 12m 7y', null, 7]);
		const tomorrow = [...kept, backupOf('2026-11-21T02:00:00Z')];
		const plan = planRetention(tomorrow, { retention, now: new Date('2026-11-21T02:05:00Z'), allowLarge: false });
		const removed = plan.verdicts.filter(({ keep }) => !keep).map(({ backup }) => backup.id);
		expect(removed).toHaveLength(1);
		expect(verdicts.filter(({ keep }) => !keep).map(({ id }) => id)).toEqual(removed);
		expect(verdicts.at(-1)?.reasons).toEqual(['no rule is for it']);
		expect(verdicts[0]?.reasons).toEqual(['newest of 2026-11-20']);
	});

	it('tell what hinders removing, and that all are kept meanwhile', () => {
		const old = nightly('2026-10-01T02:00:00Z', '2026-11-10T02:00:00Z');
		const { verdicts, refusal } = rulesAt(NOW, old);
		expect(refusal?.code).toBe('BACKUPS_STALE');
		expect(verdicts.every(({ keep }) => keep)).toBe(true);
		expect(verdicts.at(-2)?.reasons).toEqual(['proven backups have stopped']);
	});

	it('leave alone what cannot be read', () => {
		const id = 'backup-20261115T120000Z-0000';
		const { verdicts } = retentionOf({ now: NOW, nextRunAt: NOW, retention, kept, unreadable: [id] });
		const reasons = ['its manifest cannot be read'];
		expect(verdicts).toContainEqual({ id, createdAt: '2026-11-15T12:00:00.000Z', keep: true, reasons });
		expect(verdicts.map((one) => one.id)).toEqual([...verdicts.map((one) => one.id)].sort().reverse());
	});

	it('are in words', () => {
		expect(ruleWords(null)).toBe('all');
		expect(ruleWords({ daily: 3, weekly: 0, monthly: 1, yearly: 0 })).toBe('3d 1m');
		const reasons: [Reason, string][] = [
			[{ rule: 'weekly', detail: '2026-W47' }, 'newest of week 2026-W47'],
			[{ rule: 'held', detail: 'audit' }, 'held: audit'],
			[{ rule: 'last', detail: 'by hand' }, 'the last proven of its kind: by hand'],
		];
		for (const [reason, words] of reasons) expect(reasonWords(reason)).toBe(words);
	});
});

describe('a copy', () => {
	const copy = { name: 'nas', where: '/nas', newestId: 'backup-20261119T070000Z-0000', missing: 0, error: null };
	it.each([
		[{}, 26, 'good'],
		[{ missing: 2 }, 26, 'warning'],
		[{}, 25, 'bad'],
		[{ newestId: null, missing: 7 }, 26, 'bad'],
		[{ newestId: null, missing: null, error: 'STORE_REFUSED' }, 26, 'bad'],
	])('of %o, with %i hours allowed, stands %s', (more, hours, standing) => {
		expect(standingOfCopy({ ...copy, ...more }, hours, NOW).standing).toBe(standing);
	});
});

describe('the page leads', () => {
	it('to sections that the runbook has', () => {
		const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
		for (const title of Object.values(SECTIONS)) expect(runbook).toContain(`\n## ${title}\n`);
		const anchorOf = (title: string) => title.toLowerCase().replaceAll("'", '').replaceAll(' ', '-');
		for (const [anchor, title] of Object.entries(SECTIONS)) expect(anchorOf(title)).toBe(anchor);
		expect(linksTo('https://w.example/r')('rows-deleted' satisfies Section)).toEqual({
			title: 'Rows deleted',
			url: 'https://w.example/r#rows-deleted',
			path: 'docs/runbook.md#rows-deleted',
		});
	});

	it('to the next run, at the hour of vercel.json', () => {
		const { crons } = JSON.parse(readFileSync(join(ROOT, 'vercel.json'), 'utf8'));
		expect(crons).toContainEqual({ path: '/api/cron/backup', schedule: `0 ${HOUR_OF_RUN} * * *` });
		expect(nextRunAfter(new Date('2026-11-20T01:59:59.999Z')).toISOString()).toBe('2026-11-20T02:00:00.000Z');
		expect(nextRunAfter(new Date('2026-11-20T02:00:00.000Z')).toISOString()).toBe('2026-11-21T02:00:00.000Z');
		expect(nextRunAfter(new Date('2026-12-31T23:00:00.000Z')).toISOString()).toBe('2027-01-01T02:00:00.000Z');
	});
});
