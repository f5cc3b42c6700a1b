import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanOf } from '../../lib/backup/calendar';
import { type BackupFacts, isGood } from '../../lib/backup/facts';
import type { Retention } from '../../lib/backup/retention-rules';
import { backupOf, DAY_MS, DEFAULT, daysOf, HOUR_MS, keptBy, nightly, planAt } from '../support/backup-facts';

const START = Date.parse('2027-12-20T02:00:00Z');

/** One to four backups on most of some days, of every kind: in order of their times, from one day to the next. */
const histories = fc
	.array(
		fc.array(
			fc.record({
				atMs: fc.integer({ min: 0, max: DAY_MS - 1 }),
				proof: fc.constantFrom('restored', 'restored', 'restored', 'read', 'none'),
				isScheduled: fc.boolean(),
				label: fc.constantFrom(null, null, null, 'pre-migration', 'a label'),
				isPartial: fc.constantFrom(false, false, false, true),
				heldFor: fc.constantFrom(null, null, null, null, 'a case'),
			}),
			{ maxLength: 3 },
		),
		{ minLength: 30, maxLength: 120 },
	)
	.map((days) => {
		let nth = 0;
		return days.map((some, day): BackupFacts[] =>
			some.map(({ atMs, ...more }) =>
				backupOf(new Date(START + day * DAY_MS + atMs), { id: `backup-${String(nth++).padStart(5, '0')}`, ...more }),
			),
		);
	});
const count = fc.integer({ min: 0, max: 9 });
const retentions: fc.Arbitrary<Retention> = fc
	.record({ daily: count, weekly: count, monthly: count, yearly: count })
	.filter((retention) => Object.values(retention).some((one) => one > 0));

/** Plans, and keeps what the plan keeps, at the end of each day. */
function pruneDaily(days: readonly (readonly BackupFacts[])[], retention: Retention): BackupFacts[] {
	let there: BackupFacts[] = [];
	for (const [day, some] of days.entries()) {
		there = keptBy(planAt([...there, ...some], new Date(START + (day + 1) * DAY_MS), { retention }));
	}
	return there;
}

const endOf = (days: readonly unknown[]) => new Date(START + days.length * DAY_MS);

describe('any history', () => {
	const check = (property: (days: BackupFacts[][], retention: Retention) => void) =>
		fc.assert(fc.property(histories, retentions, property), { numRuns: 30, seed: 20261120 });

	it('pruned daily comes to the same as pruned once, at its end', () => {
		check((days, retention) => {
			const once = planAt(days.flat(), endOf(days), { retention });
			fc.pre(once.refusal === null);
			expect(pruneDaily(days, retention)).toEqual(keptBy(once));
		});
	});

	it('that was pruned has nothing more to be pruned', () => {
		check((days, retention) => {
			const once = planAt(days.flat(), endOf(days), { retention });
			const again = planAt(keptBy(once), endOf(days), { retention });
			expect(keptBy(again)).toEqual(keptBy(once));
		});
	});

	it('comes to the same in any order', () => {
		const shuffled = histories.chain((days) => fc.shuffledSubarray(days.flat(), { minLength: days.flat().length }));
		fc.assert(
			fc.property(shuffled, retentions, (backups, retention) => {
				const sorted = [...backups].sort((a, b) => (a.id < b.id ? -1 : 1));
				const now = new Date(START + 125 * DAY_MS);
				expect(planAt(backups, now, { retention })).toEqual(planAt(sorted, now, { retention }));
			}),
			{ numRuns: 60, seed: 20261120 },
		);
	});

	it('keeps its newest proven backup, all that is held, and a reason for each verdict', () => {
		check((days, retention) => {
			const all = days.flat();
			const { verdicts } = planAt(all, endOf(days), { retention });
			expect(verdicts).toHaveLength(all.length);
			const good = all.filter(isGood).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
			const keptOnes = verdicts.filter(({ keep }) => keep).map(({ backup }) => backup);
			if (good) expect(keptOnes.map(({ createdAt }) => createdAt)).toContainEqual(good.createdAt);
			for (const { backup, keep, reasons } of verdicts) {
				expect(reasons.length).toBeGreaterThan(0);
				if (backup.heldFor !== null) expect(keep).toBe(true);
			}
		});
	});

	it('keeps for each span as many as are asked for, or all there are; each the newest good one of its day, week …, scheduled if one was', () => {
		check((days, retention) => {
			const good = days.flat().filter(isGood);
			const { verdicts, refusal } = planAt(days.flat(), endOf(days), { retention });
			if (refusal !== null) return;
			for (const span of ['daily', 'weekly', 'monthly', 'yearly'] as const) {
				const spans = [...new Set(good.map(({ createdAt }) => spanOf(span, createdAt)))].sort().reverse();
				const expected = spans.slice(0, retention[span]).map((name) => {
					const all = good.filter(({ createdAt }) => spanOf(span, createdAt) === name);
					const scheduled = all.filter(({ isScheduled }) => isScheduled);
					const ofSpan = scheduled.length > 0 ? scheduled : all;
					return [name, Math.max(...ofSpan.map(({ createdAt }) => createdAt.getTime()))];
				});
				const found = verdicts.flatMap(({ backup, reasons }) =>
					reasons.filter(({ rule }) => rule === span).map(({ detail }) => [detail, backup.createdAt.getTime()]),
				);
				expect(found).toEqual(expected);
			}
		});
	});
});

describe('seven years of nightly backups, pruned daily', () => {
	it('are 25 to 28 backups on each day from then on, and those that a plan for all of them keeps', () => {
		const all = nightly('2026-11-20T02:00:00Z', '2034-11-20T02:00:00Z');
		let there: BackupFacts[] = [];
		const counts = new Set<number>();
		for (const [nth, one] of all.entries()) {
			const { verdicts, refusal } = planAt([...there, one], undefined, { allowLarge: false });
			expect(refusal).toBeNull();
			there = verdicts.filter(({ keep }) => keep).map(({ backup }) => backup);
			if (nth >= 7 * 366) counts.add(there.length);
			expect(there[0]).toBe(one);
		}
		expect([Math.min(...counts), Math.max(...counts)]).toEqual([25, 28]);
		expect(daysOf(there)).toEqual(daysOf(keptBy(planAt(all))));
	});

	it('need no clock that is exact, and lose no more by nights that were missed', () => {
		const shaken = fc.array(fc.record({ lateMs: fc.integer({ min: 0, max: 3 * HOUR_MS }), isMissed: fc.nat(9) }), {
			minLength: 400,
			maxLength: 400,
		});
		fc.assert(
			fc.property(shaken, (nights) => {
				let there: BackupFacts[] = [];
				for (const [day, { lateMs, isMissed }] of nights.entries()) {
					if (isMissed === 0) continue;
					there = keptBy(planAt([...there, backupOf(new Date(START + day * DAY_MS + lateMs))], undefined));
				}
				const spans = (span: 'daily' | 'weekly' | 'monthly') =>
					new Set(there.map(({ createdAt }) => spanOf(span, createdAt)));
				expect(spans('weekly').size).toBeGreaterThanOrEqual(DEFAULT.weekly);
				expect(spans('monthly').size).toBeGreaterThanOrEqual(DEFAULT.monthly);
			}),
			{ numRuns: 15, seed: 20261120 },
		);
	});
});
