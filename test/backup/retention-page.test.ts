import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SPANS } from '../../lib/backup/calendar';
import type { BackupFacts } from '../../lib/backup/facts';
import type { Verdict } from '../../lib/backup/retention';
import { DEFAULT, daysOf, nightly, planAt } from '../support/backup-facts';

const FIRST = '2026-11-20T02:00:00Z';
const MADE = 2557;

/** Seven years of nightly backups, each followed by a prune: what is there at the end, and how many there were. */
function simulate(): { verdicts: readonly Verdict[]; counts: number[] } {
	let there: BackupFacts[] = [];
	let verdicts: readonly Verdict[] = [];
	const counts: number[] = [];
	for (const one of nightly(FIRST, '2033-11-20T02:00:00Z').slice(0, MADE)) {
		verdicts = planAt([...there, one], undefined, { allowLarge: false }).verdicts.filter(({ keep }) => keep);
		there = verdicts.map(({ backup }) => backup);
		counts.push(there.length);
	}
	return { verdicts, counts };
}

function tables(): string {
	const { verdicts, counts } = simulate();
	const rows = SPANS.map((span) => {
		const ofSpan = verdicts.filter(({ reasons }) => reasons.some(({ rule }) => rule === span));
		const days = daysOf(ofSpan.map(({ backup }) => backup)).reverse();
		return `| ${span} ${DEFAULT[span]} | ${days.length} | ${days.join(', ')} |`;
	});
	const after = [7, 30, 91, 365, 1096, 1826, MADE];
	return [
		`| after nights | ${after.join(' | ')} |`,
		`|---|${after.map(() => '---|').join('')}`,
		`| backups there | ${after.map((nights) => counts[nights - 1]).join(' | ')} |`,
		'',
		'| rule | backups | of which days |',
		'|---|---|---|',
		...rows,
	].join('\n');
}

it('docs/retention.md has the table of seven simulated years', async () => {
	const path = join(import.meta.dirname, '../../docs/retention.md');
	const page = await readFile(path, 'utf8');
	const [before, begin, end] = [page.indexOf('<!-- simulated'), '-->\n\n', '\n\n<!-- end -->'];
	const start = page.indexOf(begin, before) + begin.length;
	expect(before).toBeGreaterThan(0);
	expect(page.indexOf(end, before)).toBeGreaterThan(0);
	const anew = page.slice(0, start) + tables() + page.slice(page.indexOf(end, before));
	await expect(anew).toMatchFileSnapshot('../../docs/retention.md');
});
