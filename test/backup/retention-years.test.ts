import { expect, it } from 'vitest';
import { SPANS } from '../../lib/backup/calendar';
import { type BackupFacts, byNewest, isGood } from '../../lib/backup/facts';
import type { RetentionPlan } from '../../lib/backup/retention';
import { backupOf, byHand, DAY_MS, HOUR_MS, keptBy, linesOf, planAt } from '../support/backup-facts';

const [FIRST, LAST] = [Date.UTC(2027, 0, 1), Date.UTC(2033, 11, 31)];
/** Nights without a run, and nights whose backups were not proven. */
const OUTAGES = [
	['2029-06-10', '2029-07-20'],
	['2031-12-24', '2032-01-05'],
] as const;
const UNPROVEN = [['2030-03-01', '2030-03-14']] as const;
/** Days at whose end the whole plan is written down. */
const SHOWN = ['2028-03-01', '2028-10-29', '2029-07-21', '2030-03-14', '2032-02-29', '2032-03-01', '2033-12-31'];

const isWithin = (day: string, spans: readonly (readonly [string, string])[]) =>
	spans.some(([from, to]) => day >= from && day <= to);

/** The last Sunday of a month, where clocks change in Berlin at 01:00 UTC. */
function changeOf(year: number, month: number): number {
	const last = Date.UTC(year, month + 1, 0);
	return last - new Date(last).getUTCDay() * DAY_MS + HOUR_MS;
}

/** When it is 02:30 in Berlin on a day: once, twice when clocks go back, never when they go forward. */
function nightsOf(day: number): number[] {
	const year = new Date(day).getUTCFullYear();
	const isSummer = (at: number) => at >= changeOf(year, 2) && at < changeOf(year, 9);
	return [1, 0].flatMap((early) => {
		const at = day + (1.5 - early) * HOUR_MS;
		return isSummer(at) === (early === 1) ? [at] : [];
	});
}

/** What is made on a day: by a schedule that misses nights, and by people. */
function madeOn(day: number): BackupFacts[] {
	const name = new Date(day).toISOString().slice(0, 10);
	const nth = (day - FIRST) / DAY_MS;
	const [month, date] = [Number(name.slice(5, 7)), name.slice(8)];
	const isMissed = nth % 17 === 5 || isWithin(name, OUTAGES);
	const isUnproven = nth % 11 === 3 || isWithin(name, UNPROVEN);
	const proof = isUnproven ? 'none' : nth % 29 === 7 ? 'read' : 'restored';
	const all = isMissed ? [] : nightsOf(day).map((at) => backupOf(new Date(at), { proof }));
	const at = (hour: number) => new Date(day + hour * HOUR_MS);
	if (date === '10' && month % 2 === 0) all.push(byHand(at(10), { label: 'pre-migration' }));
	if (date === '15' && month % 3 === 0) all.push(byHand(at(15), { heldFor: name === '2027-03-15' ? 'case 7' : null }));
	if (date === '29' && month === 2) all.push(byHand(at(12), { label: 'before the move' }));
	// Two within one second.
	if (date === '31') all.push(...['a', 'b'].map((end) => byHand(at(16), { id: `backup-${name}-${end}` })));
	if (name.endsWith('03-20')) all.push(byHand(at(9), { isPartial: true }));
	return all;
}

/** What holds of every plan, whatever the rules say. */
function check({ verdicts, refusal }: RetentionPlan, there: readonly BackupFacts[]): void {
	expect(verdicts).toHaveLength(there.length);
	if (refusal !== null) expect(verdicts.every(({ keep }) => keep)).toBe(true);
	const newest = there.filter(isGood).sort(byNewest)[0];
	for (const { backup, keep, reasons } of verdicts) {
		if (backup === newest || backup.heldFor !== null) expect(keep).toBe(true);
		if (!isGood(backup)) for (const { rule } of reasons) expect(SPANS).not.toContain(rule);
	}
}

it('seven years of gaps, leap days, changes of the clock, duplicates and failures come to what is written down', async () => {
	let there: BackupFacts[] = [];
	const made = { backups: 0, nights: 0, unproven: 0 };
	const refused: string[] = [];
	const pages: string[] = [];
	for (let day = FIRST; day <= LAST; day += DAY_MS) {
		const name = new Date(day).toISOString().slice(0, 10);
		let plan: RetentionPlan | null = null;
		for (const one of madeOn(day)) {
			there = [...there, one];
			made.backups += 1;
			if (one.isScheduled) made.nights += 1;
			if (one.proof === 'none') made.unproven += 1;
			plan = planAt(there, new Date(one.createdAt.getTime() + 300_000), { allowLarge: false });
			check(plan, there);
			if (plan.refusal === null) there = keptBy(plan);
			else refused.push(`${one.createdAt.toISOString().slice(0, 16)} ${plan.refusal.code}, ${there.length} backups`);
		}
		if (SHOWN.includes(name) && plan !== null) pages.push(`## ${name}: ${there.length} backups`, ...linesOf(plan), '');
	}
	const { backups, nights, unproven } = made;
	const head = `${backups} backups in seven years, ${nights} of the schedule, ${unproven} unproven; after each, a prune.`;
	const text = [head, '', '## refused', ...refused, '', ...pages].join('\n');
	await expect(text).toMatchFileSnapshot('golden/retention-years.txt');
});
