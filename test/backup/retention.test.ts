import { describe, expect, it } from 'vitest';
import type { BackupFacts } from '../../lib/backup/facts';
import { backupOf, byHand, DAY_MS, daysOf, HOUR_MS, keptBy, linesOf, nightly, planAt } from '../support/backup-facts';

const NOW = '2026-11-20T02:05:00Z';
const ago = (days: number, hours = 0) => new Date(Date.parse('2026-11-20T02:00:00Z') - days * DAY_MS - hours * HOUR_MS);
const newest = backupOf(ago(0));
/** The verdict of a plan on one of its backups: `+` or `-` and the rules. */
function verdictOn(one: BackupFacts, others: readonly BackupFacts[] = [newest], now: string | Date = NOW): string {
	const verdict = planAt([one, ...others], now).verdicts.find(({ backup }) => backup === one);
	return `${verdict?.keep ? '+' : '-'} ${verdict?.reasons.map(({ rule }) => rule).join(' ')}`;
}

describe('what is kept of nightly backups', () => {
	it('after a year: seven days, five weeks, twelve months, and the reasons', () => {
		const plan = planAt(nightly('2025-11-20T02:00:00Z', '2026-11-20T02:00:00Z'));
		expect(linesOf(plan).filter((line) => line.startsWith('+'))).toMatchInlineSnapshot(`
			[
			  "+ 2026-11-20T02:00 daily 2026-11-20, weekly 2026-W47, monthly 2026-11, yearly 2026, newest, last scheduled",
			  "+ 2026-11-19T02:00 daily 2026-11-19",
			  "+ 2026-11-18T02:00 daily 2026-11-18",
			  "+ 2026-11-17T02:00 daily 2026-11-17",
			  "+ 2026-11-16T02:00 daily 2026-11-16",
			  "+ 2026-11-15T02:00 daily 2026-11-15, weekly 2026-W46",
			  "+ 2026-11-14T02:00 daily 2026-11-14",
			  "+ 2026-11-08T02:00 weekly 2026-W45",
			  "+ 2026-11-01T02:00 weekly 2026-W44",
			  "+ 2026-10-31T02:00 monthly 2026-10",
			  "+ 2026-10-25T02:00 weekly 2026-W43",
			  "+ 2026-09-30T02:00 monthly 2026-09",
			  "+ 2026-08-31T02:00 monthly 2026-08",
			  "+ 2026-07-31T02:00 monthly 2026-07",
			  "+ 2026-06-30T02:00 monthly 2026-06",
			  "+ 2026-05-31T02:00 monthly 2026-05",
			  "+ 2026-04-30T02:00 monthly 2026-04",
			  "+ 2026-03-31T02:00 monthly 2026-03",
			  "+ 2026-02-28T02:00 monthly 2026-02",
			  "+ 2026-01-31T02:00 monthly 2026-01",
			  "+ 2025-12-31T02:00 monthly 2025-12, yearly 2025",
			]
		`);
		expect(plan.verdicts).toHaveLength(366);
		expect(new Set(plan.verdicts.filter(({ keep }) => !keep).map(({ reasons }) => reasons[0]?.rule))).toEqual(
			new Set(['superseded']),
		);
	});

	it('of days with gaps: the last of those that have one, however long ago', () => {
		const days = ['2026-11-20', '2026-11-12', '2026-11-11', '2026-07-04', '2026-07-03', '2024-02-29', '2024-02-28'];
		const plan = planAt(
			days.map((day) => backupOf(`${day}T02:00:00Z`)),
			NOW,
			{ retention: { daily: 3, weekly: 0, monthly: 3, yearly: 0 } },
		);
		expect(daysOf(keptBy(plan))).toEqual(['2026-11-20', '2026-11-12', '2026-11-11', '2026-07-04', '2024-02-29']);
	});

	it('around a leap day', () => {
		const plan = planAt(nightly('2028-02-20T02:00:00Z', '2028-03-02T02:00:00Z'), undefined, {
			retention: { daily: 3, weekly: 0, monthly: 2, yearly: 0 },
		});
		expect(daysOf(keptBy(plan))).toEqual(['2028-03-02', '2028-03-01', '2028-02-29']);
	});

	it('of a day with several: the newest of them', () => {
		const all = [backupOf('2026-11-19T02:00:00Z'), backupOf('2026-11-19T14:00:00Z'), newest];
		expect(linesOf(planAt(all, NOW)).map((line) => line.slice(0, 18))).toEqual([
			'+ 2026-11-20T02:00',
			'+ 2026-11-19T14:00',
			'- 2026-11-19T02:00',
		]);
	});

	it('of one second with two: the one whose id sorts last, in whatever order they come', () => {
		const at = ago(3);
		const [a, b] = [backupOf(at, { id: 'backup-a' }), backupOf(at, { id: 'backup-b' })];
		for (const all of [
			[a, b, newest],
			[newest, b, a],
		])
			expect(keptBy(planAt(all, NOW))).toEqual([newest, b]);
	});

	it('when clocks change: a day is one of UTC, whatever the time at home', () => {
		// 02:00 in New York, where clocks go forward on 8 March and back on 1 November: 07:00, 06:00, 07:00 in UTC.
		for (const change of ['2026-03-08', '2026-11-01']) {
			const all = [-3, -2, -1, 0, 1, 2, 3].map((days) => {
				const at = new Date(Date.parse(`${change}T07:00:00Z`) + days * DAY_MS);
				const isSummer = at >= new Date('2026-03-08T07:00:00Z') && at < new Date('2026-11-01T06:00:00Z');
				return backupOf(new Date(at.getTime() - (isSummer ? HOUR_MS : 0)));
			});
			expect(keptBy(planAt(all))).toHaveLength(7);
		}
	});

	it('is the same wherever the plan is made', () => {
		const before = process.env.TZ;
		const all = nightly('2026-01-01T02:00:00Z', '2026-11-20T02:00:00Z');
		try {
			const plans = ['UTC', 'Pacific/Kiritimati', 'America/New_York', 'Asia/Kathmandu'].map((zone) => {
				process.env.TZ = zone;
				return linesOf(planAt(all));
			});
			for (const plan of plans) expect(plan).toEqual(plans[0]);
		} finally {
			if (before === undefined) delete process.env.TZ;
			else process.env.TZ = before;
		}
	});

	it('is all with BACKUP_RETENTION=all', () => {
		const plan = planAt(nightly('2026-01-01T02:00:00Z', '2026-11-20T02:00:00Z'), NOW, { retention: null });
		expect(keptBy(plan)).toHaveLength(324);
	});
});

describe('a clock that is wrong', () => {
	it('and was ahead once: what is dated in the future counts towards nothing, and is kept until its time', () => {
		const early = backupOf('2027-06-01T02:00:00Z');
		const old = backupOf(ago(3));
		expect(verdictOn(early, [newest, old])).toBe('+ future');
		expect(linesOf(planAt([early, newest, old], NOW))[1]).toContain('newest');
		// A minute is nothing: clocks differ.
		const soon = backupOf(new Date(Date.parse(NOW) + 60_000));
		expect(verdictOn(soon)).toContain('newest');
		// No stand-in for backups that have stopped.
		const stopped = planAt([early, ...nightly('2026-10-01T02:00:00Z', '2026-11-10T02:00:00Z')], NOW);
		expect(stopped.refusal?.code).toBe('BACKUPS_STALE');
	});

	it('and is back by years: everything is of the future, nothing is removed', () => {
		const plan = planAt(nightly('2026-01-01T02:00:00Z', '2026-11-20T02:00:00Z'), '2020-01-01T00:00:00Z');
		expect(keptBy(plan)).toHaveLength(324);
	});

	it('and was set back by hours: one day has two, and the other none', () => {
		const all = [backupOf('2026-11-18T23:30:00Z'), backupOf('2026-11-19T00:10:00Z'), backupOf('2026-11-18T22:00:00Z')];
		const kept = keptBy(planAt([...all, newest], NOW));
		expect(kept).toEqual([newest, all[1], all[0]]);
	});
});

describe('a clock that differs from the store’s', () => {
	const at = (time: string, storedAt: string) => backupOf(time, { storedAt: new Date(storedAt) });
	const before = nightly('2026-10-01T02:00:00Z', '2026-11-19T02:00:00Z').map((one) => ({
		...one,
		storedAt: one.createdAt,
	}));

	it.each([
		['ahead by less than an hour', '2026-11-20T02:59:00Z', '2026-11-20T02:00:00Z', null],
		['ahead by more', '2026-11-20T03:01:00Z', '2026-11-20T02:00:00Z', 'CLOCK_WRONG'],
		['ahead by weeks', '2026-12-20T02:00:00Z', '2026-11-20T02:00:00Z', 'CLOCK_WRONG'],
		['behind by less than an hour', '2026-11-20T02:00:00Z', '2026-11-20T02:59:00Z', null],
		['behind by more', '2026-11-20T02:00:00Z', '2026-11-20T03:01:00Z', 'CLOCK_WRONG'],
		['behind by weeks', '2026-11-20T02:00:00Z', '2026-12-20T02:00:00Z', 'CLOCK_WRONG'],
	])('%s, of the run that has just made a backup', (_, now, storedAt, code) => {
		const made = planAt([at(now, storedAt), ...before], now);
		expect(made.refusal?.code ?? null).toBe(code);
		const unproven = { ...at(now, storedAt), proof: 'none' as const };
		const proven = at('2026-11-20T01:59:00Z', '2026-11-20T02:00:00Z');
		// Nor is it hidden by one that was proven before.
		expect(planAt([unproven, proven, ...before], now).refusal?.code ?? null).toBe(code);
		if (code !== null) expect(keptBy(made)).toHaveLength(before.length + 1);
		else expect(keptBy(made).length).toBeLessThan(30);
	});

	it('is no matter of a copy, which gets its backups later, nor of one night whose clock was ahead', () => {
		const late = before.map((one) => ({ ...one, storedAt: new Date(NOW) }));
		const wrong = at('2026-12-20T02:00:00Z', '2026-11-18T02:00:00Z');
		expect(planAt([at('2026-11-20T02:00:00Z', NOW), wrong, ...late], NOW).refusal).toBeNull();
	});

	it('is not told where there is nothing to remove', () => {
		expect(planAt([at('2026-11-20T02:00:00Z', '2026-12-20T02:00:00Z')], NOW).refusal).toBeNull();
	});
});

describe('what was not made by the schedule', () => {
	const nights = nightly('2026-10-01T02:00:00Z', '2026-11-20T02:00:00Z');

	it('stands for a span that has no nightly one, and never in the place of one: that may be from before an accident', () => {
		const hand = byHand('2026-10-31T15:00:00Z');
		const [before, others] = [nights[30] as BackupFacts, nights.filter((_, nth) => nth !== 30)];
		expect(verdictOn(hand, nights)).toBe('+ last');
		expect(verdictOn(before, [hand, ...others])).toBe(verdictOn(before, others));
		const ofMonth = (one: BackupFacts) => one.createdAt.toISOString().startsWith('2026-10');
		expect(
			verdictOn(
				hand,
				nights.filter((one) => !ofMonth(one)),
			),
		).toBe('+ monthly last');
	});

	it.each([
		['by hand', {}, 7],
		['by hand, of some tables', { isPartial: true }, 7],
		['by hand, unproven', { proof: 'none' }, 7],
		['with a label', { label: 'before the move' }, 35],
		['before a migration', { label: 'pre-migration' }, 35],
		['before a migration, unproven', { label: 'pre-migration 12', proof: 'none' }, 35],
	] as const)('%s is kept for days: %s', (_, more, days) => {
		// Others of its kind are newer, and of its day too: no rule is for it.
		const later = byHand(ago(0, 1), { ...more, isPartial: false, proof: 'restored' });
		const one = (at: Date) => byHand(at, more);
		const sameDay = backupOf(new Date(ago(days).getTime() + 2 * HOUR_MS));
		const young = one(new Date(Date.parse(NOW) - days * DAY_MS + 1));
		const old = one(new Date(Date.parse(NOW) - days * DAY_MS));
		expect(verdictOn(young, [newest, later, sameDay])).toBe('+ recent');
		expect(verdictOn(old, [newest, later, sameDay])).toMatch(/^- (superseded|unproven|partial)$/);
	});
});

describe('one that failed its proof, or has none', () => {
	it.each([{ proof: 'none' }, { isPartial: true }] as const)('counts towards no rule: %o', (more) => {
		const good = backupOf('2026-10-30T02:00:00Z');
		const bad = backupOf('2026-10-31T02:00:00Z', more);
		expect(verdictOn(good, [bad, newest])).toMatch(/^\+ daily weekly monthly/);
		expect(verdictOn(bad, [good, newest])).toMatch(/^- (unproven|partial)$/);
	});

	it('does not vanish at once, and is not kept for ever', () => {
		const bad = (days: number) => backupOf(ago(days), { proof: 'none' });
		expect(verdictOn(bad(6))).toBe('+ recent');
		expect(verdictOn(bad(8))).toBe('- unproven');
	});

	it('that was read back whole is proven', () => {
		expect(verdictOn(backupOf(ago(1), { proof: 'read' }))).toMatch(/^\+ daily/);
	});
});

describe('never removed', () => {
	const none = { daily: 1, weekly: 0, monthly: 0, yearly: 0 };
	const plan = (...all: BackupFacts[]) => keptBy(planAt(all, NOW, { retention: none }));
	const old = (more: Partial<BackupFacts> = {}, days = 100) => byHand(ago(days), more);

	it('is the newest proven one, though newer ones are unproven', () => {
		const good = backupOf(ago(0, 5));
		const bad = backupOf(ago(0), { proof: 'none' });
		const { verdicts } = planAt([good, bad], NOW, { retention: { daily: 0, weekly: 0, monthly: 0, yearly: 0 } });
		expect(verdicts[1]).toMatchObject({ backup: good, keep: true });
		expect(verdicts[1]?.reasons[0]).toEqual({ rule: 'newest', detail: null });
	});

	it('is the newest that was restored, though newer ones were read back', () => {
		const [restored, older] = [backupOf(ago(50)), backupOf(ago(60))];
		const read = backupOf(ago(0), { proof: 'read' });
		expect(plan(read, restored, older)).toEqual([read, restored]);
	});

	it.each([
		['scheduled', (days: number) => backupOf(ago(days)), byHand(ago(0))],
		['by hand', (days: number) => old({}, days), newest],
		['pre-migration', (days: number) => old({ label: 'pre-migration' }, days), newest],
		['labelled', (days: number) => old({ label: 'before the move' }, days), newest],
	])('is the last proven one of its kind: %s', (kind, of, other) => {
		const [last, before] = [of(100), of(101)];
		expect(plan(other, last, before)).toEqual([other, last]);
		const verdict = planAt([other, last], NOW).verdicts[1];
		expect(verdict?.reasons).toContainEqual({ rule: 'last', detail: kind });
		// An unproven one is the last of nothing.
		expect(plan(other, { ...of(99), proof: 'none' }, last)).toEqual([other, last]);
	});

	it('is one that is held, whatever it is', () => {
		const held = old({ heldFor: 'a case', proof: 'none', isPartial: true }, 3000);
		expect(plan(newest, held, old(), old({}, 200))).toContain(held);
		expect(plan(newest, { ...held, heldFor: null })).toEqual([newest]);
		const gone = old({ heldFor: 'a case', data: [] }, 3000);
		expect(plan(newest, gone)).toContain(gone);
	});

	it('is one that the store has locked, until then', () => {
		const locked = old({ lockedUntil: new Date(Date.parse(NOW) + 1) }, 3000);
		const free = old({ lockedUntil: new Date(NOW) }, 3001);
		expect(plan(newest, old(), locked, free)).toEqual([newest, old(), locked]);
	});

	it.each([
		[25.9, null],
		[26.1, 'BACKUPS_STALE'],
	])('is anything, when the newest proven one is %d hours old: %s', (hours, code) => {
		const all = nightly('2026-10-01T02:00:00Z', '2026-11-20T02:00:00Z');
		const unproven = backupOf('2026-11-21T02:00:00Z', { proof: 'none' });
		const now = new Date(Date.parse('2026-11-20T02:00:00Z') + hours * HOUR_MS);
		const made = planAt([...all, unproven], now);
		expect(made.refusal?.code ?? null).toBe(code);
		if (code !== null) expect(keptBy(made)).toHaveLength(all.length + 1);
		else expect(keptBy(made).length).toBeLessThan(20);
	});

	it('is anything, when none is proven; not even what an interrupted removal has left', () => {
		const all = nightly('2026-10-01T02:00:00Z', '2026-11-20T02:00:00Z').map((one) => ({
			...one,
			proof: 'none' as const,
		}));
		const made = planAt([...all, backupOf(ago(400), { data: [] })], NOW);
		expect([made.refusal?.code, keptBy(made).length]).toEqual(['BACKUPS_STALE', 52]);
	});

	it('are all, whatever is allowed: without a newest proven one nothing goes at all', () => {
		const nothing = { retention: { daily: 0, weekly: 0, monthly: 0, yearly: 0 }, allowLarge: true };
		const all = nightly('2026-11-01T02:00:00Z', '2026-11-20T02:00:00Z');
		expect(keptBy(planAt(all, NOW, nothing))).toEqual([all.at(-1)]);
		expect(planAt(all, NOW, { ...nothing, allowLarge: false }).refusal?.code).toBe('PRUNE_TOO_LARGE');
		const gone = all.map((one) => ({ ...one, data: one.createdAt < new Date('2026-11-20') ? one.data : [] }));
		expect(keptBy(planAt(gone, '2026-11-20T05:00:00Z', nothing))).toHaveLength(20);
	});

	it('are more than half at once, unless that is allowed', () => {
		// Of ten days seven are kept and three removed; of fifteen, eight (one of another week, too) and seven; of twenty …
		const counts = [10, 15, 40].map((days) => {
			const all = nightly(ago(days - 1).toISOString(), ago(0).toISOString());
			const made = planAt(all, NOW, { retention: { daily: 7, weekly: 0, monthly: 0, yearly: 0 }, allowLarge: false });
			return [all.length - keptBy(made).length, made.refusal?.code ?? null];
		});
		expect(counts).toEqual([
			[3, null],
			[8, 'PRUNE_TOO_LARGE'],
			[33, 'PRUNE_TOO_LARGE'],
		]);
		expect(planAt(nightly(ago(39).toISOString(), ago(0).toISOString()), NOW).refusal).toBeNull();
		// Just half is not more than half; what is left of removed ones is no backup.
		const fourteen = nightly(ago(13).toISOString(), ago(0).toISOString());
		const remains = [200, 201, 202].map((days) => backupOf(ago(days), { data: [] }));
		const retention = { daily: 7, weekly: 0, monthly: 0, yearly: 0 };
		const made = planAt([...fourteen, ...remains], NOW, { retention, allowLarge: false });
		expect([keptBy(made).length, made.refusal]).toEqual([7, null]);
	});
});

describe('one whose data is gone', () => {
	it('is removed if nothing would keep it: that was interrupted', () => {
		const remains = backupOf('2026-10-20T02:00:00Z', { data: [] });
		const nights = nightly('2026-10-01T02:00:00Z', '2026-11-20T02:00:00Z').filter((one) => one.id !== remains.id);
		expect(verdictOn(remains, nights)).toBe('- data-gone');
	});

	it('keeps its manifest if a rule would keep it, and counts for nothing: its data was lost', () => {
		const lost = backupOf('2026-10-31T02:00:00Z', { data: [] });
		const nights = nightly('2026-10-01T02:00:00Z', '2026-11-20T02:00:00Z').filter((one) => one.id !== lost.id);
		expect(verdictOn(lost, nights)).toBe('+ data-missing monthly');
		// The one before it stands for the month.
		expect(verdictOn(nights[29] as BackupFacts, [lost, ...nights.filter((_, nth) => nth !== 29)])).toBe('+ monthly');
		// Nor is it the newest.
		const made = planAt([{ ...newest, data: [] }, ...nightly('2026-10-01T02:00:00Z', '2026-11-18T02:00:00Z')], NOW);
		expect(made.refusal?.code).toBe('BACKUPS_STALE');
	});
});
